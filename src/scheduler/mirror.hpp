#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scheduler/checkpoint_file.hpp"
#include "scheduler/entry.hpp"
#include "scheduler/timer_store.hpp"
#include "scheduler/value_log.hpp"
#include "timekeeping/pending_index.hpp"

namespace horolog::scheduler {

/// Schedules at rest: everything that is not due soon and waits for nothing, on disk, with about 24
/// bytes of memory for each. A cache of the state topic that can be made anew from it at any time;
/// nothing in it is ever synced. It leaves no file behind, unless its value log has a name: then
/// what write() gave is enough to go on with the same file in another process.
///
/// Errors (Errc::io, Errc::corrupt) mean that the mirror can no longer be trusted: the partition
/// has to be dropped and read anew. One thread at a time.
class Mirror {
 public:
  static Result<Mirror> create(const std::string& directory, TimestampMs now,
                               CalendarLookup calendars);
  /// Its values in this log, which is empty; what else it needs goes into the directory.
  static Result<Mirror> with_log(ValueLog values, const std::string& directory, TimestampMs now,
                                 CalendarLookup calendars);
  /// As write() wrote it, with the value log at this path. Errors: it has to be made anew.
  static Result<Mirror> read(CheckpointReader& from, const std::string& value_log,
                             const std::string& directory, TimestampMs now,
                             CalendarLookup calendars);
  /// Everything but the values: these are in the log's file when this returns. Space that was
  /// given up since the last time is kept until kept().
  Status write(CheckpointWriter& to);
  /// What write() wrote has taken the place of what was written before.
  Status kept() { return values_.release_space(); }

  /// Lays an entry down, which must not be in it, to come back at `wake`, or never by itself.
  Status put(const std::string& key, const Entry& entry, std::optional<TimestampMs> wake);
  /// A copy; the entry stays.
  Result<std::optional<Entry>> find(const std::string& key) const;
  /// Takes the entry out, if there is one.
  Result<std::optional<Entry>> take(const std::string& key);
  /// Takes out at most `most` entries that wake at or before `until`, oldest first.
  Result<std::vector<std::pair<std::string, Entry>>> take_due(TimestampMs now, TimestampMs until,
                                                              std::size_t most);
  /// Every entry, in no order, read from disk one by one.
  Status for_each(const std::function<void(const std::string& key, const Entry&)>& visit) const;

  /// When take_due() has something; nullopt: not within the next minute.
  std::optional<TimestampMs> next_wake() const { return timers_.next_due(); }
  const timekeeping::DueBuckets& pending() const { return timers_.buckets(); }
  std::size_t size() const { return index_.size(); }
  std::uint64_t memory_bytes() const { return index_.memory_bytes() + timers_.memory_bytes(); }
  std::uint64_t file_bytes() const { return values_.file_bytes(); }

 private:
  /// Where an entry was found, and what stands there.
  struct Found {
    std::int64_t version = 0;
    std::int64_t place = 0;
    ByteBuffer value;
  };

  Mirror(ValueLog values, TimerStore timers, CalendarLookup calendars)
      : values_(std::move(values)), timers_(std::move(timers)),
        calendars_(std::move(calendars)) {}
  Result<std::optional<Found>> look_up(std::string_view key) const;
  Status reclaim();

  ValueLog values_;
  TimerStore timers_;
  timekeeping::PendingIndex index_;
  CalendarLookup calendars_;
  /// Tells a timer that an entry has moved on since; never repeats.
  std::int64_t next_version_ = 0;
};

}  // namespace horolog::scheduler
