#include "tools/offset_bounds.hpp"

#include <algorithm>

#include "tools/timestamp_search.hpp"

namespace horolog::command {
namespace {

Result<Admin::ListedOffsets> ask(Admin& admin, const std::vector<TopicPartition>& partitions,
                                 OffsetSpec spec) {
  std::vector<OffsetQuery> queries;
  for (const TopicPartition& id : partitions) queries.push_back({id, spec});
  return admin.list_offsets(std::move(queries));
}

}  // namespace

Result<BoundsByPartition> offset_bounds(Admin& admin, const std::vector<TopicPartition>& partitions,
                                        bool newest, std::vector<Error>& errors) {
  BoundsByPartition bounds;
  if (partitions.empty()) return bounds;
  HOROLOG_ASSIGN(const auto starts, ask(admin, partitions, OffsetSpec::earliest()));
  HOROLOG_ASSIGN(const auto ends, ask(admin, partitions, OffsetSpec::latest()));
  for (const auto& [id, start] : starts) {
    if (start) {
      bounds[id].start = start->offset;
    } else {
      errors.push_back(start.error().with_context(id.to_string()));
    }
  }
  for (const auto& [id, end] : ends) {
    const auto found = bounds.find(id);
    if (found == bounds.end()) continue;
    if (end) {
      found->second.end = end->offset;
    } else {
      errors.push_back(end.error().with_context(id.to_string()));
      bounds.erase(found);
    }
  }
  if (!newest) return bounds;
  // Brokers before Kafka 3.0 do not know this one: then the timestamps stay unknown.
  const auto times = ask(admin, partitions, OffsetSpec::max_timestamp());
  if (!times) return bounds;
  for (const auto& [id, time] : *times) {
    const auto found = bounds.find(id);
    if (found != bounds.end() && time && time->timestamp >= 0) {
      found->second.newest = time->timestamp;
    }
  }
  return bounds;
}

Result<std::map<TopicPartition, TimestampMs>> timestamps_at(
    Admin& admin, const std::map<TopicPartition, Offset>& offsets,
    const BoundsByPartition& bounds) {
  std::map<TopicPartition, TimestampSearch> searches;
  for (const auto& [id, offset] : offsets) {
    const auto found = bounds.find(id);
    if (found == bounds.end() || !found->second.newest) continue;
    const OffsetBounds& log = found->second;
    if (std::max(offset, log.start) >= log.end) continue;
    searches.emplace(id, TimestampSearch(std::max(offset, log.start), offset + 1 == log.end,
                                         *log.newest));
  }
  for (int round = 0; round < TimestampSearch::most_rounds; ++round) {
    std::vector<OffsetQuery> queries;
    for (auto& [id, search] : searches) {
      if (const auto time = search.next()) queries.push_back({id, OffsetSpec::at_time(*time)});
    }
    if (queries.empty()) break;
    HOROLOG_ASSIGN(const auto answers, admin.list_offsets(std::move(queries)));
    for (const auto& [id, answer] : answers) {
      const bool found = answer && answer->offset >= 0;
      searches.at(id).answer(found ? std::optional(answer->offset) : std::nullopt,
                             found ? answer->timestamp : no_timestamp);
    }
  }
  std::map<TopicPartition, TimestampMs> times;
  for (const auto& [id, search] : searches) {
    if (const auto time = search.result()) times[id] = *time;
  }
  return times;
}

}  // namespace horolog::command
