#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_fields.hpp"
#include "horolog/error.hpp"
#include "scheduler/condition.hpp"
#include "scheduler/records.hpp"

namespace horolog::scheduler {

/// A record of a watched topic.
struct WatchedRecord {
  TopicPartition place;
  /// When it came: its timestamp, held between two looks of the scheduler at the topic, or simply
  /// its timestamp for one that was there before the first look.
  TimestampMs arrived_ms = 0;
  InRecord in;
  /// Nothing that came to the topic before it stands behind it: that some time has passed since the
  /// one before means that nothing came in it.
  bool in_order = true;
};

/// Something that a condition waits for has happened. The cause names it for ever: no two
/// occurrences of a condition have the same.
struct Occurrence {
  std::string cause;
  TimestampMs at_ms = 0;

  bool operator==(const Occurrence&) const = default;
};

/// How far one condition of a schedule has come: a state machine that is fed with what was seen and
/// with the time, and gives occurrences. Pure; all of it stands in the schedule's cursor.
struct ConditionProgress {
  std::string text;           ///< the condition's
  std::vector<Offset> from;   ///< by partition: records before these do not count
  std::int64_t seen = 0;      ///< occurrences so far
  std::optional<Occurrence> last;  ///< the last of them
  /// What holds now and has not fired yet.
  std::optional<Occurrence> held;
  /// Of `record` with a delay: occurrences to come, with the time when.
  std::vector<Occurrence> pending;
  /// Of `count`: gathered so far, and the first of them.
  std::int64_t gathered = 0;
  std::optional<Occurrence> first;
  /// Of `silence`: the last record, or when it began to be watched.
  std::optional<Occurrence> latest;
  /// Of `silence` and `lag`: it holds. Of `lag`, since when the bound is crossed.
  bool met = false;
  std::optional<TimestampMs> since_ms;

  /// More occurrences to come than that, and the newest is lost: see `overrun`.
  static constexpr std::size_t most_pending = 1'000;

  /// Of a schedule that is new.
  static ConditionProgress begin(const Condition& condition, std::vector<Offset> from,
                                 TimestampMs now);
  /// Whether see_record() would change anything.
  bool concerns(const Condition& condition, const WatchedRecord& record) const;
  struct Seen {
    std::vector<Occurrence> occurrences;
    /// One that there was no place for.
    std::optional<Occurrence> overrun;
  };
  Seen see_record(const Condition& condition, const WatchedRecord& record);
  /// A run that `after` waits for is over.
  Seen see_end(const std::string& fire_id, TimestampMs at);
  /// The lag was looked at. `changed`: whether anything is different now.
  Seen see_lag(const Condition& condition, std::int64_t lag, TimestampMs now, bool& changed);
  /// It is `now`. `all_read`: every record of the topic that was committed by then has been seen;
  /// without that nothing is concluded from none having come.
  Seen pass_time(const Condition& condition, TimestampMs now, bool all_read);
  /// When pass_time() has something to do.
  std::optional<TimestampMs> wake(const Condition& condition) const;
  /// Whether that is decided by what has not come.
  bool wakes_on_absence(const Condition& condition) const;

  std::string to_text() const;
  static Result<ConditionProgress> parse(std::string_view text);
};

/// TOPIC/PARTITION/OFFSET
std::string place_text(const TopicPartition& place, Offset offset);

}  // namespace horolog::scheduler
