#include "tools/calendar_file.hpp"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "timekeeping/ical.hpp"
#include "timekeeping/time_text.hpp"

namespace horolog::command {
namespace {

using timekeeping::CalendarRules;
using timekeeping::DayNumber;

constexpr std::size_t longest_file = 4 << 20;
constexpr DayNumber longest_range = 3'660;

class CalendarYaml {
 public:
  explicit CalendarYaml(const std::string& file) : file_(file) {}

  Result<CalendarRules> read(const YAML::Node& root) {
    if (!root.IsMap()) return wrong(root, "a calendar is a map: name, weekly, dates, …");
    std::set<std::string> seen;
    for (const auto& entry : root) {
      const std::string key = entry.first.IsScalar() ? entry.first.Scalar() : "";
      if (!seen.insert(key).second) return wrong(entry.first, key + " stands twice");
      HOROLOG_TRY(read_member(key, entry.first, entry.second));
    }
    return std::move(rules_);
  }

 private:
  Error wrong(const YAML::Node& where, std::string_view what) const {
    return Error(Errc::invalid_argument, fmt::format("{}:{}:{}: {}", file_, where.Mark().line + 1,
                                                     where.Mark().column + 1, what));
  }

  Status read_member(const std::string& key, const YAML::Node& place, const YAML::Node& value) {
    if (key == "name") {
      if (!value.IsScalar()) return wrong(place, "the name is a text");
      rules_.name = value.Scalar();
      return {};
    }
    const bool known = key == "weekly" || key == "dates" || key == "yearly" || key == "working";
    if (!known) {
      return wrong(place, fmt::format("unknown key '{}': there are name, weekly, dates, yearly and "
                                      "working", key));
    }
    if (!value.IsSequence()) return wrong(place, key + " is a list, such as [a, b]");
    for (const YAML::Node& item : value) {
      if (!item.IsScalar()) return wrong(item, "a list of plain values is expected");
      HOROLOG_TRY(read_item(key, item));
    }
    return {};
  }

  Status read_item(const std::string& key, const YAML::Node& item) {
    const std::string text = item.Scalar();
    if (key == "weekly") {
      const auto day = timekeeping::parse_weekday(text);
      if (!day) {
        return wrong(item, fmt::format("'{}' is no day of the week: write SUN to SAT", text));
      }
      rules_.weekly[*day] = true;
      return {};
    }
    if (key == "yearly") {
      const auto day = timekeeping::parse_month_day(text);
      if (!day) return wrong(item, fmt::format("'{}' is no day of a year: write 12-25", text));
      rules_.yearly.push_back(*day);
      return {};
    }
    return read_dates(item, key == "dates" ? rules_.dates : rules_.working);
  }

  /// A date, or two with ".." between them.
  Status read_dates(const YAML::Node& item, std::vector<DayNumber>& out) {
    const std::string text = item.Scalar();
    const std::size_t dots = text.find("..");
    const auto first = timekeeping::parse_date(std::string_view(text).substr(0, dots));
    const auto last = dots == std::string::npos
                          ? first
                          : timekeeping::parse_date(std::string_view(text).substr(dots + 2));
    if (!first || !last || *last < *first || *last - *first > longest_range) {
      return wrong(item, fmt::format("'{}' is no date: write 2026-12-25, or "
                                     "2026-12-24..2026-12-31", text));
    }
    for (DayNumber day = *first; day <= *last; ++day) out.push_back(day);
    return {};
  }

  const std::string& file_;
  CalendarRules rules_;
};

bool is_ical(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  return text.starts_with("BEGIN:VCALENDAR") || text.starts_with("begin:vcalendar");
}

}  // namespace

Result<CalendarFile> parse_calendar(std::string_view text, const std::string& file) {
  if (is_ical(text)) {
    auto read = timekeeping::read_ical(text);
    if (!read) return read.error().with_context(file);
    return CalendarFile{std::move(read->rules), std::move(read->left_out)};
  }
  try {
    HOROLOG_ASSIGN(CalendarRules rules, CalendarYaml(file).read(YAML::Load(std::string(text))));
    return CalendarFile{std::move(rules), {}};
  } catch (const YAML::Exception& e) {
    return Error(Errc::invalid_argument, fmt::format("{}:{}:{}: {}", file, e.mark.line + 1,
                                                     e.mark.column + 1, e.msg));
  }
}

Result<CalendarFile> read_calendar(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    return Error(Errc::io, fmt::format("cannot read {}: {}", path, std::strerror(errno)), errno);
  }
  std::string text;
  text.resize(longest_file + 1);
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.size() > longest_file) {
    return Error(Errc::too_large, fmt::format("{} is longer than 4 MiB: no calendar", path));
  }
  HOROLOG_ASSIGN(CalendarFile out, parse_calendar(text, path));
  if (out.rules.name.empty()) out.rules.name = std::filesystem::path(path).stem().string();
  return out;
}

}  // namespace horolog::command
