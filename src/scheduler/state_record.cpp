#include "scheduler/state_record.hpp"

#include <fmt/format.h>

#include <charconv>

#include "scheduler/command.hpp"
#include "scheduler/names.hpp"
#include "timekeeping/spec_error.hpp"

namespace horolog::scheduler {
namespace {

constexpr std::string_view meta_key = "meta";
constexpr std::string_view definition_prefix = "definition:";
constexpr std::string_view cursor_prefix = "cursor:";
constexpr std::string_view watch_prefix = "watch:";

std::string prefixed(std::string_view prefix, std::string_view schedule) {
  std::string key(prefix);
  key += schedule;
  return key;
}

Error damaged(std::string_view schedule, std::string_view what) {
  return {Errc::corrupt, fmt::format("the definition of schedule {} in {}: {}",
                                     timekeeping::quoted(schedule), topic::state, what)};
}

}  // namespace

std::string Meta::to_text() const {
  JsonFields fields;
  fields.set("partitions", std::int64_t{partitions});
  fields.set("next_command", next_command);
  fields.set("next_run", next_run);
  others.each([&](std::string_view name, const std::string& raw) { fields.set_raw(name, raw); });
  return fields.to_text();
}

Result<Meta> Meta::parse(std::string_view text) {
  HOROLOG_ASSIGN(JsonFields fields, JsonFields::parse(text));
  const auto partitions = fields.number("partitions");
  const auto command = fields.number("next_command"), run = fields.number("next_run");
  if (!partitions || *partitions < 1 || !command || !run)
    return Error(Errc::corrupt, "a meta record without partitions, next_command and next_run");
  for (const auto* name : {"partitions", "next_command", "next_run"}) fields.erase(name);
  return Meta{static_cast<std::int32_t>(*partitions), *command, *run, std::move(fields)};
}

StateKey StateKey::parse(std::string_view key) {
  if (key == meta_key) return {.kind = Kind::meta, .schedule = {}};
  if (key.starts_with(definition_prefix))
    return {.kind = Kind::definition, .schedule = key.substr(definition_prefix.size())};
  if (key.starts_with(cursor_prefix))
    return {.kind = Kind::cursor, .schedule = key.substr(cursor_prefix.size())};
  const auto colon = key.rfind(':');
  if (key.starts_with(watch_prefix) && colon > watch_prefix.size()) {
    StateKey watch{.kind = Kind::watch, .schedule = {}};
    watch.place.topic = key.substr(watch_prefix.size(), colon - watch_prefix.size());
    const char* last = key.data() + key.size();
    const auto [end, error] = std::from_chars(key.data() + colon + 1, last, watch.place.partition);
    if (error == std::errc{} && end == last) return watch;
  }
  return {};
}

OutRecord meta_record(const Meta& meta) {
  return {.key = std::string(meta_key), .value = meta.to_text(), .headers = {}};
}

OutRecord definition_record(const Definition& definition) {
  OutRecord out{.key = prefixed(definition_prefix, definition.key),
                .value = definition.record.value.value_or(""),
                .headers = {}};
  for (const Header& header : definition.record.headers)
    if (header.name != header::origin) out.headers.push_back(header);
  out.headers.push_back({std::string(header::generation), std::to_string(definition.generation)});
  out.headers.push_back({std::string(header::origin), origin_text(definition.origin)});
  return out;
}

OutRecord definition_tombstone(std::string_view schedule) {
  return {.key = prefixed(definition_prefix, schedule), .value = {}, .headers = {}};
}

OutRecord cursor_record(std::string_view schedule, const Cursor& cursor) {
  return {.key = prefixed(cursor_prefix, schedule), .value = cursor.to_text(), .headers = {}};
}

OutRecord cursor_tombstone(std::string_view schedule) {
  return {.key = prefixed(cursor_prefix, schedule), .value = {}, .headers = {}};
}

OutRecord watch_record(const TopicPartition& place, const std::optional<Watch>& watch) {
  OutRecord out{.key = fmt::format("{}{}:{}", watch_prefix, place.topic, place.partition),
                .value = {},
                .headers = {}};
  if (!watch) return out;
  JsonFields fields;
  fields.set("next", watch->next);
  if (!watch->topic_id.is_zero()) {
    const std::string id = watch->topic_id.to_string();
    fields.set("topic_id", std::string_view(id));
  }
  out.value = fields.to_text();
  return out;
}

Result<Watch> read_watch(std::string_view text) {
  HOROLOG_ASSIGN(const JsonFields fields, JsonFields::parse(text));
  const auto next = fields.number("next");
  if (!next) return Error(Errc::corrupt, "the record of a watched partition without next");
  return Watch{*next, Uuid::parse(fields.text("topic_id").value_or("")).value_or(Uuid{})};
}

Result<DefinitionPtr> read_definition(std::string_view schedule, OutRecord record,
                                      const CalendarLookup& calendars) {
  Headers& headers = record.headers;
  if (headers.size() < 2 || headers.back().name != header::origin ||
      headers[headers.size() - 2].name != header::generation)
    return damaged(schedule, "generation and origin do not stand at its end");
  const InRecord last{.offset = 0, .timestamp = 0, .record = {{}, {}, {headers.back()}}};
  const auto origin = origin_of(last, 0);
  if (!origin) return damaged(schedule, origin.error().message());
  const std::string text = headers[headers.size() - 2].value.value_or("");
  Offset generation = no_offset;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), generation);
  if (error != std::errc{} || end != text.data() + text.size())
    return damaged(schedule, "its generation is no number");
  headers.resize(headers.size() - 2);
  record.key = std::string(schedule);
  auto read = parse_definition(schedule, std::move(record), generation, *origin, calendars);
  if (!read) return damaged(schedule, read.error().message());
  return read;
}

}  // namespace horolog::scheduler
