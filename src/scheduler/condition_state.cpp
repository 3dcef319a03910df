#include "scheduler/condition_state.hpp"

#include "scheduler/names.hpp"

namespace horolog::scheduler {

std::string ConditionState::to_text() const {
  JsonFields fields;
  std::string list;
  for (const ConditionProgress& one : each) list += (list.empty() ? "" : ",") + one.to_text();
  fields.set_raw("each", "[" + list + "]");
  if (gate) {
    JsonFields one;
    one.set("nominal_ms", gate->nominal_ms);
    one.set("trigger", std::string_view(gate->trigger));
    if (gate->missed != 0) one.set("missed", gate->missed);
    if (gate->count > 1) one.set("first_ms", gate->first_ms);
    if (gate->count > 1) one.set("count", gate->count);
    fields.set_raw("gate", one.to_text());
  }
  if (spent) fields.set_flag("spent", true);
  if (in_pause.count > 0) {
    fields.set("pause_first_ms", in_pause.first);
    fields.set("pause_last_ms", in_pause.last);
    fields.set("pause_count", in_pause.count);
  }
  return fields.to_text();
}

Result<ConditionState> ConditionState::parse(std::string_view text) {
  ConditionState state;
  HOROLOG_ASSIGN(const JsonFields fields, JsonFields::parse(text));
  if (const std::string* raw = fields.raw("each")) {
    HOROLOG_ASSIGN(const auto items, JsonFields::elements(*raw));
    for (const std::string& item : items) {
      HOROLOG_ASSIGN(auto one, ConditionProgress::parse(item));
      state.each.push_back(std::move(one));
    }
  }
  if (const std::string* raw = fields.raw("gate")) {
    HOROLOG_ASSIGN(const JsonFields one, JsonFields::parse(*raw));
    const TimestampMs nominal = one.number("nominal_ms").value_or(0);
    state.gate = Gated{.nominal_ms = nominal,
                       .trigger = one.text("trigger").value_or(std::string(trigger::time)),
                       .missed = one.number("missed").value_or(0),
                       .first_ms = one.number("first_ms").value_or(nominal),
                       .count = one.number("count").value_or(1)};
  }
  state.spent = fields.flag("spent");
  state.in_pause = {.first = fields.number("pause_first_ms").value_or(0),
                    .last = fields.number("pause_last_ms").value_or(0),
                    .count = fields.number("pause_count").value_or(0)};
  return state;
}

}  // namespace horolog::scheduler
