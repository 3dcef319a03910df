#include "tests/timekeeping/oracle.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace horolog::timekeeping::testing {
namespace {

/// A random field: its text, its values in `out`, and whether it begins with a star.
template <std::size_t N>
std::string random_field(std::mt19937_64& random, int min, std::array<bool, N>& out, bool& star,
                         int star_percent) {
  const int max = static_cast<int>(N) - 1;
  const auto below = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  star = below(100) < star_percent;
  if (star) {
    const int step = below(3) == 0 ? 1 + below(max - min) : 1;
    for (int v = min; v <= max; v += step) out[static_cast<std::size_t>(v)] = true;
    return step == 1 ? "*" : fmt::format("*/{}", step);
  }
  std::string text;
  for (int items = 1 + below(3); items > 0; --items) {
    const int a = min + below(max - min + 1), b = a + below(max - a + 1), step = 1 + below(5);
    const int form = below(3);
    for (int v = a; v <= (form == 0 ? a : b); v += form == 2 ? step : 1) {
      out[static_cast<std::size_t>(v)] = true;
    }
    text += text.empty() ? "" : ",";
    text += form == 0   ? fmt::format("{}", a)
            : form == 1 ? fmt::format("{}-{}", a, b)
                        : fmt::format("{}-{}/{}", a, b, step);
  }
  return text;
}

int weekday(cctz::civil_day day) {
  return (static_cast<int>(cctz::get_weekday(day)) + 1) % 7;  // cctz counts from Monday
}

bool is_workday(cctz::civil_day day) { return weekday(day) != 0 && weekday(day) != 6; }

bool same_month(cctz::civil_day a, cctz::civil_day b) {
  return cctz::civil_month(a) == cctz::civil_month(b);
}

/// Whether `day` is the workday of its month that is nearest to its n-th.
bool is_nearest(cctz::civil_day day, int n) {
  const cctz::civil_day wanted = cctz::civil_day(cctz::civil_month(day)) + (n - 1);
  if (!same_month(wanted, day) || !is_workday(day)) return false;
  for (const int distance : {0, -1, 1, -2, 2}) {
    const cctz::civil_day candidate = wanted + distance;
    if (same_month(candidate, wanted) && is_workday(candidate)) return candidate == day;
  }
  return false;
}

}  // namespace

PlainCron PlainCron::random(std::mt19937_64& random) {
  PlainCron out;
  bool month_star = false;
  const std::string minute = random_field(random, 0, out.minutes, out.minute_star, 20);
  const std::string hour = random_field(random, 0, out.hours, out.hour_star, 20);
  std::string day = random_field(random, 1, out.days, out.day_star, 60);
  const std::string month = random_field(random, 1, out.months, month_star, 70);
  std::string week = random_field(random, 0, out.weekdays, out.weekday_star, 60);
  switch (random() % 12) {
    case 0:
      out.days.fill(false);
      out.day_star = false;
      out.days_before_last = static_cast<int>(random() % 5);
      day = out.days_before_last == 0 ? "L" : fmt::format("L-{}", out.days_before_last);
      break;
    case 1:
      out.days.fill(false);
      out.day_star = false;
      out.nearest_weekday = 1 + static_cast<int>(random() % 31);
      day = fmt::format("{}W", out.nearest_weekday);
      break;
    case 2:
      out.weekdays.fill(false);
      out.weekday_star = false;
      out.last_weekday_of_month = static_cast<int>(random() % 7);
      week = fmt::format("{}L", out.last_weekday_of_month);
      break;
    case 3:
      out.weekdays.fill(false);
      out.weekday_star = false;
      out.nth_weekday = static_cast<int>(random() % 7);
      out.nth = 1 + static_cast<int>(random() % 5);
      week = fmt::format("{}#{}", out.nth_weekday, out.nth);
      break;
    default: break;
  }
  out.text = fmt::format("{} {} {} {} {}", minute, hour, day, month, week);
  return out;
}

