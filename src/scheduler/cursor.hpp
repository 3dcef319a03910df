#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "horolog/error.hpp"
#include "horolog/types.hpp"
#include "base/json_fields.hpp"
#include "scheduler/condition_state.hpp"
#include "scheduler/records.hpp"

namespace horolog::scheduler {

/// A fire whose task has not been reported complete. Kept only where an overlap policy asks.
struct OpenRun {
  std::string fire_id;
  TimestampMs fired_ms = 0;

  bool operator==(const OpenRun&) const = default;
};

/// A fire that has been decided on: by hand (it is fired in the next tick), or by time while an
/// open run has to end first (overlap `buffer-one`, `buffer-all`, `cancel-other`).
struct WaitingFire {
  TimestampMs nominal_ms = 0;
  Offset generation = no_offset;
  std::string trigger;
  std::int64_t missed = 0;
  /// The occurrences that fired it; empty when only the time did.
  std::string cause{};

  bool operator==(const WaitingFire&) const = default;
};

/// What is left of a backfill: nominal times after `after_ms`, up to and with `to_ms`.
struct Backfill {
  Offset generation = no_offset;
  TimestampMs after_ms = 0;
  TimestampMs to_ms = 0;

  bool operator==(const Backfill&) const = default;
};

/// How far a schedule has come: the second of its two state records. Survives a replacement of the
/// definition, so that no nominal time fires twice.
struct Cursor {
  /// The definition whose fires `fired` counts.
  Offset generation = no_offset;
  /// The last nominal time that was dealt with (fired, missed, skipped, buffered).
  std::optional<TimestampMs> nominal_ms;
  /// Nominal times up to here were given up by a resume.
  std::optional<TimestampMs> base_ms;
  std::int64_t fired = 0;   ///< of this generation, by time and catch-up: what `limit` counts
  std::int64_t missed = 0;  ///< for ever
  std::int64_t skipped = 0; ///< for ever
  /// Missed times that the next catch-up fire has to carry.
  std::int64_t carry = 0;
  std::optional<TimestampMs> paused_ms;
  /// When the last pause or resume was sent: an older one that comes later by way of another
  /// partition is stale.
  std::optional<TimestampMs> acted_ms;
  /// Nominal times up to here fell due while nothing fired: catch-up decides about them.
  std::optional<TimestampMs> resumed_ms;
  std::vector<OpenRun> open;
  std::vector<WaitingFire> waiting;
  std::vector<Backfill> backfills;
  /// Of a schedule with conditions.
  std::optional<ConditionState> when;
  /// Set when there is no definition: the cancel that removed it. A command sent before it and
  /// forwarded after it is stale. Forgotten after `grave_ms`.
  std::optional<Origin> cancelled;
  JsonFields others;

  /// Nothing worth a record.
  bool blank() const;
  std::string to_text() const;
  static Result<Cursor> parse(std::string_view text);
};

}  // namespace horolog::scheduler
