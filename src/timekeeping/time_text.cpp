#include "timekeeping/time_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "timekeeping/spec_error.hpp"
#include "timekeeping/wall.hpp"

namespace horolog::timekeeping {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

class InstantReader {
 public:
  InstantReader(std::string_view text, std::string_view what) : text_(text), what_(what) {}

  Result<TimestampMs> read() {
    HOROLOG_ASSIGN(const int year, number(4, 1, 9999, "year"));
    HOROLOG_TRY(expect("-"));
    HOROLOG_ASSIGN(const int month, number(2, 1, 12, "month"));
    HOROLOG_TRY(expect("-"));
    const int last = static_cast<int>(days_in_month(year, static_cast<unsigned>(month)));
    HOROLOG_ASSIGN(const int day, number(2, 1, last, "day"));
    HOROLOG_TRY(expect("Tt "));
    HOROLOG_ASSIGN(const int hour, number(2, 0, 23, "hour"));
    HOROLOG_TRY(expect(":"));
    HOROLOG_ASSIGN(const int minute, number(2, 0, 59, "minute"));
    HOROLOG_TRY(expect(":"));
    HOROLOG_ASSIGN(const int second, number(2, 0, 59, "second"));
    HOROLOG_ASSIGN(const int millis, fraction());
    HOROLOG_ASSIGN(const int offset, zone_offset());
    if (at_ != text_.size()) return wrong(quoted(text_.substr(at_)) + " behind the time");
    const DayNumber date =
        day_number(year, static_cast<unsigned>(month), static_cast<unsigned>(day));
    const UnixSecond seconds = static_cast<WallSecond>(date) * day_seconds + hour * 3600 +
                               minute * 60 + second - offset;
    return seconds * 1'000 + millis;
  }

 private:
  Error wrong(std::string_view problem) const {
    return spec_error(what_, at_ + 1, problem,
                      "write RFC 3339 such as 2026-03-28T07:00:00Z, or epoch milliseconds");
  }

  Status expect(std::string_view any_of) {
    if (at_ < text_.size() && any_of.find(text_[at_]) != std::string_view::npos) {
      ++at_;
      return {};
    }
    return wrong(fmt::format("expected '{}'", any_of.substr(0, 1)));
  }

  Result<int> number(std::size_t digits, int least, int most, std::string_view name) {
    int value = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      if (at_ + i >= text_.size() || !is_digit(text_[at_ + i])) {
        return wrong(fmt::format("the {} has {} digits", name, digits));
      }
      value = value * 10 + (text_[at_ + i] - '0');
    }
    if (value < least || value > most) {
      return wrong(fmt::format("the {} {} is not between {} and {}", name, value, least, most));
    }
    at_ += digits;
    return value;
  }

  Result<int> fraction() {
    if (at_ >= text_.size() || text_[at_] != '.') return 0;
    ++at_;
    int millis = 0, place = 100;
    const std::size_t begin = at_;
    for (; at_ < text_.size() && is_digit(text_[at_]); ++at_, place /= 10) {
      millis += place * (text_[at_] - '0');
    }
    if (at_ == begin) return wrong("no digits behind the point");
    return millis;
  }

  Result<int> zone_offset() {
    if (at_ >= text_.size()) return wrong("the zone is missing (Z, or +02:00)");
    const char sign = text_[at_];
    if (sign == 'Z' || sign == 'z') {
      ++at_;
      return 0;
    }
    HOROLOG_TRY(expect("+-"));
    HOROLOG_ASSIGN(const int hours, number(2, 0, 23, "offset's hour"));
    HOROLOG_TRY(expect(":"));
    HOROLOG_ASSIGN(const int minutes, number(2, 0, 59, "offset's minute"));
    return (sign == '-' ? -1 : 1) * (hours * 3600 + minutes * 60);
  }

  std::string_view text_;
  std::string_view what_;
  std::size_t at_ = 0;
};

}  // namespace

Result<TimestampMs> parse_instant(std::string_view text, std::string_view what) {
  const std::string_view digits = text.starts_with('-') ? text.substr(1) : text;
  if (!digits.empty() && std::all_of(digits.begin(), digits.end(), is_digit)) {
    TimestampMs value = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool inside = value >= first_second * 1'000 && value < end_second * 1'000;
    if (failed != std::errc() || end != text.data() + text.size() || !inside) {
      return spec_error(what, 1, quoted(text) + " is not in the years 1 to 2399",
                        "write milliseconds since 1970");
    }
    return value;
  }
  return InstantReader(text, what).read();
}

std::optional<DayNumber> parse_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-') return std::nullopt;
  const auto yearly = parse_month_day(text.substr(5));
  if (!yearly || !std::all_of(text.begin(), text.begin() + 4, is_digit)) return std::nullopt;
  const int year = std::stoi(std::string(text.substr(0, 4)));
  const std::chrono::year_month_day date{std::chrono::year{year}, yearly->month(), yearly->day()};
  if (year < first_year || !date.ok()) return std::nullopt;
  return day_number(year, static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
}

std::optional<std::chrono::month_day> parse_month_day(std::string_view text) {
  if (text.size() != 5 || text[2] != '-') return std::nullopt;
  const auto two = [&](std::size_t at) { return (text[at] - '0') * 10 + text[at + 1] - '0'; };
  for (const std::size_t at : {0, 1, 3, 4}) {
    if (!is_digit(text[at])) return std::nullopt;
  }
  const std::chrono::month_day out{std::chrono::month{static_cast<unsigned>(two(0))},
                                   std::chrono::day{static_cast<unsigned>(two(3))}};
  return out.ok() ? std::optional(out) : std::nullopt;
}

std::optional<unsigned> parse_weekday(std::string_view text) {
  static constexpr std::array<std::string_view, 7> names = {
      "sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"};
  std::string lower(text);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
  for (unsigned day = 0; day < names.size(); ++day) {
    const bool number = lower.size() == 1 && lower[0] == static_cast<char>('0' + day);
    if (number || lower == names[day] || lower == names[day].substr(0, 3)) return day;
  }
  return std::nullopt;
}

std::string format_date(DayNumber day) {
  const auto date = date_of(day);
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
}

std::string format_time_of_day(std::int64_t seconds) {
  const std::string minutes = fmt::format("{:02}:{:02}", seconds / 3600, seconds / 60 % 60);
  return seconds % 60 == 0 ? minutes : fmt::format("{}:{:02}", minutes, seconds % 60);
}

std::string format_instant(TimestampMs at, const Zone& zone) {
  const UnixSecond second = floor_div(at, 1'000);
  const TimestampMs millis = at - second * 1'000;
  // Rounded to the minute together with the wall time, so that the text names the same instant.
  const std::int64_t offset = floor_div(zone.offset_at(second), 60) * 60;
  const WallSecond wall = second + offset;
  const std::int64_t of_day = wall - static_cast<WallSecond>(day_of(wall)) * day_seconds;
  std::string out =
      fmt::format("{}T{:02}:{:02}:{:02}", format_date(day_of(wall)), of_day / 3600,
                  of_day / 60 % 60, of_day % 60);
  if (millis != 0) out += fmt::format(".{:03}", millis);
  if (offset == 0) return out + "Z";
  const std::int64_t size = offset < 0 ? -offset : offset;
  return out + fmt::format("{}{:02}:{:02}", offset < 0 ? '-' : '+', size / 3600, size / 60 % 60);
}

}  // namespace horolog::timekeeping
