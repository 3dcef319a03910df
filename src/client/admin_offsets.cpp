#include <algorithm>

#include "client/admin_calls.hpp"
#include "protocol/messages/list_offsets.hpp"
#include "protocol/messages/offset_commit.hpp"
#include "protocol/messages/offset_delete.hpp"
#include "protocol/messages/offset_fetch.hpp"

namespace horolog {

using namespace client;

namespace {

using GroupSweep = Sweep<std::string, Admin::Offsets>;
using PartitionSweep = Sweep<TopicPartition, void>;
using ListSweep = Sweep<TopicPartition, ListedOffset>;

std::string partition_name(const TopicPartition& tp) { return tp.to_string(); }

wire::OffsetFetchRequest fetch_request(std::int16_t version, const std::string& group,
                                       bool require_stable) {
  wire::OffsetFetchRequest request;
  if (version >= 8) {
    request.groups.push_back({.group_id = group, .topics = std::nullopt});
  } else {
    request.group_id = group;
    request.topics = std::nullopt;
  }
  if (version >= 7) request.require_stable = require_stable;
  return request;
}

/// False when what was asked has to be asked again for `code`.
template <typename Topics>
wire::ErrorCode read_offsets(const Topics& topics, Admin::Offsets& offsets) {
  for (const auto& topic : topics) {
    for (const auto& partition : topic.partitions) {
      const TopicPartition tp{topic.name, partition.partition_index};
      if (admin_retries(partition.error_code)) return partition.error_code;
      if (partition.error_code != wire::ErrorCode::none) {
        offsets.emplace_back(tp, broker_error(partition.error_code,
                                              "cannot read the offset of " + tp.to_string()));
      } else if (partition.committed_offset >= 0) {
        offsets.emplace_back(tp, CommittedOffset{partition.committed_offset,
                                                 partition.metadata.value_or(""),
                                                 partition.committed_leader_epoch});
      }
    }
  }
  std::ranges::sort(offsets, {}, [](const auto& item) { return item.first; });
  return wire::ErrorCode::none;
}

void settle_fetch(GroupSweep& sweep, std::size_t i,
                  const Reply<wire::OffsetFetchResponse>& reply) {
  Admin::Offsets offsets;
  wire::ErrorCode code = reply->error_code;
  if (reply.version < 8) {
    if (code == wire::ErrorCode::none) code = read_offsets(reply->topics, offsets);
  } else {
    const auto group = std::ranges::find(reply->groups, sweep.key(i),
                                         &wire::OffsetFetchResponse::Group::group_id);
    if (group == reply->groups.end()) return sweep.left_out({i});
    code = group->error_code;
    if (code == wire::ErrorCode::none) code = read_offsets(group->topics, offsets);
  }
  if (code != wire::ErrorCode::none) return sweep.fail(i, code);
  sweep.settle(i, std::move(offsets));
}

}  // namespace

void Admin::list_group_offsets(std::vector<std::string> groups, bool require_stable,
                               Then<GroupOffsets> then) {
  GroupSweep::Plan plan{
      .target = [](const std::string& group) { return Target::group(group); },
      .ask =
          [require_stable](const std::shared_ptr<GroupSweep>& sweep, const Target& target,
                           const GroupSweep::Indexes& which) {
            const std::size_t i = which.front();
            const auto build = [sweep, i, require_stable](std::int16_t version) {
              return Outgoing<wire::OffsetFetchRequest>(
                  fetch_request(version, sweep->key(i), require_stable));
            };
            // Version 2 is the first that can ask for everything, version 10 speaks of topic ids,
            // which a topic that is gone does not have any more.
            const std::int16_t least = require_stable ? 7 : 2;
            sweep->cluster().call<wire::OffsetFetchRequest>(
                target, build, sweep->options({least, 9}), [sweep, i](const auto& reply) {
                  if (!reply) return sweep->broke({i}, reply.error());
                  settle_fetch(*sweep, i, *reply);
                });
          },
      .what = "read the offsets of group",
      .name = [](const std::string& group) { return group; }};
  sweep<std::string, Offsets>(cluster_, std::move(groups), std::move(plan), std::move(then));
}

void Admin::alter_group_offsets(std::string group, std::vector<OffsetToCommit> offsets,
                                Then<Partitions> then) {
  std::vector<TopicPartition> keys;
  for (const OffsetToCommit& one : offsets) keys.push_back(one.partition);
  PartitionSweep::Plan plan{
      .target = [group](const TopicPartition&) { return Target::group(group); },
      .ask =
          [group, offsets = std::move(offsets)](const std::shared_ptr<PartitionSweep>& sweep,
                                                const Target& target,
                                                const PartitionSweep::Indexes& which) {
            using Topic = wire::OffsetCommitRequest::Topic;
            wire::OffsetCommitRequest request{
                .group_id = group,
                .topics = by_topic<Topic>(
                    which, [&](std::size_t i) { return offsets[i].partition; }, &Topic::name,
                    [&](Topic& topic, std::size_t i) {
                      topic.partitions.push_back(
                          {.partition_index = offsets[i].partition.partition,
                           .committed_offset = offsets[i].offset,
                           .committed_leader_epoch = offsets[i].leader_epoch,
                           .committed_metadata = offsets[i].metadata});
                    })};
            sweep->cluster().send<wire::OffsetCommitRequest>(
                target, std::move(request), sweep->options({2, 9}),
                [sweep, which](const auto& reply) {
                  if (!reply) return sweep->broke(which, reply.error());
                  settle_partitions(*sweep, which, reply->message.topics,
                                    [](const auto&) { return Status(); });
                });
          },
      .what = "set the offset of group " + group + " in",
      .name = partition_name};
  sweep<TopicPartition, void>(cluster_, std::move(keys), std::move(plan), std::move(then));
}

void Admin::delete_group_offsets(std::string group, std::vector<TopicPartition> partitions,
                                 Then<Partitions> then) {
  PartitionSweep::Plan plan{
      .target = [group](const TopicPartition&) { return Target::group(group); },
      .ask =
          [group](const std::shared_ptr<PartitionSweep>& sweep, const Target& target,
                  const PartitionSweep::Indexes& which) {
            using Topic = wire::OffsetDeleteRequest::Topic;
            wire::OffsetDeleteRequest request{
                .group_id = group,
                .topics = by_topic<Topic>(
                    which, [&](std::size_t i) { return sweep->key(i); }, &Topic::name,
                    [&](Topic& topic, std::size_t i) {
                      topic.partitions.push_back({sweep->key(i).partition});
                    })};
            sweep->cluster().send<wire::OffsetDeleteRequest>(
                target, std::move(request), sweep->options(), [sweep, which](const auto& reply) {
                  if (!reply) return sweep->broke(which, reply.error());
                  const wire::ErrorCode code = reply->message.error_code;
                  if (code != wire::ErrorCode::none) {
                    for (const std::size_t i : which) sweep->fail(i, code);
                    return;
                  }
                  settle_partitions(*sweep, which, reply->message.topics,
                                    [](const auto&) { return Status(); });
                });
          },
      .what = "delete the offset of group " + group + " in",
      .name = partition_name};
  sweep<TopicPartition, void>(cluster_, std::move(partitions), std::move(plan), std::move(then));
}

void Admin::list_offsets(std::vector<OffsetQuery> queries, Isolation isolation,
                         Then<ListedOffsets> then) {
  std::vector<TopicPartition> keys;
  std::int16_t least = isolation == Isolation::read_committed ? 2 : 1;
  for (const OffsetQuery& query : queries) {
    keys.push_back(query.partition);
    if (query.spec.timestamp == OffsetSpec::max_timestamp().timestamp) least = 7;
  }
  ListSweep::Plan plan{
      .target = [](const TopicPartition& tp) { return Target::leader(tp); },
      .ask =
          [queries = std::move(queries), isolation, least](
              const std::shared_ptr<ListSweep>& sweep, const Target& target,
              const ListSweep::Indexes& which) {
            using Topic = wire::ListOffsetsRequest::Topic;
            const auto build = [=, &cluster = sweep->cluster()](std::int16_t version) {
              wire::ListOffsetsRequest request{.replica_id = -1};
              if (version >= 2) request.isolation_level = static_cast<std::int8_t>(isolation);
              request.topics = by_topic<Topic>(
                  which, [&](std::size_t i) { return queries[i].partition; }, &Topic::name,
                  [&](Topic& topic, std::size_t i) {
                    topic.partitions.push_back(
                        {.partition_index = queries[i].partition.partition,
                         .timestamp = queries[i].spec.timestamp});
                  });
              request.timeout_ms = timeout_ms(cluster.options());
              return Outgoing<wire::ListOffsetsRequest>(std::move(request));
            };
            sweep->cluster().call<wire::ListOffsetsRequest>(
                target, build, sweep->options({least, 11}), [sweep, which](const auto& reply) {
                  if (!reply) return sweep->broke(which, reply.error());
                  settle_partitions(*sweep, which, reply->message.topics, [](const auto& found) {
                    return ListedOffset{found.offset, found.timestamp, found.leader_epoch};
                  });
                });
          },
      .what = "look up an offset of",
      .name = partition_name};
  sweep<TopicPartition, ListedOffset>(cluster_, std::move(keys), std::move(plan),
                                      std::move(then));
}

}  // namespace horolog
