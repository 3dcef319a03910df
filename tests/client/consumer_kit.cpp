#include "consumer_kit.hpp"

#include <algorithm>

#include "client/assignor_wire.hpp"
#include "protocol/messages/find_coordinator.hpp"
#include "protocol/messages/heartbeat.hpp"
#include "protocol/messages/join_group.hpp"
#include "protocol/messages/leave_group.hpp"
#include "protocol/messages/list_offsets.hpp"
#include "protocol/messages/metadata.hpp"
#include "protocol/messages/offset_commit.hpp"
#include "protocol/messages/offset_fetch.hpp"
#include "protocol/messages/offset_for_leader_epoch.hpp"
#include "protocol/messages/sync_group.hpp"

namespace horolog::client::test {

using namespace std::chrono_literals;
using wire::ApiKey;
using wire::ErrorCode;
using Connection = ScriptedBroker::Connection;

namespace {

constexpr MonoNs longest_wait = 500'000'000;

template <typename R>
R read(const wire::RequestFrame& request) {
  auto message = wire::decode<R>(request.body, request.header.api_version);
  if (!message) std::abort();
  return std::move(*message);
}

ErrorCode next_of(std::deque<ErrorCode>& queue) {
  if (queue.empty()) return ErrorCode::none;
  const ErrorCode code = queue.front();
  queue.pop_front();
  return code;
}

}  // namespace

ConsumerKit::ConsumerKit() : logs(1) {
  for (const std::uint16_t port : {std::uint16_t{9001}, std::uint16_t{9002}}) {
    serve(stage.modern(port));
  }
}

ConsumerKit::~ConsumerKit() { consumer.reset(); }

void ConsumerKit::use_2_1() {
  for (const std::uint16_t port : {std::uint16_t{9001}, std::uint16_t{9002}}) {
    stage.kafka_2_1(port);
  }
}

ConsumerOptions ConsumerKit::usual() {
  ConsumerOptions options;
  options.group = "g";
  options.assignors = {"range"};
  options.auto_commit = false;
  options.offset_reset = OffsetReset::earliest;
  return options;
}

void ConsumerKit::open(ConsumerOptions options) {
  stage.open({.bootstrap = "broker:9001"});
  auto opened = Consumer::open(std::move(options), stage.cluster);
  ASSERT_TRUE(opened) << opened.error().message();
  consumer.emplace(std::move(*opened));
}

void ConsumerKit::assign(int partitions) {
  std::vector<TopicPartition> all;
  for (int p = 0; p < partitions; ++p) all.push_back({"t", p});
  ASSERT_TRUE(consumer->assign(all));
}

std::string ConsumerKit::list_of(const std::vector<TopicPartition>& partitions) {
  std::string out;
  for (const auto& tp : partitions) out += " " + std::to_string(tp.partition);
  return out;
}

void ConsumerKit::join() {
  const auto note = [this](const char* what) {
    return [this, what](const std::vector<TopicPartition>& partitions) {
      events.push_back(what + list_of(partitions));
    };
  };
  ASSERT_TRUE(consumer->subscribe({"t"}, {.assigned = note("assigned"),
                                          .revoked = note("revoked"),
                                          .lost = note("lost")}));
  poll();
  ASSERT_EQ(told(), std::vector<std::string>{"assigned" + list_of(assignment)});
}

std::vector<std::string> ConsumerKit::told() { return std::exchange(events, {}); }

std::vector<std::string> ConsumerKit::poll(std::chrono::milliseconds time) {
  std::vector<std::string> out;
  const MonoNs end = stage.clock.now + std::chrono::nanoseconds(time).count();
  for (bool more = true; more || stage.clock.now < end;) {
    const auto batch = consumer->poll(0ms);
    more = false;
    if (batch) {
      for (const RecordView& record : *batch) out.emplace_back(record.value.text());
      more = !batch->empty();
    } else {
      error = batch.error();
    }
    pass(more ? 0ms : 20ms);
  }
  return out;
}

void ConsumerKit::pass(std::chrono::milliseconds time) {
  const MonoNs end = stage.clock.now + std::chrono::nanoseconds(time).count();
  do {
    stage.run();
    for (const Held& held : std::exchange(held_, {})) {
      if (!answer_fetch(held, stage.clock.now - held.since >= longest_wait)) held_.push_back(held);
    }
    stage.pass(std::min<std::chrono::milliseconds>(20ms, time));
  } while (stage.clock.now < end);
}

void ConsumerKit::serve(ScriptedBroker& broker) {
  serve_metadata(broker);
  serve_group(broker);
  serve_offsets(broker);
  serve_fetch(broker);
}

void ConsumerKit::serve_metadata(ScriptedBroker& broker) {
  broker.on<wire::MetadataResponse>([this](std::int16_t version) {
    wire::MetadataResponse answer{.cluster_id = "stage", .controller_id = 1};
    for (const int node : {1, 2}) {
      answer.brokers.push_back({.node_id = node, .host = "broker", .port = 9000 + node});
    }
    wire::MetadataResponse::Topic topic{.name = "t"};
    if (version >= 10) topic.topic_id = topic_id_;
    for (std::size_t p = 0; p < logs.size(); ++p) {
      topic.partitions.push_back({.partition_index = static_cast<std::int32_t>(p),
                                  .leader_id = logs[p].leader,
                                  .leader_epoch = version >= 7 ? logs[p].epoch : -1});
    }
    answer.topics.push_back(std::move(topic));
    return answer;
  });
  broker.handlers[ApiKey::find_coordinator] = [this](Connection& connection,
                                                     const wire::RequestFrame& request) {
    const auto asked = read<wire::FindCoordinatorRequest>(request);
    wire::FindCoordinatorResponse answer;
    if (request.header.api_version >= 4) {
      answer.coordinators.push_back({.key = asked.coordinator_keys.at(0), .node_id = coordinator,
                                     .host = "broker", .port = 9000 + coordinator});
    } else {
      answer.node_id = coordinator;
      answer.host = "broker";
      answer.port = 9000 + coordinator;
    }
    ScriptedBroker::send(connection, request, answer);
  };
}

void ConsumerKit::serve_group(ScriptedBroker& broker) {
  broker.handlers[ApiKey::join_group] = [this](Connection& connection,
                                               const wire::RequestFrame& request) {
    joins.push_back(read<wire::JoinGroupRequest>(request));
    wire::JoinGroupResponse answer{.error_code = next_of(join_errors), .protocol_name = protocol,
                                   .leader = "other"};
    if (answer.error_code == ErrorCode::none) {
      answer.generation_id = ++generation;
      answer.member_id = joins.back().member_id.empty() ? "m" + std::to_string(joins.size())
                                                        : joins.back().member_id;
    }
    ScriptedBroker::send(connection, request, answer);
  };
  broker.handlers[ApiKey::sync_group] = [this](Connection& connection,
                                               const wire::RequestFrame& request) {
    ScriptedBroker::send(connection, request,
                         wire::SyncGroupResponse{.assignment = encode_assignment(assignment)});
  };
  broker.handlers[ApiKey::heartbeat] = [this](Connection& connection,
                                              const wire::RequestFrame& request) {
    ++beats;
    ScriptedBroker::send(connection, request,
                         wire::HeartbeatResponse{.error_code = next_of(beat_errors)});
  };
  broker.handlers[ApiKey::leave_group] = [this](Connection& connection,
                                                const wire::RequestFrame& request) {
    ++leaves;
    ScriptedBroker::send(connection, request, wire::LeaveGroupResponse{});
  };
}

void ConsumerKit::serve_offsets(ScriptedBroker& broker) {
  broker.handlers[ApiKey::list_offsets] = [this](Connection& connection,
                                                 const wire::RequestFrame& request) {
    wire::ListOffsetsResponse answer;
    for (const auto& topic : read<wire::ListOffsetsRequest>(request).topics) {
      auto& out = answer.topics.emplace_back();
      out.name = topic.name;
      for (const auto& one : topic.partitions) {
        const ScriptedLog& log = logs.at(static_cast<std::size_t>(one.partition_index));
        const Offset first = std::max(log.start, one.timestamp - 1000);  // as FetchKit stamps them
        out.partitions.push_back({.partition_index = one.partition_index,
                                  .offset = one.timestamp == -1   ? log.records.end()
                                            : one.timestamp == -2 ? log.start
                                            : first < log.records.end() ? first
                                                                        : no_offset});
      }
    }
    ScriptedBroker::send(connection, request, answer);
  };
  broker.handlers[ApiKey::offset_fetch] = [this](Connection& connection,
                                                 const wire::RequestFrame& request) {
    const auto asked = read<wire::OffsetFetchRequest>(request);
    wire::OffsetFetchResponse answer;
    const auto fill = [&](auto& topics) {
      auto& topic = topics.emplace_back();
      topic.name = "t";
      for (const auto& [p, offset] : committed) {
        topic.partitions.push_back({.partition_index = p, .committed_offset = offset});
      }
    };
    if (request.header.api_version >= 8) {
      auto& group = answer.groups.emplace_back();
      group.group_id = asked.groups.at(0).group_id;
      fill(group.topics);
    } else {
      fill(answer.topics);
    }
    ScriptedBroker::send(connection, request, answer);
  };
  broker.handlers[ApiKey::offset_commit] = [this, &broker](Connection& connection,
                                                           const wire::RequestFrame& request) {
    const auto asked = read<wire::OffsetCommitRequest>(request);
    const ErrorCode code = next_of(commit_errors);
    SeenCommit seen{broker.node(), asked.generation_id_or_member_epoch, {}};
    wire::OffsetCommitResponse answer;
    for (const auto& topic : asked.topics) {
      auto& out = answer.topics.emplace_back();
      out.name = topic.name;
      for (const auto& one : topic.partitions) {
        out.partitions.push_back({one.partition_index, code});
        seen.offsets[one.partition_index] = one.committed_offset;
        if (code == ErrorCode::none) committed[one.partition_index] = one.committed_offset;
      }
    }
    commits.push_back(std::move(seen));
    ScriptedBroker::send(connection, request, answer);
  };
  broker.handlers[ApiKey::offset_for_leader_epoch] = [this](Connection& connection,
                                                            const wire::RequestFrame& request) {
    ++epoch_questions;
    const auto asked = read<wire::OffsetForLeaderEpochRequest>(request);
    const int p = asked.topics.at(0).partitions.at(0).partition;
    const ScriptedLog& log = logs.at(static_cast<std::size_t>(p));
    wire::OffsetForLeaderEpochResponse answer;
    answer.topics.push_back({.topic = "t", .partitions = {{.partition = p, .leader_epoch = 3,
                                                           .end_offset = log.epoch_end}}});
    ScriptedBroker::send(connection, request, answer);
  };
}

}  // namespace horolog::client::test
