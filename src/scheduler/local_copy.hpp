#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "horolog/error.hpp"
#include "horolog/types.hpp"
#include "scheduler/state.hpp"

namespace horolog::scheduler {

/// Which state topic a copy is of. A copy of another one says nothing.
struct StateIdentity {
  std::string cluster;
  Uuid topic{};  ///< zero on a cluster too old to have them
  PartitionIndex partition = 0;
  std::int32_t partitions = 0;

  bool operator==(const StateIdentity&) const = default;
};

/// A partition's state, and up to where it is that of the topic.
struct Kept {
  State state;
  Offset position = 0;
  /// When the position was the end of everything committed. Deletes that were written later are in
  /// the topic for `delete.retention.ms` from then on, and may be gone afterwards.
  TimestampMs as_of = 0;
};

/// Where the mirror of one state partition lies: in memory, in files that go with the process, or
/// in files that are kept in a directory, with a checkpoint beside them from which the next process
/// goes on. That is either right or not used: a checkpoint that is torn, damaged, of another topic,
/// of another program or other time zone data is discarded with a line in the log. One thread at a
/// time; one process per directory (DirectoryLock).
class LocalCopy {
 public:
  /// Everything in memory.
  LocalCopy() = default;
  /// In nameless files in that directory.
  explicit LocalCopy(std::string directory) : directory_(std::move(directory)) {}
  /// Kept.
  LocalCopy(std::string directory, StateIdentity identity)
      : directory_(std::move(directory)), identity_(std::move(identity)) {}

  /// Of the last checkpoint; nullopt when there is none that can be used, and the log says why.
  std::optional<Kept> load(TimestampMs now, const CalendarLookup& calendars);
  /// An empty one. What was there before is no longer kept.
  Result<State> fresh(TimestampMs now, const CalendarLookup& calendars);
  /// Makes this the checkpoint. Nothing to do for copies that are not kept. On an error the one
  /// before stays. `state` is the last that load() or fresh() gave.
  Status save(State& state, Offset position, TimestampMs as_of);
  bool is_kept() const { return identity_.has_value(); }

 private:
  std::string checkpoint_path() const;
  std::string values_path() const;
  Result<std::optional<Kept>> read(TimestampMs now, const CalendarLookup& calendars);
  Status discard() const;

  std::string directory_;
  std::optional<StateIdentity> identity_;
  /// Part of the value log's name: a checkpoint never meets the log of another one.
  std::string log_;
};

}  // namespace horolog::scheduler
