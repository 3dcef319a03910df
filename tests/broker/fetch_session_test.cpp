#include "broker/fetch_session.hpp"

#include <gtest/gtest.h>

#include "broker/fetch_session_cache.hpp"
#include "protocol/messages/fetch.hpp"
#include "protocol/messages/produce.hpp"
#include "test_broker.hpp"

namespace horolog::broker {
namespace {

using wire::ErrorCode;

constexpr std::int16_t by_name = 12;
constexpr std::int16_t by_id = 13;

/// A client that keeps a session.
class SessionClient {
 public:
  explicit SessionClient(TestBroker& broker, std::int16_t version = by_name)
      : broker_(broker), version_(version) {
    request_.session_epoch = 0;
    request_.min_bytes = 1;
  }

  SessionClient& want(const std::string& topic, PartitionIndex partition, Offset from) {
    auto& out = request_.topics.emplace_back();
    if (version_ < by_id) {
      out.topic = topic;
    } else {
      out.topic_id = ids_.try_emplace(topic, id_of(topic)).first->second;
    }
    auto& wanted = out.partitions.emplace_back();
    wanted.partition = partition;
    wanted.fetch_offset = from;
    wanted.partition_max_bytes = 1 << 20;
    return *this;
  }
  SessionClient& forget(const std::string& topic, PartitionIndex partition) {
    auto& out = request_.forgotten_topics_data.emplace_back();
    out.topic = version_ < by_id ? topic : std::string();
    if (version_ >= by_id) out.topic_id = ids_.at(topic);
    out.partitions.push_back(partition);
    return *this;
  }
  wire::FetchRequest& request() { return request_; }

  std::future<ByteBuffer> send(std::int32_t wait_ms = 0) {
    request_.max_wait_ms = wait_ms;
    auto pending = broker_.send(request_, version_);
    request_.topics.clear();
    request_.forgotten_topics_data.clear();
    return pending;
  }
  /// Takes the answer, and steps to the next epoch.
  const wire::FetchResponse& receive(std::future<ByteBuffer> pending) {
    bytes_ = pending.get();
    response_ = TestBroker::decode<wire::FetchResponse>(bytes_, version_);
    if (response_.error_code == ErrorCode::none) {
      request_.session_id = response_.session_id;
      ++request_.session_epoch;
    }
    return response_;
  }
  const wire::FetchResponse& poll(std::int32_t wait_ms = 0) { return receive(send(wait_ms)); }
  /// "topic-partition" of every partition that the last answer mentions.
  std::vector<std::string> told() const {
    std::vector<std::string> out;
    for (const auto& topic : response_.responses) {
      for (const auto& partition : topic.partitions) {
        out.push_back(topic.topic + '-' + std::to_string(partition.partition_index));
      }
    }
    return out;
  }

 private:
  Uuid id_of(const std::string& topic) { return broker_.context().catalog()->find(topic)->id; }

