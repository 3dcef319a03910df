#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "horolog/error.hpp"
#include "horolog/types.hpp"
#include "timekeeping/calendar.hpp"

namespace horolog::scheduler {

/// The rules in a record of `horolog.calendars`. Errc::corrupt names the field that is wrong.
Result<timekeeping::CalendarRules> parse_calendar_rules(std::string_view name,
                                                        std::string_view json);

/// The calendars as one reader has read them. Thread-safe.
class CalendarTable {
 public:
  using Found = std::shared_ptr<const timekeeping::Calendar>;

  /// A record of the topic; without a value the calendar is gone. One that cannot be read counts as
  /// gone, with the reason.
  void replay(Offset offset, TimestampMs set_at, const std::string& name,
              const std::optional<std::string>& json);
  /// Everything before that offset has been replayed.
  void reached(Offset position);
  /// Waits until reached(end) was called, at most `patience_ms`.
  bool wait_until(Offset end, int patience_ms);

  /// Errc::not_found or corrupt with the reason.
  Result<Found> find(std::string_view name) const;
  /// The number of the last change.
  std::uint64_t changes() const;
  /// Names that changed after the change of that number; sets it to the last one's.
  std::set<std::string> changed_since(std::uint64_t& change) const;

 private:
  struct Slot {
    Found calendar;
    std::string trouble;
    std::uint64_t change = 0;
  };
  mutable std::mutex mutex_;
  std::condition_variable moved_;
  std::map<std::string, Slot, std::less<>> slots_;
  std::uint64_t changes_ = 0;
  Offset position_ = 0;
};

}  // namespace horolog::scheduler
