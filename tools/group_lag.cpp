#include "tools/group_lag.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "tools/cluster_access.hpp"

namespace horolog::command {
namespace {

const GroupMember* reader_of(const GroupDescription& group, const TopicPartition& id) {
  for (const GroupMember& member : group.members) {
    const auto& mine = member.assignment;
    if (std::find(mine.begin(), mine.end(), id) != mine.end()) return &member;
  }
  return nullptr;
}

Result<GroupDescription> describe(Admin& admin, const std::string& name) {
  HOROLOG_ASSIGN(auto described, admin.describe_groups({name}));
  Result<GroupDescription>& group = described.at(0).second;
  const bool missing = group ? group->state == "Dead" : group.error().kafka_code() == 69;
  if (!missing) return group;
  HOROLOG_ASSIGN(const auto known, admin.list_groups());
  for (const GroupListing& listed : known.groups) {
    if (listed.id != name) continue;
    return Error(Errc::unsupported,
                 fmt::format("group '{}' is of type {}: it has no offsets to be looked at", name,
                             listed.type.empty() ? "unknown" : listed.type));
  }
  return unknown_group(known.groups, name);
}

}  // namespace

Result<GroupLag> LagObserver::look(TimestampMs now, bool times) {
  GroupLag result;
  HOROLOG_ASSIGN(result.group, describe(admin_, group_));
  HOROLOG_ASSIGN(const auto fetched, admin_.list_group_offsets({group_}));
  std::map<TopicPartition, Offset> committed;
  std::set<TopicPartition> all;
  HOROLOG_ASSIGN(const auto offsets, fetched.at(0).second);
  for (const auto& [id, offset] : offsets) {
    all.insert(id);
    if (offset && offset->offset >= 0) committed[id] = offset->offset;
  }
  for (const GroupMember& member : result.group.members) {
    all.insert(member.assignment.begin(), member.assignment.end());
    result.idle_members += member.assignment.empty() ? 1 : 0;
  }
  ask_commit_times(committed);
  std::vector<Error> errors;
  HOROLOG_ASSIGN(const auto bounds,
                 offset_bounds(admin_, {all.begin(), all.end()}, times, errors));
  for (const TopicPartition& id : all) add_partition(result, id, committed, bounds, now);
  if (times) add_times(result, bounds);
  for (PartitionLag& partition : result.partitions) {
    partition.member = reader_of(result.group, partition.id);
    const auto& samples = watched_[partition.id].samples;
    const std::vector<LagSample> window(samples.begin(), samples.end());
    partition.status = evaluate(window, partition.member != nullptr);
    partition.rates = rates(window);
    result.status = worst(result.status, partition.status);
    result.total_lag += partition.lag.value_or(0);
    result.uncommitted += partition.committed ? 0 : 1;
    if (!partition.lag_time_ms) continue;
    result.lag_time_ms = std::max(result.lag_time_ms.value_or(0), *partition.lag_time_ms);
  }
  return result;
}

void LagObserver::add_partition(GroupLag& result, const TopicPartition& id,
                                const std::map<TopicPartition, Offset>& committed,
                                const BoundsByPartition& bounds, TimestampMs now) {
  PartitionLag row;
  row.id = id;
  const auto offset = committed.find(id);
  if (offset != committed.end()) row.committed = offset->second;
  const auto log = bounds.find(id);
  if (log == bounds.end()) {
    row.note = "the topic or partition is gone";
    result.partitions.push_back(std::move(row));
    return;
  }
  row.start = log->second.start;
  row.end = log->second.end;
  Watched& watched = watched_[id];
  if (row.committed) {
    row.lag = std::max<std::int64_t>(0, row.end - *row.committed);
    if (*row.committed < row.start) row.note = "behind retention";
    if (*row.committed > row.end) row.note = "ahead of the log's end";
    if (!watched.samples.empty() && watched.samples.back().committed != *row.committed) {
      watched.moved_at = now;
      watched.known = true;
    }
    if (watched.known) row.commit_age_ms = std::max<std::int64_t>(0, now - watched.moved_at);
  }
  watched.samples.push_back({now, row.committed.value_or(no_offset), row.end});
  if (watched.samples.size() > window_looks) watched.samples.pop_front();
  result.partitions.push_back(std::move(row));
}

/// Once, before the first look. Where it cannot be told (no right to read the topic, too far back)
/// the age stays unknown until the offset moves.
void LagObserver::ask_commit_times(const std::map<TopicPartition, Offset>& committed) {
  const CommitTimes ask = std::exchange(commit_times_, {});
  if (!ask) return;
  std::set<TopicPartition> partitions;
  for (const auto& [id, offset] : committed) partitions.insert(id);
  const auto times = ask(std::move(partitions));
  if (!times) return;
  for (const auto& [id, time] : *times) {
    watched_[id].moved_at = time;
    watched_[id].known = true;
  }
}

/// The newest record's timestamp minus that of the next record to be read.
void LagObserver::add_times(GroupLag& result, const BoundsByPartition& bounds) {
  std::map<TopicPartition, Offset> behind;
  for (PartitionLag& row : result.partitions) {
    if (row.lag == 0) row.lag_time_ms = 0;
    if (row.lag.value_or(0) > 0) behind[row.id] = *row.committed;
  }
  // A cluster that cannot say when leaves the column empty; the lag in records stands.
  const auto times = timestamps_at(admin_, behind, bounds);
  if (!times) return;
  for (PartitionLag& row : result.partitions) {
    const auto time = times->find(row.id);
    if (time == times->end()) continue;
    row.lag_time_ms = std::max<std::int64_t>(0, *bounds.at(row.id).newest - time->second);
  }
}

}  // namespace horolog::command
