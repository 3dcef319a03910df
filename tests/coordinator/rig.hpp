#pragma once

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "coordinator/coordinator.hpp"

namespace horolog::coordinator::testing {

using wire::ErrorCode;

inline ByteBuffer bytes(std::string_view text) { return to_buffer(as_bytes(text)); }
inline std::string text(const ByteBuffer& buffer) { return std::string(as_text(buffer)); }

/// A consumer's subscription, version 1: topics, no user data, no owned partitions.
inline ByteBuffer subscription(const std::vector<std::string>& topics) {
  ByteBuffer out;
  append_be<std::int16_t>(out, 1);
  append_be<std::int32_t>(out, static_cast<std::int32_t>(topics.size()));
  for (const auto& topic : topics) {
    append_be<std::int16_t>(out, static_cast<std::int16_t>(topic.size()));
    const ByteBuffer name = bytes(topic);
    out.insert(out.end(), name.begin(), name.end());
  }
  append_be<std::int32_t>(out, -1);
  append_be<std::int32_t>(out, 0);
  return out;
}

struct JoinOptions {
  std::string member = {};
  std::optional<std::string> instance = {};
  std::int16_t version = 9;
  std::vector<std::pair<std::string, ByteBuffer>> protocols = {{"range", bytes("m")}};
  std::string type = "consumer";
  std::int32_t session_ms = 10'000;
  std::int32_t rebalance_ms = 60'000;
};

struct CommitOptions {
  std::string member = {};
  std::int32_t generation = -1;
  std::optional<std::string> instance = {};
  std::int16_t version = 9;
  std::string metadata = {};
  std::int64_t retention_ms = -1;
  Uuid topic_id = {};
};

/// A coordinator, the time, and everything it said: replies by token and the records as a log.
class Rig {
 public:
  /// Where a record of the log stands: in a producer's transaction, or (with `commit`) it is that
  /// producer's marker and no record at all.
  struct Source {
    ProducerId transaction = no_producer_id;
    std::optional<bool> commit{};
  };

  explicit Rig(Settings settings = {}) : settings_(settings), machine(settings, ids()) {
    take(machine.on_loaded(now));
  }
  /// A coordinator that a restart finds: loaded from another's log.
  Rig(Settings settings, const std::vector<Record>& found, Now at,
      const std::vector<Source>& found_sources = {})
      : now(at), settings_(settings), machine(settings, ids()) {
    for (std::size_t i = 0; i < found.size(); ++i) {
      const Record& record = found[i];
      const Source source = i < found_sources.size() ? found_sources[i] : Source{};
      if (source.commit) {
        machine.replay_marker(source.transaction, *source.commit);
        continue;
      }
      const auto value = record.value ? std::optional<ByteView>(*record.value) : std::nullopt;
      EXPECT_TRUE(machine.replay(record.key, value, source.transaction).ok());
    }
    take(machine.on_loaded(now));
  }

  Token join(const std::string& group, const JoinOptions& options = {}) {
    wire::JoinGroupRequest request;
    request.group_id = group;
    request.member_id = options.member;
    request.group_instance_id = options.instance;
    request.protocol_type = options.type;
    request.session_timeout_ms = options.session_ms;
    request.rebalance_timeout_ms = options.rebalance_ms;
    for (const auto& [name, metadata] : options.protocols) {
      auto& protocol = request.protocols.emplace_back();
      protocol.name = name;
      protocol.metadata = metadata;
    }
    const Caller caller = this->caller(options.version);
    take(machine.join(caller, std::move(request), now));
    return caller.token;
  }

  /// Joins as a new dynamic member all the way: id first, then with it. The token of the second.
  Token join_fresh(const std::string& group, JoinOptions options = {}) {
    options.member = as<wire::JoinGroupResponse>(join(group, options)).member_id;
    last_member = options.member;
    return join(group, options);
  }

  using Assignments = std::vector<std::pair<std::string, std::string>>;
  Token sync(const std::string& group, const std::string& member, std::int32_t generation,
             const Assignments& assignments = {}, std::optional<std::string> instance = {},
             std::int16_t version = 5) {
    wire::SyncGroupRequest request;
    request.group_id = group;
    request.member_id = member;
    request.generation_id = generation;
    request.group_instance_id = std::move(instance);
    for (const auto& [id, assignment] : assignments) {
      auto& assigned = request.assignments.emplace_back();
      assigned.member_id = id;
      assigned.assignment = bytes(assignment);
    }
    const Caller caller = this->caller(version);
    take(machine.sync(caller, request, now));
    return caller.token;
  }

