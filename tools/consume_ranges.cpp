#include "tools/consume_ranges.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "tools/cluster_access.hpp"

namespace horolog::command {
namespace {

using Kind = OffsetPoint::Kind;
using Found = std::map<TopicPartition, Offset>;

/// no_offset where there is no such record. Any partition that cannot be asked is an error.
Result<Found> ask(Admin& admin, const std::vector<TopicPartition>& partitions, OffsetSpec spec,
                  Isolation isolation = Isolation::read_uncommitted) {
  std::vector<OffsetQuery> queries;
  for (const TopicPartition& id : partitions) queries.push_back({id, spec});
  HOROLOG_ASSIGN(const auto answers, admin.list_offsets(std::move(queries), isolation));
  Found found;
  for (const auto& [id, answer] : answers) {
    if (!answer) return answer.error().with_context(name_of(id));
    found[id] = answer->offset;
  }
  return found;
}

Result<Found> ask_time(Admin& admin, const std::vector<TopicPartition>& partitions,
                       const std::optional<OffsetPoint>& point) {
  if (!point || point->kind != Kind::time) return Found();
  return ask(admin, partitions, OffsetSpec::at_time(point->number));
}

std::optional<Offset> at(const Found& found, const TopicPartition& id) {
  const auto entry = found.find(id);
  if (entry == found.end() || entry->second < 0) return std::nullopt;
  return entry->second;
}

Result<std::vector<TopicPartition>> select_consumed(Admin& admin, const Context& context,
                                                    const ConsumeRequest& request) {
  std::vector<std::string> words = context.args();
  if (context.has("--regex")) {
    HOROLOG_ASSIGN(const auto topics, select_topics(admin, words, true, false));
    words.clear();
    for (const TopicDescription& topic : topics) words.push_back(topic.name);
    if (words.empty()) return Error(Errc::not_found, "no topic matches");
  }
  std::string list;
  for (const PartitionIndex partition : request.partitions) {
    list += fmt::format("{}{}", list.empty() ? ":" : ",", partition);
  }
  for (std::string& word : words) {
    if (list.empty()) break;
    if (word.find(':') != std::string::npos) {
      return Error(Errc::invalid_argument,
                   fmt::format("'{}' and --partition both name partitions", word));
    }
    word += list;
  }
  return select_partitions(admin, words);
}

Result<std::vector<ConsumeRange>> find_ranges(Admin& admin,
                                              const std::vector<TopicPartition>& partitions,
                                              const ConsumeRequest& request,
                                              std::vector<std::string>& notes) {
  HOROLOG_ASSIGN(const Found starts, ask(admin, partitions, OffsetSpec::earliest()));
  HOROLOG_ASSIGN(const Found ends, ask(admin, partitions, OffsetSpec::latest()));
  HOROLOG_ASSIGN(const Found stables, ask(admin, partitions, OffsetSpec::latest(),
                                          Isolation::read_committed));
  const OffsetRange& range = request.range;
  HOROLOG_ASSIGN(const Found from_times, ask_time(admin, partitions, range.from));
  HOROLOG_ASSIGN(const Found to_times, ask_time(admin, partitions, range.to));
    std::vector<ConsumeRange> ranges;
  for (const TopicPartition& id : partitions) {
    const Offset start = starts.at(id);
    const Offset stable = stables.at(id);
    // What cannot be seen yet does not count as the end.
    const Offset end = request.committed ? stable : ends.at(id);
    ConsumeRange one{.id = id};
    one.bounds = {.log_start = start, .stable = stable, .end = ends.at(id)};
    one.from = resolve(range.from, start, end, at(from_times, id));
    if (range.from.kind == Kind::offset && range.from.number < start) {
      notes.push_back(fmt::format("{} begins at {} by now: {} is gone", name_of(id), start,
                                  range.from.number));
    }
    if (one.from > end) {
      notes.push_back(fmt::format("{} ends at {}: there is no {} yet", name_of(id), end,
                                  one.from));
      one.from = end;
    }
    if (range.to) one.until = resolve(*range.to, start, end, at(to_times, id));
    if (request.exit_at_end) one.until = range.to ? std::min(one.until, end) : end;
    ranges.push_back(std::move(one));
  }
  return ranges;
}

}  // namespace

Result<ConsumePlan> plan_consume(const Context& context, const ConsumeRequest& request) {
  HOROLOG_ASSIGN(Admin admin, open_admin(context));
  HOROLOG_ASSIGN(const auto scope, select_consumed(admin, context, request));
  ConsumePlan plan;
  for (const TopicPartition& id : scope) {
    if (plan.topics.empty() || plan.topics.back() != id.topic) plan.topics.push_back(id.topic);
  }
  if (!request.group.empty()) return plan;
  HOROLOG_ASSIGN(plan.ranges, find_ranges(admin, scope, request, plan.notes));
  return plan;
}

}  // namespace horolog::command
