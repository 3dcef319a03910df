#include "tools/offset_spec.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "tools/text.hpp"

namespace horolog::command {
namespace {

using Kind = OffsetPoint::Kind;

Error wrong(std::string_view text) {
  return Error(Errc::invalid_argument,
               fmt::format("'{}' is no place in a topic: start, end, 5, +5, -5, 5:10, @TIME or "
                           "@TIME:@TIME",
                           text));
}

Result<OffsetPoint> parse_point(std::string_view text, TimestampMs now, bool& zone_assumed) {
  if (text == "start" || text == "beginning" || text == "earliest") {
    return OffsetPoint{Kind::start, 0};
  }
  if (text == "end" || text == "latest") return OffsetPoint{Kind::end, 0};
  if (text.starts_with('@')) {
    const auto time = parse_time(text.substr(1), now);
    if (!time) return wrong(text);
    zone_assumed = zone_assumed || time->zone_assumed;
    return OffsetPoint{Kind::time, time->time};
  }
  const auto number = parse_integer(text);
  if (!number) return wrong(text);
  if (text.starts_with('+')) return OffsetPoint{Kind::from_start, *number};
  if (text.starts_with('-')) return OffsetPoint{Kind::from_end, -*number};
  return OffsetPoint{Kind::offset, *number};
}

/// The colon between two points; times hold colons too, so a second point is found by its '@'.
std::size_t middle_of(std::string_view text) {
  if (!text.starts_with('@')) return text.find(':');
  return text.find(":@");
}

}  // namespace

Result<OffsetRange> parse_offset_range(std::string_view text, TimestampMs now) {
  OffsetRange range;
  HOROLOG_TRY(add_offset_range(range, text, now));
  return range;
}

Status add_offset_range(OffsetRange& range, std::string_view text, TimestampMs now) {
  if (text.starts_with("s@")) {
    HOROLOG_ASSIGN(range.from, parse_point(text.substr(1), now, range.zone_assumed));
    return {};
  }
  if (text.starts_with("e@")) {
    HOROLOG_ASSIGN(range.to, parse_point(text.substr(1), now, range.zone_assumed));
    return {};
  }
  const std::size_t middle = middle_of(text);
  const std::string_view from = text.substr(0, middle);
  const std::string_view to =
      middle == std::string_view::npos ? std::string_view() : text.substr(middle + 1);
  if (from.empty() && to.empty()) return wrong(text);
  if (from.empty()) {
    range.from = {Kind::start, 0};
  } else {
    HOROLOG_ASSIGN(range.from, parse_point(from, now, range.zone_assumed));
  }
  if (!to.empty()) {
    HOROLOG_ASSIGN(range.to, parse_point(to, now, range.zone_assumed));
  }
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
