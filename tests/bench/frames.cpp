#include "bench/load/frames.hpp"

#include <gtest/gtest.h>

#include "protocol/codec.hpp"
#include "protocol/messages/fetch.hpp"
#include "protocol/messages/produce.hpp"
#include "record/produce_check.hpp"

// The load generator reads and patches messages at fixed places; these must be where the protocol's
// own encoder puts the fields.
namespace horolog::bench {
namespace {

constexpr const char* topic = "some-topic";

TEST(Frames, ProduceRequestHoldsAValidBatchWhereItSays) {
  const ByteBuffer batch = make_batch(100, 1000);
  ProduceFrame frame = produce_frame(topic, 3, -1, batch);
  store_be(frame.bytes.data() + correlation_at, 77);
  EXPECT_EQ(load_be<std::uint32_t>(frame.bytes.data()), frame.bytes.size() - 4);
  const auto parts = wire::decode_request_frame(ByteView(frame.bytes).subspan(4)).value();
  EXPECT_EQ(parts.header.correlation_id, 77);
  const auto request = wire::decode<wire::ProduceRequest>(parts.body, produce_version).value();
  const auto& partition = request.topic_data.at(0).partition_data.at(0);
  EXPECT_EQ(request.acks, -1);
  EXPECT_EQ(partition.index, 3);
  EXPECT_EQ(partition.records.bytes.data(), frame.bytes.data() + frame.batch_at);
  const auto check = record::validate_produced(partition.records.bytes, {});
  EXPECT_TRUE(check.ok()) << check.message;
  EXPECT_EQ(check.batch.record_count(), 10);
}

TEST(Frames, ProduceErrorIsWhereItIsLookedFor) {
  wire::ProduceResponse response;
  auto& data = response.responses.emplace_back();
  data.name = topic;
  data.partition_responses.emplace_back().error_code = wire::ErrorCode::message_too_large;
  const ByteBuffer frame = wire::encode_response(response, produce_version, 5).bytes;
  EXPECT_EQ(load_be<std::int16_t>(frame.data() + 4 + produce_error_at(topic)), 10);
  EXPECT_EQ(load_be<std::int16_t>(produce_reply(topic).data() + 4 + produce_error_at(topic)), 0);
}

TEST(Frames, FetchOffsetIsWhereItIsPatched) {
  ByteBuffer frame = fetch_frame(topic, 2, 0, 1 << 20, 500, 1);
  store_be<std::int64_t>(frame.data() + fetch_offset_at(topic), 123'456);
  const auto parts = wire::decode_request_frame(ByteView(frame).subspan(4)).value();
  const auto request = wire::decode<wire::FetchRequest>(parts.body, fetch_version).value();
  const auto& partition = request.topics.at(0).partitions.at(0);
  EXPECT_EQ(partition.partition, 2);
  EXPECT_EQ(partition.fetch_offset, 123'456);
  EXPECT_EQ(partition.partition_max_bytes, 1 << 20);
  EXPECT_EQ(partition.current_leader_epoch, -1);
}

TEST(Frames, FetchResponseIsReadWhereItsFieldsAre) {
  const ByteBuffer batch = make_batch(10, 10);
  wire::FetchResponse response;
  response.error_code = wire::ErrorCode::fetch_session_id_not_found;
  auto& data = response.responses.emplace_back();
  data.topic = topic;
  auto& partition = data.partitions.emplace_back();
  partition.error_code = wire::ErrorCode::offset_out_of_range;
  partition.high_watermark = 99;
  partition.records = wire::Records::inline_bytes(batch);
  const ByteBuffer frame = wire::encode_response(response, fetch_version, 5).bytes;
  const std::byte* const at = frame.data() + 4;
  const FetchLayout layout(topic);
  EXPECT_EQ(load_be<std::int16_t>(at + layout.top_error), 70);
  EXPECT_EQ(load_be<std::int16_t>(at + layout.partition_error), 1);
  EXPECT_EQ(load_be<std::int64_t>(at + layout.high_watermark), 99);
  EXPECT_EQ(load_be<std::int32_t>(at + layout.aborted_count), 0);
  EXPECT_EQ(load_be<std::uint32_t>(at + layout.records_size), batch.size());
  EXPECT_EQ(4 + layout.records + batch.size(), frame.size());
}

}  // namespace
}  // namespace horolog::bench
