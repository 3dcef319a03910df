#include <fmt/format.h>

#include <array>
#include <bit>

#include "timekeeping/explain.hpp"
#include "timekeeping/time_text.hpp"

namespace horolog::timekeeping {
namespace {

constexpr std::array<std::string_view, 7> day_names = {
    "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};
constexpr std::array<std::string_view, 13> month_names = {
    "",     "January", "February",  "March",   "April",    "May",     "June",
    "July", "August",  "September", "October", "November", "December"};

std::string ordinal(int n) {
  const bool teen = n % 100 >= 11 && n % 100 <= 13;
  static constexpr std::array<std::string_view, 4> ends = {"th", "st", "nd", "rd"};
  return fmt::format("{}{}", n, ends[teen || n % 10 > 3 ? 0 : static_cast<std::size_t>(n % 10)]);
}

/// "a", "a and b", "a, b and c".
std::string joined(const std::vector<std::string>& parts, std::string_view last = "and") {
  std::string out;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) out += i + 1 == parts.size() ? fmt::format(" {} ", last) : ", ";
    out += parts[i];
  }
  return out;
}

std::vector<int> values(std::uint64_t set) {
  std::vector<int> out;
  for (; set != 0; set &= set - 1) out.push_back(std::countr_zero(set));
  return out;
}

/// The distance between neighbours, if it is the same everywhere and there are three or more.
int step_of(const std::vector<int>& all) {
  if (all.size() < 3) return 0;
  const int step = all[1] - all[0];
  for (std::size_t i = 2; i < all.size(); ++i) {
    if (all[i] - all[i - 1] != step) return 0;
  }
  return step;
}

/// "0", "5 and 35", "from 9 to 17", "every 15 from 0 to 45" with `name` applied to each value.
template <typename Name>
std::string listed(std::uint64_t set, const Name& name) {
  std::vector<std::string> parts;
  const std::vector<int> all = values(set);
  for (std::size_t i = 0; i < all.size();) {
    std::size_t end = i + 1;
    while (end < all.size() && all[end] == all[end - 1] + 1) ++end;
    if (end - i >= 3) {
      parts.push_back(fmt::format("{} to {}", name(all[i]), name(all[end - 1])));
    } else {
      for (std::size_t k = i; k < end; ++k) parts.push_back(std::string(name(all[k])));
    }
    i = end;
  }
  return joined(parts);
}

constexpr auto number = [](int n) { return std::to_string(n); };

/// A field of the clock: "every second", "every 15 minutes", "in minutes 5 to 10".
std::string clock_field(std::uint64_t set, int size, std::string_view unit) {
  const std::vector<int> all = values(set);
  if (static_cast<int>(all.size()) == size) return fmt::format("every {}", unit);
  const int step = step_of(all);
  if (step > 1 && all[0] == 0 && size % step == 0 &&
      static_cast<int>(all.size()) == size / step) {
    return fmt::format("every {} {}s", step, unit);
  }
  if (step > 1) {
    return fmt::format("in every {} {} from {} to {}", ordinal(step), unit, all[0], all.back());
  }
  return fmt::format("in {}{} {}", unit, all.size() > 1 ? "s" : "", listed(set, number));
}

std::string times_of(const CronFields& f) {
  const std::size_t count = static_cast<std::size_t>(
      std::popcount(f.hours) * std::popcount(f.minutes) * std::popcount(f.seconds));
  if (count <= 6) {
    std::vector<std::string> parts;
    for (const int hour : values(f.hours)) {
      for (const int minute : values(f.minutes)) {
        for (const int second : values(f.seconds)) {
          parts.push_back(format_time_of_day(hour * 3600 + minute * 60 + second));
        }
      }
    }
    return "at " + joined(parts);
  }
  std::string out;
  if (f.seconds != 1) out = clock_field(f.seconds, 60, "second");
  if (out.empty() || std::popcount(f.minutes) < 60) {
    out += (out.empty() ? "" : " ") + clock_field(f.minutes, 60, "minute");
  }
  if (std::popcount(f.minutes) == 1 && std::countr_zero(f.minutes) == 0 && f.seconds == 1) {
    out = "on the hour";
  }
  if (std::popcount(f.hours) == 24) return out == "on the hour" ? "every hour, on the hour" : out;
  return out + ", " + clock_field(f.hours, 24, "hour");
}

std::string days_of_month(const CronFields& f) {
  std::vector<std::string> parts;
  if (f.days != 0) parts.push_back("the " + listed(f.days, ordinal));
  for (const int n : values(f.before_last)) {
    parts.push_back(n == 0   ? "the last day"
                    : n == 1 ? "the day before the last"
                             : fmt::format("the day {} days before the last", n));
  }
  for (const int n : values(f.nearest_weekday)) {
    parts.push_back(fmt::format("the weekday nearest to the {}", ordinal(n)));
  }
  if (f.last_weekday) parts.push_back("the last weekday");
  return joined(parts) + " of the month";
}

std::string days_of_week(const CronFields& f) {
  std::vector<std::string> parts;
  const auto name = [](int n) { return std::string(day_names[static_cast<std::size_t>(n % 7)]); };
  if (f.weekdays == 0b0111110) {
    parts.push_back("from Monday to Friday");
  } else if (f.weekdays != 0) {
    // From Monday on, so that a weekend is one stretch.
    const std::uint64_t rotated = (f.weekdays >> 1U) | (f.weekdays & 1U ? 1U << 6 : 0U);
    parts.push_back("on " + listed(rotated, [&](int n) { return name(n + 1); }));
  }
  for (const int n : values(f.last_weekdays)) {
    parts.push_back(fmt::format("on the last {} of the month", name(n)));
  }
  for (std::size_t k = 1; k < f.nth_weekdays.size(); ++k) {
    for (const int n : values(f.nth_weekdays[k])) {
      const std::string which = ordinal(static_cast<int>(k));
      parts.push_back(fmt::format("on the {} {} of the month", which, name(n)));
    }
  }
  return joined(parts);
}

std::string dates_of(const CronFields& f) {
  if (f.either_day && (f.any_day_of_month || f.any_weekday)) return "every day";
  if (f.any_day_of_month && f.any_weekday) return "every day";
  if (f.any_day_of_month) return days_of_week(f);
  const std::string by_month = "on " + days_of_month(f);
  if (f.any_weekday) return by_month;
  return f.either_day ? fmt::format("{} and also {}", by_month, days_of_week(f))
                      : fmt::format("{} if that is {}", by_month, days_of_week(f));
}

}  // namespace

std::string describe_cron(const CronFields& f) {
  std::string out = times_of(f);
  const std::string dates = dates_of(f);
  if (dates != "every day" || std::popcount(f.hours) < 24) out += ", " + dates;
  if (std::popcount(f.months) < 12) {
    const auto name = [](int n) { return month_names[static_cast<std::size_t>(n)]; };
    out += ", in " + listed(f.months, name);
  }
  if (!f.any_year) {
    std::vector<std::string> years;
    for (int year = CronFields::first_set_year; year <= CronFields::last_set_year; ++year) {
      if (f.holds_year(year)) years.push_back(std::to_string(year));
    }
    out += ", in " + (years.size() <= 5 ? joined(years)
                                        : fmt::format("{} years from {} to {}", years.size(),
                                                      years.front(), years.back()));
  }
  return out;
}

}  // namespace horolog::timekeeping
