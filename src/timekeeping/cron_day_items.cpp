// The forms that only the day fields have: L, L-n, LW, nW, nL, n#k.
#include <fmt/format.h>

#include "timekeeping/cron_field.hpp"
#include "timekeeping/spec_error.hpp"

namespace horolog::timekeeping {
namespace {

bool is_letter(char c, char upper_letter) { return (c & ~0x20) == upper_letter; }

}  // namespace

Result<bool> FieldReader::read_day_item(Word item) {
  const std::string_view text = item.text;
  if (is_letter(text[0], 'L')) {
    if (text.size() == 1) {
      out_.before_last |= 1;
      return true;
    }
    if (text.size() == 2 && is_letter(text[1], 'W')) {
      out_.last_weekday = true;
      return true;
    }
    if (text[1] != '-') {
      return wrong(item.part(1), quoted(text.substr(1)) + " behind L", "write L, L-n or LW");
    }
    const Word distance = item.part(2);
    HOROLOG_ASSIGN(const int days, read_value(distance));
    if (days > 30) return wrong(distance, "no month has such a day", "write L-1 to L-30");
    out_.before_last |= 1U << static_cast<unsigned>(days);
    return true;
  }
  if (text.size() > 1 && is_letter(text.back(), 'W')) {
    HOROLOG_ASSIGN(const int day, read_value(item.part(0, text.size() - 1)));
    out_.nearest_weekday |= 1U << static_cast<unsigned>(day);
    return true;
  }
  return false;
}

Result<bool> FieldReader::read_weekday_item(Word item) {
  const std::string_view text = item.text;
  const auto bit = [&](int value) {
    return 1U << static_cast<unsigned>((value - min_) % size_);
  };
  if (text.size() == 1 && is_letter(text[0], 'L')) {
    if (options_.dialect == Dialect::quartz) {
      out_.weekdays |= 1U << 6;
      return true;
    }
    return wrong(item, "L alone says nothing here",
                 "write 5L or FRIL for the month's last Friday, or L in the day of month");
  }
  if (const std::size_t mark = text.find('#'); mark != std::string_view::npos) {
    HOROLOG_ASSIGN(const int day, read_value(item.part(0, mark)));
    const Word count = item.part(mark + 1);
    if (count.text.size() != 1 || count.text[0] < '1' || count.text[0] > '5') {
      return wrong(count, fmt::format("{} is not the number of a week", quoted(count.text)),
                   "write 1 to 5 behind the #");
    }
    auto& set = out_.nth_weekdays[static_cast<std::size_t>(count.text[0] - '0')];
    set = static_cast<std::uint8_t>(set | bit(day));
    return true;
  }
  if (text.size() > 1 && is_letter(text.back(), 'L')) {
    HOROLOG_ASSIGN(const int day, read_value(item.part(0, text.size() - 1)));
    out_.last_weekdays = static_cast<std::uint8_t>(out_.last_weekdays | bit(day));
    return true;
  }
  return false;
}

}  // namespace horolog::timekeeping
