#include "timekeeping/duration.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <optional>

#include "timekeeping/spec_error.hpp"

namespace horolog::timekeeping {
namespace {

constexpr std::int64_t ms_ns = 1'000'000;
// A hundred years: every sum below stays inside 64 bits of nanoseconds.
constexpr double longest_ns = 100.0 * 365.25 * static_cast<double>(day_ms) * ms_ns;

struct Unit {
  std::string_view name;
  std::int64_t ns;
};
constexpr std::array go_units = {
    Unit{"ns", 1},          Unit{"us", 1'000},           Unit{"µs", 1'000},
    Unit{"μs", 1'000},      Unit{"ms", ms_ns},           Unit{"s", second_ms * ms_ns},
    Unit{"m", minute_ms * ms_ns}, Unit{"h", hour_ms * ms_ns}};
constexpr std::array our_units = {Unit{"d", day_ms * ms_ns}, Unit{"w", 7 * day_ms * ms_ns}};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Walks one text from left to right and adds up.
class DurationReader {
 public:
  DurationReader(std::string_view text, std::string_view what, std::size_t column)
      : text_(text), what_(what), column_(column) {}

  Result<DurationMs> read(DurationStyle style) {
    const bool iso = style == DurationStyle::any && !text_.empty() &&
                     (text_[0] == 'P' || text_[0] == 'p');
    if (text_.empty()) return wrong("it is empty", "write a length such as 90s or 1h30m");
    HOROLOG_TRY(iso ? read_iso() : read_go(style));
    if (style == DurationStyle::any) return static_cast<DurationMs>(total_ns_ / ms_ns);
    const std::int64_t seconds = total_ns_ / (second_ms * ms_ns);
    return (seconds < 1 ? 1 : seconds) * second_ms;
  }

 private:
  Error wrong(std::string_view problem, std::string_view fix) const {
    return spec_error(what_, column_ + at_, problem, fix);
  }

  /// The number at the cursor, which moves behind it.
  Result<double> number() {
    const std::size_t begin = at_;
    double value = 0;
    while (at_ < text_.size() && is_digit(text_[at_])) value = value * 10 + (text_[at_++] - '0');
    if (at_ < text_.size() && (text_[at_] == '.' || text_[at_] == ',')) {
      ++at_;
      for (double place = 0.1; at_ < text_.size() && is_digit(text_[at_]); place /= 10) {
        value += place * (text_[at_++] - '0');
      }
    }
    if (at_ == begin || (at_ == begin + 1 && !is_digit(text_[begin]))) {
      at_ = begin;
      return wrong(fmt::format("no number before {}", quoted(text_.substr(at_))),
                   "write a length such as 90s, 15m or 1h30m");
    }
    return value;
  }

  Status add(double count, std::int64_t unit_ns) {
    const double ns = count * static_cast<double>(unit_ns);
    if (!(ns + static_cast<double>(total_ns_) < longest_ns)) {
      return wrong("longer than 100 years", "write a shorter length");
    }
    total_ns_ += std::llround(ns);
    return {};
  }

  const Unit* unit_at_cursor(DurationStyle style) const {
    const Unit* found = nullptr;
    const auto look = [&](const auto& units) {
      for (const Unit& unit : units) {
        const bool longer = found == nullptr || unit.name.size() > found->name.size();
        if (longer && text_.substr(at_).starts_with(unit.name)) found = &unit;
      }
    };
    look(go_units);
    if (style == DurationStyle::any) look(our_units);
    return found;
  }

  Status read_go(DurationStyle style) {
    if (text_ == "0") return {};
    while (at_ < text_.size()) {
      HOROLOG_ASSIGN(const double count, number());
      const Unit* unit = unit_at_cursor(style);
      if (unit == nullptr) {
        return wrong(at_ == text_.size() ? std::string("the unit is missing")
                                         : "unknown unit " + quoted(text_.substr(at_)),
                     style == DurationStyle::any ? "units are ms, s, m, h, d, w"
                                                 : "units are ns, us, ms, s, m, h");
      }
      HOROLOG_TRY(add(count, unit->ns));
      at_ += unit->name.size();
    }
    return {};
  }

  Status read_iso() {
    bool in_time = false, any = false;
    for (at_ = 1; at_ < text_.size();) {
      if (text_[at_] == 'T' || text_[at_] == 't') {
        if (in_time) return wrong("a second T", "write it once, before the hours");
        in_time = true;
        ++at_;
        continue;
      }
      HOROLOG_ASSIGN(const double count, number());
      const char letter = at_ < text_.size() ? static_cast<char>(text_[at_] & ~0x20) : ' ';
      std::int64_t unit = 0;
      if (in_time) {
        unit = letter == 'H' ? hour_ms : letter == 'M' ? minute_ms : letter == 'S' ? second_ms : 0;
      } else {
        unit = letter == 'W' ? 7 * day_ms : letter == 'D' ? day_ms : 0;
      }
      if (unit == 0) {
        return wrong("no unit with a fixed length here",
                     "write PnW, PnD or PTnHnMnS; months and years differ in length, use a cron");
      }
      HOROLOG_TRY(add(count, unit * ms_ns));
      any = true;
      ++at_;
    }
    if (!any) return wrong("no number after P", "write a length such as PT15M");
    return {};
  }

  std::string_view text_;
  std::string_view what_;
  std::size_t column_;
  std::size_t at_ = 0;
  std::int64_t total_ns_ = 0;
};

}  // namespace

Result<DurationMs> parse_duration(std::string_view text, DurationStyle style,
                                  std::string_view what, std::size_t column) {
  return DurationReader(text, what, column).read(style);
}

std::string format_duration(DurationMs duration) {
  constexpr std::array<std::pair<DurationMs, std::string_view>, 5> units = {{
      {day_ms, "d"}, {hour_ms, "h"}, {minute_ms, "m"}, {second_ms, "s"}, {1, "ms"}}};
  std::string out = duration < 0 ? "-" : "";
  auto left = duration < 0 ? -duration : duration;
  for (const auto& [length, name] : units) {
    if (left >= length) out += fmt::format("{}{}", left / length, name);
    left %= length;
  }
  return duration == 0 ? "0s" : out;
}

}  // namespace horolog::timekeeping
