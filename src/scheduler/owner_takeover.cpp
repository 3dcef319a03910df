#include <fmt/format.h>

#include "scheduler/names.hpp"
#include "scheduler/owner.hpp"

/// Owner: how a partition becomes its own.
namespace horolog::scheduler {

Status Owner::take_over(const std::function<TimestampMs()>& now) {
  owned_ = false;
  behind_ = false;
  pause_ms_ = 0;
  watching_.stop();
  stalls_ = {};
  notes_.clear();
  to_recheck_.clear();
  runs_read_.reset();
  read_to_ = 0;
  commands_end_ = 0;
  ++counts_.takeovers;
  HOROLOG_TRY(port_.init_producer());
  crossed("takeover-1");
  HOROLOG_ASSIGN(topics_, port_.topics());
  HOROLOG_TRY(check_same_topics(keeping_.topics, topics_));
  HOROLOG_ASSIGN(const Committed committed, port_.committed());
  HOROLOG_TRY(check_same_topics(committed.topics, topics_));
  committed_ = committed.offset;
  crossed("takeover-2");
  const TimestampMs asked = now();
  HOROLOG_ASSIGN(const Offset end, port_.log_end(Feed::state));
  crossed("takeover-3");
  HOROLOG_TRY(replay_to(end, asked));
  crossed("takeover-4");
  HOROLOG_TRY(start_reading());
  crossed("takeover-5");
  live_since_ = now();
  topics_seen_ = live_since_;
  owned_ = true;
  return {};
}

/// The position in the commands is what the state says. The group's offset expires and can be set
/// by anybody: it is a fence, not a position.
Status Owner::start_reading() {
  HOROLOG_ASSIGN(const Offset commands, port_.log_start(Feed::commands));
  if (!state_.has_meta()) {
    // With every position its meta record was committed; 0 may be somebody's reset.
    if (committed_ > 0)
      return Error(Errc::out_of_range,
                   fmt::format("the group's position in {}-{} is {}, but {}-{} is empty: what has "
                               "been fired is not known any more, so nothing is. Stop every "
                               "scheduler of the group, restore the topic, or accept that what "
                               "still stands in {} may fire again; then delete the group (horolog "
                               "group rm) and start", topic::commands, context_.partition,
                               committed_, topic::state, context_.partition, topic::commands));
    HOROLOG_ASSIGN(const Offset runs, port_.log_start(Feed::runs));
    return state_.replay(meta_record({.partitions = context_.partitions,
                                      .next_command = commands,
                                      .next_run = runs,
                                      .others = {}}));
  }
  const Meta& meta = state_.meta();
  if (meta.partitions != context_.partitions)
    return Error(Errc::invalid_argument,
                 fmt::format("{}-{} was written for {} partitions, but the topics have {}: their "
                             "number is fixed at creation", topic::state, context_.partition,
                             meta.partitions, context_.partitions));
  if (meta.next_command < commands)
    return Error(Errc::out_of_range,
                 fmt::format("{}-{} begins at {}, but the next command to be read is {}: commands "
                             "were deleted before they were read. Nothing is fired until the "
                             "topic is restored", topic::commands, context_.partition, commands,
                             meta.next_command));
  HOROLOG_ASSIGN(const Offset end, port_.log_end(Feed::commands));
  if (meta.next_command > end)
    return Error(Errc::out_of_range,
                 fmt::format("{}-{} ends at {}, but the next command to be read is {}: the topic "
                             "was made anew, or restored from an older copy. Nothing is fired "
                             "until all of it is there", topic::commands, context_.partition, end,
                             meta.next_command));
  return {};
}

}  // namespace horolog::scheduler
