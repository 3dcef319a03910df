#include "timekeeping/ical.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "timekeeping/spec_error.hpp"

namespace horolog::timekeeping {
namespace {

constexpr DayNumber longest_event = 366;
constexpr int most_repeats = 1'000;

/// A content line without its folds: name, parameters and value.
struct Line {
  std::size_t number = 0;
  std::string name, parameters, value;
};

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'a' && c <= 'z' ? static_cast<char>(c & ~0x20) : c;
  return out;
}

std::vector<Line> content_lines(std::string_view text) {
  std::vector<std::pair<std::size_t, std::string>> joined;
  std::size_t number = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view raw = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    ++number;
    if (raw.ends_with('\r')) raw.remove_suffix(1);
    const bool folded = raw.starts_with(' ') || raw.starts_with('\t');
    if (folded && !joined.empty()) {
      joined.back().second += raw.substr(1);
    } else if (!raw.empty()) {
      joined.emplace_back(number, raw);
    }
  }
  std::vector<Line> out;
  for (const auto& [at, content] : joined) {
    const std::size_t colon = content.find(':');
    const std::size_t name_end = std::min(content.find(';'), std::min(colon, content.size()));
    Line line{.number = at, .name = upper(content.substr(0, name_end)), .parameters = {},
              .value = {}};
    if (colon != std::string::npos) {
      line.parameters = upper(std::string_view(content).substr(name_end, colon - name_end));
      line.value = content.substr(colon + 1);
    }
    out.push_back(std::move(line));
  }
  return out;
}

Error wrong(std::size_t line, std::string_view problem) {
  return Error(Errc::invalid_argument, fmt::format("iCalendar line {}: {}", line, problem));
}

bool all_digits(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// "20261225"; nullopt if it has another form.
std::optional<DayNumber> read_date(std::string_view text) {
  if (text.size() != 8 || !all_digits(text)) return std::nullopt;
  const int year = std::stoi(std::string(text.substr(0, 4)));
  const auto month = static_cast<unsigned>(std::stoi(std::string(text.substr(4, 2))));
  const auto day = static_cast<unsigned>(std::stoi(std::string(text.substr(6))));
  if (year < 1 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month)) {
    return std::nullopt;
  }
  return day_number(year, month, day);
}

/// "P3D", "P1W"; nullopt for lengths that are not whole days.
std::optional<DayNumber> read_days(std::string_view text) {
  if (text.size() < 3 || text.size() > 6 || text[0] != 'P') return std::nullopt;
  const std::string_view digits = text.substr(1, text.size() - 2);
  if (!all_digits(digits)) return std::nullopt;
  const int count = std::stoi(std::string(digits));
  return text.back() == 'D' ? std::optional(count)
         : text.back() == 'W' ? std::optional(7 * count)
                              : std::nullopt;
}

/// One VEVENT, and what becomes of it.
class Event {
 public:
  explicit Event(std::size_t line) : line_(line) {}

  void take(Line line) {
    if (line.name == "EXDATE" || line.name == "RDATE") exceptions_ = true;
    lines_.emplace(line.name, std::move(line));
  }

  /// Adds its days; or the reason why not, for people.
  Result<std::string> add_to(CalendarRules& rules) const {
    if (value("STATUS") == "CANCELLED") return std::string("it is cancelled");
    const auto start = lines_.find("DTSTART");
    if (start == lines_.end()) return wrong(line_, "an event without DTSTART");
    const auto first = read_date(start->second.value);
    if (!first) {
      if (start->second.value.find('T') != std::string::npos) {
        return std::string("it has a time of day");
      }
      return wrong(start->second.number, quoted(start->second.value) + " is not a date");
    }
    HOROLOG_ASSIGN(const DayNumber length, days(*first));
    if (length < 1 || length > longest_event) return std::string("its length is not 1 to 366 days");
    const auto rule = lines_.find("RRULE");
    if (rule != lines_.end()) return repeat(rule->second.value, *first, length, rules);
    if (exceptions_) return std::string("it has more dates (RDATE, EXDATE)");
    for (DayNumber n = 0; n < length; ++n) rules.dates.push_back(*first + n);
    return std::string();
  }

  std::string title() const { return value("SUMMARY"); }
  std::size_t line() const { return line_; }

 private:
  std::string value(const std::string& name) const {
    const auto found = lines_.find(name);
    return found == lines_.end() ? std::string() : found->second.value;
  }

