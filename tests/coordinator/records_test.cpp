#include <gtest/gtest.h>

#include "coordinator/group_records.hpp"
#include "coordinator/persisted_state.hpp"
#include "coordinator/timers.hpp"

namespace horolog::coordinator {
namespace {

/// Bytes from hexadecimal digits; blanks are for the eye.
ByteBuffer hex(std::string_view digits) {
  ByteBuffer out;
  int high = -1;
  for (const char c : digits) {
    if (c == ' ') continue;
    const int value = c <= '9' ? c - '0' : c - 'a' + 10;
    if (high < 0) {
      high = value;
    } else {
      out.push_back(static_cast<std::byte>(high * 16 + value));
      high = -1;
    }
  }
  return out;
}

OffsetRecord offset_record() {
  OffsetRecord record;
  record.key.group = "grp";
  record.key.topic = "tp";
  record.key.partition = 3;
  auto& value = record.value.emplace();
  value.offset = 258;
  value.leader_epoch = 5;
  value.metadata = "me";
  value.commit_timestamp = 1'000;
  return record;
}

TEST(GroupRecords, CommittedOffset) {
  const Record encoded = encode_record(offset_record());
  EXPECT_EQ(encoded.key, hex("0001 0003 677270 0002 7470 00000003"));
  // Version 4: offset, epoch, compact metadata, time, no tagged fields.
  EXPECT_EQ(*encoded.value,
            hex("0004 0000000000000102 00000005 03 6d65 00000000000003e8 00"));
}

TEST(GroupRecords, CommittedOffsetWithATopicId) {
  OffsetRecord record = offset_record();
  for (std::uint8_t i = 0; i < 16; ++i) record.value->topic_id.bytes[i] = i;
  const Record encoded = encode_record(record);
  EXPECT_EQ(*encoded.value, hex("0004 0000000000000102 00000005 03 6d65 00000000000003e8"
                                "01 00 10 000102030405060708090a0b0c0d0e0f"));
}

TEST(GroupRecords, CommittedOffsetWithItsOwnExpiryIsVersionOne) {
  OffsetRecord record = offset_record();
  record.value->expire_timestamp = 2'000;
  const Record encoded = encode_record(record);
  EXPECT_EQ(*encoded.value,
            hex("0001 0000000000000102 0002 6d65 00000000000003e8 00000000000007d0"));
}

TEST(GroupRecords, Tombstones) {
  OffsetRecord offset = offset_record();
  offset.value.reset();
  EXPECT_FALSE(encode_record(offset).value.has_value());
  const Record group = encode_record(GroupRecord{"grp", std::nullopt});
  EXPECT_EQ(group.key, hex("0002 0003 677270"));
  EXPECT_FALSE(group.value.has_value());
}

TEST(GroupRecords, Group) {
  GroupRecord record{"g", wire::GroupMetadataValue{}};
  record.value->protocol_type = "consumer";
  record.value->generation = 7;
  record.value->protocol = "range";
  record.value->leader = "m";
  record.value->current_state_timestamp = 1'000;
  auto& member = record.value->members.emplace_back();
  member.member_id = "m";
  member.client_id = "c";
  member.client_host = "/h";
  member.rebalance_timeout = 60'000;
  member.session_timeout = 10'000;
  member.subscription = hex("aa");
  member.assignment = hex("bbcc");
  const Record encoded = encode_record(record);
  EXPECT_EQ(encoded.key, hex("0002 0001 67"));
  EXPECT_EQ(*encoded.value,
            hex("0003 0008 636f6e73756d6572 00000007 0005 72616e6765 0001 6d 00000000000003e8"
                "00000001 0001 6d ffff 0001 63 0002 2f68 0000ea60 00002710"
                "00000001 aa 00000002 bbcc"));
}

TEST(GroupRecords, EmptyGroup) {
  GroupRecord record{"g", wire::GroupMetadataValue{}};
  record.value->protocol.reset();
  record.value->leader.reset();
  EXPECT_EQ(*encode_record(record).value,
            hex("0003 0000 00000000 ffff ffff ffffffffffffffff 00000000"));
}

TEST(GroupRecords, OldVersionsAreRead) {
  // Key type 0 and value version 0, as Kafka 0.8 wrote them.
  auto read = decode_record(hex("0000 0001 67 0001 74 00000000"),
                            hex("0000 0000000000000009 0000 0000000000000001"));
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(std::get<OffsetRecord>(*read).value->offset, 9);
  EXPECT_EQ(std::get<OffsetRecord>(*read).value->leader_epoch, -1);
  // A group of version 0 has no rebalance timeout, and its members no instance.
  read = decode_record(hex("0002 0001 67"),
                       hex("0000 0001 63 00000001 0001 72 0001 6d 00000001"
                           "0001 6d 0001 63 0001 68 00002710 00000000 00000000"));
  ASSERT_TRUE(read.ok()) << read.error().message();
  EXPECT_EQ(std::get<GroupRecord>(*read).value->members.at(0).session_timeout, 10'000);
}

TEST(GroupRecords, OtherTypesPassAndDamageDoesNot) {
  const auto other = decode_record(hex("0003 0001 67"), hex("0000"));
  ASSERT_TRUE(other.ok());
  EXPECT_EQ(std::get<OtherRecord>(*other).type, 3);
  EXPECT_EQ(decode_record(hex("0002 0001 67"), hex("0009 00")).error().code(),
            Errc::unsupported);
  const Record good = encode_record(offset_record());
  for (std::size_t size = 0; size < good.key.size(); ++size) {
    EXPECT_FALSE(decode_record(ByteView(good.key).first(size), ByteView(*good.value)).ok());
  }
  for (std::size_t size = 0; size < good.value->size(); ++size) {
    EXPECT_FALSE(decode_record(good.key, ByteView(*good.value).first(size)).ok());
  }
}

TEST(Timers, FireInOrderOnceAndMayMove) {
  using Kind = TimerKey::Kind;
  Timers timers;
  timers.set({Kind::session, "g", "a"}, 10);
  timers.set({Kind::session, "g", "b"}, 5);
  timers.set({Kind::session, "g", "c"}, 7);
  timers.set({Kind::session, "g", "b"}, 20);
  timers.cancel({Kind::session, "g", "c"});
  timers.cancel({Kind::session, "g", "never set"});
  EXPECT_EQ(timers.next(), 10);
  EXPECT_FALSE(timers.pop_due(9).has_value());
  EXPECT_EQ(timers.pop_due(30)->member, "a");
  EXPECT_EQ(timers.pop_due(30)->member, "b");
  EXPECT_FALSE(timers.pop_due(30).has_value());
  EXPECT_FALSE(timers.next().has_value());
}

}  // namespace
}  // namespace horolog::coordinator