  ErrorCode heartbeat(const std::string& group, const std::string& member, std::int32_t generation,
                      std::optional<std::string> instance = {}) {
    wire::HeartbeatRequest request;
    request.group_id = group;
    request.member_id = member;
    request.generation_id = generation;
    request.group_instance_id = std::move(instance);
    const Caller caller = this->caller(4);
    take(machine.heartbeat(caller, request, now));
    return as<wire::HeartbeatResponse>(caller.token).error_code;
  }

  wire::LeaveGroupResponse leave(const std::string& group, const std::string& member,
                                 std::optional<std::string> instance = {},
                                 std::int16_t version = 5) {
    wire::LeaveGroupRequest request;
    request.group_id = group;
    if (version < 3) {
      request.member_id = member;
    } else {
      request.members.emplace_back();
      request.members.back().member_id = member;
      request.members.back().group_instance_id = std::move(instance);
    }
    const Caller caller = this->caller(version);
    take(machine.leave(caller, request, now));
    return as<wire::LeaveGroupResponse>(caller.token);
  }

  Token commit_token(const std::string& group, const std::string& topic, PartitionIndex partition,
                     Offset offset, const CommitOptions& options) {
    wire::OffsetCommitRequest request;
    request.group_id = group;
    request.member_id = options.member;
    request.generation_id_or_member_epoch = options.generation;
    request.group_instance_id = options.instance;
    request.retention_time_ms = options.retention_ms;
    auto& asked = request.topics.emplace_back();
    asked.name = topic;
    asked.topic_id = options.topic_id;
    asked.partitions.emplace_back();
    asked.partitions.back().partition_index = partition;
    asked.partitions.back().committed_offset = offset;
    asked.partitions.back().committed_metadata = options.metadata;
    const Caller caller = this->caller(options.version);
    take(machine.commit(caller, request, now));
    return caller.token;
  }
  ErrorCode commit(const std::string& group, const std::string& topic, PartitionIndex partition,
                   Offset offset, const CommitOptions& options = {}) {
    const Token token = commit_token(group, topic, partition, offset, options);
    return as<wire::OffsetCommitResponse>(token).topics.at(0).partitions.at(0).error_code;
  }

  /// A producer's commit; the log takes it, or says `outcome`.
  wire::TxnOffsetCommitResponse commit_in_transaction(ProducerId producer,
                                                      const wire::TxnOffsetCommitRequest& request,
                                                      ErrorCode outcome = ErrorCode::none) {
    const Caller caller = this->caller(5);
    Effects effects = machine.commit_transactional(caller, request, now);
    const auto batch = effects.transaction;
    if (!batch) {
      EXPECT_TRUE(effects.records.empty());
      take(std::move(effects));
      return as<wire::TxnOffsetCommitResponse>(caller.token);
    }
    EXPECT_EQ(batch->producer_id, producer);
    EXPECT_TRUE(effects.replies.empty());
    if (outcome == ErrorCode::none) {
      take_transactional(std::move(effects), producer);
    }
    take(machine.settle_transactional(outcome, now));
    return as<wire::TxnOffsetCommitResponse>(caller.token);
  }
  static wire::TxnOffsetCommitRequest in_transaction(ProducerId producer, const std::string& group,
                                                     const std::string& topic,
                                                     PartitionIndex partition, Offset offset) {
    wire::TxnOffsetCommitRequest request;
    request.transactional_id = "id";
    request.group_id = group;
    request.producer_id = producer;
    request.topics.emplace_back();
    request.topics.back().name = topic;
    request.topics.back().partitions.emplace_back();
    request.topics.back().partitions.back().partition_index = partition;
    request.topics.back().partitions.back().committed_offset = offset;
    return request;
  }
  ErrorCode commit_pending(ProducerId producer, const std::string& group, const std::string& topic,
                           PartitionIndex partition, Offset offset,
                           ErrorCode outcome = ErrorCode::none) {
    const auto request = in_transaction(producer, group, topic, partition, offset);
    return commit_in_transaction(producer, request, outcome)
        .topics.at(0)
        .partitions.at(0)
        .error_code;
  }
  void end_transaction(ProducerId producer, bool commit) {
    log.push_back({{}, std::nullopt});
    sources.push_back({producer, commit});
    take(machine.on_transaction_marker(producer, commit, now));
  }
  ErrorCode stable_error(const std::string& group, const std::string& topic,
                         PartitionIndex partition) {
    return fetch(group, topic, partition, {}, true).topics.at(0).partitions.at(0).error_code;
  }

