#include "scheduler/cursor.hpp"

#include "scheduler/names.hpp"

namespace horolog::scheduler {
namespace {

template <typename T, typename Write>
void put_list(JsonFields& fields, std::string_view name, const std::vector<T>& items,
              Write&& write) {
  if (items.empty()) return;
  std::string text = "[";
  for (const T& item : items) {
    JsonFields one;
    write(one, item);
    if (text.size() > 1) text += ',';
    text += one.to_text();
  }
  fields.set_raw(name, text + ']');
}

template <typename T, typename Read>
Status take_list(JsonFields& fields, std::string_view name, std::vector<T>& items, Read&& read) {
  const std::string* raw = fields.raw(name);
  if (raw == nullptr) return {};
  HOROLOG_ASSIGN(const auto elements, JsonFields::elements(*raw));
  for (const std::string& element : elements) {
    HOROLOG_ASSIGN(const JsonFields one, JsonFields::parse(element));
    items.push_back(read(one));
  }
  fields.erase(name);
  return {};
}

void put(JsonFields& fields, std::string_view name, const std::optional<std::int64_t>& value) {
  if (value) fields.set(name, *value);
}

std::optional<std::int64_t> take(JsonFields& fields, std::string_view name) {
  const auto value = fields.number(name);
  if (value) fields.erase(name);
  return value;
}

void put_count(JsonFields& fields, std::string_view name, std::int64_t value) {
  if (value != 0) fields.set(name, value);
}

}  // namespace

bool Cursor::blank() const {
  return !nominal_ms && !base_ms && fired == 0 && missed == 0 && skipped == 0 && carry == 0 &&
         !paused_ms && !acted_ms && !resumed_ms && open.empty() && waiting.empty() &&
         backfills.empty() && !when && !cancelled && others.empty();
}

std::string Cursor::to_text() const {
  JsonFields fields;
  if (generation != no_offset) fields.set("generation", generation);
  put(fields, "nominal_ms", nominal_ms);
  put(fields, "base_ms", base_ms);
  put_count(fields, "fired", fired);
  put_count(fields, "missed", missed);
  put_count(fields, "skipped", skipped);
  put_count(fields, "carry", carry);
  put(fields, "paused_ms", paused_ms);
  put(fields, "acted_ms", acted_ms);
  put(fields, "resumed_ms", resumed_ms);
  put_list(fields, "open", open, [](JsonFields& one, const OpenRun& run) {
    one.set("fire_id", std::string_view(run.fire_id));
    one.set("fired_ms", run.fired_ms);
  });
  put_list(fields, "waiting", waiting, [](JsonFields& one, const WaitingFire& fire) {
    one.set("nominal_ms", fire.nominal_ms);
    one.set("generation", fire.generation);
    one.set("trigger", std::string_view(fire.trigger));
    put_count(one, "missed", fire.missed);
    if (!fire.cause.empty()) one.set("cause", std::string_view(fire.cause));
  });
  put_list(fields, "backfills", backfills, [](JsonFields& one, const Backfill& fill) {
    one.set("generation", fill.generation);
    one.set("after_ms", fill.after_ms);
    one.set("to_ms", fill.to_ms);
  });
  if (when) fields.set_raw("when", when->to_text());
  if (cancelled) {
    fields.set("cancelled_partition", std::int64_t{cancelled->partition});
    fields.set("cancelled_offset", cancelled->offset);
    fields.set("cancelled_ms", cancelled->appended_ms);
  }
  others.each([&](std::string_view name, const std::string& raw) { fields.set_raw(name, raw); });
  return fields.to_text();
}

Result<Cursor> Cursor::parse(std::string_view text) {
  Cursor cursor;
  HOROLOG_ASSIGN(JsonFields fields, JsonFields::parse(text));
  cursor.generation = take(fields, "generation").value_or(no_offset);
  cursor.nominal_ms = take(fields, "nominal_ms");
  cursor.base_ms = take(fields, "base_ms");
  cursor.fired = take(fields, "fired").value_or(0);
  cursor.missed = take(fields, "missed").value_or(0);
  cursor.skipped = take(fields, "skipped").value_or(0);
  cursor.carry = take(fields, "carry").value_or(0);
  cursor.paused_ms = take(fields, "paused_ms");
  cursor.acted_ms = take(fields, "acted_ms");
  cursor.resumed_ms = take(fields, "resumed_ms");
  HOROLOG_TRY(take_list(fields, "open", cursor.open, [](const JsonFields& one) {
    return OpenRun{one.text("fire_id").value_or(""), one.number("fired_ms").value_or(0)};
  }));
  HOROLOG_TRY(take_list(fields, "waiting", cursor.waiting, [](const JsonFields& one) {
    return WaitingFire{one.number("nominal_ms").value_or(0),
                       one.number("generation").value_or(no_offset),
                       one.text("trigger").value_or(std::string(trigger::time)),
                       one.number("missed").value_or(0), one.text("cause").value_or("")};
  }));
  HOROLOG_TRY(take_list(fields, "backfills", cursor.backfills, [](const JsonFields& one) {
    return Backfill{one.number("generation").value_or(no_offset),
                    one.number("after_ms").value_or(0), one.number("to_ms").value_or(0)};
  }));
  if (const std::string* raw = fields.raw("when")) {
    HOROLOG_ASSIGN(cursor.when, ConditionState::parse(*raw));
    fields.erase("when");
  }
  const auto partition = take(fields, "cancelled_partition");
  const auto offset = take(fields, "cancelled_offset");
  const auto appended = take(fields, "cancelled_ms");
  if (partition && offset && appended)
    cursor.cancelled = Origin{static_cast<PartitionIndex>(*partition), *offset, *appended};
  cursor.others = std::move(fields);
  return cursor;
}

}  // namespace horolog::scheduler
