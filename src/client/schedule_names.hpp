#pragma once

#include <array>
#include <string_view>
#include <utility>

/// The names that the scheduler's FORMAT.md fixes: topics, headers, events. Nothing else spells
/// them.
namespace horolog::schedule_names {

namespace topic {
inline constexpr std::string_view commands = "horolog.schedules";
inline constexpr std::string_view state = "horolog.schedules.state";
inline constexpr std::string_view runs = "horolog.runs";
inline constexpr std::string_view calendars = "horolog.calendars";
}  // namespace topic

/// The start of every header that is ours; the others travel through untouched.
inline constexpr std::string_view header_prefix = "horolog-";
/// A retry's key is this, the fire id, a colon, and the attempt.
inline constexpr std::string_view retry_prefix = "retry:";

namespace header {
inline constexpr std::string_view topic = "horolog-topic";
inline constexpr std::string_view at = "horolog-at";
inline constexpr std::string_view delay = "horolog-delay";
inline constexpr std::string_view every = "horolog-every";
inline constexpr std::string_view phase = "horolog-phase";
inline constexpr std::string_view cron = "horolog-cron";
inline constexpr std::string_view when = "horolog-when";
inline constexpr std::string_view when_mode = "horolog-when-mode";
inline constexpr std::string_view timezone = "horolog-timezone";
inline constexpr std::string_view start = "horolog-start";
inline constexpr std::string_view end = "horolog-end";
inline constexpr std::string_view limit = "horolog-limit";
inline constexpr std::string_view jitter = "horolog-jitter";
inline constexpr std::string_view calendar = "horolog-calendar";
inline constexpr std::string_view shift = "horolog-shift";
inline constexpr std::string_view dst_gap = "horolog-dst-gap";
inline constexpr std::string_view dst_fold = "horolog-dst-fold";
inline constexpr std::string_view dialect = "horolog-dialect";
inline constexpr std::string_view key = "horolog-key";
inline constexpr std::string_view partition = "horolog-partition";
inline constexpr std::string_view catch_up = "horolog-catch-up";
inline constexpr std::string_view catch_up_window = "horolog-catch-up-window";
inline constexpr std::string_view catch_up_on_resume = "horolog-catch-up-on-resume";
inline constexpr std::string_view overlap = "horolog-overlap";
inline constexpr std::string_view max_attempts = "horolog-max-attempts";
inline constexpr std::string_view backoff = "horolog-backoff";
inline constexpr std::string_view timeout = "horolog-timeout";
inline constexpr std::string_view priority = "horolog-priority";
inline constexpr std::string_view expires = "horolog-expires";
inline constexpr std::string_view lane = "horolog-lane";
inline constexpr std::string_view labels = "horolog-labels";
inline constexpr std::string_view if_generation = "horolog-if-generation";
inline constexpr std::string_view action = "horolog-action";
inline constexpr std::string_view from = "horolog-from";
inline constexpr std::string_view to = "horolog-to";
inline constexpr std::string_view attempt = "horolog-attempt";
inline constexpr std::string_view schedule = "horolog-schedule";
inline constexpr std::string_view fire_id = "horolog-fire-id";
inline constexpr std::string_view nominal_time = "horolog-nominal-time";
inline constexpr std::string_view fired_time = "horolog-fired-time";
inline constexpr std::string_view trigger = "horolog-trigger";
inline constexpr std::string_view missed = "horolog-missed";
inline constexpr std::string_view generation = "horolog-generation";
/// The occurrences that a condition fired for.
inline constexpr std::string_view cause = "horolog-cause";
/// On forwarded commands and on definitions: PARTITION/OFFSET/APPEND-MS of the command as sent.
inline constexpr std::string_view origin = "horolog-origin";
}  // namespace header

/// Headers of other schedulers that are understood too; times are epoch seconds.
namespace foreign {
inline constexpr std::string_view etf1_epoch = "scheduler-epoch";
inline constexpr std::string_view etf1_topic = "scheduler-target-topic";
inline constexpr std::string_view etf1_key = "scheduler-target-key";
inline constexpr std::string_view karafka_epoch = "schedule_target_epoch";
inline constexpr std::string_view karafka_topic = "schedule_target_topic";
inline constexpr std::string_view karafka_key = "schedule_target_key";
inline constexpr std::string_view karafka_partition = "schedule_target_partition";

/// Each with the header of ours that it means.
inline constexpr std::array<std::pair<std::string_view, std::string_view>, 7> meaning{{
    {etf1_epoch, header::at},
    {etf1_topic, header::topic},
    {etf1_key, header::key},
    {karafka_epoch, header::at},
    {karafka_topic, header::topic},
    {karafka_key, header::key},
    {karafka_partition, header::partition},
}};
}  // namespace foreign

/// Why a record was fired.
namespace trigger {
inline constexpr std::string_view time = "time";
inline constexpr std::string_view manual = "manual";
inline constexpr std::string_view backfill = "backfill";
inline constexpr std::string_view catch_up = "catch-up";
inline constexpr std::string_view retry = "retry";
inline constexpr std::string_view condition = "condition";
}  // namespace trigger

/// The events of run records. The scheduler writes the first group, workers the second.
namespace event {
inline constexpr std::string_view fired = "fired";
inline constexpr std::string_view missed = "missed";
inline constexpr std::string_view skipped = "skipped";
inline constexpr std::string_view overrun = "overrun";
inline constexpr std::string_view rejected = "rejected";
inline constexpr std::string_view stale = "stale";
inline constexpr std::string_view warned = "warned";
inline constexpr std::string_view stalled = "stalled";
inline constexpr std::string_view timed_out = "timed-out";
inline constexpr std::string_view cancel_requested = "cancel-requested";

inline constexpr std::string_view started = "started";
inline constexpr std::string_view succeeded = "succeeded";
inline constexpr std::string_view failed = "failed";
inline constexpr std::string_view dead = "dead";
inline constexpr std::string_view expired = "expired";
inline constexpr std::string_view stopped = "stopped";
inline constexpr std::string_view cancelled = "cancelled";
/// Of a task that was dead: it is there again as another one, or nobody wants it any more.
inline constexpr std::string_view retried = "retried";
inline constexpr std::string_view discarded = "discarded";
}  // namespace event

}  // namespace horolog::schedule_names
