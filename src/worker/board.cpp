#include "worker/board.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "base/assert.hpp"
#include "timekeeping/duration.hpp"

namespace horolog::worker {
namespace {

constexpr MonoNs to_ns(std::chrono::milliseconds ms) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(ms).count();
}

/// A minute.
constexpr MonoNs cancels_look_ns = 60'000'000'000;

/// Farther above the first task that is not over no worker starts one: it fetches no more (offsets
/// without a record count too), and its metadata could not say that such are over.
void bound_watch(Assignment& its, Offset first, std::size_t prefetch) {
  constexpr std::size_t metadata_reach = 32'768;
  if (its.watch.bounded) return;
  its.watch.bounded = true;
  const std::size_t reach = std::max(metadata_reach, prefetch * 4) + its.done.count_above();
  its.watch.end = std::min(its.watch.end, first + static_cast<Offset>(reach));
}

}  // namespace

Board::Board(const WorkerOptions& options, const std::map<std::string, Handler>& handlers,
             const Clock& clock)
    : options_(options),
      handlers_(handlers),
      clock_(clock),
      queue_({.per_key = std::max<std::size_t>(options.per_key, 1),
              .per_second = options.per_second,
              .lanes = options.lanes,
              .ageing_ns = to_ns(options.ageing)}),
      limit_(options.min_concurrency, std::max<std::size_t>(options.concurrency, 1)) {}

Board::~Board() {
  // Tasks that wait in their assignment hold it in turn.
  for (const auto& [tp, its] : assignments_) {
    its->held.clear();
    its->watch.waiting.clear();
  }
}

void Board::assign(AssignmentPtr assignment) {
  const Lock lock(mutex_);
  assignments_.insert_or_assign(assignment->tp, std::move(assignment));
}

void Board::close(const std::vector<TopicPartition>& partitions) {
  const Lock lock(mutex_);
  for (const TopicPartition& tp : partitions) {
    const auto at = assignments_.find(tp);
    if (at == assignments_.end()) continue;
    at->second->closing = true;
    for (const JobPtr& job : at->second->held) drop_waiting(job);
    at->second->held.clear();
    drop_parked(*at->second);
    drop_watched(*at->second);
  }
}

bool Board::settled(const std::vector<TopicPartition>& partitions) {
  const Lock lock(mutex_);
  return std::all_of(partitions.begin(), partitions.end(), [&](const TopicPartition& tp) {
    const auto at = assignments_.find(tp);
    return at == assignments_.end() || at->second->unsettled == 0;
  });
}

void Board::lose(const std::vector<TopicPartition>& partitions) {
  close(partitions);
  const Lock lock(mutex_);
  for (const TopicPartition& tp : partitions) {
    const auto at = assignments_.find(tp);
    if (at == assignments_.end()) continue;
    at->second->lost = true;
    for (const auto& [id, job] : running_)
      if (job->assignment == at->second) job->cancelled = true;
    if (alone_ == at->second) alone_ = nullptr;
    assignments_.erase(at);
  }
  admit_all();
}

void Board::set_group(GroupMetadata group) {
  const Lock lock(mutex_);
  group_ = std::move(group);
}

void Board::set_controls(Controls controls) {
  const Lock lock(mutex_);
  controls_ = std::move(controls);
  for (auto at = parked_.begin(); at != parked_.end();) {
    if (controls_.is_paused(at->first)) {
      ++at;
      continue;
    }
    for (const JobPtr& job : at->second) queue_.bring_back(job->waiting);
    at = parked_.erase(at);
  }
  admit_all();
}

std::uint64_t Board::key_of(const RecordView& record) const {
  if (options_.ordering == Ordering::none || record.key.is_null()) return 0;
  const std::size_t hash = std::hash<std::string_view>{}(record.key.text()) * 31 +
                           std::hash<std::string_view>{}(record.topic);
  // 0 means: not ordered.
  return hash == 0 ? 1 : hash;
}

void Board::take_in(std::shared_ptr<const RecordBatch> batch) {
  const MonoNs now = clock_.mono_ns();
  const Lock lock(mutex_);
  Assignment* its = nullptr;
  AssignmentPtr assignment;
  const Handler* handler = nullptr;
  for (const RecordView& record : *batch) {
    if (its == nullptr || its->tp.partition != record.partition || its->tp.topic != record.topic) {
      const auto at = assignments_.find({std::string(record.topic), record.partition});
      assignment = at == assignments_.end() ? nullptr : at->second;
      its = assignment.get();
      const auto known = handlers_.find(std::string(record.topic));
      handler = known == handlers_.end() ? nullptr : &known->second;
    }
    if (its == nullptr || handler == nullptr || record.offset < its->seen) continue;
    its->done.gap(its->seen, record.offset);
    its->seen = record.offset + 1;
    bound_watch(*its, record.offset, options_.prefetch);
    if (its->closing || its->done.contains(record.offset)) continue;
    auto job = std::make_shared<Job>();
    job->batch = batch;
    job->record = &record;
    job->fields = read_task_fields(record);
    job->max_attempts = max_attempts_of(job->fields, options_.retry);
    job->handler = handler;
    job->assignment = assignment;
    job->waiting = {next_id_++, key_of(record), job->fields.lane, job->fields.priority, now};
    waiting_.emplace(job->waiting.id, job);
    if (record.offset < its->watch.end || !its->watch.waiting.empty()) {
      its->watch.waiting.push_back(std::move(job));
    } else {
      queue_.push(job->waiting);
    }
  }
  admit_all();
}

