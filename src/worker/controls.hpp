#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "horolog/types.hpp"

namespace horolog::worker {

/// What a record of `horolog.tasks` says beside its key.
struct ControlNote {
  TimestampMs at_ms = no_timestamp;
  std::string reason;

  std::string to_text() const;
  /// Of a text that makes no sense: an empty note. The key alone is what counts.
  static ControlNote parse(std::string_view text);
};

/// A cancel is in force for at least that long: 30 days.
inline constexpr std::int64_t longest_cancel_ms = std::int64_t{30} * 24 * 3'600 * 1'000;

std::string pause_key(std::string_view topic);
std::string cancel_key(std::string_view fire_id);

/// What must not start: the state of `horolog.tasks` (FORMAT.md), record by record. A value.
class Controls {
 public:
  /// A null value takes the key's effect back. False: nothing has changed; keys that are not known
  /// are a later version's. `written_ms`: the record's timestamp, for a note that has no time.
  bool apply(std::string_view key, std::optional<std::string_view> value,
             TimestampMs written_ms = no_timestamp);

  bool is_paused(std::string_view topic) const { return paused_.contains(topic); }
  /// nullptr: nobody has cancelled it.
  const ControlNote* cancel_of(std::string_view fire_id) const;
  /// Fire ids whose cancels are older than longest_cancel_ms: their tasks never came.
  std::vector<std::string> stale_cancels(TimestampMs now) const;
  const std::map<std::string, ControlNote, std::less<>>& paused() const { return paused_; }
  bool empty() const { return paused_.empty() && cancelled_.empty(); }

 private:
  using Notes = std::map<std::string, ControlNote, std::less<>>;
  Notes paused_;     ///< by topic
  Notes cancelled_;  ///< by fire id
};

}  // namespace horolog::worker
