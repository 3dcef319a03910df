#include "timekeeping/zone.hpp"

#include <algorithm>
#include <chrono>
#include <limits>
#include <optional>

#include "timekeeping/spec_error.hpp"

namespace horolog::timekeeping {
namespace {

constexpr UnixSecond always = std::numeric_limits<UnixSecond>::max() / 4;

cctz::time_point<cctz::seconds> point(UnixSecond at) {
  return cctz::time_point<cctz::seconds>(cctz::seconds(at));
}

WallSecond wall(const cctz::civil_second& civil) { return civil - cctz::civil_second(); }

/// "+05:30", "-0800", "+7": seconds east of UTC.
std::optional<int> fixed_offset(std::string_view text) {
  if (text.size() < 2 || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  std::string digits;
  for (const char c : text.substr(1)) {
    if (c >= '0' && c <= '9') {
      digits += c;
    } else if (c != ':' || digits.size() != 2) {
      return std::nullopt;
    }
  }
  if (digits.size() == 1) digits = "0" + digits;
  if (digits.size() == 2) digits += "00";
  if (digits.size() != 4) return std::nullopt;
  const int hours = std::stoi(digits.substr(0, 2)), minutes = std::stoi(digits.substr(2));
  if (hours > 18 || minutes > 59) return std::nullopt;
  return (text[0] == '-' ? -1 : 1) * (hours * 3600 + minutes * 60);
}

/// Names go to the file system: only what the names of zones are made of.
bool plausible(std::string_view name) {
  if (name.empty() || name.size() > 64 || name.front() == '/' || name == "localtime") return false;
  if (name.find("..") != std::string_view::npos) return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           c == '/' || c == '_' || c == '-' || c == '+';
  });
}

}  // namespace

Zone::Zone() : name_("UTC"), data_(cctz::utc_time_zone()) {}

Result<Zone> Zone::load(std::string_view name) {
  if (name == "UTC" || name == "Z") return Zone();
  if (const auto offset = fixed_offset(name)) {
    return Zone(std::string(name), cctz::fixed_time_zone(cctz::seconds(*offset)));
  }
  cctz::time_zone data;
  if (!plausible(name) || !cctz::load_time_zone(std::string(name), &data)) {
    return Error(Errc::invalid_argument,
                 "unknown time zone " + quoted(name) +
                     ": write a name of the tz database such as Europe/Berlin, or UTC, or +05:30");
  }
  return Zone(std::string(name), data);
}

std::int64_t Zone::offset_at(UnixSecond at) const { return data_.lookup(point(at)).offset; }

Segment Zone::segment_at(UnixSecond at) const {
  Segment out;
  out.offset = out.offset_before = out.offset_after = offset_at(at);
  out.begin = -always;
  out.end = always;
  cctz::time_zone::civil_transition change;
  // Some transitions only rename the time; those are walked over.
  for (UnixSecond t = at + 1; data_.prev_transition(point(t), &change);) {
    t = wall(change.to) - out.offset;
    if (change.from == change.to) continue;
    out.begin = t;
    out.offset_before = wall(change.from) - t;
    break;
  }
  for (UnixSecond t = at; data_.next_transition(point(t), &change);) {
    t = wall(change.from) - out.offset;
    if (change.from == change.to) continue;
    out.end = t;
    out.offset_after = wall(change.to) - t;
    break;
  }
  return out;
}

}  // namespace horolog::timekeeping