void Board::sweep() {
  const MonoNs now = clock_.mono_ns();
  const MonoNs grace = to_ns(options_.cancel_grace), announce = to_ns(options_.announce_after);
  const Lock lock(mutex_);
  if (cancels_looked_at_ns_ == 0 || now >= cancels_looked_at_ns_ + cancels_look_ns) {
    cancels_looked_at_ns_ = now;
    stale_cancels_ = controls_.stale_cancels(clock_.wall_ms());
  }
  std::vector<JobPtr> over;
  for (const auto& [id, job] : running_) {
    if (job->deadline_ns != 0 && now >= job->deadline_ns) job->cancelled = true;
    const bool timed_out = job->deadline_ns != 0 && now >= job->deadline_ns + grace;
    const bool deaf = job->stop_asked_ns != 0 && now >= job->stop_asked_ns + grace;
    if (!job->given_up && (timed_out || deaf)) over.push_back(job);
    if (!job->announced && now >= job->started_ns + announce) {
      job->announced = true;
      announced_.push_back(job);
      commit_.notify_one();
    }
  }
  for (const JobPtr& job : over)
    give_up(job, fmt::format("timed out after {}, and the handler did not stop",
                             timekeeping::format_duration(
                                 (job->deadline_ns - job->started_ns) / 1'000'000)));
}

std::optional<TimestampMs> Board::oldest_stoppable() {
  const Lock lock(mutex_);
  std::optional<TimestampMs> oldest;
  for (const auto& [id, job] : running_) {
    if (!job->announced || !job->fields.schedule || job->given_up) continue;
    oldest = oldest ? std::min(*oldest, job->started_ms) : job->started_ms;
  }
  return oldest;
}

void Board::ask_to_stop(const std::string& fire_id) {
  const Lock lock(mutex_);
  for (const auto& [id, job] : running_) {
    if (job->fields.fire_id != fire_id || job->stop_asked_ns != 0) continue;
    job->stop_asked_ns = clock_.mono_ns();
    job->cancelled = true;
  }
}

Verdict Board::verdict_of(const JobPtr& job, const Outcome& outcome) {
  if (job->stop_asked_ns != 0 && outcome.kind() != Outcome::Kind::done)
    return {Fate::stopped, "its schedule asked for it: a later fire is due", 0};
  Verdict verdict = judge(job->fields, outcome, options_.retry,
                          std::uniform_real_distribution<double>(0, 1)(random_));
  const ControlNote* cancel = controls_.cancel_of(job->fields.fire_id);
  return cancel == nullptr ? verdict : unrepeated(std::move(verdict), *cancel);
}

void Board::give_up(const JobPtr& job, std::string reason) {
  job->given_up = true;
  if (job->assignment->lost) return;
  Finished finished{.job = job, .verdict = {}};
  finished.verdict = verdict_of(job, Outcome::failed(std::move(reason)));
  finished.ended_ms = clock_.wall_ms();
  finished.duration_us = (clock_.mono_ns() - job->started_ns) / 1'000;
  put_finished(std::move(finished));
}

std::size_t Board::waiting() {
  const Lock lock(mutex_);
  std::size_t parked = 0;
  for (const auto& [topic, jobs] : parked_) parked += jobs.size();
  return waiting_.size() - parked;
}

void Board::wait_settled(std::chrono::milliseconds timeout) {
  Lock lock(mutex_);
  settled_.wait_for(lock, timeout);
}

void Board::stop_starting() {
  const Lock lock(mutex_);
  starting_ = false;
  start_.notify_all();
}

void Board::cancel_all() {
  const Lock lock(mutex_);
  shutdown_ = true;
  for (const auto& [id, job] : running_) job->cancelled = true;
}

bool Board::idle() {
  const Lock lock(mutex_);
  return std::all_of(assignments_.begin(), assignments_.end(),
                     [](const auto& each) { return each.second->unsettled == 0; });
}

std::size_t Board::running() {
  const Lock lock(mutex_);
  return running_.size();
}

void Board::stop_committing() {
  const Lock lock(mutex_);
  committing_ = false;
  commit_.notify_all();
}

WorkerMetrics Board::metrics() {
  const Lock lock(mutex_);
  WorkerMetrics out = counts_;
  out.running = running_.size();
  out.waiting = waiting_.size();
  out.concurrency = limit_.limit();
  for (const auto& [topic, jobs] : parked_) out.paused += jobs.size();
  for (const auto& [id, job] : waiting_) {
    const TimestampMs at = job->record->timestamp;
    if (out.oldest_waiting == no_timestamp || at < out.oldest_waiting) out.oldest_waiting = at;
  }
  return out;
}

}  // namespace horolog::worker