  Result<DayNumber> days(DayNumber first) const {
    if (const auto end = lines_.find("DTEND"); end != lines_.end()) {
      const auto day = read_date(end->second.value);
      if (!day) return wrong(end->second.number, quoted(end->second.value) + " is not a date");
      return std::max(1, *day - first);  // some writers end an event where it begins
    }
    const std::string duration = value("DURATION");
    return duration.empty() ? 1 : read_days(duration).value_or(0);
  }

  Result<std::string> repeat(const std::string& text, DayNumber first, DayNumber length,
                             CalendarRules& rules) const {
    std::map<std::string, std::string> parts;
    for (std::size_t from = 0; from < text.size();) {
      const std::size_t end = std::min(text.find(';', from), text.size());
      const std::string part = upper(text.substr(from, end - from));
      const std::size_t equals = std::min(part.find('='), part.size());
      parts[part.substr(0, equals)] = equals < part.size() ? part.substr(equals + 1) : "";
      from = end + 1;
    }
    const auto date = date_of(first);
    const auto same = [&](const char* name, unsigned value) {
      const auto found = parts.find(name);
      if (found != parts.end() && found->second != std::to_string(value)) return false;
      parts.erase(name);
      return true;
    };
    const bool dated = same("BYMONTH", static_cast<unsigned>(date.month())) &&
                       same("BYMONTHDAY", static_cast<unsigned>(date.day()));
    parts.erase("WKST");
    const bool yearly = parts["FREQ"] == "YEARLY";
    parts.erase("FREQ");
    if (!yearly || !dated || exceptions_) return "it repeats by " + text;
    if (parts.empty()) {
      for (DayNumber n = 0; n < length; ++n) {
        const auto day = date_of(first + n);
        rules.yearly.emplace_back(day.month(), day.day());
      }
      return std::string();
    }
    return expand(text, parts, first, length, rules);
  }

  static Result<std::string> expand(const std::string& text,
                                    std::map<std::string, std::string> parts, DayNumber first,
                                    DayNumber length, CalendarRules& rules) {
    const auto number = [&](const char* name, int otherwise) {
      const std::string given = parts[name];
      parts.erase(name);
      if (given.empty()) return otherwise;
      return all_digits(given) && given.size() < 5 ? std::stoi(given) : 0;
    };
    const int step = number("INTERVAL", 1), count = number("COUNT", most_repeats);
    const std::string until_text = parts["UNTIL"].substr(0, 8);
    parts.erase("UNTIL");
    const auto until = read_date(until_text);
    if (!parts.empty() || step < 1 || count < 1 || (!until_text.empty() && !until)) {
      return "it repeats by " + text;
    }
    const auto date = date_of(first);
    for (int made = 0, year = static_cast<int>(date.year()); made < count && year < end_year;
         year += step) {
      const auto month = static_cast<unsigned>(date.month());
      const auto day = static_cast<unsigned>(date.day());
      if (day > days_in_month(year, month)) continue;
      const DayNumber at = day_number(year, month, day);
      if (until && at > *until) break;
      for (DayNumber n = 0; n < length; ++n) rules.dates.push_back(at + n);
      ++made;
    }
    return std::string();
  }

  std::size_t line_;
  std::map<std::string, Line> lines_;
  bool exceptions_ = false;
};

}  // namespace

Result<IcalDates> read_ical(std::string_view text) {
  IcalDates out;
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  std::optional<Event> event;
  bool began = false;
  int inner = 0;  // alarms and the like inside an event
  for (Line& line : content_lines(text)) {
    const std::string what = line.name == "BEGIN" || line.name == "END" ? upper(line.value) : "";
    if (!began && (line.name != "BEGIN" || what != "VCALENDAR")) {
      return wrong(line.number, "a calendar starts with BEGIN:VCALENDAR");
    }
    began = true;
    if (event && line.name == "BEGIN") {
      ++inner;
    } else if (event && line.name == "END" && inner > 0) {
      --inner;
    } else if (event && line.name == "END") {
      HOROLOG_ASSIGN(const std::string reason, event->add_to(out.rules));
      if (!reason.empty()) {
        out.left_out.push_back(
            fmt::format("line {}: {}: {}", event->line(), quoted(event->title()), reason));
      }
      event.reset();
    } else if (line.name == "BEGIN" && what == "VEVENT") {
      event.emplace(line.number);
      ++out.events;
    } else if (event && inner == 0) {
      event->take(std::move(line));
    } else if (line.name == "X-WR-CALNAME") {
      out.rules.name = line.value;
    }
  }
  if (!began) return wrong(1, "it is empty");
  if (event) return wrong(event->line(), "the event has no END:VEVENT");
  return out;
}

}  // namespace horolog::timekeeping
