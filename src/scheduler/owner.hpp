#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "horolog/error.hpp"
#include "scheduler/local_copy.hpp"
#include "scheduler/partition_port.hpp"
#include "scheduler/planner.hpp"
#include "scheduler/stalls.hpp"
#include "scheduler/state.hpp"
#include "scheduler/watching.hpp"

namespace horolog::scheduler {

/// What an owner's tick came to.
enum class Ticked : std::uint8_t {
  idle,            ///< nothing to do before Owner::wake()
  more,            ///< something was written, and there may be more at once
  wait_for_group,  ///< the generation moved: go on with Owner::rejoined() when the new one is known
  dropped,         ///< the partition is not ours, or we cannot know: the whole takeover again
};

/// What happened, for metrics. Only ever grows.
struct OwnerCounts {
  std::uint64_t fired = 0, missed = 0, skipped = 0, rejected = 0, stalled = 0;
  std::uint64_t commands = 0, committed = 0, aborted = 0, takeovers = 0;
};

/// Owns one partition: takes it over, reads its commands and completions, fires what is due, one
/// transaction at a time. Nothing changes in memory before its transaction is known to be
/// committed. Does no I/O but through the port and reads no clock. One thread at a time.
class Owner {
 public:
  struct Hooks {
    /// Told at each step boundary of a takeover and a tick; tests stop a process there.
    std::function<void(std::string_view step)> crossed;
    /// Told of each fire, after its commit.
    std::function<void(const Fire&)> visible;
  };

  /// Where the state is while it rests.
  struct Keeping {
    LocalCopy copy{};
    /// delete.retention.ms of the state topic: what was not read for longer may lack deletes, and
    /// is read anew.
    TimestampMs longest_gap_ms = 86'400'000;
    /// What the state is of. Nothing is fired for other topics of these names.
    TopicIdentity topics{};
  };
  Owner(PlanContext context, PartitionPort& port, CalendarLookup calendars, Hooks hooks,
        Keeping keeping);
  Owner(PlanContext context, PartitionPort& port, CalendarLookup calendars, Hooks hooks)
      : Owner(std::move(context), port, std::move(calendars), std::move(hooks), Keeping{}) {}

  /// Reads on in the state, which somebody else writes: what was committed at and after
  /// state_position(), a batch of it, so that a takeover has little left to read. An error passes:
  /// call it again later.
  Status follow(TimestampMs now);
  /// Whether following leads anywhere: not where deletes vanish faster than they can be read.
  bool can_follow() const { return keeping_.longest_gap_ms >= least_gap_ms; }
  /// Everything committed was read when follow() returned.
  bool at_end() const { return at_end_; }
  /// The first offset of the state that is not in memory.
  Offset state_position() const { return state_position_; }
  /// Makes a checkpoint, if enough has changed since the last one. An owner also looks whether it
  /// still knows everything, if nothing happened for long.
  void keep(TimestampMs now);
  /// Makes a checkpoint if anything has changed. For the end.
  void keep_all(TimestampMs now);

  /// Takes the partition over, in six steps; `now` is read at the end. On an error nothing has
  /// been fired, and the partition is not owned.
  Status take_over(const std::function<TimestampMs()>& now);
  bool owned() const { return owned_; }
  /// It is somebody else's from now on.
  void drop() {
    owned_ = false;
    watching_.stop();
  }

  /// One tick at `now`: reads what has come, then writes at most one transaction.
  Ticked tick(TimestampMs now, const Membership& membership);
  /// After wait_for_group: the partition is still assigned in a new generation. False: it moved
  /// meanwhile, and has been dropped.
  bool rejoined();
  /// Fires are held: the wall clock made a leap that is not confirmed.
  void hold(bool held) { held_ = held; }
  /// Nothing was fired since then (a suspended machine): what was due is a matter of catch-up.
  void resumed_at(TimestampMs now) { live_since_ = now; }

  /// These calendars have changed since the definitions that use them were read.
  void calendars_changed(const std::set<std::string>& names) {
    changed_calendars_.insert(names.begin(), names.end());
  }

  /// A transaction was aborted a moment ago: ticks do nothing for a while.
  bool paused(TimestampMs now) const { return now >= paused_at_ && now - paused_at_ < pause_ms_; }
  /// When the next tick has something to do without anything being sent; nullopt: never.
  std::optional<TimestampMs> wake() const;
  const State& state() const { return state_; }
  const OwnerCounts& counts() const { return counts_; }
  const Stalls& stalls() const { return stalls_; }
  Offset next_command() const { return state_.meta().next_command; }
  /// Where reading goes on: not before next_command(), and behind markers and aborted commands.
  Offset read_to() const { return std::max(read_to_, next_command()); }
  /// What was committed at the last tick and is not read yet.
  Offset lag() const { return std::max<Offset>(0, commands_end_ - read_to()); }

 private:
  /// Deletes must stay in the topic for longer than an idle partition is not looked at.
  static constexpr TimestampMs least_gap_ms = 60'000;

  bool recent(TimestampMs as_of, TimestampMs now) const;
  /// Whether the state in memory is that of the topic at state_position_.
  bool trusted(TimestampMs now) const;
  Status look_at_topics(TimestampMs now);
  Status begin(TimestampMs now);
  Status absorb(const Batch& batch, TimestampMs asked);
  Status replay_to(Offset end, TimestampMs asked);
  Status apply_changed_calendars();
  void save(TimestampMs now);
  Status start_reading();
  Result<std::vector<InRecord>> read_until(Feed feed, Offset from, Offset until, Offset& next);
  void read_changed_calendars(Planner& planner, TimestampMs now);
  Result<bool> gather(Planner& planner, TimestampMs now);
  Ticked write(Planner planner, TimestampMs now, const Membership& membership, bool more,
               const std::optional<std::string>& alone);
  Ticked settle(const Written& written, const Transaction& transaction, TimestampMs now, bool more,
                const std::optional<std::string>& alone);
  void commit(const Transaction& transaction, Offset state_next, TimestampMs now);
  Ticked give_up(std::string_view why);
  void crossed(std::string_view step) const {
    if (hooks_.crossed) hooks_.crossed(step);
  }

  PlanContext context_;
  PartitionPort& port_;
  CalendarLookup calendars_;
  Hooks hooks_;
  Keeping keeping_;
  State state_;
  Watching watching_;
  /// state_ holds everything that was committed below state_position_.
  bool following_ = false;
  bool looked_for_checkpoint_ = false;
  bool at_end_ = false;
  /// When everything committed in the state was below state_position_.
  TimestampMs as_of_ = 0;
  /// Of the last checkpoint.
  TimestampMs saved_at_ = 0, saved_as_of_ = 0;
  std::uint64_t saved_replayed_ = 0;
  Stalls stalls_;
  std::vector<RunRecord> notes_;
  std::set<std::string> changed_calendars_;
  /// Schedules of which the history does not say yet what a changed calendar did to them.
  std::set<std::string> to_recheck_;
  OwnerCounts counts_;
  TimestampMs live_since_ = 0;
  Offset state_position_ = 0;
  Offset committed_ = no_offset;
  Offset read_to_ = 0;
  Offset commands_end_ = 0;
  /// As the takeover found them.
  TopicIdentity topics_;
  std::optional<TimestampMs> topics_seen_;
  /// The last transactions failed: nothing is tried for so long.
  TimestampMs pause_ms_ = 0, paused_at_ = 0;
  std::optional<TimestampMs> runs_read_;
  /// More was due at the last tick than fitted into it.
  bool behind_ = false;
  bool owned_ = false;
  bool held_ = false;
};

}  // namespace horolog::scheduler
