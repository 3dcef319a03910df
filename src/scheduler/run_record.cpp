#include "scheduler/run_record.hpp"

#include <array>

#include "scheduler/names.hpp"

namespace horolog::scheduler {
namespace {

/// Names each field once, for reading and writing alike.
template <typename Run, typename Visit>
void visit_fields(Run& run, Visit&& visit) {
  visit("schedule", run.schedule);
  visit("fire_id", run.fire_id);
  visit("nominal_ms", run.nominal_ms);
  visit("until_ms", run.until_ms);
  visit("count", run.count);
  visit("fired_ms", run.fired_ms);
  visit("at_ms", run.at_ms);
  visit("trigger", run.trigger);
  visit("attempt", run.attempt);
  visit("target", run.target);
  visit("reason", run.reason);
  visit("column", run.column);
  visit("worker", run.worker);
  visit("duration_us", run.duration_us);
}

struct Put {
  JsonFields& fields;

  void operator()(std::string_view name, const std::optional<std::string>& value) {
    if (value) fields.set(name, std::string_view(*value));
  }
  void operator()(std::string_view name, const std::optional<std::int64_t>& value) {
    if (value) fields.set(name, *value);
  }
};

struct Take {
  JsonFields& fields;

  void operator()(std::string_view name, std::optional<std::string>& value) {
    value = fields.text(name);
    if (value) fields.erase(name);
  }
  void operator()(std::string_view name, std::optional<std::int64_t>& value) {
    value = fields.number(name);
    if (value) fields.erase(name);
  }
};

}  // namespace

OutRecord RunRecord::to_record() const {
  JsonFields fields;
  fields.set("event", std::string_view(event));
  visit_fields(*this, Put{fields});
  if (generation != no_offset) fields.set("generation", generation);
  if (origin) {
    fields.set("origin_partition", std::int64_t{origin->partition});
    fields.set("origin_offset", origin->offset);
    fields.set("origin_ms", origin->appended_ms);
  }
  others.each([&](std::string_view name, const std::string& raw) { fields.set_raw(name, raw); });
  return {.key = fire_id ? fire_id : schedule, .value = fields.to_text(), .headers = {}};
}

Result<RunRecord> RunRecord::parse(std::string_view value) {
  RunRecord run;
  HOROLOG_ASSIGN(JsonFields fields, JsonFields::parse(value));
  const auto event = fields.text("event");
  if (!event) return Error(Errc::corrupt, "a run record without the field \"event\"");
  run.event = *event;
  fields.erase("event");
  visit_fields(run, Take{fields});
  if (const auto generation = fields.number("generation")) {
    run.generation = *generation;
    fields.erase("generation");
  }
  const auto partition = fields.number("origin_partition");
  const auto offset = fields.number("origin_offset"), appended = fields.number("origin_ms");
  if (partition && offset && appended) {
    run.origin = Origin{static_cast<PartitionIndex>(*partition), *offset, *appended};
    for (const auto* name : {"origin_partition", "origin_offset", "origin_ms"}) fields.erase(name);
  }
  run.others = std::move(fields);
  return run;
}

bool ends_run(std::string_view event) {
  constexpr std::array over{event::succeeded, event::dead, event::expired, event::stopped,
                            event::cancelled};
  for (const std::string_view known : over)
    if (event == known) return true;
  return false;
}

}  // namespace horolog::scheduler
