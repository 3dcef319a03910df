#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "horolog/error.hpp"
#include "horolog/types.hpp"
#include "scheduler/condition.hpp"
#include "scheduler/records.hpp"
#include "timekeeping/rule.hpp"

namespace horolog::scheduler {

/// Which of the nominal times missed in a downtime are fired after it.
enum class CatchUp : std::uint8_t {
  latest,  ///< the last one, carrying how many it stands for
  none,
  all,     ///< each, oldest first
};

/// What happens when a fire is due while the task of an earlier one has not been reported over.
enum class Overlap : std::uint8_t {
  allow,         ///< it is fired
  skip,          ///< it is not
  buffer_one,    ///< the first waits for the end, others are dropped
  buffer_all,    ///< up to 1000 wait
  cancel_other,  ///< the earlier is asked to stop, the newest waits for that
};

inline constexpr std::size_t most_waiting = 1'000;

/// The calendar of that name. Errc::not_found or corrupt: there is none that can be used. Any other
/// error passes, and says nothing about the calendar. Called while definitions are read.
using CalendarLookup =
    std::function<Result<std::shared_ptr<const timekeeping::Calendar>>(std::string_view name)>;

/// A schedule as it was accepted. Immutable.
struct Definition {
  std::string key;
  Offset generation = no_offset;
  Origin origin;
  /// The payload and all headers, as they were sent.
  OutRecord record;

  std::string target;
  std::optional<std::string> out_key;
  std::optional<PartitionIndex> out_partition;
  timekeeping::Rule rule;
  /// All of them must hold.
  std::vector<Condition> conditions{};
  /// With a time rule: it fires when the conditions hold, and at its times. Else it fires when
  /// both have come.
  bool either = false;
  /// horolog-calendar; and why it cannot be used: the rule is then one without it, and waits.
  std::string calendar, calendar_trouble;
  CatchUp catch_up = CatchUp::latest;
  timekeeping::DurationMs catch_up_window = timekeeping::day_ms;
  bool catch_up_on_resume = false;
  Overlap overlap = Overlap::allow;
  /// After that long an open run counts as lost, and its place is free.
  std::optional<timekeeping::DurationMs> timeout;
  /// Of a retry: the fire id, attempt and schedule that travel on. Otherwise empty and 1.
  std::string retry_of;
  std::int64_t attempt = 1;

  bool one_shot() const { return rule.kind() == timekeeping::RuleKind::at; }
  bool has_time() const { return rule.kind() != timekeeping::RuleKind::none; }
  /// Its times wait until its conditions hold.
  bool gated() const { return !conditions.empty() && has_time() && !either; }
  /// The time after which a nominal time counts, when nothing has fired yet.
  TimestampMs born_after() const;
};
using DefinitionPtr = std::shared_ptr<const Definition>;

/// Reads a definition from a command's headers. Errors say which header, which column of it, and
/// the fix. Does not look at whether the target exists or is allowed; a calendar that cannot be
/// used is no error here, because it may have been one that could.
Result<DefinitionPtr> parse_definition(std::string_view key, OutRecord record, Offset generation,
                                       const Origin& origin, const CalendarLookup& calendars);

}  // namespace horolog::scheduler
