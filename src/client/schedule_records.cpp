#include "client/schedule_records.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <utility>

#include "base/json.hpp"
#include "base/json_fields.hpp"
#include "client/schedule_names.hpp"

namespace horolog::client {
namespace {

using namespace schedule_names;

/// PARTITION/OFFSET/MS of a definition's origin.
bool read_origin(std::string_view text, ScheduleState& state) {
  const char* at = text.data();
  const char* const last = at + text.size();
  const auto number = [&](auto& value, bool more) {
    const auto [end, error] = std::from_chars(at, last, value);
    if (error != std::errc{}) return false;
    at = end;
    return more ? at != last && *at++ == '/' : at == last;
  };
  return number(state.origin_partition, true) && number(state.origin_offset, true) &&
         number(state.defined_at, false);
}

Result<std::int64_t> count(const JsonFields& fields, std::string_view name) {
  const std::string* raw = fields.raw(name);
  if (raw == nullptr) return 0;
  HOROLOG_ASSIGN(const auto items, JsonFields::elements(*raw));
  return static_cast<std::int64_t>(items.size());
}

std::string json_array(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) out += (out.empty() ? "" : ",") + json_string(text);
  return "[" + out + "]";
}

}  // namespace

StateKey StateKey::parse(std::string_view key) {
  constexpr std::string_view definition = "definition:", cursor = "cursor:";
  if (key.starts_with(definition)) return {Kind::definition, key.substr(definition.size())};
  if (key.starts_with(cursor)) return {Kind::cursor, key.substr(cursor.size())};
  return {};
}

Status read_cursor(std::string_view text, ScheduleState& state) {
  HOROLOG_ASSIGN(const JsonFields fields, JsonFields::parse(text));
  const bool same = fields.number("generation") == state.generation;
  state.last_nominal = fields.number("nominal_ms");
  state.fired = same ? fields.number("fired").value_or(0) : 0;
  state.missed = fields.number("missed").value_or(0);
  state.skipped = fields.number("skipped").value_or(0);
  state.paused_at = fields.number("paused_ms");
  HOROLOG_ASSIGN(state.open_runs, count(fields, "open"));
  HOROLOG_ASSIGN(state.waiting, count(fields, "waiting"));
  HOROLOG_ASSIGN(state.backfills, count(fields, "backfills"));
  state.cursor = text;
  return {};
}

Result<ScheduleState> read_definition(std::string_view key, const RecordView& record) {
  ScheduleState state;
  state.key = key;
  state.partition = record.partition;
  state.value = record.value.text();
  bool generation = false, origin = false;
  for (const HeaderView& header : record.headers) {
    const std::string_view text = header.value.text();
    if (header.key == header::generation) {
      const auto [end, error] =
          std::from_chars(text.data(), text.data() + text.size(), state.generation);
      generation = error == std::errc{};
    } else if (header.key == header::origin) {
      origin = read_origin(text, state);
    } else {
      state.headers.push_back({std::string(header.key), header.value.to_owned()});
    }
  }
  if (generation && origin) return state;
  return Error(Errc::corrupt, fmt::format("{}-{} offset {}: the definition of '{}' has no "
                                          "generation and origin", record.topic,
                                          record.partition, record.offset, key));
}

Result<ScheduleRun> read_run(const RecordView& record) {
  auto parsed = JsonFields::parse(record.value.text());
  const auto event = parsed ? parsed->text("event") : std::nullopt;
  if (!event)
    return Error(Errc::corrupt,
                 fmt::format("{}-{} offset {}: no run record: {}", record.topic, record.partition,
                             record.offset,
                             parsed ? "there is no event in it" : parsed.error().message()));
  const JsonFields& fields = *parsed;
  ScheduleRun run;
  run.event = *event;
  run.schedule = fields.text("schedule");
  run.generation = fields.number("generation").value_or(no_offset);
  run.fire_id = fields.text("fire_id");
  run.nominal_at = fields.number("nominal_ms");
  run.until = fields.number("until_ms");
  run.count = fields.number("count");
  run.fired_at = fields.number("fired_ms");
  run.at = fields.number("at_ms");
  run.trigger = fields.text("trigger");
  run.attempt = fields.number("attempt");
  run.target = fields.text("target");
  run.cause = fields.text("cause");
  run.reason = fields.text("reason");
  run.column = fields.number("column");
  run.worker = fields.text("worker");
  run.duration_us = fields.number("duration_us");
  if (const auto partition = fields.number("origin_partition"))
    run.origin_partition = static_cast<PartitionIndex>(*partition);
  run.origin_offset = fields.number("origin_offset");
  run.calendar = fields.text("calendar");
  run.calendar_offset = fields.number("calendar_offset");
  run.partition = record.partition;
  run.offset = record.offset;
  run.appended_at = record.timestamp;
  run.json = record.value.text();
  return run;
}

