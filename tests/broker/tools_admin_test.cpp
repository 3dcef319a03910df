#include <gtest/gtest.h>

#include "protocol/messages/alter_partition_reassignments.hpp"
#include "protocol/messages/alter_replica_log_dirs.hpp"
#include "protocol/messages/alter_user_scram_credentials.hpp"
#include "protocol/messages/create_acls.hpp"
#include "protocol/messages/create_delegation_token.hpp"
#include "protocol/messages/describe_client_quotas.hpp"
#include "protocol/messages/describe_log_dirs.hpp"
#include "protocol/messages/describe_quorum.hpp"
#include "protocol/messages/describe_topic_partitions.hpp"
#include "protocol/messages/elect_leaders.hpp"
#include "protocol/messages/list_config_resources.hpp"
#include "protocol/messages/list_partition_reassignments.hpp"
#include "protocol/messages/update_features.hpp"
#include "test_broker.hpp"

namespace horolog::broker {
namespace {

using wire::ErrorCode;

TEST(ElectLeaders, NoElectionIsNeeded) {
  TestBroker broker;
  broker.create("t", 2);
  wire::ElectLeadersRequest request;
  request.topic_partitions->push_back({.topic = "t", .partitions = {1, 7}});
  const auto answer = broker.call<wire::ElectLeadersResponse>(request, 2);
  const auto& results = answer.replica_election_results.at(0).partition_result;
  EXPECT_EQ(results.at(0).error_code, ErrorCode::election_not_needed);
  EXPECT_EQ(results.at(1).error_code, ErrorCode::unknown_topic_or_partition);
  request.election_type = 9;
  EXPECT_EQ(broker.call<wire::ElectLeadersResponse>(request, 2).error_code,
            ErrorCode::invalid_request);
  request.election_type = 0;
  request.topic_partitions.reset();
  EXPECT_TRUE(broker.call<wire::ElectLeadersResponse>(request, 2).replica_election_results.empty());
}

TEST(PartitionReassignments, OnlyToWhereThePartitionIs) {
  TestBroker broker;
  broker.create("t");
  const auto code = [&](std::optional<std::vector<std::int32_t>> replicas,
                        const char* topic = "t") {
    wire::AlterPartitionReassignmentsRequest request;
    auto& asked = request.topics.emplace_back();
    asked.name = topic;
    asked.partitions.push_back({.partition_index = 0, .replicas = std::move(replicas)});
    return broker.call<wire::AlterPartitionReassignmentsResponse>(request, 1)
        .responses.at(0)
        .partitions.at(0)
        .error_code;
  };
  EXPECT_EQ(code(std::vector{1}), ErrorCode::none);
  EXPECT_EQ(code(std::nullopt), ErrorCode::no_reassignment_in_progress);
  EXPECT_EQ(code(std::vector{1, 2}), ErrorCode::invalid_replica_assignment);
  EXPECT_EQ(code(std::vector{1}, "none"), ErrorCode::unknown_topic_or_partition);
  const auto listed = broker.call<wire::ListPartitionReassignmentsResponse>(
      wire::ListPartitionReassignmentsRequest{}, 0);
  EXPECT_TRUE(listed.topics.empty());
}

TEST(ListConfigResources, NamesWhatCanBeDescribed) {
  TestBroker broker;
  broker.create("t");
  wire::ListConfigResourcesRequest request;
  request.resource_types = {2, 4};
  const auto answer = broker.call<wire::ListConfigResourcesResponse>(request, 1);
  ASSERT_EQ(answer.config_resources.size(), 2U);
  EXPECT_EQ(answer.config_resources[0].resource_name, "t");
  EXPECT_EQ(answer.config_resources[1].resource_name, "1");
  request.resource_types = {99};
  EXPECT_EQ(broker.call<wire::ListConfigResourcesResponse>(request, 1).error_code,
            ErrorCode::unsupported_version);
}

TEST(LogDirs, OneDirectoryWithItsPartitions) {
  TestBroker broker;
  broker.create("t", 2);
  wire::DescribeLogDirsRequest request;
  request.topics->push_back({.topic = "t", .partitions = {1, 5}});
  const auto answer = broker.call<wire::DescribeLogDirsResponse>(request, 4);
  const auto& directory = answer.results.at(0);
  EXPECT_EQ(directory.log_dir, (broker.directory() / "data").string());
  EXPECT_GT(directory.total_bytes, directory.usable_bytes);
  ASSERT_EQ(directory.topics.at(0).partitions.size(), 1U);
  EXPECT_EQ(directory.topics[0].partitions[0].partition_index, 1);

  wire::AlterReplicaLogDirsRequest move;
  for (const std::string& path : {directory.log_dir, std::string("/elsewhere")}) {
    auto& asked = move.dirs.emplace_back();
    asked.path = path;
    asked.topics.push_back({.name = "t", .partitions = {0, 9}});
  }
  const auto moved = broker.call<wire::AlterReplicaLogDirsResponse>(move, 2);
  EXPECT_EQ(moved.results.at(0).partitions.at(0).error_code, ErrorCode::none);
  EXPECT_EQ(moved.results.at(0).partitions.at(1).error_code, ErrorCode::unknown_topic_or_partition);
  EXPECT_EQ(moved.results.at(1).partitions.at(0).error_code, ErrorCode::log_dir_not_found);
}

TEST(DescribeTopicPartitions, PagesOverTopics) {
  TestBroker broker;
  broker.create("a", 3);
  broker.create("b", 2);
  wire::DescribeTopicPartitionsRequest request;
  request.topics = {{.name = "a"}, {.name = "b"}};
  request.response_partition_limit = 2;
  std::vector<std::string> seen;
  for (int pages = 0; pages < 10; ++pages) {
    const auto page = broker.call<wire::DescribeTopicPartitionsResponse>(request, 0);
    for (const auto& topic : page.topics) {
      for (const auto& partition : topic.partitions) {
        seen.push_back(*topic.name + std::to_string(partition.partition_index));
      }
    }
    request.cursor = page.next_cursor;
    if (!page.next_cursor) break;
  }
  EXPECT_EQ(seen, (std::vector<std::string>{"a0", "a1", "a2", "b0", "b1"}));
  request.cursor = {.topic_name = "c", .partition_index = 0};
  EXPECT_EQ(broker.call<wire::DescribeTopicPartitionsResponse>(request, 0).topics.at(0).error_code,
            ErrorCode::invalid_request);
}

TEST(DescribeQuorum, ThisNodeIsTheOnlyVoter) {
  TestBroker broker;
  wire::DescribeQuorumRequest request;
  request.topics.push_back({.topic_name = "__cluster_metadata", .partitions = {{0}}});
  const auto answer = broker.call<wire::DescribeQuorumResponse>(request, 2);
  const auto& partition = answer.topics.at(0).partitions.at(0);
  EXPECT_EQ(partition.leader_id, 1);
  EXPECT_EQ(partition.high_watermark, broker.context().catalog()->metadata_offset + 1);
  EXPECT_EQ(partition.current_voters.at(0).replica_id, 1);
  EXPECT_EQ(answer.nodes.at(0).listeners.at(0).port, 9092);
  request.topics[0].partitions[0].partition_index = 1;
  EXPECT_EQ(broker.call<wire::DescribeQuorumResponse>(request, 2)
                .topics.at(0)
                .partitions.at(0)
                .error_code,
            ErrorCode::unknown_topic_or_partition);
}

TEST(UpdateFeatures, LevelsAreCheckedAndKept) {
  TestBroker broker;
  const auto update = [&](const char* feature, std::int16_t level, std::int8_t type,
                          bool validate = false) {
    wire::UpdateFeaturesRequest request;
    request.feature_updates.push_back(
        {.feature = feature, .max_version_level = level, .upgrade_type = type});
    request.validate_only = validate;
    return broker.call<wire::UpdateFeaturesResponse>(request, 2).error_code;
  };
  const auto level = [&] { return broker.context().catalog()->features.at("transaction.version"); };
  EXPECT_EQ(update("transaction.version", 2, 1), ErrorCode::none);
  EXPECT_EQ(update("transaction.version", 3, 1), ErrorCode::invalid_update_version);
  EXPECT_EQ(update("transaction.version", 1, 1), ErrorCode::invalid_update_version);
  EXPECT_EQ(update("metadata.version", 20, 3), ErrorCode::invalid_update_version);
  EXPECT_EQ(update("share.version", 0, 2), ErrorCode::invalid_update_version);
  EXPECT_EQ(update("transaction.version", 1, 2, true), ErrorCode::none);
  EXPECT_EQ(level(), 2);
  EXPECT_EQ(update("transaction.version", 1, 2), ErrorCode::none);
  EXPECT_EQ(level(), 1);
  EXPECT_EQ(update("transaction.version", 2, 2), ErrorCode::invalid_update_version);
  EXPECT_EQ(update("transaction.version", 2, 1), ErrorCode::none);
  EXPECT_EQ(level(), 2);
}

TEST(Security, WithoutAnAuthorizerAndWithoutAuthentication) {
  TestBroker broker;
  wire::CreateAclsRequest acls;
  acls.creations.resize(2);
  const auto created = broker.call<wire::CreateAclsResponse>(acls, 3);
  ASSERT_EQ(created.results.size(), 2U);
  EXPECT_EQ(created.results[1].error_code, ErrorCode::security_disabled);

  wire::CreateDelegationTokenRequest token;
  token.owner_principal_type.reset();
  token.owner_principal_name.reset();
  const auto refused = broker.call<wire::CreateDelegationTokenResponse>(token, 3);
  EXPECT_EQ(refused.error_code, ErrorCode::delegation_token_request_not_allowed);
  EXPECT_EQ(refused.principal_name, "ANONYMOUS");

  wire::AlterUserScramCredentialsRequest scram;
  scram.deletions.push_back({.name = "a", .mechanism = 1});
  scram.upsertions.push_back({.name = "b", .mechanism = 1, .iterations = 4096});
  scram.upsertions.push_back({.name = "c", .mechanism = 1, .iterations = 5});
  const auto altered = broker.call<wire::AlterUserScramCredentialsResponse>(scram, 0);
  EXPECT_EQ(altered.results.at(0).error_code, ErrorCode::resource_not_found);
  EXPECT_EQ(altered.results.at(1).error_code, ErrorCode::security_disabled);
  EXPECT_EQ(altered.results.at(2).error_code, ErrorCode::unacceptable_credential);
}

TEST(ClientQuotas, ThereAreNone) {
  TestBroker broker;
  wire::DescribeClientQuotasRequest request;
  request.components.push_back({.entity_type = "user", .match_type = 0, .match = "x"});
  EXPECT_TRUE(broker.call<wire::DescribeClientQuotasResponse>(request, 1).entries->empty());
  request.components.push_back(request.components[0]);
  const auto refused = broker.call<wire::DescribeClientQuotasResponse>(request, 1);
  EXPECT_EQ(refused.error_code, ErrorCode::invalid_request);
  EXPECT_FALSE(refused.entries.has_value());
}

}  // namespace
}  // namespace horolog::broker
