#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "horolog/error.hpp"
#include "scheduler/condition_progress.hpp"
#include "scheduler/draft.hpp"
#include "scheduler/records.hpp"
#include "scheduler/state.hpp"
#include "scheduler/transaction.hpp"

namespace horolog::scheduler {

/// What a planner has to know beside the state. Borrowed for the planner's life.
struct PlanContext {
  PartitionIndex partition = 0;
  std::int32_t partitions = 1;
  /// Whether a definition's target may be written to and is there; the error is the reason of the
  /// rejection, unless it is one that passes (timed_out, closed, io, cancelled): then nothing can
  /// be decided now. Asked once, when a schedule is created.
  std::function<Status(const Definition&)> check_target;
  /// Whether the scheduler's own topics take a command's record, with what is added to it; errors
  /// as those of check_target. None: they do.
  std::function<Status(const OutRecord&)> check_size{};
  /// Where watching a topic begins in each of its partitions: at the first record with a timestamp
  /// of at least `since`, or at the last stable offset if that comes earlier. Asked once, when a
  /// condition is new; errors as those of check_target, Errc::not_found without such a topic.
  std::function<Result<std::vector<Offset>>(const std::string& topic, TimestampMs since)>
      watch_starts{};
  /// Asked before each fire.
  Refusal refusal{};
};

/// What is fired in one transaction.
struct Tick {
  TimestampMs now = 0;
  /// Since when this partition has been fired without interruption: what fell due before is a
  /// matter of catch-up.
  TimestampMs live_since = 0;
  /// Fires at most.
  std::size_t most_fires = 1'000;
  /// Backfilled ones among them at most: a backfill must not starve what is due now.
  std::size_t most_backfilled = 100;
  std::size_t most_bytes = 4U << 20;
  /// Targets that are left alone for now.
  std::function<bool(const std::string& target)> stalled{};
  /// Only this target, which is stalled and tried again.
  std::optional<std::string> only_target{};
  /// Whether everything that was committed to a watched topic by `now` has been read.
  std::function<bool(const std::string& topic)> read_to_end{};
};

/// Works out one transaction of a partition: commands and completions in the order they are read,
/// then what is due. Pure: the same state and inputs give the same transaction.
class Planner {
 public:
  Planner(const State& state, const PlanContext& context)
      : context_(context), draft_(state, context.refusal) {}

  /// The first transaction of a partition: says how many there are, and where reading begins.
  void start(Offset next_command, Offset next_run);
  /// The next record of the partition's commands.
  void command(const InRecord& in);
  /// The next record of the partition's runs.
  void run(const InRecord& in);
  /// Positions moved without records (markers, gaps made by compaction).
  void skip_to(Offset next_command, Offset next_run);
  /// The schedule's calendar has changed, and the state knows it.
  void calendar_changed(const std::string& key, TimestampMs now);
  /// A watched partition's next record. False: there is no more room in this transaction, and the
  /// record has not been taken.
  bool watched(const WatchedRecord& record, const Tick& tick);
  /// Watched partitions have been read up to there, be it over records that changed nothing.
  void watched_to(const std::map<TopicPartition, Offset>& positions, bool write);
  /// A partition that is new, of a topic that is watched.
  void watch_from(const TopicPartition& place, Offset next);
  /// The watched topic of that name is this one.
  void watched_id(const std::string& topic, const Uuid& id) {
    draft_.watched_id(topic, id);
    draft_.write_positions();
  }
  /// A watched topic was deleted: one of the same name will be read from its beginning.
  void topic_gone(const std::string& topic, const WatchIndex& watchers);
  /// Schedules are created or changed that look at other topics: what came there is for the next
  /// transaction, which knows them.
  bool changes_watching() const;
  /// A group's lag behind a topic, as it is now.
  void lag(const WatchIndex::Lag& which, std::int64_t lag, TimestampMs now);
  /// Something for the history that is not about one fire.
  void note(RunRecord run) { draft_.run(std::move(run)); }
  /// Fires what is due, oldest first. True when more is due than fitted.
  bool due(const Tick& tick);

  std::size_t records() const { return draft_.records(); }
  /// Set when a command could not be decided on: nothing of this may be written.
  const std::optional<Error>& postponed() const { return draft_.postponed(); }
  Transaction finish() && { return std::move(draft_).finish(); }

 private:
  const PlanContext& context_;
  Draft draft_;
};

}  // namespace horolog::scheduler
