#include "broker/cleaner.hpp"

#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <limits>

#include "base/log.hpp"

namespace horolog::broker {
namespace {

constexpr int niceness = 10;
constexpr std::int64_t unlimited = std::numeric_limits<std::int64_t>::max();

/// Expected ends of a clean that say nothing about the log.
bool is_harmless(Errc code) {
  return code == Errc::closed || code == Errc::cancelled || code == Errc::busy;
}

bool is_due(const storage::Cleanable& cleanable, const storage::LogConfig& config) {
  return cleanable.overdue || cleanable.dirty_ratio() > config.min_cleanable_dirty_ratio;
}

}  // namespace

Cleaner::~Cleaner() { stop(); }

void Cleaner::start() {
  const auto config = context_.config();
  if (!config->cleaner.enable) return;
  for (int i = 0; i < config->cleaner.threads; ++i) {
    threads_.emplace_back([this] { run(); });
    pthread_setname_np(threads_.back().native_handle(), "cleaner");
  }
}

void Cleaner::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

bool Cleaner::stopping() const {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

void Cleaner::run() {
  // On Linux this is the calling thread's own; where it is refused, it runs like the others.
  static_cast<void>(::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), niceness));
  while (!stopping()) {
    if (!context_.store.failure() && clean_one()) continue;
    const std::chrono::milliseconds backoff(context_.config()->cleaner.backoff_ms);
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, backoff, [this] { return stopping_; });
  }
}

bool Cleaner::clean_one() {
  const auto candidate = take();
  if (!candidate) return false;
  const bool done = clean(*candidate);
  give_back(*candidate->partition);
  return done;
}

std::optional<Cleaner::Candidate> Cleaner::take() {
  const TimestampMs now = context_.clock.wall_ms();
  std::vector<Candidate> compacted;
  double dirtiest = 0;
  for (const auto& partition : context_.partitions.all()) {
    const auto config = partition->log().config();
    if (!config->cleanup_compact) continue;
    auto cleanable = partition->log().cleanable(now);
    if (!cleanable) {
      if (!is_harmless(cleanable.error().code())) note_failure(*partition, cleanable.error());
      continue;
    }
    dirtiest = std::max(dirtiest, cleanable->dirty_ratio());
    if (cleanable->dirty_bytes > 0) compacted.push_back({partition, *cleanable});
  }
  context_.cleaner_metrics.dirty_permille_max.set(static_cast<std::int64_t>(dirtiest * 1000));
  const bool low = !context_.store.disk_has_room();
  const std::lock_guard lock(mutex_);
  if (stopping_) return std::nullopt;
  resting_ = resting_ && low;
  if (resting_ || (low && !busy_.empty())) return std::nullopt;
  std::erase_if(compacted, [&](const Candidate& candidate) {
    const Partition& partition = *candidate.partition;
    const auto failed = uncleanable_.find(partition.id());
    return busy_.contains(partition.id()) ||
           (failed != uncleanable_.end() && failed->second == partition.log().topic_id());
  });
  auto chosen = choose(compacted, low);
  if (chosen) busy_.insert(chosen->partition->id());
  return chosen;
}

std::optional<Cleaner::Candidate> Cleaner::choose(const std::vector<Candidate>& due,
                                                  bool low) const {
  std::optional<Candidate> best;
  for (const Candidate& candidate : due) {
    const storage::Cleanable& now = candidate.cleanable;
    if (low) {
      if (!best || now.dirty_bytes > best->cleanable.dirty_bytes) best = candidate;
      continue;
    }
    if (!is_due(now, *candidate.partition->log().config())) continue;
    const bool before = !best || now.overdue > best->cleanable.overdue ||
                        (now.overdue == best->cleanable.overdue &&
                         now.dirty_ratio() > best->cleanable.dirty_ratio());
    if (before) best = candidate;
  }
  return best;
}

