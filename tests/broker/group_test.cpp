#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "broker/group_service.hpp"
#include "broker/group_snapshot.hpp"
#include "protocol/messages/find_coordinator.hpp"
#include "protocol/messages/join_group.hpp"
#include "protocol/messages/offset_commit.hpp"
#include "protocol/messages/offset_fetch.hpp"
#include "protocol/messages/sync_group.hpp"
#include "test_broker.hpp"

namespace horolog::broker {
namespace {

using wire::ErrorCode;

wire::JoinGroupRequest join_request(const std::string& group, const std::string& member = "") {
  wire::JoinGroupRequest request;
  request.group_id = group;
  request.member_id = member;
  request.session_timeout_ms = 10'000;
  request.rebalance_timeout_ms = 60'000;
  request.protocol_type = "consumer";
  request.protocols.push_back({"range", to_buffer(as_bytes("m"))});
  return request;
}

/// A group with one member in generation 1; its id.
std::string stable_member(TestBroker& broker, const std::string& group) {
  const auto first = broker.call<wire::JoinGroupResponse>(join_request(group), 9);
  EXPECT_EQ(first.error_code, ErrorCode::member_id_required);
  const auto joined =
      broker.call<wire::JoinGroupResponse>(join_request(group, first.member_id), 9);
  EXPECT_EQ(joined.error_code, ErrorCode::none);
  wire::SyncGroupRequest sync;
  sync.group_id = group;
  sync.member_id = joined.member_id;
  sync.generation_id = joined.generation_id;
  sync.assignments.push_back({joined.member_id, to_buffer(as_bytes("all"))});
  const auto synced = broker.call<wire::SyncGroupResponse>(sync, 5);
  EXPECT_EQ(synced.error_code, ErrorCode::none);
  EXPECT_EQ(as_text(synced.assignment), "all");
  return joined.member_id;
}

wire::OffsetCommitRequest commit_request(const std::string& group, const std::string& topic,
                                         PartitionIndex partition, Offset offset) {
  wire::OffsetCommitRequest request;
  request.group_id = group;
  auto& asked = request.topics.emplace_back();
  asked.name = topic;
  asked.partitions.emplace_back();
  asked.partitions.back().partition_index = partition;
  asked.partitions.back().committed_offset = offset;
  return request;
}

ErrorCode commit(TestBroker& broker, const std::string& group, const std::string& topic,
                 PartitionIndex partition, Offset offset) {
  const auto response = broker.call<wire::OffsetCommitResponse>(
      commit_request(group, topic, partition, offset), 9);
  return response.topics.at(0).partitions.at(0).error_code;
}

wire::OffsetFetchRequest fetch_request(const std::vector<std::string>& groups,
                                       const std::string& topic, PartitionIndex partition) {
  wire::OffsetFetchRequest request;
  for (const auto& group : groups) {
    auto& asked = request.groups.emplace_back();
    asked.group_id = group;
    asked.topics->emplace_back();
    asked.topics->back().name = topic;
    asked.topics->back().partition_indexes = {partition};
  }
  return request;
}

/// Asks again while the coordinator loads, as clients do.
Offset committed(TestBroker& broker, const std::string& group, const std::string& topic,
                 PartitionIndex partition) {
  while (true) {
    const auto response = broker.call<wire::OffsetFetchResponse>(
        fetch_request({group}, topic, partition), 9);
    const auto& fetched = response.groups.at(0);
    if (fetched.error_code == ErrorCode::coordinator_load_in_progress) {
      std::this_thread::yield();
      continue;
    }
    EXPECT_EQ(fetched.error_code, ErrorCode::none);
    return fetched.topics.at(0).partitions.at(0).committed_offset;
  }
}

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

TEST(Groups, TransactionsAndShareGroupsAreRefusedInWords) {
  TestBroker broker;
  wire::FindCoordinatorRequest request;
  request.coordinator_keys = {"t"};
  request.key_type = 1;
  const auto transaction = broker.call<wire::FindCoordinatorResponse>(request, 4);
  EXPECT_EQ(transaction.coordinators.at(0).error_code,
            ErrorCode::transactional_id_authorization_failed);
  EXPECT_NE(transaction.coordinators.at(0).error_message->find("not supported"),
            std::string::npos);
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

TEST(Groups, SnapshotAtStopBoundsWhatTheNextStartReads) {
  TestBroker broker;
  broker.create("t");
  for (int i = 0; i < 20; ++i) ASSERT_EQ(commit(broker, "g", "t", 0, i), ErrorCode::none);
  const auto index = broker.context().groups.partition_of("g");
  broker.context().groups.stop();
  const auto partition = broker.context().partitions.find("__consumer_offsets", index);
  const auto files = storage::make_posix_file_system();
  auto loaded = load_groups(*files, partition->log(), {});
  ASSERT_TRUE(loaded.ok()) << loaded.error().message();
  EXPECT_EQ(loaded->snapshot_offset, partition->log().log_end_offset());
  EXPECT_EQ(loaded->replayed, 0U);
  EXPECT_EQ(loaded->machine->persisted().find("g")->find("t", 0)->offset, 19);

  // A damaged snapshot is left aside and the log read instead.
  const std::string path = partition->log().directory() + "/groups.state";
  auto bytes = storage::read_whole_file(*files, path).value();
  bytes[bytes.size() / 2] ^= std::byte{1};
  ASSERT_TRUE(storage::replace_file(*files, path, bytes).ok());
  loaded = load_groups(*files, partition->log(), {});
  ASSERT_TRUE(loaded.ok());
  EXPECT_EQ(loaded->snapshot_offset, 0);
  EXPECT_EQ(loaded->replayed, 20U);
  EXPECT_EQ(loaded->machine->persisted().find("g")->find("t", 0)->offset, 19);
}

TEST(Groups, ANewServiceLoadsWhatTheOldOneWrote) {
  TestBroker broker;
  broker.create("t");
  const std::string member = stable_member(broker, "g");
  ASSERT_EQ(commit(broker, "solo", "t", 0, 7), ErrorCode::none);
  GroupService again;
  again.start(broker.context());
  coordinator::Caller caller;
  caller.version = 6;
  while (true) {
    std::promise<std::pair<ErrorCode, std::string>> promise;
    again.call(
        "g", caller,
        [](auto& machine, const auto& from, auto now) {
          return machine.describe(from, {"g"}, now);
        },
        [&](ErrorCode error, coordinator::Response* response) {
          std::string state;
          if (response) state = std::get<coordinator::DescribedGroups>(*response)[0].group_state;
          promise.set_value({error, state});
        });
    const auto [error, state] = promise.get_future().get();
    if (error == ErrorCode::coordinator_load_in_progress) continue;
    EXPECT_EQ(error, ErrorCode::none);
    EXPECT_EQ(state, "Stable");
    break;
  }
  std::promise<std::vector<CommittedOffset>> offsets;
  again.committed_offsets([&](auto all) { offsets.set_value(std::move(all)); });
  const auto all = offsets.get_future().get();
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].group, "solo");
  EXPECT_EQ(all[0].offset, 7);
  again.stop();
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

TEST(Groups, WhatCannotBeWrittenIsNotAcknowledged) {
  TestBroker broker;
  broker.create("t");
  ASSERT_EQ(commit(broker, "g", "t", 0, 5), ErrorCode::none);
  const auto index = broker.context().groups.partition_of("g");
  broker.context().partitions.find("__consumer_offsets", index)->log().mark_deleted();
  EXPECT_EQ(commit(broker, "g", "t", 0, 6), ErrorCode::coordinator_not_available);
  // What was in memory is gone with it: nobody reads the offset that was refused.
  const auto response =
      broker.call<wire::OffsetFetchResponse>(fetch_request({"g"}, "t", 0), 9);
  EXPECT_EQ(response.groups.at(0).error_code, ErrorCode::coordinator_load_in_progress);
  // The others are not concerned.
  std::string other = "a";
  while (broker.context().groups.partition_of(other) == index) other += "a";
  EXPECT_EQ(commit(broker, other, "t", 0, 7), ErrorCode::none);
}

TEST(GroupSnapshot, BytesByHandAndEveryTruncation) {
  const ByteBuffer empty = encode_group_snapshot({}, 258);
  const std::string head = "HOROGRPS";
  ByteBuffer expected = to_buffer(as_bytes(head));
  for (const int byte : {0, 1, 0, 0, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0}) {
    expected.push_back(static_cast<std::byte>(byte));
  }
  ASSERT_EQ(empty.size(), expected.size() + 4);
  EXPECT_TRUE(std::equal(expected.begin(), expected.end(), empty.begin()));

  coordinator::PersistedState state;
  coordinator::OffsetRecord record;
  record.key.group = "g";
  record.key.topic = "t";
  record.value.emplace().offset = 3;
  state.replay(record);
  const ByteBuffer bytes = encode_group_snapshot(state, 1);
  ASSERT_TRUE(decode_group_snapshot(bytes).ok());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(decode_group_snapshot(ByteView(bytes).first(size)).ok()) << size;
  }
}

}  // namespace
}  // namespace horolog::broker
