#pragma once

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "protocol/messages/join_group.hpp"
#include "protocol/messages/offset_commit.hpp"
#include "protocol/messages/offset_fetch.hpp"
#include "protocol/messages/sync_group.hpp"
#include "test_broker.hpp"

/// Requests of consumer groups, as tests send them.
namespace horolog::broker {

using wire::ErrorCode;

inline wire::JoinGroupRequest join_request(const std::string& group,
                                           const std::string& member = "") {
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
inline std::string stable_member(TestBroker& broker, const std::string& group) {
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

inline wire::OffsetCommitRequest commit_request(const std::string& group, const std::string& topic,
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

inline ErrorCode commit(TestBroker& broker, const std::string& group, const std::string& topic,
                        PartitionIndex partition, Offset offset) {
  const auto response = broker.call<wire::OffsetCommitResponse>(
      commit_request(group, topic, partition, offset), 9);
  return response.topics.at(0).partitions.at(0).error_code;
}

inline wire::OffsetFetchRequest fetch_request(const std::vector<std::string>& groups,
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
inline Offset committed(TestBroker& broker, const std::string& group, const std::string& topic,
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

}  // namespace horolog::broker
