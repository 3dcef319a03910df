#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "scheduler/local_file.hpp"
#include "timekeeping/due_buckets.hpp"
#include "timekeeping/timer_wheel.hpp"

namespace horolog::scheduler {

/// Timers of everything that lies in the mirror: minutes ahead in a wheel in memory, the rest in
/// buckets of minutes, hours and days on disk. Adding appends; a timer that is void is never looked
/// for, it is recognised when its time comes. One thread at a time.
class TimerStore {
 public:
  /// Whether the timer still stands for something.
  using IsLive = std::function<bool(const timekeeping::Timer&)>;

  static Result<TimerStore> create(const std::string& directory, TimestampMs now);

  Status add(const timekeeping::Timer& timer);
  /// A timer due then has become void.
  void remove(TimestampMs due) { buckets_.remove(due); }
  /// Moves at most `most` timers due at or before `until` to the end of `out`, oldest first; opens
  /// the buckets that come near at `now`. Timers that are void may be among them.
  Status take(TimestampMs now, TimestampMs until, std::size_t most, const IsLive& is_live,
              std::vector<timekeeping::Timer>& out);

  /// When take() has something; nullopt: not within the next minute.
  std::optional<TimestampMs> next_due() const { return wheel_.next_due(); }
  /// By bucket, how many are due beyond the wheel.
  const timekeeping::DueBuckets& buckets() const { return buckets_; }
  std::uint64_t memory_bytes() const;
  /// Every timer, void ones too, in no order.
  Status for_each(const std::function<Status(const timekeeping::Timer&)>& visit) const;

 private:
  static constexpr std::size_t timer_bytes = 24;
  static constexpr std::size_t timers_per_block = 170;
  static constexpr std::size_t block_bytes = timers_per_block * timer_bytes;

  /// Full blocks are in the file, in no order; the rest is here.
  struct Bucket {
    std::vector<std::uint32_t> blocks;
    std::vector<timekeeping::Timer> rest;
  };

  TimerStore(LocalFile file, TimestampMs now) : file_(std::move(file)), wheel_(now),
                                                  buckets_(now) {}
  Status write_block(Bucket& bucket);
  Status read_block(std::uint32_t block,
                    const std::function<Status(const timekeeping::Timer&)>& visit) const;
  Status open_bucket(const timekeeping::BucketId& id, const IsLive& is_live);

  LocalFile file_;
  timekeeping::TimerWheel wheel_;
  timekeeping::DueBuckets buckets_;
  std::map<timekeeping::BucketId, Bucket> contents_;
  std::vector<std::uint32_t> free_blocks_;
  std::uint32_t blocks_ = 0;
};

}  // namespace horolog::scheduler
