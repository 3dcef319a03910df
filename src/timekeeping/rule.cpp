#include "timekeeping/rule.hpp"

#include <algorithm>

#include "timekeeping/segment_search.hpp"
#include "timekeeping/stable_hash.hpp"
#include "timekeeping/wall_search.hpp"

namespace horolog::timekeeping {
namespace {

constexpr TimestampMs first_ms = first_second * 1'000, end_ms = end_second * 1'000;

}  // namespace

std::optional<UnixSecond> Rule::next_cron(UnixSecond after) const {
  WallSearch walls(fields_, calendar_.get(), shift_);
  SegmentSearch search(walls, {gap_, fold_, fields_.follows_real_time});
  for (UnixSecond at = after + 1; at < end_second;) {
    const Segment segment = zone_.segment_at(at);
    if (const auto found = search.first(segment, after)) return found;
    at = segment.end;
  }
  return std::nullopt;
}

std::optional<TimestampMs> Rule::next_every(TimestampMs after) const {
  if (fires_after_) after = std::max(after, *fires_after_);
  const auto on_or_after = [this](TimestampMs t) {
    return anchor_ + (floor_div(t - 1 - anchor_, every_) + 1) * every_;
  };
  TimestampMs at = on_or_after(after + 1);
  if (!calendar_) return at;
  while (at < end_ms) {
    const UnixSecond second = floor_div(at, 1'000);
    DayNumber day = day_of(second + zone_.offset_at(second));
    if (!calendar_->is_off(day)) return at;
    while (calendar_->is_off(day) && day < day_of(end_second)) ++day;
    // About where that day begins; a little before, for the case that the zone changes just there.
    const WallSecond midnight = static_cast<WallSecond>(day) * day_seconds;
    const UnixSecond guess = midnight - zone_.offset_at(second);
    const UnixSecond opening = std::min(guess, midnight - zone_.offset_at(guess));
    at = std::max(at + every_, on_or_after(opening * 1'000 - 3 * hour_ms));
  }
  return std::nullopt;
}

std::optional<TimestampMs> Rule::moved_at() const {
  if (!calendar_) return at_;
  const UnixSecond second = floor_div(at_, 1'000);
  const WallSecond wall = second + zone_.offset_at(second);
  DayNumber day = day_of(wall);
  if (!calendar_->is_off(day)) return at_;
  if (shift_ == Shift::none) return std::nullopt;
  const DayNumber step = shift_ == Shift::next ? 1 : -1;
  for (DayNumber n = 0; calendar_->is_off(day); day += step) {
    if (++n > WallSearch::longest_shift) return std::nullopt;
  }
  const WallSecond target = wall + (day - day_of(wall)) * day_seconds;
  // The wall time on the other day; one that a gap swallowed comes out as much later.
  UnixSecond moved = target - zone_.offset_at(second);
  moved = target - zone_.offset_at(moved);
  return moved * 1'000 + (at_ - second * 1'000);
}

std::optional<TimestampMs> Rule::next_unbounded(TimestampMs after) const {
  switch (kind_) {
    case RuleKind::at: {
      const auto at = moved_at();
      return at && *at > after ? at : std::nullopt;
    }
    case RuleKind::every: return next_every(after);
    case RuleKind::cron: {
      const auto found = next_cron(floor_div(after, 1'000));
      if (!found) return std::nullopt;
      return *found * 1'000;
    }
    case RuleKind::none: break;
  }
  return std::nullopt;
}

std::optional<TimestampMs> Rule::next(TimestampMs after) const {
  after = std::clamp(after, first_ms, end_ms);
  if (start_) after = std::max(after, *start_ - 1);
  const auto found = next_unbounded(after);
  if (!found || *found >= end_ms || (end_ && *found > *end_)) return std::nullopt;
  return found;
}

std::vector<TimestampMs> Rule::next(TimestampMs after, std::size_t count,
                                    std::int64_t fired) const {
  if (limit_) {
    count = std::min(count, static_cast<std::size_t>(std::max<std::int64_t>(0, *limit_ - fired)));
  }
  return between(std::min(after, end_ms) + 1, end_ms, count);
}

std::vector<TimestampMs> Rule::between(TimestampMs from, TimestampMs until,
                                       std::size_t most) const {
  std::vector<TimestampMs> out;
  if (from > end_ms || until < first_ms) return out;
  for (TimestampMs after = std::max(from, first_ms) - 1; out.size() < most;) {
    const auto found = next(after);
    if (!found || *found >= until) break;
    out.push_back(*found);
    after = *found;
  }
  return out;
}

TimestampMs Rule::due(TimestampMs nominal) const {
  if (jitter_ == 0) return nominal;
  DurationMs room = jitter_;
  if (const auto following = next(nominal)) room = std::min(room, *following - nominal - 1);
  if (room <= 0) return nominal;
  const std::uint64_t hash = mix_bits(jitter_seed_ ^ mix_bits(static_cast<std::uint64_t>(nominal)));
  return nominal + static_cast<DurationMs>(hash % (static_cast<std::uint64_t>(room) + 1));
}

std::string_view to_string(Gap gap) {
  switch (gap) {
    case Gap::next_valid: return "next-valid";
    case Gap::skip: return "skip";
    case Gap::shift: return "shift";
    case Gap::robfig: return "as robfig/cron";
  }
  return "next-valid";
}

std::string_view to_string(Fold fold) {
  switch (fold) {
    case Fold::first: return "first";
    case Fold::both: return "both";
    case Fold::last: return "last";
  }
  return "first";
}

}  // namespace horolog::timekeeping
