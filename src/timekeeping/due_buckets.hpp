#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <vector>

#include "horolog/types.hpp"
#include "timekeeping/duration.hpp"

namespace horolog::timekeeping {

enum class BucketSpan : std::uint8_t { minute, hour, day };

constexpr DurationMs length_of(BucketSpan span) {
  return span == BucketSpan::minute ? minute_ms : span == BucketSpan::hour ? hour_ms : day_ms;
}

/// A stretch of due times that are kept together on disk: [start, start + length_of(span)).
struct BucketId {
  BucketSpan span = BucketSpan::minute;
  TimestampMs start = 0;  ///< a multiple of the length

  auto operator<=>(const BucketId&) const = default;
};

/// The books of what is due when, beyond the near horizon: which bucket a due time belongs to,
/// how many live entries each one has, and when a bucket is to be opened and its entries put
/// into finer ones or into the wheel. The buckets' contents are files, and the caller's.
///
/// An entry is in the bucket that place_of() names for its due time, at any moment: that follows
/// from the due time and from three frontiers, which only advance() moves, and only forward.
///
///   wheel < minutes() <= minute buckets < hours() <= hour buckets < days() <= day buckets
///
/// Cancelling does not touch the file: remove() lowers the count, and the entry is found void by
/// its generation when the bucket is opened. One thread at a time. Pure.
class DueBuckets {
 public:
  struct Horizons {
    DurationMs wheel = 3 * minute_ms;    ///< nearer is the wheel's
    DurationMs minutes = 2 * hour_ms;    ///< nearer lies in buckets of a minute
    DurationMs hours = 2 * day_ms;       ///< nearer in buckets of an hour, the rest in days
  };

  explicit DueBuckets(TimestampMs now) : DueBuckets(now, Horizons{}) {}
  DueBuckets(TimestampMs now, const Horizons& horizons);

  /// Due before this: no bucket, the wheel's.
  TimestampMs wheel_until() const { return minutes_; }
  bool is_near(TimestampMs due) const { return due < minutes_; }
  /// Where an entry of that due time lies, which must not be near.
  BucketId place_of(TimestampMs due) const;

  /// Counts an entry in, and says into which bucket it is to be written.
  BucketId add(TimestampMs due);
  /// Counts one out that was cancelled or replaced. A near one is not counted here: no effect.
  void remove(TimestampMs due);

  /// Moves the frontiers to `now` (never back). What comes back must be opened by the caller, in
  /// this order: read the bucket's file, and for each entry that is still live either put it into
  /// the wheel (is_near()) or add() it again. The bucket's own count is gone already.
  std::vector<BucketId> advance(TimestampMs now);

  /// Live entries with a due time in [from, until), counted in whole buckets that touch it. The
  /// wheel's are not among them.
  std::uint64_t count(TimestampMs from, TimestampMs until) const;
  std::uint64_t count() const { return total_; }
  /// Every bucket that has a file, by span and time, with the number of its live entries.
  const std::map<BucketId, std::uint64_t>& counts() const { return counts_; }

 private:
  void open(BucketSpan span, TimestampMs from, TimestampMs until, std::vector<BucketId>& out);

  Horizons horizons_;
  TimestampMs minutes_ = 0, hours_ = 0, days_ = 0;
  /// Every bucket that was added to and is not yet opened, with 0 when all of it was cancelled.
  std::map<BucketId, std::uint64_t> counts_;
  std::uint64_t total_ = 0;
};

}  // namespace horolog::timekeeping
