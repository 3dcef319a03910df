#include "timekeeping/explain.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "timekeeping/time_text.hpp"
#include "timekeeping/wall_search.hpp"

namespace horolog::timekeeping {
namespace {

constexpr UnixSecond preview = 2 * 366 * day_seconds;
constexpr std::size_t most_examples = 3;

/// The first matching wall times in [from, until), and how many there are, up to a bound.
struct Touched {
  std::vector<WallSecond> first;
  bool more = false;
};

Touched touched(const Rule& rule, WallSecond from, WallSecond until) {
  Touched out;
  WallSearch walls(rule.fields(), rule.calendar().get(), rule.shift());
  for (auto wall = walls.first(from, until); wall; wall = walls.first(*wall + 1, until)) {
    if (out.first.size() == most_examples) {
      out.more = true;
      break;
    }
    out.first.push_back(*wall);
  }
  return out;
}

std::string clock_of(WallSecond wall) {
  return format_time_of_day(wall - static_cast<WallSecond>(day_of(wall)) * day_seconds);
}

std::string clocks_of(const Touched& found) {
  std::string out;
  for (const WallSecond wall : found.first) out += (out.empty() ? "" : ", ") + clock_of(wall);
  return found.more ? out + ", …" : out;
}

std::string gap_sentence(const Rule& rule, const Segment& segment, const Touched& found) {
  const WallSecond lost = segment.begin + segment.offset_before;
  const WallSecond behind = segment.begin + segment.offset;
  const WallSecond midnight = static_cast<WallSecond>(day_of(behind)) * day_seconds;
  std::string what;
  if (rule.fields().follows_real_time) {
    what = "it follows real time and does not fire for them";
  } else if (rule.gap() == Gap::skip) {
    what = "it does not fire";
  } else if (rule.gap() == Gap::shift) {
    what = fmt::format("it fires {} later", format_duration(
                                                (segment.offset - segment.offset_before) * 1'000));
  } else if (rule.gap() == Gap::robfig &&
             (midnight < lost || midnight == behind || found.first.back() < midnight)) {
    what = "it does not fire, as in robfig/cron";
  } else {
    what = fmt::format("it fires at {}", clock_of(behind));
  }
  return fmt::format("{} does not exist on {} in {}: {}", clocks_of(found),
                     format_date(day_of(found.first.front())), rule.zone().name(), what);
}

std::string fold_sentence(const Rule& rule, const Touched& found) {
  const bool both = rule.fields().follows_real_time || rule.fold() == Fold::both;
  return fmt::format("{} occurs twice on {} in {}: it fires {}", clocks_of(found),
                     format_date(day_of(found.first.front())), rule.zone().name(),
                     both                          ? "both times"
                     : rule.fold() == Fold::first ? "the first time"
                                                  : "the second time");
}

/// Changes of the clock in the next two years that touch a time of the rule.
void add_clock_changes(const Rule& rule, UnixSecond from, std::vector<std::string>& out) {
  const CronFields& f = rule.fields();
  // What fires in every hour is touched by every change, and follows the clock as one expects.
  if (f.follows_real_time && std::popcount(f.hours) == 24) return;
  from = std::clamp(from, first_second, end_second - preview);
  for (UnixSecond at = from; at < from + preview;) {
    const Segment segment = rule.zone().segment_at(at);
    at = segment.end;
    if (segment.begin < from) continue;
    const WallSecond before = segment.begin + segment.offset_before;
    const WallSecond after = segment.begin + segment.offset;
    if (segment.opens_with_gap()) {
      const Touched found = touched(rule, before, after);
      if (!found.first.empty()) out.push_back(gap_sentence(rule, segment, found));
    } else if (segment.opens_with_fold()) {
      const Touched found = touched(rule, after, before);
      if (!found.first.empty()) out.push_back(fold_sentence(rule, found));
    }
  }
}

/// Days that not every month has.
void add_missing_days(const CronFields& f, std::vector<std::string>& out) {
  const std::uint32_t late = f.days & (1U << 29 | 1U << 30 | 1U << 31);
  if (f.any_day_of_month || late == 0 || (f.either_day && f.any_weekday)) return;
  const int day = 31 - std::countl_zero(late);
  std::vector<std::string> short_months;
  static constexpr std::array<std::string_view, 13> names = {
      "", "January", "February", "March", "April", "May", "June", "July", "August", "September",
      "October", "November", "December"};
  bool leap = false;
  for (unsigned month = 1; month <= 12; ++month) {
    if (!(f.months >> month & 1)) continue;
    if (static_cast<int>(days_in_month(2028, month)) < day) {
      short_months.emplace_back(names[month]);
    } else if (static_cast<int>(days_in_month(2027, month)) < day) {
      leap = true;
    }
  }
  std::string list;
  for (const auto& name : short_months) list += (list.empty() ? "" : ", ") + name;
  if (!list.empty()) {
    out.push_back(fmt::format("there is no day {} in {}: nothing fires there for it; L is the "
                              "last day of every month", day, list));
  }
  if (leap) out.push_back("29 February exists in leap years only");
}

void add_crowded(const CronFields& f, std::vector<std::string>& out) {
  if (std::popcount(f.seconds) == 60 && std::popcount(f.minutes) < 60) {
    out.push_back("the second is *: it fires 60 times in each of those minutes");
  }
  if (std::popcount(f.minutes) == 60 && std::popcount(f.hours) < 24 && f.seconds == 1) {
    out.push_back("the minute is *: it fires 60 times in each of those hours");
  }
}

std::string bounds_of(const Rule& rule) {
  std::string out;
  if (rule.kind() == RuleKind::cron || rule.calendar()) out += ", in " + rule.zone().name();
  if (const auto& calendar = rule.calendar()) {
    const std::string_view how = rule.shift() == Shift::none ? "not on"
                                 : rule.shift() == Shift::next
                                     ? "moved to the next working day from"
                                     : "moved to the working day before from";
    out += fmt::format(", {} days off of calendar {}", how, calendar->name());
  }
  if (rule.jitter() > 0) {
    out += fmt::format(", up to {} later, the same for each time", format_duration(rule.jitter()));
  }
  if (rule.start()) out += ", from " + format_instant(*rule.start(), rule.zone());
  if (rule.end()) out += ", until " + format_instant(*rule.end(), rule.zone());
  if (rule.limit()) {
    out += fmt::format(", {} {} at most", *rule.limit(), *rule.limit() == 1 ? "time" : "times");
  }
  return out;
}

std::string times_of(const Rule& rule) {
  switch (rule.kind()) {
    case RuleKind::at: return "once, at " + format_instant(rule.at(), rule.zone());
    case RuleKind::every: {
      std::string out = "every " + format_duration(rule.every());
      if (rule.anchor() >= rule.every()) {
        return out + ", counted from " + format_instant(rule.anchor(), rule.zone());
      }
      out += ", counted from 1970-01-01T00:00:00Z";
      return rule.anchor() == 0 ? out : out + " plus " + format_duration(rule.anchor());
    }
    case RuleKind::cron: return describe_cron(rule.fields());
    case RuleKind::none: break;
  }
  return {};
}

}  // namespace

Explanation explain(const Rule& rule, TimestampMs from) {
  Explanation out;
  out.sentence = times_of(rule) + bounds_of(rule);
  out.surprises = rule.surprises();
  if (rule.kind() == RuleKind::cron) {
    add_missing_days(rule.fields(), out.surprises);
    add_crowded(rule.fields(), out.surprises);
    add_clock_changes(rule, floor_div(from, 1'000), out.surprises);
  }
  if (rule.kind() == RuleKind::every && day_ms % rule.every() != 0 && rule.every() < day_ms) {
    out.surprises.push_back(fmt::format(
        "{} does not divide a day: the times of day move", format_duration(rule.every())));
  }
  if (rule.kind() != RuleKind::none && !rule.next(from - 1)) {
    out.surprises.push_back(rule.next(first_second * 1'000)
                                ? fmt::format("it never fires again after {}",
                                              format_instant(from, rule.zone()))
                                : "it never fires");
  }
  return out;
}

}  // namespace horolog::timekeeping
