#include "tools/go_time.hpp"

#include <fmt/format.h>

#include <chrono>

namespace horolog::command {
namespace {

constexpr std::string_view months[] = {"January", "February", "March",     "April",
                                       "May",     "June",     "July",      "August",
                                       "September", "October", "November", "December"};
constexpr std::string_view weekdays[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                         "Thursday", "Friday", "Saturday"};

/// The time taken apart; all numbers as they are written.
struct Parts {
  explicit Parts(TimestampMs time) {
    using std::chrono::days;
    const std::chrono::sys_time<std::chrono::milliseconds> point{std::chrono::milliseconds(time)};
    const auto day_point = std::chrono::floor<days>(point);
    const std::chrono::year_month_day date(day_point);
    const std::chrono::sys_days first =
        std::chrono::sys_days(date.year() / std::chrono::January / 1);
    const auto rest = (point - day_point).count();
    year = static_cast<int>(date.year());
    month = static_cast<int>(static_cast<unsigned>(date.month()));
    day = static_cast<int>(static_cast<unsigned>(date.day()));
    year_day = static_cast<int>((day_point - first).count()) + 1;
    weekday = static_cast<int>(std::chrono::weekday(day_point).c_encoding());
    hour = static_cast<int>(rest / 3'600'000);
    minute = static_cast<int>(rest / 60'000 % 60);
    second = static_cast<int>(rest / 1000 % 60);
    ms = static_cast<int>(rest % 1000);
  }
  int hour12() const { return hour % 12 == 0 ? 12 : hour % 12; }

  int year, month, day, year_day, weekday, hour, minute, second, ms;
};

using Write = void (*)(std::string& out, const Parts& at);

struct Element {
  std::string_view word;
  Write write;
};

void pad(std::string& out, int value, int width) { out += fmt::format("{:0{}}", value, width); }

/// In the order in which they are tried: the longer of two that begin alike comes first.
constexpr Element elements[] = {
    {"January", [](std::string& out, const Parts& at) { out += months[at.month - 1]; }},
    {"Jan", [](std::string& out, const Parts& at) { out += months[at.month - 1].substr(0, 3); }},
    {"Monday", [](std::string& out, const Parts& at) { out += weekdays[at.weekday]; }},
    {"Mon", [](std::string& out, const Parts& at) { out += weekdays[at.weekday].substr(0, 3); }},
    {"MST", [](std::string& out, const Parts&) { out += "UTC"; }},
    {"2006", [](std::string& out, const Parts& at) { pad(out, at.year, 4); }},
    {"002", [](std::string& out, const Parts& at) { pad(out, at.year_day, 3); }},
    {"__2", [](std::string& out, const Parts& at) { out += fmt::format("{:3}", at.year_day); }},
    {"_2", [](std::string& out, const Parts& at) { out += fmt::format("{:2}", at.day); }},
    {"01", [](std::string& out, const Parts& at) { pad(out, at.month, 2); }},
    {"02", [](std::string& out, const Parts& at) { pad(out, at.day, 2); }},
    {"03", [](std::string& out, const Parts& at) { pad(out, at.hour12(), 2); }},
    {"04", [](std::string& out, const Parts& at) { pad(out, at.minute, 2); }},
    {"05", [](std::string& out, const Parts& at) { pad(out, at.second, 2); }},
    {"06", [](std::string& out, const Parts& at) { pad(out, at.year % 100, 2); }},
    {"15", [](std::string& out, const Parts& at) { pad(out, at.hour, 2); }},
    {"PM", [](std::string& out, const Parts& at) { out += at.hour < 12 ? "AM" : "PM"; }},
    {"pm", [](std::string& out, const Parts& at) { out += at.hour < 12 ? "am" : "pm"; }},
    {"Z07:00", [](std::string& out, const Parts&) { out += 'Z'; }},
    {"Z0700", [](std::string& out, const Parts&) { out += 'Z'; }},
    {"Z07", [](std::string& out, const Parts&) { out += 'Z'; }},
    {"-07:00", [](std::string& out, const Parts&) { out += "+00:00"; }},
    {"-0700", [](std::string& out, const Parts&) { out += "+0000"; }},
    {"-07", [](std::string& out, const Parts&) { out += "+00"; }},
    {"1", [](std::string& out, const Parts& at) { out += std::to_string(at.month); }},
    {"2", [](std::string& out, const Parts& at) { out += std::to_string(at.day); }},
    {"3", [](std::string& out, const Parts& at) { out += std::to_string(at.hour12()); }},
    {"4", [](std::string& out, const Parts& at) { out += std::to_string(at.minute); }},
    {"5", [](std::string& out, const Parts& at) { out += std::to_string(at.second); }},
};

/// ".000" or ",999": as many digits of the second; nines leave out zeros at the end, and the point
/// when nothing is left. 0 when the layout has no fraction here.
std::size_t take_fraction(std::string& out, std::string_view layout, int ms) {
  if (layout.size() < 2 || (layout[0] != '.' && layout[0] != ',')) return 0;
  const char digit = layout[1];
  if (digit != '0' && digit != '9') return 0;
  const std::size_t end = std::min(layout.find_first_not_of(digit, 1), layout.size());
  if (end < layout.size() && layout[end] >= '0' && layout[end] <= '9') return 0;
  std::string digits = fmt::format("{:03}000000", ms).substr(0, std::min<std::size_t>(end - 1, 9));
  if (digit == '9') digits.erase(digits.find_last_not_of('0') + 1);
  if (!digits.empty()) out += layout[0] + digits;
  return end;
}

}  // namespace

void append_go_time(std::string& out, std::string_view layout, TimestampMs time) {
  const Parts parts(time);
  while (!layout.empty()) {
    if (const std::size_t taken = take_fraction(out, layout, parts.ms); taken > 0) {
      layout.remove_prefix(taken);
      continue;
    }
    const Element* found = nullptr;
    for (const Element& each : elements) {
      if (found == nullptr && layout.starts_with(each.word)) found = &each;
    }
    if (found == nullptr) {
      out += layout.front();
      layout.remove_prefix(1);
      continue;
    }
    found->write(out, parts);
    layout.remove_prefix(found->word.size());
  }
}

}  // namespace horolog::command
