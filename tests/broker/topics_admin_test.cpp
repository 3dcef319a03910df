#include <gtest/gtest.h>

#include "protocol/messages/create_partitions.hpp"
#include "protocol/messages/create_topics.hpp"
#include "protocol/messages/delete_records.hpp"
#include "protocol/messages/delete_topics.hpp"
#include "protocol/messages/describe_cluster.hpp"
#include "test_broker.hpp"

// Codes and texts are those that Apache Kafka 4.3.1 answered to the same requests.
namespace horolog::broker {
namespace {

using wire::ErrorCode;
using Create = wire::CreateTopicsRequest;
using Created = wire::CreateTopicsResponse;

Create::Topic topic(std::string name, std::int32_t partitions = 1, std::int16_t replicas = -1) {
  Create::Topic out;
  out.name = std::move(name);
  out.num_partitions = partitions;
  out.replication_factor = replicas;
  return out;
}

Create::Topic assigned(std::string name, std::vector<Create::Assignment> assignments) {
  Create::Topic out = topic(std::move(name), -1);
  out.assignments = std::move(assignments);
  return out;
}

class TopicsAdmin : public ::testing::Test {
 protected:
  Created create(std::vector<Create::Topic> topics, bool validate_only = false,
                 std::int32_t timeout_ms = 5000) {
    Create asked;
    asked.topics = std::move(topics);
    asked.validate_only = validate_only;
    asked.timeout_ms = timeout_ms;
    return broker_.call<Created>(asked, 7);
  }
  void expect_refused(Create::Topic asked, ErrorCode code, std::optional<std::string> text) {
    const std::string name = asked.name;
    const Created answer = create({std::move(asked)});
    ASSERT_EQ(answer.topics.size(), 1U) << name;
    EXPECT_EQ(answer.topics[0].error_code, code) << name;
    EXPECT_EQ(answer.topics[0].error_message, text) << name;
    EXPECT_EQ(answer.topics[0].num_partitions, -1) << name;
    EXPECT_EQ(broker_.context().catalog()->find(name), nullptr) << name;
  }

