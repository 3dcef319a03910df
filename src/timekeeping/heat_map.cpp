#include "timekeeping/heat_map.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace horolog::timekeeping {
namespace {

constexpr std::array<std::string_view, 7> day_names = {"Mon", "Tue", "Wed", "Thu",
                                                       "Fri", "Sat", "Sun"};
constexpr std::array<std::string_view, 12> month_names = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::size_t margin = 4, cell_width = 2;

/// Turns counts into cells two columns wide: nothing, or one of four shades of the largest count.
class Shades {
 public:
  static constexpr std::uint64_t levels = 4;

  Shades(std::uint64_t largest, bool color) : largest_(largest), color_(color) {}

  std::string cell(std::uint64_t count) const { return shade(level(count)); }

  std::string legend() const {
    std::string out = "    " + shade(0) + " none";
    std::uint64_t low = 1;
    for (std::uint64_t n = 1; n <= levels && low <= largest_; ++n) {
      const std::uint64_t high = top_of(n);
      if (high < low) continue;
      out += low == high ? fmt::format("   {} {}", shade(n), low)
                         : fmt::format("   {} {}-{}", shade(n), low, high);
      low = high + 1;
    }
    return out + "\n";
  }

 private:
  /// The largest count of a level, in whole quarters of the largest of all.
  std::uint64_t top_of(std::uint64_t n) const {
    return largest_ / levels * n + largest_ % levels * n / levels;
  }
  std::uint64_t level(std::uint64_t count) const {
    if (count == 0) return 0;
    std::uint64_t n = 1;
    while (n < levels && count > top_of(n)) ++n;
    return n;
  }
  std::string shade(std::uint64_t n) const {
    static constexpr std::array<std::string_view, levels + 1> blocks = {"· ", "░░", "▒▒", "▓▓",
                                                                        "██"};
    static constexpr std::array<int, levels + 1> colors = {236, 22, 28, 34, 46};
    if (!color_) return std::string(blocks[n]);
    return fmt::format("\x1b[48;5;{}m  \x1b[0m", colors[n]);
  }

  std::uint64_t largest_;
  bool color_;
};

/// 0 = Monday.
DayNumber from_monday(DayNumber day) { return static_cast<DayNumber>((weekday_of(day) + 6) % 7); }

/// The names of the months above the weeks in which they begin.
std::string month_line(DayNumber monday, std::size_t weeks, DayNumber first, DayNumber behind) {
  std::string out(margin + weeks * cell_width + 8, ' ');
  std::size_t free_from = 0;
  for (std::size_t week = 0; week < weeks; ++week) {
    for (DayNumber n = 0; n < 7; ++n) {
      const DayNumber day = monday + static_cast<DayNumber>(week) * 7 + n;
      if (day < first || day >= behind) continue;
      const auto date = date_of(day);
      const std::size_t at = margin + week * cell_width;
      if ((static_cast<unsigned>(date.day()) != 1 && day != first) || at < free_from) continue;
      std::string name(month_names[static_cast<unsigned>(date.month()) - 1]);
      if (day == first || static_cast<unsigned>(date.month()) == 1) {
        name += fmt::format(" {}", static_cast<int>(date.year()));
      }
      if (at + name.size() > out.size()) name.resize(3);
      out.replace(at, name.size(), name);
      free_from = at + name.size() + 1;
    }
  }
  out.erase(out.find_last_not_of(' ') + 1);
  return out + "\n";
}

}  // namespace

std::string render_days(DayNumber first, std::span<const std::uint64_t> counts,
                        const HeatMapStyle& style) {
  if (counts.empty()) return Shades(0, style.color).legend();
  const Shades shades(*std::max_element(counts.begin(), counts.end()), style.color);
  const auto behind = first + static_cast<DayNumber>(counts.size());
  const std::size_t fit = std::max<std::size_t>(
      1, style.width > margin ? (style.width - margin) / cell_width : 1);
  std::string out;
  for (DayNumber monday = first - from_monday(first); monday < behind;
       monday += static_cast<DayNumber>(fit) * 7) {
    const auto left = static_cast<std::size_t>(behind - monday + 6) / 7;
    const std::size_t weeks = std::min(fit, left);
    out += month_line(monday, weeks, first, behind);
    for (DayNumber row = 0; row < 7; ++row) {
      out += fmt::format("{} ", day_names[static_cast<std::size_t>(row)]);
      for (std::size_t week = 0; week < weeks; ++week) {
        const DayNumber day = monday + static_cast<DayNumber>(week) * 7 + row;
        const bool inside = day >= first && day < behind;
        out += inside ? shades.cell(counts[static_cast<std::size_t>(day - first)]) : "  ";
      }
      out.erase(out.find_last_not_of(' ') + 1);
      out += '\n';
    }
  }
  return out + shades.legend();
}

std::string render_hours(const HoursOfWeek& counts, const HeatMapStyle& style) {
  std::uint64_t largest = 0;
  for (const auto& day : counts) {
    largest = std::max(largest, *std::max_element(day.begin(), day.end()));
  }
  const Shades shades(largest, style.color);
  std::string out = "    ";
  for (int hour = 0; hour < 24; hour += 3) out += fmt::format("{:<6}", fmt::format("{:02}", hour));
  out.erase(out.find_last_not_of(' ') + 1);
  out += '\n';
  for (std::size_t day = 0; day < 7; ++day) {
    out += fmt::format("{} ", day_names[day]);
    for (const std::uint64_t count : counts[day]) out += shades.cell(count);
    out.erase(out.find_last_not_of(' ') + 1);
    out += '\n';
  }
  return out + shades.legend();
}

}  // namespace horolog::timekeeping