Result<std::optional<Offset>> read_next_command(const RecordView& record) {
  if (record.key.text() != "meta" || record.value.is_null()) return std::optional<Offset>();
  HOROLOG_ASSIGN(const JsonFields fields, JsonFields::parse(record.value.text()));
  return std::optional<Offset>(fields.number("next_command"));
}

Status StateReader::add(const RecordView& record) {
  const auto [kind, key] = StateKey::parse(record.key.text());
  if (kind == StateKey::Kind::other || (only_ && key != *only_)) return {};
  const bool definition = kind == StateKey::Kind::definition;
  if (record.value.is_null()) {
    if (definition) {
      definitions_.erase(std::string(key));
    } else {
      cursors_.erase(std::string(key));
    }
    return {};
  }
  if (!definition) {
    cursors_[std::string(key)] = record.value.text();
    return {};
  }
  HOROLOG_ASSIGN(ScheduleState state, read_definition(key, record));
  if (keep_ && !keep_(state)) {
    definitions_.erase(std::string(key));
  } else {
    definitions_[std::string(key)] = std::move(state);
  }
  return {};
}

Status StateReader::finish(const Each& each) && {
  while (!definitions_.empty()) {
    auto first = definitions_.extract(definitions_.begin());
    if (const auto cursor = cursors_.extract(first.key())) {
      const Status read = read_cursor(cursor.mapped(), first.mapped());
      if (!read) return read.error().with_context(fmt::format("the cursor of '{}'", first.key()));
    }
    each(std::move(first.mapped()));
  }
  return {};
}

Result<std::string> calendar_json(const CalendarDays& days) {
  std::string weekly;
  for (const int day : days.weekly) {
    if (day < 0 || day > 6)
      return Error(Errc::invalid_argument,
                   fmt::format("weekly: {} is no day of the week: 0 (Sunday) to 6", day));
    weekly += fmt::format("{}{}", weekly.empty() ? "" : ",", day);
  }
  return fmt::format("{{\"weekly\":[{}],\"dates\":{},\"yearly\":{},\"working\":{}}}", weekly,
                     json_array(days.dates), json_array(days.yearly), json_array(days.working));
}

}  // namespace horolog::client

namespace horolog {

const std::string* ScheduleState::header(std::string_view name) const {
  for (const Header& each : headers)
    if (each.key == name) return each.value ? &*each.value : nullptr;
  return nullptr;
}

std::string ScheduleState::topic() const {
  namespace names = schedule_names;
  for (const auto name : {names::header::topic, names::foreign::etf1_topic,
                          names::foreign::karafka_topic})
    if (const std::string* found = header(name)) return *found;
  return {};
}

std::map<std::string, std::string> ScheduleState::labels() const {
  std::map<std::string, std::string> out;
  const std::string* text = header(schedule_names::header::labels);
  if (text == nullptr) return out;
  for (std::size_t at = 0; at <= text->size();) {
    const std::size_t end = std::min(text->find(',', at), text->size());
    const std::string one = text->substr(at, end - at);
    const std::size_t equals = one.find('=');
    if (equals != std::string::npos) out[one.substr(0, equals)] = one.substr(equals + 1);
    at = end + 1;
  }
  return out;
}

}  // namespace horolog
