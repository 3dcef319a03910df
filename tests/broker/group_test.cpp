#include "broker/group_service.hpp"
#include "group_requests.hpp"
#include "protocol/messages/find_coordinator.hpp"

namespace horolog::broker {
namespace {

TEST(Groups, FindCoordinatorMakesTheTopicAndNamesThisBroker) {
  TestBroker broker;
  wire::FindCoordinatorRequest request;
  request.coordinator_keys = {"a", "b"};
  const auto response = broker.call<wire::FindCoordinatorResponse>(request, 6);
  ASSERT_EQ(response.coordinators.size(), 2U);
  for (const auto& one : response.coordinators) {
    EXPECT_EQ(one.error_code, ErrorCode::none);
    EXPECT_EQ(one.node_id, 1);
    EXPECT_EQ(one.host, "127.0.0.1");
    EXPECT_EQ(one.port, 9092);
  }
  EXPECT_EQ(response.coordinators[1].key, "b");
  const auto topic = broker.context().catalog()->find("__consumer_offsets");
  ASSERT_NE(topic, nullptr);
  EXPECT_EQ(topic->partitions, 4);
  EXPECT_TRUE(topic->internal);

  wire::FindCoordinatorRequest old;
  old.key = "a";
  EXPECT_EQ(broker.call<wire::FindCoordinatorResponse>(old, 0).port, 9092);
}

TEST(Groups, ShareGroupsAreRefusedInWords) {
  TestBroker broker;
  wire::FindCoordinatorRequest request;
  request.coordinator_keys = {"t"};
  request.key_type = 2;
  const auto share = broker.call<wire::FindCoordinatorResponse>(request, 6);
  EXPECT_EQ(share.coordinators.at(0).error_code, ErrorCode::invalid_request);
  EXPECT_EQ(broker.context().catalog()->find("__consumer_offsets"), nullptr);
}

TEST(Groups, MemberJoinsSyncsCommitsAndFetches) {
  TestBroker broker;
  broker.create("t", 2);
  const std::string member = stable_member(broker, "g");
  auto request = commit_request("g", "t", 1, 42);
  request.member_id = member;
  request.generation_id_or_member_epoch = 1;
  const auto response = broker.call<wire::OffsetCommitResponse>(request, 9);
  EXPECT_EQ(response.topics.at(0).partitions.at(0).error_code, ErrorCode::none);
  EXPECT_EQ(committed(broker, "g", "t", 1), 42);
  EXPECT_EQ(committed(broker, "g", "t", 0), no_offset);

  // A fetch in every older spelling.
  wire::OffsetFetchRequest old;
  old.group_id = "g";
  old.topics->push_back({"t", {1}});
  for (std::int16_t version = 1; version < 8; ++version) {
    const auto fetched = broker.call<wire::OffsetFetchResponse>(old, version);
    EXPECT_EQ(fetched.topics.at(0).partitions.at(0).committed_offset, 42) << version;
  }
  request.generation_id_or_member_epoch = 7;
  EXPECT_EQ(broker.call<wire::OffsetCommitResponse>(request, 9).topics.at(0).partitions.at(0)
                .error_code,
            ErrorCode::illegal_generation);
}

TEST(Groups, AcknowledgedCommitsAreDurable) {
  TestBroker broker;
  broker.create("t");
  ASSERT_EQ(commit(broker, "g", "t", 0, 5), ErrorCode::none);
  const auto index = broker.context().groups.partition_of("g");
  const auto partition = broker.context().partitions.find("__consumer_offsets", index);
  ASSERT_NE(partition, nullptr);
  EXPECT_GT(partition->log().durable_offset(), 0);
  EXPECT_EQ(partition->log().durable_offset(), partition->log().log_end_offset());
}

TEST(Groups, TopicIdsAreResolvedBothWays) {
  TestBroker broker;
  broker.create("t", 2);
  const Uuid id = broker.context().catalog()->find("t")->id;
  auto request = commit_request("g", "", 0, 9);
  request.topics[0].topic_id = id;
  auto& unknown = request.topics.emplace_back(request.topics[0]);
  unknown.topic_id = Uuid::random();
  const auto response = broker.call<wire::OffsetCommitResponse>(request, 10);
  ASSERT_EQ(response.topics.size(), 2U);
  for (const auto& topic : response.topics) {
    EXPECT_EQ(topic.partitions.at(0).error_code,
              topic.topic_id == id ? ErrorCode::none : ErrorCode::unknown_topic_id);
  }
  auto fetch = fetch_request({"g"}, "", 0);
  fetch.groups[0].topics->at(0).topic_id = id;
  auto fetched = broker.call<wire::OffsetFetchResponse>(fetch, 10).groups.at(0);
  EXPECT_EQ(fetched.topics.at(0).topic_id, id);
  EXPECT_EQ(fetched.topics.at(0).partitions.at(0).committed_offset, 9);
  fetch.groups[0].topics.reset();
  fetched = broker.call<wire::OffsetFetchResponse>(fetch, 10).groups.at(0);
  EXPECT_EQ(fetched.topics.at(0).topic_id, id);
}

TEST(Groups, CommitsForWhatDoesNotExistAreRefusedOneByOne) {
  TestBroker broker;
  broker.create("t", 1);
  auto request = commit_request("g", "t", 0, 1);
  request.topics[0].partitions.push_back(request.topics[0].partitions[0]);
  request.topics[0].partitions[1].partition_index = 5;
  const auto response = broker.call<wire::OffsetCommitResponse>(request, 9);
  ASSERT_EQ(response.topics.size(), 1U);
  ASSERT_EQ(response.topics[0].partitions.size(), 2U);
  for (const auto& partition : response.topics[0].partitions) {
    EXPECT_EQ(partition.error_code, partition.partition_index == 0
                                        ? ErrorCode::none
                                        : ErrorCode::unknown_topic_or_partition);
  }
  EXPECT_EQ(commit(broker, "g", "missing", 0, 1), ErrorCode::unknown_topic_or_partition);
}

TEST(Groups, OneRequestReachesGroupsOnSeveralCoordinators) {
  TestBroker broker;
  broker.create("t");
  std::vector<std::string> groups;
  for (int i = 0; i < 12; ++i) groups.push_back("group-" + std::to_string(i));
  for (int i = 0; i < 12; ++i) {
    ASSERT_EQ(commit(broker, groups[static_cast<std::size_t>(i)], "t", 0, i), ErrorCode::none);
  }
  const auto fetched =
      broker.call<wire::OffsetFetchResponse>(fetch_request(groups, "t", 0), 9);
  ASSERT_EQ(fetched.groups.size(), 12U);
  for (std::size_t i = 0; i < 12; ++i) {
    EXPECT_EQ(fetched.groups[i].group_id, groups[i]);
    EXPECT_EQ(fetched.groups[i].topics.at(0).partitions.at(0).committed_offset,
              static_cast<Offset>(i));
  }
  const auto listed =
      broker.call<wire::ListGroupsResponse>(wire::ListGroupsRequest{}, 5);
  EXPECT_EQ(listed.groups.size(), 12U);
  wire::DescribeGroupsRequest describe;
  describe.groups = {groups[3], "nobody", groups[1]};
  describe.include_authorized_operations = true;
  const auto described = broker.call<wire::DescribeGroupsResponse>(describe, 6);
  ASSERT_EQ(described.groups.size(), 3U);
  EXPECT_EQ(described.groups[0].group_id, groups[3]);
  EXPECT_EQ(described.groups[0].group_state, "Empty");
  EXPECT_GT(described.groups[0].authorized_operations, 0);
  EXPECT_EQ(described.groups[1].error_code, ErrorCode::group_id_not_found);
  wire::DeleteGroupsRequest remove;
  remove.groups_names = {groups[0], "nobody"};
  const auto removed = broker.call<wire::DeleteGroupsResponse>(remove, 2);
  EXPECT_EQ(removed.results.at(0).error_code, ErrorCode::none);
  EXPECT_EQ(removed.results.at(1).error_code, ErrorCode::group_id_not_found);
}

TEST(Groups, ListWithoutAnyGroupMakesNoTopic) {
  TestBroker broker;
  EXPECT_TRUE(broker.call<wire::ListGroupsResponse>(wire::ListGroupsRequest{}, 5).groups.empty());
  EXPECT_EQ(broker.context().catalog()->find("__consumer_offsets"), nullptr);
}

TEST(Groups, DeletingATopicDropsItsOffsets) {
  TestBroker broker;
  broker.create("t");
  broker.create("kept");
  ASSERT_EQ(commit(broker, "g", "t", 0, 5), ErrorCode::none);
  ASSERT_EQ(commit(broker, "g", "kept", 0, 6), ErrorCode::none);
  const auto topic = broker.context().catalog()->find("t");
  ASSERT_TRUE(broker.context().topics.remove(*topic).ok());
  EXPECT_EQ(committed(broker, "g", "t", 0), no_offset);
  EXPECT_EQ(committed(broker, "g", "kept", 0), 6);
}

}  // namespace
}  // namespace horolog::broker
