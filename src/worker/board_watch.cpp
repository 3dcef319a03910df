#include <fmt/format.h>

#include <algorithm>

#include "worker/board.hpp"

namespace horolog::worker {
namespace {

/// With less metadata than that deaths are not counted: all of it is for what is over.
constexpr std::size_t least_metadata = 256;
/// Of tasks that one death may have come from, so many are started at a time.
constexpr std::size_t least_window = 32;

std::string dead_after(std::size_t deaths) {
  return fmt::format("worker died {} times while it was started: it is not started again", deaths);
}

}  // namespace

bool counts_deaths(const WorkerOptions& options) {
  return options.max_deaths > 0 && options.metadata_bytes >= least_metadata;
}

std::size_t room_for_ends(const WorkerOptions& options) {
  // Those of others are kept also where none are counted.
  const bool kept = options.metadata_bytes >= least_metadata;
  return options.metadata_bytes - (kept ? CompletedOffsets::longest_starts : 0);
}

bool Board::may_admit(const AssignmentPtr& its, std::size_t deaths) const {
  const std::size_t admitted = its->watch.admitted;
  if (alone_ == its && admitted > 0) return false;
  if (deaths == 0) return true;
  if (deaths == 1) return admitted < std::max(least_window, 2 * options_.concurrency);
  // Beside another one of these it could not be told which of the two it was.
  return admitted == 0 && (alone_ == nullptr || alone_ == its);
}

void Board::want_starts(const AssignmentPtr& its, std::size_t deaths) {
  Assignment::Watch& watch = its->watch;
  Offset wanted = watch.end;
  if (deaths > 0) wanted = watch.waiting.front()->record->offset + 1;
  if (deaths == 1) {
    std::size_t more = std::max(least_window, 2 * options_.concurrency) - watch.admitted;
    for (const JobPtr& job : watch.waiting) {
      if (more-- == 0 || its->done.deaths(job->record->offset) != 1) break;
      wanted = job->record->offset + 1;
    }
  }
  if (deaths > 1) alone_ = its;
  if (wanted <= watch.wanted) return;
  watch.wanted = wanted;
  note(its);
}

void Board::admit(const AssignmentPtr& its) {
  Assignment::Watch& watch = its->watch;
  while (!its->closing && !watch.waiting.empty()) {
    const JobPtr job = watch.waiting.front();
    const Offset offset = job->record->offset;
    const std::size_t deaths = its->done.deaths(offset);
    if (offset < watch.end && deaths >= static_cast<std::size_t>(options_.max_deaths)) {
      if (job->fields.fault.empty()) job->fields.fault = dead_after(deaths);
    } else if (offset < watch.end) {
      // It would keep its place for as long as the topic is paused.
      if (deaths > 0 && controls_.is_paused(its->tp.topic)) return;
      if (!may_admit(its, deaths)) return;
      if (offset >= its->done.started_below()) return want_starts(its, deaths);
      job->suspected = deaths > 0;
      if (job->suspected) ++watch.admitted;
    }
    watch.waiting.pop_front();
    queue_.push(job->waiting);
  }
}

void Board::admit_all() {
  for (const auto& [tp, its] : assignments_) admit(its);
  start_.notify_all();
}

void Board::unsuspect(Job& job) {
  if (!job.suspected) return;
  job.suspected = false;
  --job.assignment->watch.admitted;
  if (alone_ == job.assignment && alone_->watch.admitted == 0) alone_ = nullptr;
}

void Board::drop_watched(Assignment& assignment) {
  for (const JobPtr& job : assignment.watch.waiting) waiting_.erase(job->waiting.id);
  assignment.watch.waiting.clear();
}

void Board::note(const AssignmentPtr& its) {
  noted_.push_back(its);
  commit_.notify_one();
}

void Board::take_notes(const Claim& claim) {
  for (const auto& [its, done] : claim.offsets) {
    if (its->watch.leaving && done.started_below() == 0) {
      its->done.leave();
      its->watch.left = true;
    } else {
      its->done.start_below(done.started_below());
    }
  }
  settled_.notify_all();
  admit_all();
}

void Board::leave_one(const AssignmentPtr& its) {
  Assignment::Watch& watch = its->watch;
  if (watch.left) return;
  watch.leaving = true;
  watch.left = std::max(its->done.started_below(), watch.wanted) <= its->done.next();
  if (!watch.left) note(its);
}

void Board::leave(const std::vector<TopicPartition>& partitions) {
  const Lock lock(mutex_);
  for (const TopicPartition& tp : partitions) {
    const auto at = assignments_.find(tp);
    if (at != assignments_.end()) leave_one(at->second);
  }
}

void Board::leave_all() {
  const Lock lock(mutex_);
  for (const auto& [tp, its] : assignments_) {
    its->closing = true;
    leave_one(its);
  }
}

bool Board::left(const std::vector<TopicPartition>& partitions) {
  const Lock lock(mutex_);
  if (!committing_) return true;  // nobody would write it any more
  return std::all_of(partitions.begin(), partitions.end(), [&](const TopicPartition& tp) {
    const auto at = assignments_.find(tp);
    return at == assignments_.end() || at->second->watch.left;
  });
}

}  // namespace horolog::worker
