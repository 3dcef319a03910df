#include "coordinator/transaction_records.hpp"

#include <gtest/gtest.h>

#include "coordinator/transaction_coordinator.hpp"

namespace horolog::coordinator {
namespace {

using State = TransactionState;

ByteBuffer hex(std::string_view digits) {
  ByteBuffer out;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    out.push_back(static_cast<std::byte>(std::stoi(std::string(digits.substr(i, 2)), nullptr, 16)));
  }
  return out;
}

TransactionMetadata empty_metadata() {
  TransactionMetadata metadata;
  metadata.producer_id = 1'000;
  metadata.previous_producer_id = 1'000;
  metadata.producer_epoch = 0;
  metadata.timeout_ms = 60'000;
  metadata.last_update = 5;
  return metadata;
}

TransactionMetadata prepared_metadata() {
  TransactionMetadata metadata = empty_metadata();
  metadata.next_producer_id = 1'001;
  metadata.producer_epoch = last_producer_epoch;
  metadata.state = State::prepare_commit;
  metadata.partitions = {{"t", 3}};
  metadata.start = 4;
  metadata.client_version = 2;
  return metadata;
}

Result<std::optional<TransactionRecord>> decode(const Record& record) {
  const auto value = record.value ? std::optional<ByteView>(*record.value) : std::nullopt;
  return decode_transaction_record(record.key, value);
}

// The bytes were printed by Apache Kafka 4.3.1's own TransactionLog.
TEST(TransactionRecords, KafkasBytes) {
  const Record empty = encode_record(TransactionRecord{"id", empty_metadata()}, 2);
  EXPECT_EQ(empty.key, hex("000000026964"));
  EXPECT_EQ(*empty.value, hex("000100000000000003e800000000ea6000000000000000000005ffffffffffffffff"
                              "01000800000000000003e8"));
  EXPECT_EQ(*encode_record(TransactionRecord{"id", empty_metadata()}, 0).value,
            hex("000000000000000003e800000000ea6000ffffffff0000000000000005ffffffffffffffff"));
  EXPECT_EQ(*encode_record(TransactionRecord{"id", prepared_metadata()}, 2).value,
            hex("000100000000000003e87fff0000ea60020202740200000003000000000000000005"
                "000000000000000403000800000000000003e8010800000000000003e902020002"));
  TransactionMetadata complete = prepared_metadata();
  complete.state = State::complete_commit;
  complete.producer_id = 1'001;
  complete.next_producer_id = no_producer_id;
  complete.producer_epoch = 0;
  complete.partitions.clear();
  complete.last_update = 6;
  EXPECT_EQ(*encode_record(TransactionRecord{"id", complete}, 2).value,
            hex("000100000000000003e900000000ea60040100000000000000060000000000000004"
                "02000800000000000003e802020002"));
  const Record tombstone = encode_record(TransactionRecord{"id", std::nullopt}, 2);
  EXPECT_EQ(tombstone.key, empty.key);
  EXPECT_FALSE(tombstone.value.has_value());
}

TEST(TransactionRecords, RoundTrips) {
  TransactionMetadata many = prepared_metadata();
  many.partitions = {{"a", 0}, {"a", 7}, {"b", 0}, {"t", 3}};
  for (const TransactionMetadata& metadata : {empty_metadata(), prepared_metadata(), many}) {
    const auto read = decode(encode_record(TransactionRecord{"id", metadata}, 2));
    ASSERT_TRUE(read.ok()) << read.error().message();
    EXPECT_EQ((*read)->transactional_id, "id");
    EXPECT_EQ((*read)->value, metadata);
  }
  // Version 0 knows neither the neighbouring producer ids nor the client's version.
  const auto old = decode(encode_record(TransactionRecord{"id", prepared_metadata()}, 0));
  TransactionMetadata expected = prepared_metadata();
  expected.previous_producer_id = expected.next_producer_id = no_producer_id;
  expected.client_version = 0;
  EXPECT_EQ((*old)->value, expected);
  const auto gone = decode(encode_record(TransactionRecord{"id", std::nullopt}, 2));
  EXPECT_FALSE((*gone)->value.has_value());
}

TEST(TransactionRecords, DamageIsAnErrorThatNamesTheId) {
  const Record good = encode_record(TransactionRecord{"id", prepared_metadata()}, 2);
  for (std::size_t size = 0; size < good.key.size(); ++size) {
    EXPECT_FALSE(
        decode_transaction_record(ByteView(good.key).first(size), ByteView(*good.value)).ok());
  }
  for (std::size_t size = 0; size < good.value->size(); ++size) {
    const auto read = decode_transaction_record(good.key, ByteView(*good.value).first(size));
    ASSERT_FALSE(read.ok());
    EXPECT_EQ(read.error().code(), Errc::corrupt);
    if (size >= 2) {
      EXPECT_NE(read.error().message().find("'id'"), std::string::npos);
    }
  }
  Record newer = good;
  (*newer.value)[1] = std::byte{2};
  EXPECT_EQ(decode(newer).error().code(), Errc::unsupported);
  EXPECT_NE(decode(newer).error().message().find("version 2"), std::string::npos);
}

TEST(TransactionRecords, WhatNoCoordinatorWrites) {
  const auto problem = [](const TransactionMetadata& metadata) {
    const auto read = decode(encode_record(TransactionRecord{"id", metadata}, 2));
    return read.ok() ? std::string("none") : read.error().message();
  };
  TransactionMetadata metadata = prepared_metadata();
  metadata.state = static_cast<State>(8);
  EXPECT_NE(problem(metadata).find("state 8"), std::string::npos);
  metadata.state = State::dead;
  EXPECT_NE(problem(metadata).find("state 6"), std::string::npos);
  metadata.state = static_cast<State>(-1);
  EXPECT_NE(problem(metadata).find("state -1"), std::string::npos);
  metadata.state = State::complete_abort;
  EXPECT_NE(problem(metadata).find("1 partitions in state CompleteAbort"), std::string::npos);
  metadata = prepared_metadata();
  metadata.partitions = {{"t", -1}};
  EXPECT_NE(problem(metadata).find("partition -1 of 't'"), std::string::npos);
  metadata = prepared_metadata();
  metadata.producer_id = -5;
  EXPECT_NE(problem(metadata).find("producer id -5"), std::string::npos);
  metadata = prepared_metadata();
  metadata.producer_epoch = -1;
  EXPECT_NE(problem(metadata).find("epoch -1"), std::string::npos);
}

TEST(TransactionRecords, OtherTypesPass) {
  Record other = encode_record(TransactionRecord{"id", empty_metadata()}, 2);
  other.key[1] = std::byte{1};
  const auto read = decode(other);
  ASSERT_TRUE(read.ok());
  EXPECT_FALSE(read->has_value());
}

TEST(TransactionRecords, ACoordinatorRefusesDamageAndIsNotChangedByIt) {
  TransactionCoordinator machine({});
  const Record good = encode_record(TransactionRecord{"id", prepared_metadata()}, 2);
  ASSERT_TRUE(machine.replay(good.key, ByteView(*good.value)).ok());
  Record bad = encode_record(TransactionRecord{"id", empty_metadata()}, 2);
  bad.value->pop_back();
  const Status status = machine.replay(bad.key, ByteView(*bad.value));
  EXPECT_EQ(status.error().code(), Errc::corrupt);
  EXPECT_EQ(*machine.find("id"), prepared_metadata());
}

}  // namespace
}  // namespace horolog::coordinator
