#include <gtest/gtest.h>

#include "bench/load/broker.hpp"
#include "bench/load/resp.hpp"
#include "bench/load/txn_producer.hpp"
#include "bench/metrics_page.hpp"
#include "protocol/codec.hpp"
#include "protocol/messages/add_partitions_to_txn.hpp"
#include "protocol/messages/end_txn.hpp"
#include "protocol/messages/produce.hpp"
#include "protocol/messages/txn_offset_commit.hpp"
#include "record/builder.hpp"

namespace horolog::bench {
namespace {

using wire::ErrorCode;

constexpr const char* page =
    "# HELP a_total Things.\na_total 5\nab_total 7\nb_total{x=\"1\"} 2\nb_total{x=\"2\"} 3.5\n";

TEST(MetricsPage, FindsNamesWholeAndAddsLabelSets) {
  EXPECT_EQ(metric_in(page, "a_total"), 5);
  EXPECT_EQ(metric_in(page, "b_total"), 5.5);
  EXPECT_EQ(metric_in(page, "a"), std::nullopt);
  EXPECT_EQ(metric_in(page, "c_total"), std::nullopt);
}

TEST(Acks, SayWhatTheyMean) {
  EXPECT_TRUE(describe_ack(0, "commit", "1").starts_with("NOTHING"));
  EXPECT_TRUE(describe_ack(-1, "commit", "9223372036854775807").starts_with("DURABLE"));
  EXPECT_TRUE(describe_ack(1, "commit", "9223372036854775807").starts_with("IN MEMORY"));
  EXPECT_TRUE(describe_ack(-1, "os", "9223372036854775807").starts_with("IN MEMORY"));
  EXPECT_TRUE(describe_ack(-1, "", "9223372036854775807").starts_with("IN MEMORY"));
  EXPECT_TRUE(describe_ack(-1, "", "1").starts_with("DURABLE"));
  EXPECT_TRUE(describe_redis_ack("yes", "always").starts_with("DURABLE"));
  EXPECT_TRUE(describe_redis_ack("yes", "everysec").starts_with("IN MEMORY"));
  EXPECT_TRUE(describe_redis_ack("no", "always").starts_with("IN MEMORY"));
}

TEST(Resp, CountsWholeRepliesOnly) {
  const std::string one = "$3\r\n1-0\r\n";
  EXPECT_EQ(count_replies(one + one, 5).count, 2U);
  EXPECT_EQ(count_replies(one + one, 1).bytes, one.size());
  for (std::size_t n = 0; n < one.size(); ++n) {
    EXPECT_EQ(count_replies(one.substr(0, n), 1).count, 0U) << n;
  }
  EXPECT_EQ(count_replies("-ERR no\r\n" + one, 2).error, "ERR no");
  EXPECT_EQ(count_replies("$-1\r\n:7\r\n+OK\r\n", 3).count, 3U);
}

TEST(Resp, WritesOneCommandARecord) {
  const ByteBuffer bytes = stream_adds("s", 4, 2);
  const std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const auto first = text.find("*5\r\n$4\r\nXADD\r\n$1\r\ns\r\n$1\r\n*\r\n$1\r\nv\r\n$4\r\n");
  EXPECT_EQ(first, 0U) << text;
  EXPECT_NE(text.find("*5\r\n", 1), std::string::npos);
}

ByteBuffer transactional_batch() {
  record::BatchOptions options;
  options.transactional = true;
  options.producer_id = 0;
  options.producer_epoch = 0;
  options.base_sequence = 0;
  return record::build_single(std::nullopt, as_bytes("v"), 1, options);
}

template <typename Request>
Request decode_request(const ByteBuffer& frame) {
  const auto parts = wire::decode_request_frame(ByteView(frame).subspan(4)).value();
  EXPECT_EQ(parts.header.api_key, static_cast<std::int16_t>(Request::api.key));
  // Records borrow from the frame, which the caller holds.
  return wire::decode<Request>(parts.body, parts.header.api_version).value();
}

template <typename Response>
ByteBuffer answer(const Response& response, std::int16_t version) {
  const ByteBuffer frame = wire::encode_response(response, version, 1).bytes;
  return {frame.begin() + 4, frame.end()};
}

wire::ProduceResponse produced(ErrorCode error) {
  wire::ProduceResponse response;
  response.responses.emplace_back().partition_responses.emplace_back().error_code = error;
  return response;
}

TEST(TxnProducer, TheSecondProtocolGoesOnWithTheEpochItIsGiven) {
  const TxnPlan plan{.protocol = 2, .topic = "t", .partitions = {3}, .records_per_batch = 1,
                     .group = {}};
  TxnProducer producer(plan, "id", transactional_batch(), 7, 1);
  ByteBuffer frame = producer.request();
  auto produce = decode_request<wire::ProduceRequest>(frame);
  const auto& sent = produce.topic_data.at(0).partition_data.at(0);
  EXPECT_EQ(sent.index, 3);
  EXPECT_EQ(record::parse_batch(sent.records.bytes)->producer_epoch(), 1);
  EXPECT_EQ(producer.on_response(answer(produced(ErrorCode::none), 12)),
            TxnProducer::Outcome::next);
  EXPECT_TRUE(decode_request<wire::EndTxnRequest>(producer.request()).committed);
  wire::EndTxnResponse ended;
  ended.producer_id = 9;
  ended.producer_epoch = 2;
  EXPECT_EQ(producer.on_response(answer(ended, 5)), TxnProducer::Outcome::committed);
  EXPECT_TRUE(producer.begins());
  frame = producer.request();
  produce = decode_request<wire::ProduceRequest>(frame);
  const auto batch =
      *record::parse_batch(produce.topic_data.at(0).partition_data.at(0).records.bytes);
  EXPECT_EQ(batch.producer_id(), 9);
  EXPECT_EQ(batch.producer_epoch(), 2);
  EXPECT_EQ(batch.base_sequence(), 0);
}

TEST(TxnProducer, TheFirstProtocolAddsPartitionsAndCountsSequencesOn) {
  const TxnPlan plan{.protocol = 1, .topic = "t", .partitions = {0}, .records_per_batch = 1,
                     .group = {}};
  TxnProducer producer(plan, "id", transactional_batch(), 7, 1);
  const auto add = decode_request<wire::AddPartitionsToTxnRequest>(producer.request());
  EXPECT_EQ(add.v3_and_below_topics.at(0).partitions.at(0), 0);
  EXPECT_EQ(producer.on_response(answer(wire::AddPartitionsToTxnResponse{}, 3)),
            TxnProducer::Outcome::next);
  EXPECT_EQ(producer.on_response(answer(produced(ErrorCode::none), 11)),
            TxnProducer::Outcome::next);
  EXPECT_EQ(producer.on_response(answer(wire::EndTxnResponse{}, 4)),
            TxnProducer::Outcome::committed);
  EXPECT_EQ(producer.on_response(answer(wire::AddPartitionsToTxnResponse{}, 3)),
            TxnProducer::Outcome::next);
  const ByteBuffer frame = producer.request();
  const auto produce = decode_request<wire::ProduceRequest>(frame);
  const auto batch =
      *record::parse_batch(produce.topic_data.at(0).partition_data.at(0).records.bytes);
  EXPECT_EQ(batch.base_sequence(), 1);
  EXPECT_EQ(batch.producer_epoch(), 1);
}

TEST(TxnProducer, ABusyCoordinatorIsAskedAgainAndAnErrorEnds) {
  const TxnPlan plan{.protocol = 2, .topic = "t", .partitions = {0}, .records_per_batch = 1,
                     .group = "g"};
  TxnProducer producer(plan, "id", transactional_batch(), 7, 1);
  EXPECT_EQ(producer.on_response(answer(produced(ErrorCode::not_enough_replicas), 12)),
            TxnProducer::Outcome::retry);
  EXPECT_TRUE(producer.begins());
  EXPECT_EQ(producer.on_response(answer(produced(ErrorCode::none), 12)),
            TxnProducer::Outcome::next);
  EXPECT_EQ(decode_request<wire::TxnOffsetCommitRequest>(producer.request()).group_id, "g");
  wire::TxnOffsetCommitResponse refused;
  refused.topics.emplace_back().partitions.push_back({0, ErrorCode::invalid_producer_epoch});
  EXPECT_EQ(producer.on_response(answer(refused, 5)), TxnProducer::Outcome::failed);
  EXPECT_EQ(producer.error(), ErrorCode::invalid_producer_epoch);
}

}  // namespace
}  // namespace horolog::bench