  FetchedGroup fetch(const std::string& group, const std::string& topic, PartitionIndex partition,
                     Uuid topic_id = {}, bool require_stable = false) {
    wire::OffsetFetchRequest::Group request;
    request.group_id = group;
    request.topics->emplace_back();
    request.topics->back().name = topic;
    request.topics->back().topic_id = topic_id;
    request.topics->back().partition_indexes = {partition};
    const Caller caller = this->caller(10);
    take(machine.fetch(caller, request, now, require_stable));
    return as<FetchedGroup>(caller.token);
  }
  Offset committed(const std::string& group, const std::string& topic, PartitionIndex partition) {
    return fetch(group, topic, partition).topics.at(0).partitions.at(0).committed_offset;
  }

  wire::DescribeGroupsResponse::Group describe(const std::string& group, std::int16_t version = 6) {
    const Caller caller = this->caller(version);
    take(machine.describe(caller, {group}, now));
    return as<DescribedGroups>(caller.token).at(0);
  }
  ErrorCode delete_group(const std::string& group) {
    const Caller caller = this->caller(2);
    take(machine.delete_groups(caller, {group}, now));
    return as<DeletedGroups>(caller.token).at(0).error_code;
  }
  wire::OffsetDeleteResponse delete_offset(const std::string& group, const std::string& topic,
                                           PartitionIndex partition) {
    wire::OffsetDeleteRequest request;
    request.group_id = group;
    request.topics.emplace_back();
    request.topics.back().name = topic;
    request.topics.back().partitions.emplace_back();
    request.topics.back().partitions.back().partition_index = partition;
    const Caller caller = this->caller(0);
    take(machine.delete_offsets(caller, request, now));
    return as<wire::OffsetDeleteResponse>(caller.token);
  }

  /// Lets time pass in the steps the coordinator asks for.
  void pass(std::int64_t ms) {
    const std::int64_t end = now.steady_ms + ms;
    while (wake_at && *wake_at <= end) {
      const std::int64_t step = std::max<std::int64_t>(*wake_at - now.steady_ms, 0);
      now.steady_ms += step;
      now.wall_ms += step;
      take(machine.on_time(now));
    }
    now.wall_ms += end - now.steady_ms;
    now.steady_ms = end;
  }

  bool answered(Token token) const { return replies.contains(token); }
  template <typename T>
  const T& as(Token token) const {
    const auto found = replies.find(token);
    if (found == replies.end()) throw std::runtime_error("no reply");
    return std::get<T>(found->second.response);
  }
  const wire::JoinGroupResponse& joined(Token token) const {
    return as<wire::JoinGroupResponse>(token);
  }
  const wire::SyncGroupResponse& synced(Token token) const {
    return as<wire::SyncGroupResponse>(token);
  }
  const Group& group(const std::string& id) const { return machine.groups().at(id); }
  GroupState state(const std::string& id) const { return group(id).state(); }

  /// A stable group of one member; its id.
  std::string stable_single(const std::string& group, const JoinOptions& options = {}) {
    const auto response = joined(join_fresh(group, options));
    sync(group, response.member_id, response.generation_id, {{response.member_id, "all"}});
    return response.member_id;
  }

  Caller caller(std::int16_t version) { return {++last_token_, version, "client", "/127.0.0.1"}; }
  void take_transactional(Effects effects, ProducerId producer) {
    for (Record& record : effects.records) {
      log.push_back(std::move(record));
      sources.push_back({producer, std::nullopt});
    }
    wake_at = effects.wake_at_ms;
  }
  void take(Effects effects) {
    for (Record& record : effects.records) {
      log.push_back(std::move(record));
      sources.push_back({});
    }
    for (Reply& reply : effects.replies) {
      const Token token = reply.token;
      EXPECT_TRUE(replies.emplace(token, std::move(reply)).second) << "answered twice: " << token;
    }
    wake_at = effects.wake_at_ms;
  }

  Now now{1'700'000'000'000, 0};
  std::map<Token, Reply> replies;
  std::vector<Record> log;
  /// Beside each record.
  std::vector<Source> sources;
  std::optional<std::int64_t> wake_at;
  std::string last_member;

 private:
  std::function<Uuid()> ids() {
    return [this] {
      Uuid id;
      store_be(reinterpret_cast<std::byte*>(id.bytes.data()) + 8, ++last_id_);
      return id;
    };
  }
  Token last_token_ = 0;
  std::uint64_t last_id_ = 0;
  Settings settings_;

 public:
  Coordinator machine;
};

}  // namespace horolog::coordinator::testing
