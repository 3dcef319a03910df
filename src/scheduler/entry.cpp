#include "scheduler/entry.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "timekeeping/spec_error.hpp"

namespace horolog::scheduler {
namespace {

/// Days without a working one that are taken for good.
constexpr timekeeping::DayNumber longest_closure = 3'653;

}  // namespace


bool Entry::limit_reached() const {
  // One time or one occurrence, whichever comes first.
  if (definition->either && definition->one_shot() && fired() > 0) return true;
  const auto limit = definition->rule.limit();
  return limit && fired() >= *limit;
}

TimestampMs Entry::dealt_until() const {
  TimestampMs until = definition->born_after();
  if (cursor.nominal_ms) until = std::max(until, *cursor.nominal_ms);
  if (cursor.base_ms) until = std::max(until, *cursor.base_ms);
  return until;
}

std::optional<TimestampMs> Entry::next_of_rule() const {
  if (!definition || limit_reached() || !definition->calendar_trouble.empty()) return std::nullopt;
  return definition->rule.next(dealt_until());
}

std::string Entry::held_by_calendar() const {
  if (!definition) return {};
  if (!definition->calendar_trouble.empty()) return definition->calendar_trouble;
  const auto& calendar = definition->rule.calendar();
  if (!calendar) return {};
  const TimestampMs from = definition->one_shot() ? definition->rule.at() : dealt_until();
  const auto day = timekeeping::day_of(timekeeping::floor_div(from, 1'000));
  if (!calendar->excludes_everything(day, longest_closure)) return {};
  return fmt::format("calendar {} has every day off for ten years: no time is left",
                     timekeeping::quoted(calendar->name()));
}

std::optional<TimestampMs> Entry::next_nominal() const {
  return cursor.paused_ms ? std::nullopt : next_of_rule();
}

std::optional<TimestampMs> Entry::wake() const {
  const auto first = wake_without_conditions();
  const auto other = wake_of_conditions();
  return first && other ? std::min(*first, *other) : first ? first : other;
}

std::optional<TimestampMs> Entry::wake_of_conditions() const {
  if (!definition || !cursor.when || cursor.paused_ms) return std::nullopt;
  std::optional<TimestampMs> first;
  const auto sooner = [&first](TimestampMs at) { first = std::min(first.value_or(at), at); };
  const auto& each = cursor.when->each;
  for (std::size_t i = 0; i < std::min(each.size(), definition->conditions.size()); ++i)
    if (const auto at = each[i].wake(definition->conditions[i])) sooner(*at);
  if (const auto end = definition->rule.end(); end && !definition->gated()) sooner(*end + 1);
  return first;
}

bool Entry::awaits_condition() const {
  if (definition->conditions.empty()) return false;
  return !definition->gated() || (cursor.when && cursor.when->gate);
}

std::optional<TimestampMs> Entry::wake_without_conditions() const {
  if (!definition)
    return cursor.cancelled ? std::optional(cursor.cancelled->appended_ms + grave_ms)
                            : std::nullopt;
  std::optional<TimestampMs> first;
  if (may_launch()) first = cursor.waiting.front().nominal_ms;
  if (const auto nominal = next_nominal()) {
    const TimestampMs due = definition->rule.due(*nominal);
    first = std::min(first.value_or(due), due);
  }
  if (definition->timeout) {
    for (const OpenRun& run : cursor.open) {
      const TimestampMs lost = run.fired_ms + *definition->timeout;
      first = std::min(first.value_or(lost), lost);
    }
  }
  return first;
}

bool Entry::may_launch() const {
  return definition && !cursor.waiting.empty() &&
         (definition->overlap == Overlap::allow || cursor.open.empty());
}

bool Entry::busy() const {
  return definition->overlap != Overlap::allow &&
         !(cursor.open.empty() && cursor.waiting.empty());
}

bool Entry::over() const {
  return definition && cursor.waiting.empty() && cursor.backfills.empty() && !next_of_rule() &&
         (limit_reached() || (held_by_calendar().empty() && !awaits_condition()));
}

const std::string& Entry::target() const {
  static const std::string none;
  return definition ? definition->target : none;
}

}  // namespace horolog::scheduler
