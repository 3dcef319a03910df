#include "timekeeping/due_buckets.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "timekeeping/wall.hpp"

namespace horolog::timekeeping {
namespace {

TimestampMs floor_to(TimestampMs at, DurationMs length) { return floor_div(at, length) * length; }

}  // namespace

DueBuckets::DueBuckets(TimestampMs now, const Horizons& horizons) : horizons_(horizons) {
  HOROLOG_ASSERT(horizons.wheel <= horizons.minutes && horizons.minutes <= horizons.hours);
  advance(now);
}

BucketId DueBuckets::place_of(TimestampMs due) const {
  HOROLOG_ASSERT(!is_near(due));
  const BucketSpan span = due < hours_  ? BucketSpan::minute
                          : due < days_ ? BucketSpan::hour
                                        : BucketSpan::day;
  return {span, floor_to(due, length_of(span))};
}

BucketId DueBuckets::add(TimestampMs due) {
  const BucketId place = place_of(due);
  ++counts_[place];
  ++total_;
  return place;
}

void DueBuckets::remove(TimestampMs due) {
  if (is_near(due)) return;
  const auto found = counts_.find(place_of(due));
  HOROLOG_ASSERT(found != counts_.end() && found->second > 0);
  // The bucket stays with a count of 0: its file is there and will be opened in its time.
  --found->second;
  --total_;
}

void DueBuckets::open(BucketSpan span, TimestampMs from, TimestampMs until,
                      std::vector<BucketId>& out) {
  auto it = counts_.lower_bound({span, from});
  while (it != counts_.end() && it->first.span == span && it->first.start < until) {
    out.push_back(it->first);
    total_ -= it->second;
    it = counts_.erase(it);
  }
}

std::vector<BucketId> DueBuckets::advance(TimestampMs now) {
  // Each frontier lies on a border of its bucket and of the coarser one behind it.
  const TimestampMs days =
      std::max(days_, floor_to(now + horizons_.hours, day_ms) + day_ms);
  const TimestampMs hours =
      std::max(hours_, floor_to(now + horizons_.minutes, hour_ms) + hour_ms);
  const TimestampMs minutes =
      std::max(minutes_, floor_to(now + horizons_.wheel, minute_ms) + minute_ms);
  std::vector<BucketId> out;
  open(BucketSpan::day, days_, days, out);
  open(BucketSpan::hour, hours_, hours, out);
  open(BucketSpan::minute, minutes_, minutes, out);
  days_ = days;
  hours_ = hours;
  minutes_ = minutes;
  return out;
}

std::uint64_t DueBuckets::count(TimestampMs from, TimestampMs until) const {
  std::uint64_t out = 0;
  for (const BucketSpan span : {BucketSpan::minute, BucketSpan::hour, BucketSpan::day}) {
    auto it = counts_.lower_bound({span, floor_to(from, length_of(span))});
    for (; it != counts_.end() && it->first.span == span && it->first.start < until; ++it) {
      out += it->second;
    }
  }
  return out;
}

}  // namespace horolog::timekeeping
