#pragma once

#include <optional>
#include <string>

#include "scheduler/definition.hpp"
#include "scheduler/cursor.hpp"
#include "scheduler/run_record.hpp"
#include "scheduler/transaction.hpp"

namespace horolog::scheduler {

/// The fire id, schedule, nominal time and so on that a fire goes by: a retry keeps those of the
/// fire it repeats.
struct FireIdentity {
  std::string fire_id;
  std::string schedule;
  std::string generation;
  std::string nominal_time;
  std::string trigger;
  std::int64_t attempt = 1;
};
FireIdentity identity_of(const Definition& definition, const WaitingFire& fire);

/// The record that reaches the target: the payload, the headers that are not ours, those for the
/// workers, and those that say which fire this is.
Fire fired_record(const Definition& definition, const WaitingFire& fire, TimestampMs now);

/// What the history says of one that was due at `due_ms`: fired, or with `refused` why its target
/// never takes it. A retry that is refused is dead, for nobody repeats it.
RunRecord run_of_fire(const Definition& definition, const WaitingFire& fire, TimestampMs due_ms,
                      TimestampMs now, std::optional<std::string> refused);

}  // namespace horolog::scheduler
