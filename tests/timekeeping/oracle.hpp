#pragma once

#include <cctz/time_zone.h>

#include <array>
#include <random>
#include <string>
#include <vector>

#include "timekeeping/rule.hpp"

namespace horolog::timekeeping::testing {

/// A five-field cron as plain lists of booleans, and the text that says the same: made at random,
/// judged day by day and minute by minute with nothing of src/timekeeping.
struct PlainCron {
  std::array<bool, 60> minutes{};
  std::array<bool, 24> hours{};
  std::array<bool, 32> days{};
  std::array<bool, 13> months{};
  std::array<bool, 7> weekdays{};
  int days_before_last = -1;          ///< L-n
  int nearest_weekday = 0;            ///< nW
  int last_weekday_of_month = -1;     ///< nL
  int nth_weekday = -1, nth = 0;      ///< n#k
  bool minute_star = false, hour_star = false, day_star = false, weekday_star = false;
  std::string text;

  static PlainCron random(std::mt19937_64& random);
  bool on_day(cctz::civil_day day) const;
  bool at_minute(int hour, int minute) const {
    return hours[static_cast<std::size_t>(hour)] && minutes[static_cast<std::size_t>(minute)];
  }
  bool follows_real_time() const { return minute_star || hour_star; }
};

/// What a zone's wall clock shows in every minute of a stretch of time, as minutes since
/// 1970-01-01 00:00 on that clock.
struct WallMinutes {
  std::int64_t first_minute = 0;  ///< since the epoch, in UTC
  std::vector<std::int64_t> shown;

  static WallMinutes look(const cctz::time_zone& zone, std::int64_t first, std::size_t count);
};

/// The UTC minutes at which the cron fires, by walking through all of them: the definition of the
/// policies, spelled out.
std::vector<std::int64_t> walk(const PlainCron& cron, const WallMinutes& walls, Gap gap,
                               Fold fold);

}  // namespace horolog::timekeeping::testing
