#include <fmt/format.h>

#include <charconv>
#include <chrono>

#include "tools/text.hpp"

namespace horolog::command {
namespace {

constexpr std::int64_t ms_per_day = 86'400'000;

/// Takes exactly `digits` digits off the front.
std::optional<int> take_number(std::string_view& text, std::size_t digits) {
  if (text.size() < digits) return std::nullopt;
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + digits, value);
  if (error != std::errc() || end != text.data() + digits) return std::nullopt;
  text.remove_prefix(digits);
  return value;
}

bool take(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<std::int64_t> take_date(std::string_view& text) {
  const auto year = take_number(text, 4);
  if (!year || !take(text, '-')) return std::nullopt;
  const auto month = take_number(text, 2);
  if (!month || !take(text, '-')) return std::nullopt;
  const auto day = take_number(text, 2);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date).time_since_epoch().count() * ms_per_day;
}

/// hh:mm, hh:mm:ss or hh:mm:ss.fraction.
std::optional<std::int64_t> take_clock(std::string_view& text) {
  const auto hour = take_number(text, 2);
  if (!hour || *hour > 23 || !take(text, ':')) return std::nullopt;
  const auto minute = take_number(text, 2);
  if (!minute || *minute > 59) return std::nullopt;
  std::int64_t ms = (*hour * 60 + *minute) * 60'000LL;
  if (!take(text, ':')) return ms;
  const auto second = take_number(text, 2);
  if (!second || *second > 59) return std::nullopt;
  ms += *second * 1000;
  if (!take(text, '.')) return ms;
  std::int64_t scale = 100;
  bool any = false;
  while (!text.empty() && text[0] >= '0' && text[0] <= '9') {
    ms += (text[0] - '0') * scale;
    scale /= 10;
    any = true;
    text.remove_prefix(1);
  }
  return any ? std::optional(ms) : std::nullopt;
}

/// Z, +hh:mm, -hhmm or +hh: how far the clock is ahead of UTC.
std::optional<std::int64_t> take_zone(std::string_view text) {
  if (text == "Z" || text == "z") return 0;
  const bool west = text.starts_with('-');
  if (!west && !text.starts_with('+')) return std::nullopt;
  text.remove_prefix(1);
  const auto hours = take_number(text, 2);
  if (!hours || *hours > 18) return std::nullopt;
  take(text, ':');
  const auto minutes = text.empty() ? std::optional(0) : take_number(text, 2);
  if (!minutes || *minutes > 59 || !text.empty()) return std::nullopt;
  return (*hours * 60 + *minutes) * (west ? -60'000LL : 60'000LL);
}

std::optional<ParsedTime> parse_written(std::string_view text) {
  const auto date = take_date(text);
  if (!date) return std::nullopt;
  std::int64_t clock = 0;
  if (take(text, 'T') || take(text, ' ')) {
    const auto read = take_clock(text);
    if (!read) return std::nullopt;
    clock = *read;
  }
  if (text.empty()) return ParsedTime{*date + clock, true};
  const auto zone = take_zone(text);
  if (!zone) return std::nullopt;
  return ParsedTime{*date + clock - *zone, false};
}

bool only_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

std::string format_time(TimestampMs time) {
  std::int64_t days = time / ms_per_day;
  std::int64_t rest = time % ms_per_day;
  if (rest < 0) {
    rest += ms_per_day;
    --days;
  }
  // Beyond these the calendar's year does not fit; such a time is no date.
  if (days > 11'000'000 || days < -11'000'000) return fmt::format("{}ms", time);
  const std::chrono::year_month_day date{
      std::chrono::sys_days(std::chrono::days(static_cast<int>(days)))};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     rest / 3'600'000, rest / 60'000 % 60, rest / 1000 % 60, rest % 1000);
}

std::optional<ParsedTime> parse_time(std::string_view text, TimestampMs now) {
  if (text == "now") return ParsedTime{now, false};
  if (only_digits(text)) {
    const auto number = parse_integer(text);
    if (number && text.size() == 13) return ParsedTime{*number, false};
    if (number && text.size() == 10) return ParsedTime{*number * 1000, false};
    return std::nullopt;
  }
  if (text.size() > 10 && text.ends_with("ms") && only_digits(text.substr(0, text.size() - 2))) {
    if (const auto number = parse_integer(text.substr(0, text.size() - 2))) {
      return ParsedTime{*number, false};
    }
  }
  if (const auto written = parse_written(text)) return written;
  std::string_view ago = text;
  take(ago, '-');
  if (const auto duration = parse_duration(ago)) return ParsedTime{now - *duration, false};
  return std::nullopt;
}

}  // namespace horolog::command