bool PlainCron::on_day(cctz::civil_day day) const {
  if (!months[static_cast<std::size_t>(day.month())]) return false;
  bool by_month = days[static_cast<std::size_t>(day.day())];
  if (days_before_last >= 0) {
    by_month = same_month(day + days_before_last, day) &&
               !same_month(day + days_before_last + 1, day);
  }
  if (nearest_weekday > 0) by_month = is_nearest(day, nearest_weekday);
  bool by_week = weekdays[static_cast<std::size_t>(weekday(day))];
  if (last_weekday_of_month >= 0) {
    by_week = weekday(day) == last_weekday_of_month && !same_month(day + 7, day);
  }
  if (nth_weekday >= 0) by_week = weekday(day) == nth_weekday && (day.day() - 1) / 7 + 1 == nth;
  return day_star || weekday_star ? by_month && by_week : by_month || by_week;
}

WallMinutes WallMinutes::look(const cctz::time_zone& zone, std::int64_t first,
                              std::size_t count) {
  WallMinutes out{.first_minute = first, .shown = {}};
  out.shown.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const cctz::time_point<cctz::seconds> at{
        cctz::seconds((first + static_cast<std::int64_t>(i)) * 60)};
    out.shown.push_back((zone.lookup(at).cs - cctz::civil_second()) / 60);
  }
  return out;
}

std::vector<std::int64_t> walk(const PlainCron& cron, const WallMinutes& walls, Gap gap,
                               Fold fold) {
  std::int64_t judged = -1;
  bool holds = false;
  const auto matches = [&](std::int64_t wall) {
    const std::int64_t day = wall / 1'440;
    if (day != judged) {
      judged = day;
      holds = cron.on_day(cctz::civil_day() + day);
    }
    const int minute = static_cast<int>(wall % 1'440);
    return holds && cron.at_minute(minute / 60, minute % 60);
  };
  std::set<std::int64_t> extra;
  std::vector<std::int64_t> out;
  const auto& shown = walls.shown;
  const std::int64_t longest_fold = 26 * 60;
  // The walls shown before every minute rise except at folds: only there is a look back worth it.
  std::vector<std::size_t> falls;
  for (std::size_t i = 1; i < shown.size(); ++i) {
    if (shown[i] <= shown[i - 1]) falls.push_back(i);
  }
  const auto shown_within = [&](std::size_t from, std::size_t to, std::int64_t wall) {
    return std::find(shown.begin() + static_cast<std::ptrdiff_t>(from),
                     shown.begin() + static_cast<std::ptrdiff_t>(to), wall) !=
           shown.begin() + static_cast<std::ptrdiff_t>(to);
  };
  for (std::size_t i = 0; i < shown.size(); ++i) {
    const std::int64_t now = walls.first_minute + static_cast<std::int64_t>(i);
    if (matches(shown[i])) {
      bool earlier = false, later = false;
      for (const std::size_t fall : falls) {
        const auto distance = static_cast<std::int64_t>(fall) - static_cast<std::int64_t>(i);
        if (distance > longest_fold || distance < -longest_fold) continue;
        const std::size_t begin = fall > 1'600 ? fall - 1'600 : 0;
        const std::size_t end = std::min(shown.size(), fall + 1'600);
        if (distance > 0) later = later || shown_within(fall, end, shown[i]);
        if (distance <= 0) earlier = earlier || shown_within(begin, fall, shown[i]);
      }
      const bool wanted = cron.follows_real_time() || fold == Fold::both ||
                          (fold == Fold::first && !earlier) || (fold == Fold::last && !later);
      if (wanted) out.push_back(now);
    }
    if (i == 0 || cron.follows_real_time() || gap == Gap::skip) continue;
    for (std::int64_t lost = shown[i - 1] + 1; lost < shown[i]; ++lost) {
      if (matches(lost)) extra.insert(gap == Gap::shift ? now - 1 + (lost - shown[i - 1]) : now);
    }
  }
  out.insert(out.end(), extra.begin(), extra.end());
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

}  // namespace horolog::timekeeping::testing
