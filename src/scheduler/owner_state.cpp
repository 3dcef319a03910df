#include <algorithm>
#include <utility>

#include "base/log.hpp"
#include "scheduler/owner.hpp"

/// Owner: its copy of the state, while the partition is its own and while it is somebody else's.
namespace horolog::scheduler {
namespace {

/// No two checkpoints within this time, whatever happens.
constexpr TimestampMs between_checkpoints_ms = 10'000;
/// Records that are rather read again at a start than written to a checkpoint now.
constexpr std::uint64_t few_records = 10'000;
constexpr std::size_t most_brought = 2'000, most_awake = 20'000;

}  // namespace

/// Whether every delete since then is still in the topic. A tenth is for clocks that are set back.
bool Owner::recent(TimestampMs as_of, TimestampMs now) const {
  const TimestampMs margin = keeping_.longest_gap_ms / 10;
  return now - as_of < keeping_.longest_gap_ms - margin && as_of - now < margin;
}

bool Owner::trusted(TimestampMs now) const {
  return following_ && can_follow() && state_.health().ok() && recent(as_of_, now);
}

/// From the checkpoint, which is asked for once: what is in memory later is as good. Else empty.
Status Owner::begin(TimestampMs now) {
  // The old mirror goes first: its space may be needed.
  following_ = false;
  at_end_ = false;
  state_ = State(calendars_);
  if (can_follow() && !std::exchange(looked_for_checkpoint_, true)) {
    if (auto kept = keeping_.copy.load(now, calendars_)) {
      if (recent(kept->as_of, now)) {
        state_ = std::move(kept->state);
        state_position_ = kept->position;
        as_of_ = saved_as_of_ = kept->as_of;
        saved_at_ = now;
        saved_replayed_ = 0;
        following_ = true;
        const auto used = state_.calendars_in_use();
        changed_calendars_.insert(used.begin(), used.end());
        return {};
      }
      log::warn("scheduler", "a checkpoint is discarded: deletes since then may have gone from the "
                             "topic, which is read anew",
                {log::field("partition", context_.partition),
                 log::field("age_ms", now - kept->as_of)});
    }
  }
  HOROLOG_ASSIGN(state_, keeping_.copy.fresh(now, calendars_));
  HOROLOG_ASSIGN(state_position_, port_.log_start(Feed::state));
  as_of_ = now;
  saved_at_ = saved_as_of_ = 0;
  saved_replayed_ = 0;
  changed_calendars_.clear();
  following_ = true;
  return {};
}

Status Owner::follow(TimestampMs now) {
  if (!trusted(now)) HOROLOG_TRY(begin(now));
  HOROLOG_TRY(apply_changed_calendars());
  HOROLOG_TRY(state_.advance(now, state_.due().size() < most_awake ? most_brought : 0));
  const auto batch = port_.read(Feed::state, state_position_, 0);
  if (!batch && batch.error().code() == Errc::out_of_range) following_ = false;
  if (!batch) return batch.error();
  return absorb(*batch, now);
}

Status Owner::absorb(const Batch& batch, TimestampMs asked) {
  for (const InRecord& in : batch.records) {
    const Status replayed = state_.replay(in.record);
    following_ = following_ && replayed.ok();
    HOROLOG_TRY(replayed);
  }
  state_position_ = batch.next;
  at_end_ = batch.next >= batch.end;
  if (at_end_) as_of_ = std::max(as_of_, asked);
  return {};
}

/// Up to the log's end, not to its last stable offset: the markers of one transaction reach each
/// partition at their own time, and what the last owner fired may be committed everywhere but here.
Status Owner::replay_to(Offset end, TimestampMs asked) {
  if (!trusted(asked)) HOROLOG_TRY(begin(asked));
  // A topic that is shorter than what was read of it has been restored or made anew.
  if (state_position_ > end) HOROLOG_TRY(begin(asked));
  if (state_position_ > end) HOROLOG_TRY(begin(asked));
  while (state_position_ < end) {
    const auto batch = port_.read(Feed::state, state_position_, 500);
    if (!batch && batch.error().code() == Errc::out_of_range) following_ = false;
    if (!batch) return batch.error();
    HOROLOG_TRY(absorb(*batch, asked));
  }
  as_of_ = std::max(as_of_, asked);
  return apply_changed_calendars();
}

/// What these calendars did is in the history already, or was never a matter of this process.
Status Owner::apply_changed_calendars() {
  if (changed_calendars_.empty()) return {};
  const auto keys = state_.calendars_changed(changed_calendars_);
  if (!keys) return keys.error();
  changed_calendars_.clear();
  return {};
}

/// The state's end alone says nothing, because an aborted transaction of ours moves it too: that
/// nothing is committed there but what we wrote does.
bool Owner::rejoined() {
  if (!owned_) return false;
  const auto committed = port_.committed();
  const auto end = port_.log_end(Feed::state);
  bool moved = !committed || !end || committed->offset != committed_;
  while (!moved && state_position_ < *end) {
    const auto batch = port_.read(Feed::state, state_position_, 500);
    moved = !batch || batch->next == state_position_ || !batch->records.empty();
    if (!moved) state_position_ = batch->next;
  }
  if (moved) give_up("the partition moved while the group was rebalancing");
  return !moved;
}

void Owner::keep(TimestampMs now) {
  if (!following_ || !keeping_.copy.is_kept() || now - saved_at_ < between_checkpoints_ms) return;
  const TimestampMs long_ago = now - keeping_.longest_gap_ms / 4;
  if (owned_ && as_of_ < long_ago) {
    const auto batch = port_.read(Feed::state, state_position_, 0);
    if (!batch) return;
    if (!batch->records.empty()) {
      give_up("somebody else has written its state");
      return;
    }
    state_position_ = batch->next;
    if (batch->next >= batch->end) as_of_ = now;
  }
  const std::uint64_t unsaved = state_.replayed() - saved_replayed_;
  const std::uint64_t many = std::max<std::uint64_t>(few_records, state_.definitions() / 4);
  if (unsaved >= many || (saved_as_of_ < long_ago && as_of_ >= long_ago)) save(now);
}

void Owner::keep_all(TimestampMs now) {
  if (following_ && state_.replayed() > saved_replayed_) save(now);
}

void Owner::save(TimestampMs now) {
  saved_at_ = now;
  const Status saved = keeping_.copy.save(state_, state_position_, as_of_);
  if (saved) {
    saved_as_of_ = as_of_;
    saved_replayed_ = state_.replayed();
  } else {
    log::warn("scheduler", "no checkpoint was made: a start will read more of the topic",
              {log::field("partition", context_.partition),
               log::field("error", saved.error().message())});
  }
}

}  // namespace horolog::scheduler
