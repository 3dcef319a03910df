#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "horolog/error.hpp"
#include "horolog/types.hpp"

/// Where a group is to go, and what that means for each of its partitions. Pure: `group reset`
/// asks the cluster first, prints the plan, and only then commits.
namespace horolog::command {

struct ResetTarget {
  enum class Kind : std::uint8_t {
    earliest,
    latest,
    current,   ///< where it is: useful with clamping, and to see the plan's columns
    offset,    ///< an absolute offset
    shift,     ///< so many records on, or back
    time,      ///< the first record at or after this time
    explicit_offsets,  ///< from a file or another group
  };
  Kind kind = Kind::current;
  std::int64_t number = 0;  ///< of offset and shift
  TimestampMs time = 0;
  bool zone_assumed = false;  ///< the time was written without a zone: UTC was taken
  std::map<TopicPartition, Offset> offsets = {};  ///< of explicit_offsets
};

/// "earliest", "latest", "current", "1234", "+100", "-100", "@2026-01-31T10:00:00+01:00", "@-2h".
Result<ResetTarget> parse_reset_target(std::string_view text, TimestampMs now);

/// What the cluster says of a partition.
struct PartitionState {
  TopicPartition id;
  std::optional<Offset> committed;
  Offset start = 0;
  Offset end = 0;
  /// For a time: the first record at or after it; nullopt when there is none.
  std::optional<Offset> at_time;
};

struct PlannedMove {
  TopicPartition id;
  std::optional<Offset> prior;
  Offset target = 0;
  Offset start = 0;
  Offset end = 0;
  bool clamped = false;         ///< the log does not reach that far
  bool no_later_record = false;  ///< nothing is as new as the time asked for: the end was taken

  /// target - prior; nullopt when nothing was committed.
  std::optional<std::int64_t> delta() const;
  /// "replays 12400 records", "skips 3 records", "stays", "starts 20 records behind the end".
  std::string effect() const;
};

struct PlanOptions {
  bool clamp = true;  ///< false: an offset outside the log is an error
};

/// One move for each state; explicit_offsets only for those it names. Errc::out_of_range without
/// clamping, Errc::invalid_argument for a shift of a partition that has no committed offset.
Result<std::vector<PlannedMove>> plan_reset(const ResetTarget& target,
                                            const std::vector<PartitionState>& states,
                                            PlanOptions options);

}  // namespace horolog::command
