#include "worker/tasks_core.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "client/cluster.hpp"
#include "horolog/admin.hpp"
#include "scheduler/identity.hpp"
#include "scheduler/names.hpp"
#include "worker/completed_offsets.hpp"
#include "worker/names.hpp"
#include "worker/task_options.hpp"
#include "worker/worker_topics.hpp"

namespace horolog::worker {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

Error no_task(const std::string& fire_id) {
  return {Errc::not_found, fmt::format("no run record is about a task '{}': 'horolog task ls' "
                                       "shows the latest ones", fire_id)};
}

std::vector<TopicPartition> places_of(const std::string& topic, PartitionIndex count) {
  std::vector<TopicPartition> out;
  for (PartitionIndex p = 0; p < count; ++p) out.push_back({topic, p});
  return out;
}

}  // namespace

Result<Producer*> TasksCore::producer() {
  if (!producer_) {
    ProducerOptions options;
    options.create_topics = false;
    options.max_block = options.delivery_timeout = cluster_->options().request_timeout;
    HOROLOG_ASSIGN(producer_, Producer::open(std::move(options), cluster_));
  }
  return &*producer_;
}

Status TasksCore::check_topic(const std::string& topic) {
  const auto count = client::count_partitions(cluster_, topic);
  return count ? Status() : count.error();
}

Result<SubmittedTask> TasksCore::submit(const std::string& topic, Bytes value,
                                        const TaskOptions& options) {
  HOROLOG_ASSIGN(const auto headers, task_headers(topic, options));
  HOROLOG_TRY(check_topic(topic));
  if (is_due_later(options)) {
    const std::string name = options.unique.value_or(
        fmt::format("task:{}", scheduler::uuid_text(Uuid::random())));
    schedules_.begin();
    // A null value would cancel.
    const Bytes payload = value.is_null() ? Bytes("") : value;
    HOROLOG_ASSIGN(auto sending, schedules_.start(name, headers, payload, {}));
    HOROLOG_ASSIGN(const SentCommand sent, client::SchedulesCore::stored(std::move(sending)));
    return SubmittedTask{{}, name, sent.partition, sent.offset};
  }
  std::vector<HeaderView> views;
  for (const Header& each : headers) views.push_back({each.key, each.value});
  HOROLOG_ASSIGN(Producer* const out, producer());
  HOROLOG_ASSIGN(const Position at, out->submit({.topic = topic, .key = options.key,
                                                 .value = value, .headers = views}).get());
  return SubmittedTask{scheduler::produced_fire_id(topic, at.partition, at.offset), {},
                       at.partition, at.offset};
}

Result<TaskHistory> TasksCore::history(TimestampMs since) {
  TaskHistory history;
  HOROLOG_TRY(schedules_.records(std::string(scheduler::topic::runs), since,
                                 [&](const RecordView& record) {
                                   history.add(record.value.text());
                                 }));
  return history;
}

Result<TaskInfo> TasksCore::describe(const std::string& fire_id) {
  HOROLOG_ASSIGN(const TaskHistory all, history(0));
  const TaskInfo* const task = all.find(fire_id);
  if (task == nullptr) return no_task(fire_id);
  return *task;
}

/// By partition what the group has finished; nothing below the log's start is waited for.
Result<std::map<TopicPartition, CompletedOffsets>> TasksCore::finished_by(
    const std::string& group, const std::vector<TopicPartition>& places) {
  Admin admin(cluster_);
  std::vector<OffsetQuery> queries;
  for (const TopicPartition& place : places) queries.push_back({place, OffsetSpec::earliest()});
  HOROLOG_ASSIGN(const auto starts, admin.list_offsets(std::move(queries)));
  HOROLOG_ASSIGN(const auto groups, admin.list_group_offsets({group}));
  std::map<TopicPartition, CompletedOffsets> done;
  for (const auto& [place, start] : starts) {
    if (!start) return start.error();
    done.insert_or_assign(place, CompletedOffsets(start->offset));
  }
  for (const auto& [name, offsets] : groups) {
    if (!offsets) return offsets.error();
    for (const auto& [place, at] : *offsets) {
      const auto its = done.find(place);
      if (its == done.end() || !at || at->offset < its->second.next()) continue;
      HOROLOG_ASSIGN(its->second, CompletedOffsets::parse(at->offset, at->metadata));
    }
  }
  return done;
}

Result<TaskBacklog> TasksCore::backlog(const std::string& topic, const std::string& group) {
  HOROLOG_ASSIGN(const PartitionIndex count, client::count_partitions(cluster_, topic));
  const auto places = places_of(topic, count);
  HOROLOG_ASSIGN(auto ends, client::stable_ends(cluster_, places));
  HOROLOG_ASSIGN(auto done, finished_by(group, places));
  TaskBacklog out;
  client::CommittedReader::From from;
  for (const TopicPartition& place : places) {
    const CompletedOffsets& its = done[place];
    const auto open = ends.at(place) - its.next() - static_cast<Offset>(its.count_above());
    if (open <= 0) continue;
    out.records += open;
    from[place] = its.next();
  }
  if (from.empty()) return out;
  HOROLOG_ASSIGN(auto reader, client::CommittedReader::open(cluster_, from));
  const auto until = steady_clock::now() + cluster_->options().request_timeout;
  while (!from.empty() && steady_clock::now() < until) {
    HOROLOG_TRY(reader.poll(milliseconds(50), [&](const RecordView& record) {
      const TopicPartition place{std::string(record.topic), record.partition};
      if (!from.contains(place) || done[place].contains(record.offset)) return;
      out.oldest = std::min(out.oldest.value_or(record.timestamp), record.timestamp);
      from.erase(place);
    }));
    // Where only markers of transactions follow, nothing is waiting.
    for (auto at = from.begin(); at != from.end();) {
      HOROLOG_ASSIGN(const Offset position, reader.position(at->first));
      if (position >= ends.at(at->first)) {
        out.records -= ends.at(at->first) - done[at->first].next();
        at = from.erase(at);
      } else {
        ++at;
      }
    }
  }
  return out;
}

Status TasksCore::set_control(const std::string& key, const std::optional<ControlNote>& note) {
  Admin admin(cluster_);
  HOROLOG_TRY(ensure_control_topic(admin));
  HOROLOG_ASSIGN(Producer* const out, producer());
  const std::optional<std::string> value = note ? std::optional(note->to_text()) : std::nullopt;
  HOROLOG_TRY(out->submit({.topic = control::topic, .partition = 0, .key = key, .value = value})
                  .get());
  return {};
}

Result<Controls> TasksCore::controls() {
  auto watch = ControlWatch::open(cluster_);
  if (watch) return watch->controls();
  if (watch.error().code() == Errc::not_found) return Controls();
  return watch.error();
}

}  // namespace horolog::worker
