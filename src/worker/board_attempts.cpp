#include <algorithm>
#include <chrono>

#include "base/assert.hpp"
#include "worker/board.hpp"

namespace horolog::worker {

void Board::drop_waiting(const JobPtr& job) {
  waiting_.erase(job->waiting.id);
  queue_.finish(job->waiting);
}

void Board::park(const JobPtr& job) {
  queue_.set_aside(job->waiting);
  parked_[job->assignment->tp.topic].push_back(job);
}

void Board::drop_parked(const Assignment& assignment) {
  const auto at = parked_.find(assignment.tp.topic);
  if (at == parked_.end()) return;
  std::erase_if(at->second, [&](const JobPtr& job) {
    if (job->assignment.get() != &assignment) return false;
    waiting_.erase(job->waiting.id);
    queue_.drop_aside(job->waiting);
    return true;
  });
}

void Board::put_finished(Finished finished) {
  finished_.push_back(std::move(finished));
  commit_.notify_one();
}

bool Board::start(const JobPtr& job, TimestampMs now_ms, MonoNs now) {
  Assignment& its = *job->assignment;
  if (controls_.is_paused(its.tp.topic)) {
    park(job);
    return false;
  }
  if (!its.done.try_start(job->record->offset, room_for_ends(options_))) {
    its.held.push_back(job);
    return false;
  }
  return begin(job, now_ms, now);
}

bool Board::begin(const JobPtr& job, TimestampMs now_ms, MonoNs now) {
  Assignment& its = *job->assignment;
  ++its.unsettled;
  const ControlNote* cancel = controls_.cancel_of(job->fields.fire_id);
  if (auto verdict = judge_start(job->fields, cancel, now_ms)) {
    drop_waiting(job);
    put_finished({.job = job, .verdict = std::move(*verdict), .ended_ms = now_ms});
    return false;
  }
  waiting_.erase(job->waiting.id);
  job->started_ms = now_ms;
  job->started_ns = now;
  const std::int64_t timeout_ms = job->fields.timeout_ms.value_or(options_.timeout.count());
  if (timeout_ms > 0) job->deadline_ns = now + timeout_ms * 1'000'000;
  running_.emplace(job->waiting.id, job);
  return true;
}

JobPtr Board::from_held(TimestampMs now_ms, MonoNs now) {
  while (!unheld_.empty()) {
    const AssignmentPtr its = unheld_.back();
    while (!its->held.empty()) {
      const JobPtr job = its->held.front();
      const bool paused = controls_.is_paused(its->tp.topic);
      if (!paused && !its->done.try_start(job->record->offset, room_for_ends(options_))) break;
      its->held.pop_front();
      if (paused) {
        park(job);
      } else if (begin(job, now_ms, now)) {
        return job;
      }
    }
    its->unheld = false;
    unheld_.pop_back();
  }
  return nullptr;
}

JobPtr Board::start_one(TimestampMs now_ms, MonoNs now) {
  if (JobPtr job = from_held(now_ms, now)) return job;
  while (const auto next = queue_.pop(now)) {
    const JobPtr job = waiting_.at(next->id);
    if (job->assignment->closing || job->assignment->lost) {
      drop_waiting(job);
    } else if (start(job, now_ms, now)) {
      return job;
    }
  }
  return nullptr;
}

JobPtr Board::next() {
  Lock lock(mutex_);
  while (starting_) {
    if (running_.size() >= limit_.limit() || finished_.size() >= most_unclaimed) {
      start_.wait(lock);
      continue;
    }
    const MonoNs now = clock_.mono_ns();
    if (JobPtr job = start_one(clock_.wall_ms(), now)) return job;
    if (const auto wake = queue_.wake_at(now)) {
      start_.wait_for(lock, std::chrono::nanoseconds(*wake - now));
    } else {
      start_.wait(lock);
    }
  }
  return nullptr;
}

void Board::finish(const JobPtr& job, const Outcome& outcome) {
  const MonoNs now = clock_.mono_ns();
  const Lock lock(mutex_);
  const std::size_t before = limit_.limit();
  limit_.sample(now - job->started_ns, running_.size());
  running_.erase(job->waiting.id);
  queue_.finish(job->waiting);
  start_.notify_one();
  if (limit_.limit() > before) start_.notify_one();
  if (job->given_up) return;
  const bool stopped = shutdown_ && outcome.kind() != Outcome::Kind::done;
  if (job->assignment->lost || stopped) return settle(job, false);
  Finished finished{.job = job, .verdict = {}, .ended_ms = clock_.wall_ms()};
  finished.duration_us = (now - job->started_ns) / 1'000;
  finished.verdict = verdict_of(job, outcome);
  put_finished(std::move(finished));
}

void Board::settle(const JobPtr& job, bool complete) {
  Assignment& its = *job->assignment;
  HOROLOG_ASSERT(its.unsettled > 0);
  --its.unsettled;
  unsuspect(*job);
  if (complete) {
    its.done.complete(job->record->offset);
  } else {
    its.done.give_back();
  }
  if (!its.held.empty() && !its.unheld) {
    its.unheld = true;
    unheld_.push_back(job->assignment);
  }
  settled_.notify_all();
}

std::optional<Claim> Board::claim() {
  Lock lock(mutex_);
  Claim claim;
  while (true) {
    const MonoNs now = clock_.mono_ns();
    MonoNs soonest = 0;
    std::erase_if(put_off_, [&](Finished& finished) {
      if (finished.not_before > now && !finished.job->assignment->lost) {
        soonest = soonest == 0 ? finished.not_before : std::min(soonest, finished.not_before);
        return false;
      }
      finished_.push_front(std::move(finished));
      return true;
    });
    while (!finished_.empty() && claim.finished.size() < most_per_claim) {
      Finished finished = std::move(finished_.front());
      finished_.pop_front();
      if (finished.job->assignment->lost) {
        settle(finished.job, false);
      } else {
        claim.finished.push_back(std::move(finished));
      }
    }
    std::erase_if(announced_, [&](const JobPtr& job) {
      return job->assignment->lost || !running_.contains(job->waiting.id);
    });
    std::erase_if(noted_, [](const AssignmentPtr& its) { return its->lost; });
    if (!claim.finished.empty() || !announced_.empty() || !noted_.empty()) break;
    if (!committing_) return std::nullopt;
    if (soonest != 0) {
      commit_.wait_for(lock, std::chrono::nanoseconds(soonest - now));
    } else {
      commit_.wait(lock);
    }
  }
  start_.notify_all();
  claim.announced = std::move(announced_);
  announced_.clear();
  claim.noted = std::move(noted_);
  noted_.clear();
  const auto draft = [&](const AssignmentPtr& its) -> CompletedOffsets& {
    for (auto& [known, done] : claim.offsets)
      if (known == its) return done;
    CompletedOffsets& done = claim.offsets.emplace_back(its, its->done).second;
    done.start_below(its->watch.wanted);
    if (its->watch.leaving) done.leave();
    return done;
  };
  for (const Finished& finished : claim.finished) {
    const Job& job = *finished.job;
    draft(job.assignment).complete(job.record->offset);
    const bool over = finished.verdict.fate != Fate::failed;
    if (over && controls_.cancel_of(job.fields.fire_id) != nullptr)
      claim.uncancelled.push_back(job.fields.fire_id);
  }
  claim.uncancelled.insert(claim.uncancelled.end(), stale_cancels_.begin(), stale_cancels_.end());
  stale_cancels_.clear();
  for (const JobPtr& job : claim.announced) draft(job->assignment);
  for (const AssignmentPtr& its : claim.noted) draft(its);
  claim.group = group_;
  return claim;
}

void Board::committed(const Claim& claim) {
  const Lock lock(mutex_);
  ++counts_.transactions;
  const TimestampMs now = clock_.wall_ms();
  for (const Finished& finished : claim.finished) {
    settle(finished.job, true);
    timings_.processing.record_ns((now - finished.job->record->timestamp) * 1'000'000);
    if (finished.job->started_ns != 0) timings_.execution.record_ns(finished.duration_us * 1'000);
    switch (finished.verdict.fate) {
      case Fate::succeeded: ++counts_.succeeded; break;
      case Fate::failed: ++counts_.failed; break;
      case Fate::dead: ++counts_.dead; break;
      case Fate::expired: ++counts_.expired; break;
      case Fate::stopped: ++counts_.stopped; break;
      case Fate::cancelled: ++counts_.cancelled; break;
    }
  }
  take_notes(claim);
}

void Board::not_committed(Claim claim) {
  const Lock lock(mutex_);
  ++counts_.transactions_failed;
  const MonoNs now = clock_.mono_ns();
  for (auto at = claim.finished.rbegin(); at != claim.finished.rend(); ++at) {
    auto& back = at->not_before > now ? put_off_ : finished_;
    back.push_front(std::move(*at));
  }
  for (JobPtr& job : claim.announced) announced_.push_back(std::move(job));
  for (AssignmentPtr& its : claim.noted) noted_.push_back(std::move(its));
  commit_.notify_one();
}

}  // namespace horolog::worker