  TestBroker& broker_;
  std::int16_t version_;
  wire::FetchRequest request_;
  ByteBuffer bytes_;
  wire::FetchResponse response_;
  std::map<std::string, Uuid> ids_;
};

void produce(TestBroker& broker, const std::string& topic, PartitionIndex partition,
             std::int16_t acks = -1, const std::string& value = "v") {
  wire::ProduceRequest request;
  request.acks = acks;
  request.timeout_ms = 1000;
  auto& out = request.topic_data.emplace_back();
  out.name = topic;
  auto& data = out.partition_data.emplace_back();
  data.index = partition;
  const ByteBuffer batch = batch_of({value});
  data.records = wire::Records::inline_bytes(batch);
  const auto response = broker.call<wire::ProduceResponse>(request, 9);
  EXPECT_EQ(response.responses.at(0).partition_responses.at(0).error_code, ErrorCode::none);
}

using Names = std::vector<std::string>;

TEST(FetchSession, TellsOnlyWhatChanged) {
  TestBroker broker;
  broker.create("t", 3);
  SessionClient client(broker);
  client.want("t", 0, 0).want("t", 1, 0).want("t", 2, 0).poll();
  EXPECT_EQ(client.told(), (Names{"t-0", "t-1", "t-2"}));
  EXPECT_NE(client.request().session_id, 0);
  client.poll();
  EXPECT_EQ(client.told(), Names{});
  produce(broker, "t", 1);
  client.poll();
  EXPECT_EQ(client.told(), Names{"t-1"});
  // The offset was not moved: the same records again.
  client.poll();
  EXPECT_EQ(client.told(), Names{"t-1"});
  client.want("t", 1, 1).poll();
  EXPECT_EQ(client.told(), Names{});
}

TEST(FetchSession, AParkedPollIsWokenByAPartitionThatWasQuietForLong) {
  TestBroker broker;
  broker.create("t", 2);
  SessionClient client(broker);
  client.want("t", 0, 0).want("t", 1, 0).poll();
  for (int i = 0; i < 3; ++i) client.poll(1);
  auto parked = client.send(60'000);
  produce(broker, "t", 1, 1);
  client.receive(std::move(parked));
  EXPECT_EQ(client.told(), Names{"t-1"});
  client.want("t", 1, 1).poll(1);
  // What comes between two polls is found by the next one.
  produce(broker, "t", 0);
  client.poll(60'000);
  EXPECT_EQ(client.told(), Names{"t-0"});
}

TEST(FetchSession, MinBytesCountOverPolledPartitions) {
  TestBroker broker;
  broker.create("t", 2);
  SessionClient client(broker);
  client.want("t", 0, 0).want("t", 1, 0).poll();
  client.poll(1);
  client.request().min_bytes = static_cast<std::int32_t>(2 * batch_of({"v"}).size());
  auto parked = client.send(60'000);
  produce(broker, "t", 0);
  EXPECT_EQ(parked.wait_for(std::chrono::milliseconds(1)), std::future_status::timeout);
  produce(broker, "t", 1);
  client.receive(std::move(parked));
  EXPECT_EQ(client.told().size(), 2U);
}

TEST(FetchSession, ForgottenPartitionsAreSilentAndTheLastOneEndsTheSession) {
  TestBroker broker;
  broker.create("t", 2);
  SessionClient client(broker);
  client.want("t", 0, 0).want("t", 1, 0).poll();
  produce(broker, "t", 0);
  client.forget("t", 0).poll();
  EXPECT_EQ(client.told(), Names{});
  EXPECT_EQ(broker.context().fetch_sessions.size(), 1U);
  EXPECT_EQ(client.forget("t", 1).poll().session_id, 0);
  EXPECT_EQ(broker.context().fetch_sessions.size(), 0U);
}

TEST(FetchSession, WrongIdsAndEpochsAreRefused) {
  TestBroker broker;
  broker.create("t");
  SessionClient client(broker);
  client.want("t", 0, 0).poll();
  const std::int32_t epoch = client.request().session_epoch;
  client.request().session_epoch = epoch + 1;
  EXPECT_EQ(client.poll().error_code, ErrorCode::invalid_fetch_session_epoch);
  client.request().session_epoch = epoch;
  EXPECT_EQ(client.poll().error_code, ErrorCode::none);
  const std::int32_t id = client.request().session_id;
  client.request().session_id = id == 77 ? 78 : 77;
  EXPECT_EQ(client.poll().error_code, ErrorCode::fetch_session_id_not_found);
  // A full request that names a session ends it.
  client.request().session_id = id;
  client.request().session_epoch = -1;
  EXPECT_EQ(client.want("t", 0, 0).poll().session_id, 0);
  EXPECT_EQ(client.told(), Names{"t-0"});
  client.request().session_id = id;
  client.request().session_epoch = epoch + 1;
  EXPECT_EQ(client.poll().error_code, ErrorCode::fetch_session_id_not_found);
}

TEST(FetchSession, TopicIdsAndNamesAreNotMixed) {
  TestBroker broker;
  broker.create("t");
  SessionClient client(broker, by_id);
  client.want("t", 0, 0).poll();
  wire::FetchRequest other = client.request();
  EXPECT_EQ(broker.call<wire::FetchResponse>(other, by_name).error_code,
            ErrorCode::fetch_session_topic_id_error);
  EXPECT_EQ(client.poll().error_code, ErrorCode::none);
}

TEST(FetchSession, ATopicThatIsMadeAnewIsAnotherTopic) {
  TestBroker broker;
  broker.create("t");
  SessionClient client(broker, by_id);
  client.want("t", 0, 0).poll();
  client.poll(1);
  ASSERT_TRUE(broker.context().topics.remove(*broker.context().catalog()->find("t")).ok());
  const auto error = [&] { return client.poll().responses.at(0).partitions.at(0).error_code; };
  EXPECT_EQ(error(), ErrorCode::unknown_topic_or_partition);
  // As long as it is so it is said.
  EXPECT_EQ(error(), ErrorCode::unknown_topic_or_partition);
  broker.create("t");
  EXPECT_EQ(error(), ErrorCode::inconsistent_topic_id);
}

TEST(FetchSession, ByNameATopicThatIsMadeAnewIsServed) {
  TestBroker broker;
  broker.create("t");
  SessionClient client(broker);
  client.want("t", 0, 0).poll();
  client.poll(1);
  ASSERT_TRUE(broker.context().topics.remove(*broker.context().catalog()->find("t")).ok());
  broker.create("t");
  produce(broker, "t", 0);
  client.poll(60'000);
  EXPECT_EQ(client.told(), Names{"t-0"});
  client.want("t", 0, 1).poll(1);
  auto parked = client.send(60'000);
  produce(broker, "t", 0);
  client.receive(std::move(parked));
  EXPECT_EQ(client.told(), Names{"t-0"});
}

TEST(FetchSession, APartitionThatGoesAwayIsToldAtOnce) {
  TestBroker broker;
  broker.create("t", 2);
  SessionClient client(broker);
  client.want("t", 0, 0).poll();
  client.poll(1);
  auto parked = client.send(60'000);
  ASSERT_TRUE(broker.context().topics.remove(*broker.context().catalog()->find("t")).ok());
  EXPECT_EQ(client.receive(std::move(parked)).responses.at(0).partitions.at(0).error_code,
            ErrorCode::unknown_topic_or_partition);
}

TEST(FetchSession, AMissingPartitionIsToldOnceTheTimeIsOver) {
  TestBroker broker;
  broker.create("t");
  SessionClient client(broker);
  client.want("t", 0, 0).want("none", 0, 0).poll();
  client.poll(10);
  EXPECT_EQ(client.told(), Names{"none-0"});
  // Alone it is told at once.
  client.forget("t", 0).poll(60'000);
  EXPECT_EQ(client.told(), Names{"none-0"});
}

TEST(FetchSession, APipelinedRequestMakesTheOneBeforeItFinish) {
  TestBroker broker;
  broker.create("t");
  SessionClient client(broker);
  client.want("t", 0, 0).poll();
  auto first = client.send(60'000);
  ++client.request().session_epoch;
  auto second = client.send(60'000);
  --client.request().session_epoch;
  EXPECT_EQ(client.receive(std::move(first)).error_code, ErrorCode::none);
  EXPECT_EQ(client.told(), Names{});
  produce(broker, "t", 0);
  EXPECT_EQ(client.receive(std::move(second)).error_code, ErrorCode::none);
  EXPECT_EQ(client.told(), Names{"t-0"});
}

TEST(FetchSession, EverybodyGetsAShareOfASmallAnswer) {
  TestBroker broker;
  broker.create("t", 2);
  produce(broker, "t", 0);
  produce(broker, "t", 1);
  SessionClient client(broker);
  client.request().max_bytes = 1;
  client.want("t", 0, 0).want("t", 1, 0).poll();
  EXPECT_GT(client.poll().responses.size(), 0U);
  EXPECT_EQ(client.told(), Names{"t-1"});
  client.poll();
  EXPECT_EQ(client.told(), Names{"t-0"});
}

TEST(FetchSession, ADeletedRecordIsNews) {
  TestBroker broker;
  broker.create("t");
  produce(broker, "t", 0);
  SessionClient client(broker);
  client.want("t", 0, 1).poll();
  client.poll(1);
  EXPECT_EQ(client.told(), Names{});
  const auto partition = broker.context().partitions.find("t", 0);
  ASSERT_TRUE(partition->log().delete_records(1, 0).ok());
  partition->poke_waiters();
  EXPECT_EQ(client.poll().responses.at(0).partitions.at(0).log_start_offset, 1);
}

TEST(FetchSession, EpochsWrapAroundPastZero) {
  FetchSession session(7, false, 0);
  EXPECT_EQ(session.advance(2, false), ErrorCode::invalid_fetch_session_epoch);
  EXPECT_EQ(session.advance(1, true), ErrorCode::fetch_session_topic_id_error);
  EXPECT_EQ(session.advance(1, false), ErrorCode::none);
  EXPECT_EQ(session.advance(1, false), ErrorCode::invalid_fetch_session_epoch);
  EXPECT_EQ(session.advance(2, false), ErrorCode::none);
}

}  // namespace
}  // namespace horolog::broker
