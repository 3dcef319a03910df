#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "scheduler/draft.hpp"
#include "scheduler/entry.hpp"
#include "scheduler/planner.hpp"
#include "scheduler/span.hpp"

/// What happens to one schedule's fires: the rules of catch-up, overlap and limit. Internal to the
/// planner.
namespace horolog::scheduler {

/// Most nominal times looked at in one step; the rest is for the next one.
inline constexpr std::int64_t most_times_per_step = 10'000;

/// A run record about a schedule, to be completed.
RunRecord run_of(const Entry& entry, std::string_view event, TimestampMs now);
/// Names times that are not fired, when there are any.
void name_span(Draft& draft, const Entry& entry, std::string_view event, const Span& span,
               std::string_view reason, TimestampMs now);

/// The cursor counts for the entry's definition from now on.
void adopt_generation(Entry& entry);
/// Decides by the overlap policy about one more fire: it waits, or a run record says why not.
void admit(Draft& draft, Entry& entry, WaitingFire fire, TimestampMs now);
/// Writes the fires that nothing holds back.
void launch(Draft& draft, Entry& entry, TimestampMs now);
/// Nominal times up to `until` that had not fired when a command ended their definition, also those
/// that fell in a pause or that jitter held back: named, so that none vanishes. Waiting fires and
/// backfills likewise.
void void_unfired(Draft& draft, Entry& entry, TimestampMs until, std::string_view reason,
                  TimestampMs now);
/// One thing that is due at `tick.now`: a lost run, a waiting fire, a nominal time.
void step(Draft& draft, Entry& entry, const Tick& tick);
/// One nominal time of the oldest backfill.
void fill(Draft& draft, Entry& entry, TimestampMs now);
/// Removes a schedule that is over.
void end_if_over(Entry& entry);

}  // namespace horolog::scheduler