bool Cleaner::clean(const Candidate& candidate) {
  const auto config = context_.config();
  const bool low = !context_.store.disk_has_room();
  Partition& partition = *candidate.partition;
  storage::CleanOptions options;
  options.map_bytes = static_cast<std::size_t>(config->cleaner.dedupe_buffer_bytes /
                                               std::max(config->cleaner.threads, 1));
  options.map_load = config->cleaner.dedupe_buffer_load;
  options.free_bytes = context_.store.disk_space().free_bytes;
  options.pace = [this](std::uint64_t bytes) { return pace(bytes); };
  const MonoNs started = context_.clock.mono_ns();
  const TimestampMs now = context_.clock.wall_ms();
  const auto outcome = partition.log().clean(options, now);
  if (!outcome) {
    note_failure(partition, outcome.error());
    return false;
  }
  CleanerMetrics& metrics = context_.cleaner_metrics;
  const MonoNs took = context_.clock.mono_ns() - started;
  metrics.cleans.add();
  metrics.seconds.record_ns(took);
  metrics.bytes_read.add(outcome->bytes_read);
  metrics.bytes_before.add(outcome->bytes_before);
  metrics.bytes_after.add(outcome->bytes_after);
  metrics.records_removed.add(outcome->records_read - outcome->records_kept);
  log::info("cleaner", "log compacted",
            {log::field("partition", partition.id().to_string()), log::field("from", outcome->from),
             log::field("to", outcome->to), log::field("bytes_before", outcome->bytes_before),
             log::field("bytes_after", outcome->bytes_after),
             log::field("segments_before", outcome->segments_before),
             log::field("segments_after", outcome->segments_after),
             log::field("keys", outcome->map_keys), log::field("ms", took / 1'000'000)});
  if (!low) return outcome->to > outcome->from;
  // What was replaced waits for its delay no longer: the space is what this was done for.
  const Status purged =
      partition.log().purge_deleted(now + partition.log().config()->file_delete_delay_ms);
  if (!purged) note_failure(partition, purged.error());
  const std::lock_guard lock(mutex_);
  resting_ = outcome->bytes_after >= outcome->bytes_before;
  return !resting_;
}

void Cleaner::note_failure(const Partition& partition, const Error& error) {
  if (is_harmless(error.code())) return;
  const auto where = log::field("partition", partition.id().to_string());
  const auto why = log::field("error", error.message());
  if (error.code() == Errc::disk_full) {
    log::warn("cleaner", "no room to compact a log; it is tried again later", {where, why});
    const std::lock_guard lock(mutex_);
    resting_ = !context_.store.disk_has_room();
    return;
  }
  context_.cleaner_metrics.failures.add();
  log::error("cleaner",
             "a log cannot be compacted and is left as it is until a restart; others go on",
             {where, why});
  const std::lock_guard lock(mutex_);
  uncleanable_[partition.id()] = partition.log().topic_id();
  context_.cleaner_metrics.uncleanable.set(static_cast<std::int64_t>(uncleanable_.size()));
}

void Cleaner::give_back(const Partition& partition) {
  const std::lock_guard lock(mutex_);
  busy_.erase(partition.id());
}

Status Cleaner::pace(std::uint64_t bytes) {
  const std::int64_t rate = context_.config()->cleaner.io_max_bytes_per_second;
  std::unique_lock lock(mutex_);
  const auto stopped = [this] { return stopping_; };
  if (rate > 0 && rate < unlimited) {
    const MonoNs now = context_.clock.mono_ns();
    const MonoNs begin = std::max(now, next_byte_at_);
    const double seconds = static_cast<double>(bytes) / static_cast<double>(rate);
    next_byte_at_ = begin + static_cast<MonoNs>(seconds * 1e9);
    wake_.wait_for(lock, std::chrono::nanoseconds(begin - now), stopped);
  }
  return stopping_ ? Status(Error(Errc::cancelled, "the broker stops")) : Status();
}

}  // namespace horolog::broker
