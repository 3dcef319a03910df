#include <gtest/gtest.h>

#include "protocol/messages/fetch.hpp"
#include "protocol/messages/init_producer_id.hpp"
#include "protocol/messages/list_offsets.hpp"
#include "protocol/messages/metadata.hpp"
#include "protocol/messages/offset_for_leader_epoch.hpp"
#include "protocol/messages/produce.hpp"
#include "record/batch.hpp"
#include "record/builder.hpp"
#include "record/record.hpp"
#include "test_broker.hpp"

namespace horolog::broker {
namespace {

using wire::ErrorCode;

constexpr std::int16_t produce_version = 9;
constexpr std::int16_t fetch_version = 12;

wire::ProduceRequest produce_of(const std::string& topic, ByteView batch, std::int16_t acks = -1) {
  wire::ProduceRequest request;
  request.acks = acks;
  request.timeout_ms = 1000;
  auto& out = request.topic_data.emplace_back();
  out.name = topic;
  auto& partition = out.partition_data.emplace_back();
  partition.records = wire::Records::inline_bytes(batch);
  return request;
}

wire::ProduceResponse::Partition produce(TestBroker& broker, const std::string& topic,
                                         ByteView batch, std::int16_t acks = -1) {
  const auto response =
      broker.call<wire::ProduceResponse>(produce_of(topic, batch, acks), produce_version);
  return response.responses.at(0).partition_responses.at(0);
}

wire::FetchRequest fetch_of(const std::string& topic, Offset from, std::int32_t wait_ms = 0) {
  wire::FetchRequest request;
  request.max_wait_ms = wait_ms;
  request.min_bytes = 1;
  auto& out = request.topics.emplace_back();
  out.topic = topic;
  auto& partition = out.partitions.emplace_back();
  partition.fetch_offset = from;
  partition.partition_max_bytes = 1 << 20;
  return request;
}

std::vector<std::string> values_in(ByteView batches) {
  std::vector<std::string> values;
  ByteBuffer scratch;
  for (record::BatchIterator it(batches); it.next();) {
    auto reader = record::RecordReader::open(it.batch(), scratch).value();
    while (reader.next()) values.emplace_back(as_text(*reader.record().value));
  }
  return values;
}

/// Keeps the answer's bytes alive beside the decoded response that borrows from them.
struct Fetched {
  ByteBuffer bytes;
  wire::FetchResponse response;
  const wire::FetchResponse::Partition& partition() const {
    return response.responses.at(0).partitions.at(0);
  }
  std::vector<std::string> values() const { return values_in(partition().records.bytes); }
};

Fetched fetch(TestBroker& broker, const wire::FetchRequest& request) {
  Fetched out;
  out.bytes = broker.send(request, fetch_version).get();
  out.response = TestBroker::decode<wire::FetchResponse>(out.bytes, fetch_version);
  return out;
}

TEST(ProduceFetch, WhatWasAcknowledgedIsReadBack) {
  TestBroker broker;
  broker.create("t");
  const auto first = produce(broker, "t", batch_of({"a", "b"}));
  EXPECT_EQ(first.error_code, ErrorCode::none);
  EXPECT_EQ(first.base_offset, 0);
  EXPECT_EQ(produce(broker, "t", batch_of({"c"})).base_offset, 2);
  const auto fetched = fetch(broker, fetch_of("t", 0));
  EXPECT_EQ(fetched.partition().error_code, ErrorCode::none);
  EXPECT_EQ(fetched.partition().high_watermark, 3);
  EXPECT_EQ(fetched.values(), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(fetch(broker, fetch_of("t", 2)).values(), std::vector<std::string>{"c"});
}

TEST(ProduceFetch, AcksAllAnswersOnlyWhenDurable) {
  TestBroker broker;
  broker.create("t");
  produce(broker, "t", batch_of({"a"}));
  const auto partition = broker.context().partitions.find("t", 0);
  EXPECT_EQ(partition->log().durable_offset(), 1);
  EXPECT_EQ(partition->log().high_watermark(), 1);
}

TEST(ProduceFetch, AParkedFetchIsWokenByAProduce) {
  TestBroker broker;
  broker.create("t");
  auto parked = broker.send(fetch_of("t", 0, 60'000), fetch_version);
  produce(broker, "t", batch_of({"late"}), 1);
  const ByteBuffer bytes = parked.get();
  const auto response = TestBroker::decode<wire::FetchResponse>(bytes, fetch_version);
  EXPECT_EQ(values_in(response.responses.at(0).partitions.at(0).records.bytes),
            std::vector<std::string>{"late"});
}

TEST(ProduceFetch, AParkedFetchIsToldThatTheTopicIsGone) {
  TestBroker broker;
  broker.create("t");
  auto parked = broker.send(fetch_of("t", 0, 60'000), fetch_version);
  const auto info = broker.context().catalog()->find("t");
  ASSERT_TRUE(broker.context().topics.remove(*info).ok());
  const auto response = TestBroker::decode<wire::FetchResponse>(parked.get(), fetch_version);
  EXPECT_EQ(response.responses.at(0).partitions.at(0).error_code,
            ErrorCode::unknown_topic_or_partition);
}

TEST(ProduceFetch, AParkedFetchEndsWithItsConnection) {
  TestBroker broker;
  broker.create("t");
  auto parked = broker.send(fetch_of("t", 0, 3'600'000), fetch_version);
  broker.close_connection();
  EXPECT_EQ(TestBroker::decode<wire::FetchResponse>(parked.get(), fetch_version).error_code,
            ErrorCode::none);
}

TEST(ProduceFetch, AnEmptyPollAnswersWhenItsTimeIsOver) {
  TestBroker broker;
  broker.create("t");
  const auto fetched = fetch(broker, fetch_of("t", 0, 20));
  EXPECT_EQ(fetched.partition().error_code, ErrorCode::none);
  EXPECT_EQ(fetched.partition().records.size, 0U);
}

TEST(ProduceFetch, MinBytesCountOverAllPartitions) {
  TestBroker broker;
  broker.create("t", 2);
  auto request = fetch_of("t", 0, 60'000);
  request.topics[0].partitions.push_back(request.topics[0].partitions[0]);
  request.topics[0].partitions[1].partition = 1;
  const ByteBuffer batch = batch_of({"0123456789"});
  request.min_bytes = static_cast<std::int32_t>(2 * batch.size());
  auto parked = broker.send(request, fetch_version);
  auto to_first = produce_of("t", batch);
  auto to_second = produce_of("t", batch);
  to_second.topic_data[0].partition_data[0].index = 1;
  broker.call<wire::ProduceResponse>(to_first, produce_version);
  EXPECT_EQ(parked.wait_for(std::chrono::milliseconds(1)), std::future_status::timeout);
  broker.call<wire::ProduceResponse>(to_second, produce_version);
  EXPECT_EQ(TestBroker::decode<wire::FetchResponse>(parked.get(), fetch_version).error_code,
            ErrorCode::none);
}

TEST(ProduceFetch, ErrorsNameWhatIsWrong) {
  TestBroker broker;
  broker.create("t");
  EXPECT_EQ(produce(broker, "none", batch_of({"a"})).error_code,
            ErrorCode::unknown_topic_or_partition);
  ByteBuffer damaged = batch_of({"a"});
  damaged.back() ^= std::byte{1};
  EXPECT_EQ(produce(broker, "t", damaged).error_code, ErrorCode::corrupt_message);
  const auto old = produce(broker, "t", batch_of({std::string(2 << 20, 'x')}));
  EXPECT_EQ(old.error_code, ErrorCode::message_too_large);
  EXPECT_TRUE(old.error_message.has_value());
  EXPECT_EQ(produce(broker, "t", batch_of({"a"}), 7).error_code, ErrorCode::invalid_required_acks);
  EXPECT_EQ(fetch(broker, fetch_of("t", 5)).partition().error_code, ErrorCode::offset_out_of_range);
  EXPECT_EQ(fetch(broker, fetch_of("none", 0)).partition().error_code,
            ErrorCode::unknown_topic_or_partition);
}

TEST(ProduceFetch, ARetriedIdempotentBatchKeepsItsOffset) {
  TestBroker broker;
  broker.create("t");
  record::BatchBuilder builder({.producer_id = 7, .producer_epoch = 0, .base_sequence = 0});
  builder.add(std::nullopt, as_bytes("once"), 1);
  const ByteBuffer batch = builder.build().value();
  EXPECT_EQ(produce(broker, "t", batch).base_offset, 0);
  produce(broker, "t", batch_of({"between"}));
  const auto again = produce(broker, "t", batch);
  EXPECT_EQ(again.error_code, ErrorCode::none);
  EXPECT_EQ(again.base_offset, 0);
  EXPECT_EQ(fetch(broker, fetch_of("t", 0)).values(),
            (std::vector<std::string>{"once", "between"}));
}

TEST(ProduceFetch, ATransactionalBatchWithoutTransactionalIdIsRefused) {
  TestBroker broker;
  broker.create("t");
  record::BatchBuilder builder(
      {.producer_id = 7, .producer_epoch = 0, .base_sequence = 0, .transactional = true});
  builder.add(std::nullopt, as_bytes("x"), 1);
  EXPECT_EQ(produce(broker, "t", builder.build().value()).error_code,
            ErrorCode::transactional_id_authorization_failed);
}

TEST(ProduceFetch, AFirstBatchAboveTheLimitsIsStillSent) {
  TestBroker broker;
  broker.create("t");
  produce(broker, "t", batch_of({std::string(5000, 'x')}));
  auto request = fetch_of("t", 0);
  request.max_bytes = 10;
  request.topics[0].partitions[0].partition_max_bytes = 10;
  EXPECT_EQ(fetch(broker, request).values().size(), 1U);
}

TEST(ProduceFetch, EpochsAreFenced) {
  TestBroker broker;
  broker.create("t");
  auto request = fetch_of("t", 0);
  request.topics[0].partitions[0].current_leader_epoch = 99;
  EXPECT_EQ(fetch(broker, request).partition().error_code, ErrorCode::unknown_leader_epoch);
}

TEST(ProduceFetch, AClientCannotPassForAReplica) {
  TestBroker broker;
  broker.create("t");
  auto request = fetch_of("t", 0);
  request.replica_id = 1;
  EXPECT_TRUE(broker.send(request, 12).get().empty()) << "it was answered";
  request.replica_id = -1;
  request.replica_state.replica_id = 1;
  EXPECT_TRUE(broker.send(request, 15).get().empty()) << "it was answered";
}

TEST(TopicConfigs, CompressionTypeRepacksTheRecords) {
  TestBroker broker;
  broker.create("z", 1, {{"compression.type", "zstd"}});
  produce(broker, "z", batch_of({"a", "b"}));
  const auto fetched = fetch(broker, fetch_of("z", 0));
  const auto batch = record::parse_batch(fetched.partition().records.bytes).value();
  EXPECT_EQ(batch.codec(), record::Codec::zstd);
  EXPECT_EQ(fetched.values(), (std::vector<std::string>{"a", "b"}));
}

TEST(TopicConfigs, LogAppendTimeStampsTheBatch) {
  TestBroker broker;
  broker.create("t", 1, {{"message.timestamp.type", "LogAppendTime"}});
  const auto answer = produce(broker, "t", batch_of({"a"}, 5));
  EXPECT_GT(answer.log_append_time_ms, 1'000'000'000'000);
  const auto fetched = fetch(broker, fetch_of("t", 0));
  const auto batch = record::parse_batch(fetched.partition().records.bytes).value();
  EXPECT_TRUE(batch.is_log_append_time());
  EXPECT_EQ(batch.max_timestamp(), answer.log_append_time_ms);
  EXPECT_TRUE(record::verify_crc(batch).ok());
}

TEST(TopicConfigs, TimestampsOutsideTheWindowAreRefused) {
  TestBroker broker;
  broker.create("t", 1, {{"message.timestamp.after.max.ms", "1000"}});
  const TimestampMs tomorrow = broker.context().clock.wall_ms() + 86'400'000;
  EXPECT_EQ(produce(broker, "t", batch_of({"a"}, tomorrow)).error_code,
            ErrorCode::invalid_timestamp);
  broker.create("b", 1, {{"message.timestamp.before.max.ms", "1000"}});
  EXPECT_EQ(produce(broker, "b", batch_of({"a"}, 5)).error_code, ErrorCode::invalid_timestamp);
}

TEST(TopicConfigs, MaxMessageBytesAndKeysOfCompactedTopics) {
  TestBroker broker;
  broker.create("m", 1, {{"max.message.bytes", "100"}});
  EXPECT_EQ(produce(broker, "m", batch_of({std::string(100, 'x')})).error_code,
            ErrorCode::message_too_large);
  broker.create("c", 1, {{"cleanup.policy", "compact"}});
  EXPECT_EQ(produce(broker, "c", batch_of({"keyless"})).error_code, ErrorCode::invalid_record);
}

TEST(TopicConfigs, DurabilityOsAnswersAndShowsBeforeTheSync) {
  TestBroker broker;
  broker.create("o", 1, {{"horolog.durability", "os"}});
  produce(broker, "o", batch_of({"a"}));
  const auto partition = broker.context().partitions.find("o", 0);
  EXPECT_EQ(partition->log().high_watermark(), 1);
  EXPECT_EQ(partition->log().durable_offset(), 0);
}

TEST(TopicConfigs, FlushMessagesSyncsBeforeTheAnswer) {
  TestBroker broker;
  broker.create("f", 1, {{"horolog.durability", "os"}, {"flush.messages", "2"}});
  const auto partition = broker.context().partitions.find("f", 0);
  produce(broker, "f", batch_of({"a"}), 1);
  EXPECT_EQ(partition->log().durable_offset(), 0);
  produce(broker, "f", batch_of({"b"}), 1);
  EXPECT_EQ(partition->log().durable_offset(), 2);
}

TEST(ListOffsets, SpecialTimestampsAndTimes) {
  TestBroker broker;
  broker.create("t");
  produce(broker, "t", batch_of({"a"}, 1000));
  produce(broker, "t", batch_of({"b"}, 3000));
  produce(broker, "t", batch_of({"c"}, 2000));
  const auto ask = [&](std::int64_t timestamp) {
    wire::ListOffsetsRequest request;
    auto& topic = request.topics.emplace_back();
    topic.name = "t";
    topic.partitions.emplace_back().timestamp = timestamp;
    return broker.call<wire::ListOffsetsResponse>(request, 9).topics.at(0).partitions.at(0);
  };
  EXPECT_EQ(ask(-1).offset, 3);
  EXPECT_EQ(ask(-2).offset, 0);
  EXPECT_EQ(ask(-3).offset, 1);
  EXPECT_EQ(ask(-3).timestamp, 3000);
  EXPECT_EQ(ask(-4).offset, 0);
  EXPECT_EQ(ask(-5).offset, -1);
  EXPECT_EQ(ask(1500).offset, 1);
  EXPECT_EQ(ask(9999).offset, -1);
  EXPECT_EQ(ask(-9).error_code, ErrorCode::unsupported_version);
}

TEST(Metadata, AnswersTheAddressByWhichTheClientCame) {
  TestBroker broker;
  broker.create("t", 2);
  const auto response = broker.call<wire::MetadataResponse>(wire::MetadataRequest{}, 12);
  EXPECT_EQ(response.brokers.at(0).host, "127.0.0.1");
  EXPECT_EQ(response.brokers.at(0).port, 9092);
  EXPECT_EQ(response.cluster_id->size(), 22U);
}

TEST(Metadata, BytesBehindTheMessageAreIgnored) {
  TestBroker broker;
  broker.create("t");
  wire::MetadataRequest request;
  request.topics.reset();
  auto frame = wire::encode_request(request, 13, 7, "test").bytes;
  frame.insert(frame.end(), {std::byte{1}, std::byte{0}, std::byte{0}});
  const ByteBuffer answer = broker.send_frame(std::move(frame)).get();
  ASSERT_FALSE(answer.empty()) << "the connection was closed";
  EXPECT_EQ(TestBroker::decode<wire::MetadataResponse>(answer, 13).topics.size(), 1U);
}

TEST(Metadata, CreatesOnFirstUseOnlyWhenTheClientAllowsIt) {
  TestBroker broker;
  wire::MetadataRequest request;
  request.topics->emplace_back().name = "fresh";
  request.allow_auto_topic_creation = false;
  EXPECT_EQ(broker.call<wire::MetadataResponse>(request, 12).topics.at(0).error_code,
            ErrorCode::unknown_topic_or_partition);
  request.allow_auto_topic_creation = true;
  const auto created = broker.call<wire::MetadataResponse>(request, 12).topics.at(0);
  EXPECT_EQ(created.error_code, ErrorCode::none);
  EXPECT_EQ(created.partitions.size(), 1U);
  EXPECT_FALSE(created.topic_id.is_zero());
  (*request.topics)[0].name = "../x";
  EXPECT_EQ(broker.call<wire::MetadataResponse>(request, 12).topics.at(0).error_code,
            ErrorCode::invalid_topic_exception);
}

TEST(InitProducerId, IdsAreNeverGivenTwice) {
  TestBroker broker;
  wire::InitProducerIdRequest request;
  request.transactional_id.reset();
  const auto first = broker.call<wire::InitProducerIdResponse>(request, 4);
  const auto second = broker.call<wire::InitProducerIdResponse>(request, 4);
  EXPECT_EQ(first.error_code, ErrorCode::none);
  EXPECT_EQ(first.producer_epoch, 0);
  EXPECT_NE(first.producer_id, second.producer_id);
  request.transactional_id = "tx";
  EXPECT_NE(broker.call<wire::InitProducerIdResponse>(request, 4).error_code, ErrorCode::none);
}

}  // namespace
}  // namespace horolog::broker
