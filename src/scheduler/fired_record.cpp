#include "scheduler/fired_record.hpp"

#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "scheduler/identity.hpp"
#include "scheduler/names.hpp"

namespace horolog::scheduler {
namespace {

constexpr std::array copied{header::max_attempts, header::backoff, header::timeout,
                            header::priority,     header::expires, header::lane};

constexpr TimestampMs late_ms = 1'000;

bool travels(std::string_view name) {
  if (!name.starts_with(header_prefix)) return true;
  for (const auto known : copied)
    if (name == known) return true;
  return false;
}

std::string text_or(const Headers& headers, std::string_view name, std::string other) {
  const std::string* found = find_header(headers, name);
  return found != nullptr ? *found : std::move(other);
}

}  // namespace

FireIdentity identity_of(const Definition& definition, const WaitingFire& fire) {
  const bool by_condition = fire.trigger == trigger::condition;
  FireIdentity identity{.fire_id = by_condition
                                       ? condition_fire_id(definition.key, fire.generation,
                                                           fire.cause)
                                       : fire_id(definition.key, fire.generation,
                                                 fire.nominal_ms),
                        .schedule = definition.key,
                        .generation = std::to_string(fire.generation),
                        .nominal_time = std::to_string(fire.nominal_ms),
                        .trigger = fire.trigger};
  if (definition.retry_of.empty()) return identity;
  const Headers& sent = definition.record.headers;
  identity.fire_id = definition.retry_of;
  identity.attempt = definition.attempt;
  identity.trigger = trigger::retry;
  identity.schedule = text_or(sent, header::schedule, identity.schedule);
  identity.generation = text_or(sent, header::generation, identity.generation);
  identity.nominal_time = text_or(sent, header::nominal_time, identity.nominal_time);
  return identity;
}

Fire fired_record(const Definition& definition, const WaitingFire& fire, TimestampMs now) {
  const FireIdentity identity = identity_of(definition, fire);
  Headers headers;
  for (const Header& sent : definition.record.headers)
    if (travels(sent.name)) headers.push_back(sent);
  const auto put = [&](std::string_view name, std::string value) {
    headers.push_back({std::string(name), std::move(value)});
  };
  put(header::schedule, identity.schedule);
  put(header::fire_id, identity.fire_id);
  put(header::nominal_time, identity.nominal_time);
  put(header::fired_time, std::to_string(now));
  put(header::trigger, identity.trigger);
  put(header::missed, std::to_string(fire.missed));
  put(header::generation, identity.generation);
  put(header::attempt, std::to_string(identity.attempt));
  if (!fire.cause.empty()) put(header::cause, fire.cause);
  return {.topic = definition.target,
          .partition = definition.out_partition,
          .record = {definition.out_key, definition.record.value, std::move(headers)},
          .schedule = definition.key,
          .due_ms = fire.trigger == trigger::condition ? fire.nominal_ms
                                                       : definition.rule.due(fire.nominal_ms)};
}

RunRecord run_of_fire(const Definition& definition, const WaitingFire& fire, TimestampMs due_ms,
                      TimestampMs now, std::optional<std::string> refused) {
  const FireIdentity identity = identity_of(definition, fire);
  RunRecord run;
  run.event = std::string(event::fired);
  run.schedule = identity.schedule;
  run.generation = fire.generation;
  run.fire_id = identity.fire_id;
  run.nominal_ms = fire.nominal_ms;
  run.trigger = identity.trigger;
  run.attempt = identity.attempt;
  run.target = definition.target;
  if (fire.missed > 0) run.count = fire.missed;
  if (!fire.cause.empty()) run.others.set("cause", std::string_view(fire.cause));
  if (refused) {
    run.event = std::string(definition.retry_of.empty() ? event::skipped : event::dead);
    run.reason = std::move(refused);
    run.count.reset();
    run.at_ms = now;
    return run;
  }
  run.fired_ms = now;
  if (fire.trigger != trigger::backfill && now - due_ms > late_ms)
    run.others.set("late_ms", now - due_ms);
  if (const auto& calendar = definition.rule.calendar()) {
    run.others.set("calendar", std::string_view(calendar->name()));
    run.others.set("calendar_offset", calendar->version());
  }
  return run;
}

}  // namespace horolog::scheduler
