#include <gmock/gmock.h>

#include <thread>

#include "group_requests.hpp"
#include "protocol/messages/create_topics.hpp"
#include "protocol/messages/incremental_alter_configs.hpp"
#include "transaction_requests.hpp"

/// What clients of transactions, configurations and compacted topics get wrong: each gets the
/// field's error code and a line in the log that names client, id and reason.
namespace horolog::broker {
namespace {

using Protocol = TestProducer::Protocol;
using testing::AllOf;
using testing::HasSubstr;

constexpr const char* client = "'test' at 127.0.0.1:4711";

class RefusedTest : public testing::Test {
 protected:
  RefusedTest() { testing::internal::CaptureStderr(); }
  ~RefusedTest() override { testing::internal::GetCapturedStderr(); }
  /// What was logged so far; the lines are there before the answer is.
  static std::string logged() {
    std::string text = testing::internal::GetCapturedStderr();
    testing::internal::CaptureStderr();
    return text;
  }

  TestBroker broker_;
};

TEST_F(RefusedTest, AZombiesBatch) {
  broker_.create("t");
  TestProducer old(broker_, "tx", Protocol::first);
  ASSERT_EQ(old.produce("t", "x"), ErrorCode::none);
  TestProducer fresh(broker_, "tx", Protocol::first);
  EXPECT_EQ(old.add("t"), ErrorCode::producer_fenced);
  EXPECT_THAT(logged(), AllOf(HasSubstr("api=AddPartitionsToTxn"), HasSubstr(client),
                              HasSubstr("transactional_id=tx"), HasSubstr("fenced")));
  ASSERT_EQ(fresh.produce("t", "y"), ErrorCode::none);
  logged();
  EXPECT_EQ(old.produce_only("t", "zombie"), ErrorCode::invalid_producer_epoch);
  EXPECT_THAT(logged(), AllOf(HasSubstr("api=Produce"), HasSubstr(client),
                              HasSubstr("transactional_id=tx"), HasSubstr("fenced")));
  EXPECT_EQ(fresh.end(true), ErrorCode::none);
}

TEST_F(RefusedTest, ATransactionalIdInUse) {
  broker_.create("t");
  TestProducer mine(broker_, "tx", Protocol::first);
  TestProducer thief = mine;
  thief.producer_id += 1'000;
  EXPECT_EQ(thief.add("t"), ErrorCode::invalid_producer_id_mapping);
  EXPECT_THAT(logged(), AllOf(HasSubstr(client), HasSubstr("transactional_id=tx"),
                              HasSubstr("another producer id")));
  EXPECT_EQ(mine.produce("t", "x"), ErrorCode::none);
  EXPECT_EQ(mine.end(true), ErrorCode::none);
}

TEST_F(RefusedTest, OffsetsOfAStaleGeneration) {
  broker_.create("t");
  const std::string member = stable_member(broker_, "g");
  TestProducer producer(broker_, "tx", Protocol::second);
  EXPECT_EQ(producer.commit_offset("g", "t", 5, 0, member), ErrorCode::illegal_generation);
  EXPECT_THAT(logged(), AllOf(HasSubstr("api=TxnOffsetCommit"), HasSubstr(client),
                              HasSubstr("transactional_id=tx"), HasSubstr("old generation")));
  EXPECT_EQ(producer.commit_offset("g", "t", 5, 1, member), ErrorCode::none);
}

TEST_F(RefusedTest, ABatchOutsideOfItsTransaction) {
  broker_.create("t", 2);
  TestProducer producer(broker_, "tx", Protocol::first);
  ASSERT_EQ(producer.add("t", 0), ErrorCode::none);
  EXPECT_EQ(producer.produce_only("t", "x", 1), ErrorCode::transaction_abortable);
  EXPECT_THAT(logged(), AllOf(HasSubstr("api=Produce"), HasSubstr(client),
                              HasSubstr("transactional_id=tx"),
                              HasSubstr("not part of the transaction")));
  EXPECT_EQ(producer.produce_only("t", "x", 0), ErrorCode::none);
}

TEST_F(RefusedTest, ARecordWithoutAKeyOnACompactedTopic) {
  broker_.create("c", 1, {{"cleanup.policy", "compact"}});
  wire::ProduceRequest request;
  request.acks = -1;
  request.topic_data.emplace_back().name = "c";
  const ByteBuffer batch = batch_of({"x"});
  request.topic_data[0].partition_data.emplace_back().records = wire::Records::inline_bytes(batch);
  const auto answer = broker_.call<wire::ProduceResponse>(request, 11);
  EXPECT_EQ(answer.responses.at(0).partition_responses.at(0).error_code,
            ErrorCode::invalid_record);
  EXPECT_THAT(logged(), AllOf(HasSubstr("api=Produce"), HasSubstr(client), HasSubstr("c-0"),
                              HasSubstr("INVALID_RECORD"), HasSubstr("key")));
}

TEST_F(RefusedTest, AnUnknownConfig) {
  broker_.create("t");
  wire::IncrementalAlterConfigsRequest alter;
  auto& resource = alter.resources.emplace_back();
  resource.resource_type = 2;
  resource.resource_name = "t";
  auto& config = resource.configs.emplace_back();
  config.name = "retention.mz";
  config.value = "1";
  const auto altered = broker_.call<wire::IncrementalAlterConfigsResponse>(alter, 1);
  EXPECT_EQ(altered.responses.at(0).error_code, ErrorCode::invalid_config);
  EXPECT_THAT(logged(), AllOf(HasSubstr("api=IncrementalAlterConfigs"), HasSubstr(client),
                              HasSubstr("resource=t"), HasSubstr("retention.mz")));
  wire::CreateTopicsRequest create;
  create.timeout_ms = 1000;
  auto& topic = create.topics.emplace_back();
  topic.name = "made";
  topic.num_partitions = 1;
  topic.replication_factor = 1;
  auto& asked = topic.configs.emplace_back();
  asked.name = "retention.mz";
  asked.value = "1";
  EXPECT_EQ(broker_.call<wire::CreateTopicsResponse>(create, 7).topics.at(0).error_code,
            ErrorCode::invalid_config);
  EXPECT_THAT(logged(), AllOf(HasSubstr("api=CreateTopics"), HasSubstr(client),
                              HasSubstr("topic=made"), HasSubstr("retention.mz")));
}

}  // namespace
}  // namespace horolog::broker