  TestBroker broker_;
};

TEST_F(TopicsAdmin, CreatedTopicIsDescribedAndServed) {
  Create::Topic asked = topic("orders", 3, 1);
  asked.configs.push_back({.name = "retention.ms", .value = "1000"});
  const Created answer = create({asked});
  ASSERT_EQ(answer.topics.size(), 1U);
  const auto& out = answer.topics[0];
  EXPECT_EQ(out.error_code, ErrorCode::none);
  EXPECT_EQ(out.error_message, std::nullopt);
  EXPECT_FALSE(out.topic_id.is_zero());
  EXPECT_EQ(out.num_partitions, 3);
  EXPECT_EQ(out.replication_factor, 1);
  ASSERT_TRUE(out.configs.has_value());
  EXPECT_EQ(out.configs->size(), 34U);  // Kafka's 33 that are not internal, and ours
  for (const auto& config : *out.configs) {
    if (config.name == "retention.ms") {
      EXPECT_EQ(config.value, "1000");
      EXPECT_EQ(config.config_source, 1);
    } else if (config.name == "min.insync.replicas") {
      EXPECT_EQ(config.config_source, 3);
    } else {
      EXPECT_EQ(config.config_source, 5) << config.name;
    }
  }
  EXPECT_NE(broker_.context().partitions.find("orders", 2), nullptr);
}

TEST_F(TopicsAdmin, NamesAreCheckedWithKafkasTexts) {
  const std::string characters =
      " contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'";
  const auto code = ErrorCode::invalid_topic_exception;
  expect_refused(topic("../x"), code, "Topic name is invalid: '../x'" + characters);
  expect_refused(topic(""), code, "Topic name is invalid: the empty string is not allowed");
  expect_refused(topic("."), code, "Topic name is invalid: '.' is not allowed");
  expect_refused(topic(".."), code, "Topic name is invalid: '..' is not allowed");
  const std::string longest(249, 'a');
  expect_refused(topic(longest + "a"), code,
                 "Topic name is invalid: the length of '" + longest +
                     "a' is longer than the max allowed length 249");
  EXPECT_EQ(create({topic(longest)}).topics[0].error_code, ErrorCode::none);
  EXPECT_EQ(create({topic("a.b")}).topics[0].error_code, ErrorCode::none);
  expect_refused(topic("a_b"), code, "Topic 'a_b' collides with existing topic: a.b");
  expect_refused(topic("__cluster_metadata"), ErrorCode::invalid_request,
                 "Creation of internal topic __cluster_metadata is prohibited.");
}

TEST_F(TopicsAdmin, CountsAreChecked) {
  expect_refused(topic("rf3", 1, 3), ErrorCode::invalid_replication_factor,
                 "Unable to replicate the partition 3 time(s): The target replication factor of 3 "
                 "cannot be reached because only 1 broker(s) are registered or some brokers have "
                 "all their log directories cordoned.");
  expect_refused(topic("rf0", 1, 0), ErrorCode::invalid_replication_factor,
                 "Replication factor must be larger than 0, or -1 to use the default value.");
  expect_refused(topic("p0", 0), ErrorCode::invalid_partitions,
                 "Number of partitions was set to an invalid non-positive value.");
  expect_refused(topic("big", 20'000), ErrorCode::policy_violation,
                 "Excessively large number of partitions per request.");
  EXPECT_EQ(create({topic("default", -1)}).topics[0].num_partitions, 1);
}

TEST(TopicsAdminClamp, TakesLargerReplicationFactorsAsOne) {
  BrokerConfig config;
  config.clamp_replication_factor = true;
  config.num_partitions = 2;
  TestBroker broker({}, config);
  Create asked;
  asked.topics = {topic("rf3", -1, 3)};
  const auto answer = broker.call<Created>(asked, 7);
  EXPECT_EQ(answer.topics[0].error_code, ErrorCode::none);
  EXPECT_EQ(answer.topics[0].replication_factor, 1);
  EXPECT_EQ(answer.topics[0].num_partitions, 2);
}

TEST_F(TopicsAdmin, AssignmentsMayOnlyNameThisNode) {
  EXPECT_EQ(create({assigned("ok", {{0, {1}}, {1, {1}}})}).topics[0].num_partitions, 2);
  const auto code = ErrorCode::invalid_replica_assignment;
  expect_refused(assigned("other", {{0, {2}}}), code,
                 "The manual partition assignment includes broker 2, but no such broker is "
                 "registered.");
  expect_refused(assigned("twice", {{0, {1, 1}}}), code,
                 "The manual partition assignment includes the broker 1 more than once.");
  expect_refused(assigned("none", {{0, {}}}), code,
                 "The manual partition assignment includes an empty replica list.");
  expect_refused(assigned("gap", {{0, {1}}, {2, {1}}}), code,
                 "partitions should be a consecutive 0-based integer sequence");
  Create::Topic both = assigned("both", {{0, {1}}});
  both.num_partitions = 1;
  expect_refused(both, ErrorCode::invalid_request,
                 "A manual partition assignment was specified, but numPartitions was not set to "
                 "-1.");
  both.replication_factor = 1;
  expect_refused(both, ErrorCode::invalid_request,
                 "A manual partition assignment was specified, but replication factor was not set "
                 "to -1.");
}

TEST_F(TopicsAdmin, ConfigsAreChecked) {
  Create::Topic bad = topic("bad");
  bad.configs.push_back({.name = "nope", .value = "1"});
  expect_refused(bad, ErrorCode::invalid_config, "Unknown topic config name: nope");
  bad.configs = {{.name = "retention.ms", .value = std::nullopt}};
  expect_refused(bad, ErrorCode::invalid_config,
                 "Null value not supported for topic configs: retention.ms");
}

TEST_F(TopicsAdmin, DuplicatesTimeoutsAndValidationChangeNothing) {
  const Created twice = create({topic("dup", 3), topic("dup", 2), topic("other")});
  ASSERT_EQ(twice.topics.size(), 2U);
  EXPECT_EQ(twice.topics[0].name, "other");
  EXPECT_EQ(twice.topics[1].error_code, ErrorCode::invalid_request);
  EXPECT_EQ(twice.topics[1].error_message, "Duplicate topic name.");
  EXPECT_EQ(broker_.context().catalog()->find("dup"), nullptr);

  const Created late = create({topic("late")}, false, 0);
  EXPECT_EQ(late.topics[0].error_code, ErrorCode::request_timed_out);
  EXPECT_EQ(broker_.context().catalog()->find("late"), nullptr);

  const Created validated = create({topic("maybe", 3)}, true);
  EXPECT_EQ(validated.topics[0].error_code, ErrorCode::none);
  EXPECT_EQ(validated.topics[0].num_partitions, 3);
  EXPECT_EQ(broker_.context().catalog()->find("maybe"), nullptr);
}

TEST_F(TopicsAdmin, ExistingTopicIsRefusedAlsoInOldVersions) {
  broker_.create("a");
  Create asked;
  asked.topics = {topic("a", 1, 1)};
  for (std::int16_t version = 2; version <= 7; ++version) {
    const auto answer = broker_.call<Created>(asked, version);
    ASSERT_EQ(answer.topics.size(), 1U);
    EXPECT_EQ(answer.topics[0].error_code, ErrorCode::topic_already_exists);
    EXPECT_EQ(answer.topics[0].error_message, "Topic 'a' already exists.");
  }
}

TEST_F(TopicsAdmin, DeletesByNameAndById) {
  broker_.create("a");
  broker_.create("b");
  const Uuid id = broker_.context().catalog()->find("b")->id;
  wire::DeleteTopicsRequest asked;
  asked.timeout_ms = 5000;
  asked.topics = {{.name = "a"}, {.name = std::nullopt, .topic_id = id}};
  const auto answer = broker_.call<wire::DeleteTopicsResponse>(asked, 6);
  ASSERT_EQ(answer.responses.size(), 2U);
  for (const auto& topic : answer.responses) EXPECT_EQ(topic.error_code, ErrorCode::none);
  EXPECT_EQ(answer.responses[1].name, "b");
  EXPECT_EQ(answer.responses[1].topic_id, id);
  EXPECT_TRUE(broker_.context().catalog()->topics.empty());
  EXPECT_EQ(broker_.context().partitions.find("a", 0), nullptr);
}

TEST_F(TopicsAdmin, DeleteRefusals) {
  broker_.create("a");
  broker_.create("__consumer_offsets");
  const Uuid unknown = Uuid::random();
  wire::DeleteTopicsRequest asked;
  asked.timeout_ms = 5000;
  asked.topics = {{.name = "nope"},
                  {.name = std::nullopt, .topic_id = unknown},
                  {.name = std::nullopt},
                  {.name = "a", .topic_id = unknown},
                  {.name = "__consumer_offsets"}};
  const auto answer = broker_.call<wire::DeleteTopicsResponse>(asked, 6);
  ASSERT_EQ(answer.responses.size(), 5U);
  EXPECT_EQ(answer.responses[0].error_code, ErrorCode::unknown_topic_or_partition);
  EXPECT_EQ(answer.responses[0].error_message, "This server does not host this topic-partition.");
  EXPECT_EQ(answer.responses[1].error_code, ErrorCode::unknown_topic_id);
  EXPECT_EQ(answer.responses[1].error_message, "This server does not host this topic ID.");
  EXPECT_EQ(answer.responses[2].error_code, ErrorCode::invalid_request);
  EXPECT_EQ(answer.responses[2].error_message, "Neither topic name nor id were specified.");
  EXPECT_EQ(answer.responses[3].error_message, "You may not specify both topic name and topic id.");
  EXPECT_EQ(answer.responses[4].error_code, ErrorCode::invalid_request);
  EXPECT_NE(broker_.context().catalog()->find("a"), nullptr);
  EXPECT_NE(broker_.context().catalog()->find("__consumer_offsets"), nullptr);
}

TEST(TopicsAdminDisabled, DeletionCanBeSwitchedOff) {
  BrokerConfig config;
  config.delete_topics = false;
  TestBroker broker({}, config);
  broker.create("a");
  wire::DeleteTopicsRequest asked;
  asked.timeout_ms = 5000;
  asked.topic_names = {"a"};
  const auto answer = broker.call<wire::DeleteTopicsResponse>(asked, 5);
  EXPECT_EQ(answer.responses[0].error_code, ErrorCode::topic_deletion_disabled);
  EXPECT_NE(broker.context().catalog()->find("a"), nullptr);
}

TEST_F(TopicsAdmin, PartitionsCanOnlyBeAdded) {
  broker_.create("a", 2);
  const auto grow =
      [&](std::int32_t count,
          std::optional<std::vector<wire::CreatePartitionsRequest::Assignment>> assignments =
              std::nullopt,
          bool validate_only = false) {
        wire::CreatePartitionsRequest asked;
        asked.timeout_ms = 5000;
        asked.validate_only = validate_only;
        asked.topics.push_back(
            {.name = "a", .count = count, .assignments = std::move(assignments)});
        return broker_.call<wire::CreatePartitionsResponse>(asked, 3).results.at(0);
      };
  EXPECT_EQ(grow(2).error_code, ErrorCode::invalid_partitions);
  EXPECT_EQ(grow(2).error_message, "Topic already has 2 partition(s).");
  EXPECT_EQ(grow(1).error_message,
            "The topic a currently has 2 partition(s); 1 would not be an increase.");
  EXPECT_EQ(grow(3, {{{{2}}}}).error_message,
            "The manual partition assignment includes broker 2, but no such broker is registered.");
  EXPECT_EQ(grow(3, {{{{1}}, {{1}}}}).error_message,
            "Attempted to add 1 additional partition(s), but only 2 assignment(s) were specified.");
  EXPECT_EQ(grow(3, std::nullopt, true).error_code, ErrorCode::none);
  EXPECT_EQ(broker_.context().catalog()->find("a")->partitions, 2);
  EXPECT_EQ(grow(4).error_code, ErrorCode::none);
  EXPECT_NE(broker_.context().partitions.find("a", 3), nullptr);
}

TEST_F(TopicsAdmin, DeleteRecordsRaisesTheLogStart) {
  broker_.create("a");
  broker_.create("compacted", 1, {{"cleanup.policy", "compact"}});
  auto partition = broker_.context().partitions.find("a", 0);
  const ByteBuffer batch = batch_of({"1", "2", "3", "4"});
  ASSERT_TRUE(partition->log().append(batch, storage::Origin::client, 1'000).ok());
  ASSERT_TRUE(partition->log().commit().ok());
  const auto ask = [&](const std::string& name, std::int32_t index, Offset offset) {
    wire::DeleteRecordsRequest asked;
    asked.timeout_ms = 5000;
    asked.topics.push_back({.name = name, .partitions = {{index, offset}}});
    return broker_.call<wire::DeleteRecordsResponse>(asked, 2).topics.at(0).partitions.at(0);
  };
  EXPECT_EQ(ask("a", 0, 2).low_watermark, 2);
  EXPECT_EQ(partition->log().log_start_offset(), 2);
  EXPECT_EQ(ask("a", 0, 9).error_code, ErrorCode::offset_out_of_range);
  EXPECT_EQ(ask("a", 0, -3).error_code, ErrorCode::offset_out_of_range);
  EXPECT_EQ(ask("a", 0, -1).low_watermark, 4);
  EXPECT_EQ(ask("a", 5, 0).error_code, ErrorCode::unknown_topic_or_partition);
  EXPECT_EQ(ask("nope", 0, 0).low_watermark, -1);
  EXPECT_EQ(ask("compacted", 0, 0).error_code, ErrorCode::policy_violation);
}

TEST_F(TopicsAdmin, ClusterIsOneBrokerAtTheAddressTheClientUsed) {
  wire::DescribeClusterRequest asked;
  const auto answer = broker_.call<wire::DescribeClusterResponse>(asked, 2);
  ASSERT_EQ(answer.brokers.size(), 1U);
  EXPECT_EQ(answer.brokers[0].host, "127.0.0.1");
  EXPECT_EQ(answer.brokers[0].port, 9092);
  EXPECT_EQ(answer.controller_id, 1);
  EXPECT_EQ(answer.cluster_id, broker_.context().catalog()->cluster_id);
  asked.include_cluster_authorized_operations = true;
  EXPECT_EQ(broker_.call<wire::DescribeClusterResponse>(asked, 0).cluster_authorized_operations,
            8096);
  asked.endpoint_type = 2;
  EXPECT_EQ(broker_.call<wire::DescribeClusterResponse>(asked, 1).error_code,
            ErrorCode::mismatched_endpoint_type);
  asked.endpoint_type = 7;
  EXPECT_EQ(broker_.call<wire::DescribeClusterResponse>(asked, 1).error_message,
            "Unsupported endpoint type 7");
}

}  // namespace
}  // namespace horolog::broker
