#include "scheduler/entry.hpp"

#include <algorithm>

namespace horolog::scheduler {

std::optional<TimestampMs> Entry::next_of_rule() const {
  if (!definition) return std::nullopt;
  if (const auto limit = definition->rule.limit(); limit && fired() >= *limit) return std::nullopt;
  TimestampMs after = definition->born_after();
  if (cursor.nominal_ms) after = std::max(after, *cursor.nominal_ms);
  if (cursor.base_ms) after = std::max(after, *cursor.base_ms);
  return definition->rule.next(after);
}

std::optional<TimestampMs> Entry::next_nominal() const {
  return cursor.paused_ms ? std::nullopt : next_of_rule();
}

std::optional<TimestampMs> Entry::wake() const {
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
  return definition && cursor.waiting.empty() && cursor.backfills.empty() && !next_of_rule();
}

const std::string& Entry::target() const {
  static const std::string none;
  return definition ? definition->target : none;
}

}  // namespace horolog::scheduler
