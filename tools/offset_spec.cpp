#include "tools/offset_spec.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "tools/text.hpp"

namespace horolog::command {
namespace {

using Kind = OffsetPoint::Kind;

Error wrong(std::string_view text) {
  return Error(Errc::invalid_argument,
               fmt::format("'{}' is no place in a topic: write start, end, 5, +5 (behind the "
                           "start), -5 (before the end), 5:10, @TIME, @TIME:TIME, s@TIME or e@TIME",
                           text));
}

std::optional<OffsetPoint> parse_time_point(std::string_view text, TimestampMs now,
                                            bool& zone_assumed) {
  if (text.starts_with('@')) text.remove_prefix(1);
  const auto time = parse_time(text, now);
  if (!time) return std::nullopt;
  zone_assumed = zone_assumed || time->zone_assumed;
  return OffsetPoint{Kind::time, time->time};
}

std::optional<OffsetPoint> parse_point(std::string_view text, TimestampMs now,
                                       bool& zone_assumed) {
  if (text == "start" || text == "beginning" || text == "earliest") {
    return OffsetPoint{Kind::start, 0};
  }
  if (text == "end" || text == "latest") return OffsetPoint{Kind::end, 0};
  if (text.starts_with('@')) return parse_time_point(text, now, zone_assumed);
  const bool plus = text.starts_with('+');
  const auto number = parse_integer(text);
  if (!number || (plus && *number < 0)) return std::nullopt;
  if (plus) return OffsetPoint{Kind::from_start, *number};
  if (text.starts_with('-')) return OffsetPoint{Kind::from_end, -*number};
  return OffsetPoint{Kind::offset, *number};
}

/// Both sides of a colon; an empty side says nothing. Behind a time, a bare time is one too.
std::optional<OffsetRange> parse_sides(std::string_view from, std::string_view to,
                                       TimestampMs now) {
  OffsetRange range;
  const bool times = from.starts_with('@');
  if (from != "@" && !from.empty()) {
    const auto point = parse_point(from, now, range.zone_assumed);
    if (!point) return std::nullopt;
    range.from = *point;
  }
  if (to.empty()) return from.empty() || from == "@" ? std::nullopt : std::optional(range);
  range.to = times && to != "end" && to != "latest"
                 ? parse_time_point(to, now, range.zone_assumed)
                 : parse_point(to, now, range.zone_assumed);
  return range.to ? std::optional(range) : std::nullopt;
}

}  // namespace

Result<OffsetRange> parse_offset_range(std::string_view text, TimestampMs now) {
  OffsetRange range;
  HOROLOG_TRY(add_offset_range(range, text, now));
  return range;
}

Status add_offset_range(OffsetRange& range, std::string_view text, TimestampMs now) {
  if (text.starts_with("s@") || text.starts_with("e@")) {
    const auto point = parse_time_point(text.substr(1), now, range.zone_assumed);
    if (!point) return wrong(text);
    if (text[0] == 's') {
      range.from = *point;
    } else {
      range.to = *point;
    }
    return {};
  }
  std::optional<OffsetRange> read = parse_sides(text, "", now);
  // Times hold colons too: the middle is the first one with something that can be on both sides.
  for (std::size_t colon = text.find(':'); !read && colon != std::string_view::npos;
       colon = text.find(':', colon + 1)) {
    read = parse_sides(text.substr(0, colon), text.substr(colon + 1), now);
  }
  if (!read) return wrong(text);
  range = *read;
  return {};
}

Offset resolve(const OffsetPoint& point, Offset start, Offset end, std::optional<Offset> at_time) {
  Offset wish = end;
  switch (point.kind) {
    case Kind::start: wish = start; break;
    case Kind::end: wish = end; break;
    case Kind::offset: wish = point.number; break;
    case Kind::from_start: wish = start + std::min(point.number, end - start); break;
    case Kind::from_end: wish = end - std::min(point.number, end - start); break;
    case Kind::time: wish = at_time.value_or(end); break;
  }
  return std::max(wish, start);
}

}  // namespace horolog::command
