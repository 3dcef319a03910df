#include <fmt/format.h>

#include <algorithm>

#include "client/broker_error.hpp"
#include "client/committed_reader.hpp"
#include "protocol/messages/offset_fetch.hpp"
#include "scheduler/asking.hpp"
#include "scheduler/patience.hpp"
#include "scheduler/topic_watch.hpp"

/// TopicWatch: how far a group is behind.
namespace horolog::scheduler {
namespace {

constexpr MonoNs call_ns = 5'000'000'000;

}  // namespace

/// Partitions for which the group has committed something.
Result<WatchedTopics::Positions> TopicWatch::committed(const std::string& group,
                                                       const std::vector<TopicPartition>& places) {
  wire::OffsetFetchRequest request;
  request.group_id = group;
  request.topics.emplace().push_back({places.front().topic, {}});
  for (const TopicPartition& place : places)
    request.topics->back().partition_indexes.push_back(place.partition);
  HOROLOG_ASSIGN(const auto reply, ask(*cluster_, client::Target::group(group), std::move(request),
                                       {.cap = {1, 7}, .timeout_ns = call_ns}));
  coordinator_answered(*cluster_, client::CoordinatorKind::group, group, reply->error_code);
  const std::string what = fmt::format("cannot read the positions of group {}", group);
  HOROLOG_TRY(client::broker_status(reply->error_code, what));
  Positions out;
  for (const auto& topic : reply->topics) {
    for (const auto& one : topic.partitions) {
      HOROLOG_TRY(client::broker_status(one.error_code, what));
      if (one.committed_offset >= 0) out[{topic.name, one.partition_index}] = one.committed_offset;
    }
  }
  return out;
}

Result<std::int64_t> TopicWatch::lag(const std::string& group, const std::string& topic) {
  HOROLOG_ASSIGN(const TopicShape shape, look_up(topic));
  std::vector<TopicPartition> places;
  for (PartitionIndex p = 0; p < shape.partitions; ++p) places.push_back({topic, p});
  HOROLOG_ASSIGN(const Positions read, committed(group, places));
  HOROLOG_ASSIGN(const Positions ends, client::stable_ends(cluster_, places));
  Positions starts;
  if (read.size() < places.size()) {
    HOROLOG_ASSIGN(starts, client::offsets_at(cluster_, places, 0));
  }
  std::int64_t lag = 0;
  for (const TopicPartition& place : places) {
    const Offset end = ends.at(place);
    Offset from = end;
    if (const auto at = starts.find(place); at != starts.end()) from = at->second;
    if (const auto at = read.find(place); at != read.end()) from = at->second;
    lag += std::max<Offset>(0, end - from);
  }
  return lag;
}

}  // namespace horolog::scheduler
