#include <gtest/gtest.h>

#include "protocol/codec.hpp"
#include "protocol/messages/fetch.hpp"
#include "protocol/messages/produce.hpp"
#include "protocol/records/control.hpp"
#include "protocol/records/metadata_frame.hpp"
#include "protocol/records/metadata_log.hpp"
#include "protocol/records/offset_commit.hpp"
#include "tests/protocol/support.hpp"

/// As known_bytes_test.cpp, for the messages that carry record batches and for persisted records.
namespace horolog::wire {
namespace {

constexpr std::string_view topic_id_text = "000102030405060708090a0b0c0d0e0f";

Uuid topic_id() {
  Uuid id;
  for (std::uint8_t i = 0; i < 16; ++i) id.bytes[i] = i;
  return id;
}

ProduceRequest produce_request(ByteView records) {
  ProduceRequest request{.acks = -1, .timeout_ms = 0x7530};
  request.topic_data.push_back({.name = "t", .topic_id = topic_id(), .partition_data = {}});
  request.topic_data[0].partition_data.push_back(
      {.index = 2, .records = Records::inline_bytes(records)});
  return request;
}

TEST(KnownBytes, ProduceRequest) {
  const ByteBuffer records = bytes_of("a1a2a3");
  const ProduceRequest request = produce_request(records);
  EXPECT_EQ(hex(encode(request, 3)),
            hex(bytes_of("ffff ffff 00007530"             // no transactional id, acks, timeout
                         "00000001 0001 't'"              // one topic
                         "00000001 00000002"              // one partition, its index
                         "00000003 a1a2a3")));            // records
  EXPECT_EQ(hex(encode(request, 9)),
            hex(bytes_of("00 ffff 00007530 02 02 't' 02 00000002 04 a1a2a3 00 00 00")));
  EXPECT_EQ(hex(encode(request, 13)),
            hex(bytes_of("00 ffff 00007530 02" + std::string(topic_id_text) +
                         "02 00000002 04 a1a2a3 00 00 00")));
}

TEST(KnownBytes, DecodedRecordsBorrowFromTheFrame) {
  const ByteBuffer body =
      bytes_of("0003 'txn' 0001 00000064 00000001 0001 't' 00000002"
               "00000000 00000002 b1b2"
               "00000001 ffffffff");
  const auto request = decode<ProduceRequest>(body, 8);
  ASSERT_TRUE(request.ok()) << request.error().message();
  EXPECT_EQ(request->transactional_id, "txn");
  EXPECT_EQ(request->acks, 1);
  const auto& partitions = request->topic_data.at(0).partition_data;
  ASSERT_EQ(partitions.size(), 2u);
  EXPECT_EQ(partitions[0].records.bytes.data(), body.data() + body.size() - 8 - 2);
  EXPECT_EQ(partitions[0].records.size, 2u);
  EXPECT_TRUE(partitions[1].records.is_null());
}

TEST(KnownBytes, ProduceResponseLeaderHint) {
  ProduceResponse response;
  response.responses.push_back({.name = "t", .topic_id = {}, .partition_responses = {}});
  ProduceResponse::Partition partition{.index = 1,
                                       .error_code = ErrorCode::not_leader_or_follower,
                                       .base_offset = -1,
                                       .log_start_offset = 5};
  response.responses[0].partition_responses.push_back(partition);
  EXPECT_EQ(hex(encode(response, 8)),
            hex(bytes_of("00000001 0001 't' 00000001 00000001 0006 ffffffffffffffff"
                         "ffffffffffffffff 0000000000000005 00000000 ffff 00000000")));
  response.responses[0].partition_responses[0].current_leader = {.leader_id = 1, .leader_epoch = 4};
  EXPECT_EQ(hex(encode(response, 10)),
            hex(bytes_of("02 02 't' 02 00000001 0006 ffffffffffffffff"
                         "ffffffffffffffff 0000000000000005 01 00"
                         "01 00 09 00000001 00000004 00"  // tag 0: 9 bytes, a struct of its own
                         "00 00000000 00")));
}

TEST(KnownBytes, FetchRequest) {
  FetchRequest request{.max_wait_ms = 500, .min_bytes = 1, .max_bytes = 0x100000};
  request.topics.push_back({.topic = "t", .topic_id = topic_id(), .partitions = {}});
  request.topics[0].partitions.push_back(
      {.partition = 3, .fetch_offset = 42, .partition_max_bytes = 0x8000});
  EXPECT_EQ(hex(encode(request, 4)),
            hex(bytes_of("ffffffff 000001f4 00000001 00100000 00"
                         "00000001 0001 't' 00000001 00000003 000000000000002a 00008000")));
  EXPECT_EQ(hex(encode(request, 11)),
            hex(bytes_of("ffffffff 000001f4 00000001 00100000 00"
                         "00000000 ffffffff"  // session id and epoch
                         "00000001 0001 't' 00000001"
                         "00000003 ffffffff 000000000000002a ffffffffffffffff 00008000"
                         "00000000 0000")));  // nothing forgotten, no rack
  request.replica_state = {.replica_id = 7, .replica_epoch = -1};
  EXPECT_EQ(hex(encode(request, 17)),
            hex(bytes_of("000001f4 00000001 00100000 00 00000000 ffffffff"
                         "02" + std::string(topic_id_text) + "02"
                         "00000003 ffffffff 000000000000002a ffffffff ffffffffffffffff 00008000 00"
                         "00 01 01"
                         "01 01 0d 00000007 ffffffffffffffff 00")));
}

TEST(KnownBytes, FetchResponseSplicesRecords) {
  FetchResponse response;
  response.responses.push_back({.topic = "t", .topic_id = {}, .partitions = {}});
  auto& partitions = response.responses[0].partitions;
  partitions.push_back({.partition_index = 0,
                        .high_watermark = 9,
                        .last_stable_offset = 9,
                        .log_start_offset = 0,
                        .aborted_transactions = std::nullopt,
                        .records = Records::spliced(300)});
  partitions.push_back({.partition_index = 1, .records = Records::inline_bytes({})});
  partitions.push_back({.partition_index = 2, .records = Records::spliced(5)});

  const Spliced frame = encode_response(response, 12, 77);
  const std::string head =
      "00000077"  // placeholder, compared below
      "0000004d 00 00000000 0000 00000000 02 02 't' 04"
      "00000000 0000 0000000000000009 0000000000000009 0000000000000000 00 ffffffff ad02";
  const std::string between =
      "00"
      "00000001 0000 0000000000000000 ffffffffffffffff ffffffffffffffff 01 ffffffff 01 00"
      "00000002 0000 0000000000000000 ffffffffffffffff ffffffffffffffff 01 ffffffff 06";
  ASSERT_EQ(frame.splices.size(), 2u);
  EXPECT_EQ(frame.splices[0], (Splice{.at = bytes_of(head).size(), .size = 300}));
  EXPECT_EQ(frame.splices[1],
            (Splice{.at = bytes_of(head).size() + bytes_of(between).size(), .size = 5}));
  ByteBuffer expected = bytes_of(head + between + "00 00 00");
  store_be(expected.data(), static_cast<std::int32_t>(expected.size() - 4 + 305));
  EXPECT_EQ(hex(frame.bytes), hex(expected));
  EXPECT_EQ(frame.total_size(), expected.size() + 305);
}

TEST(KnownBytes, SplicedAndInlineFramesAreTheSameBytes) {
  const ByteBuffer records = bytes_of("010203040506");
  FetchResponse response;
  response.responses.push_back({.topic = "t", .topic_id = {}, .partitions = {}});
  response.responses[0].partitions.push_back({.records = Records::inline_bytes(records)});
  for (int version = 4; version <= 12; ++version) {
    const auto v = static_cast<std::int16_t>(version);
    response.responses[0].partitions[0].records = Records::inline_bytes(records);
    const ByteBuffer whole = encode(response, v);
    response.responses[0].partitions[0].records = Records::spliced(records.size());
    Spliced spliced = encode_spliced(response, v);
    ASSERT_EQ(spliced.splices.size(), 1u);
    const auto at = spliced.bytes.begin() + static_cast<std::ptrdiff_t>(spliced.splices[0].at);
    spliced.bytes.insert(at, records.begin(), records.end());
    EXPECT_EQ(hex(spliced.bytes), hex(whole)) << "version " << version;
  }
}

TEST(KnownBytes, PersistedRecords) {
  EXPECT_EQ(hex(encode_metadata(NoOpRecord{}, 0)), hex(bytes_of("01 14 00 00")));
  EXPECT_EQ(hex(encode_metadata(FeatureLevelRecord{.name = "x", .feature_level = 30}, 0)),
            hex(bytes_of("01 0c 00 02 'x' 001e 00")));
  EXPECT_EQ(hex(encode_metadata(BeginTransactionRecord{.name = "B"}, 0)),
            hex(bytes_of("01 17 00 01 00 02 02 'B'")));
  EXPECT_EQ(hex(encode(OffsetCommitKey{.group = "g", .topic = "t", .partition = 1}, 0)),
            hex(bytes_of("0001 'g' 0001 't' 00000001")));
  const OffsetCommitValue value{
      .offset = 5, .leader_epoch = 2, .metadata = "", .commit_timestamp = 7, .topic_id = {}};
  EXPECT_EQ(hex(encode(value, 3)),
            hex(bytes_of("0000000000000005 00000002 0000 0000000000000007")));
  EXPECT_EQ(hex(encode(EndTxnMarker{.coordinator_epoch = 1}, 0)), hex(bytes_of("00000001")));

  const ByteBuffer framed = bytes_of("01 14 00 00");
  const auto frame = decode_metadata_frame(framed);
  ASSERT_TRUE(frame.ok());
  EXPECT_EQ(frame->record_type, NoOpRecord::api.record_type);
  EXPECT_EQ(frame->version, 0);
  EXPECT_TRUE(decode<NoOpRecord>(frame->body, frame->version).ok());
  EXPECT_EQ(decode_metadata_frame(bytes_of("02 14 00 00")).error().code(), Errc::unsupported);
  EXPECT_EQ(decode_metadata_frame(bytes_of("01 14")).error().code(), Errc::corrupt);
  EXPECT_EQ(decode_metadata_frame(bytes_of("01 ffff7f 00")).error().code(), Errc::corrupt);
}

}  // namespace
}  // namespace horolog::wire
