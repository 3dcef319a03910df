#include "scheduler/command.hpp"

#include <fmt/format.h>

#include <charconv>
#include <limits>

#include "scheduler/header_fields.hpp"
#include "scheduler/names.hpp"
#include "timekeeping/spec_error.hpp"
#include "timekeeping/time_text.hpp"

namespace horolog::scheduler {
namespace {

Error invalid(std::string message) { return {Errc::invalid_argument, std::move(message)}; }

Result<CommandKind> parse_action(const std::string& action) {
  if (action == "pause") return CommandKind::pause;
  if (action == "resume") return CommandKind::resume;
  if (action == "trigger") return CommandKind::trigger;
  if (action == "backfill") return CommandKind::backfill;
  return invalid(fmt::format("{} column 1: {} is none of pause, resume, trigger, backfill",
                             header::action, timekeeping::quoted(action)));
}

/// An action changes an existing schedule: a rule beside it would be dropped in silence.
Status check_action_headers(const Headers& headers) {
  for (const Header& header : headers) {
    if (!header.name.starts_with(header_prefix)) continue;
    bool allowed = false;
    for (const auto name : {header::action, header::from, header::to, header::if_generation,
                            header::origin, header::topic})
      allowed = allowed || header.name == name;
    if (!allowed)
      return invalid(fmt::format("{} has no meaning beside {}: send them as two commands",
                                 header.name, header::action));
  }
  return {};
}

Status read_range(const HeaderFields& fields, Command& command) {
  const auto from = fields.text(header::from), to = fields.text(header::to);
  if (!from || !to)
    return invalid(fmt::format("a backfill needs {} and {}", header::from, header::to));
  HOROLOG_ASSIGN(command.from_ms, timekeeping::parse_instant(*from, header::from));
  HOROLOG_ASSIGN(command.to_ms, timekeeping::parse_instant(*to, header::to));
  if (command.to_ms < command.from_ms)
    return invalid(fmt::format("{} lies before {}", header::to, header::from));
  return {};
}

}  // namespace

std::string origin_text(const Origin& origin) {
  return fmt::format("{}/{}/{}", origin.partition, origin.offset, origin.appended_ms);
}

Result<Origin> origin_of(const InRecord& in, PartitionIndex partition) {
  const std::string* text = find_header(in.record.headers, header::origin);
  if (text == nullptr) return Origin{partition, in.offset, in.timestamp};
  Origin origin;
  const char* at = text->data();
  const char* const last = at + text->size();
  const auto number = [&](auto& value, bool more) {
    const auto [end, error] = std::from_chars(at, last, value);
    if (error != std::errc{}) return false;
    at = end;
    if (!more) return at == last;
    return at != last && *at++ == '/';
  };
  if (!number(origin.partition, true) || !number(origin.offset, true) ||
      !number(origin.appended_ms, false))
    return invalid(fmt::format("{} column 1: {} is not PARTITION/OFFSET/MS: only the scheduler "
                               "writes this header", header::origin, timekeeping::quoted(*text)));
  return origin;
}

OutRecord forwarded(const InRecord& in, PartitionIndex partition) {
  OutRecord out = in.record;
  out.headers.push_back(
      {std::string(header::origin), origin_text({partition, in.offset, in.timestamp})});
  return out;
}

Result<Command> parse_command(const InRecord& in, PartitionIndex partition,
                              const CalendarLookup& calendars) {
  Command command;
  const OutRecord& record = in.record;
  if (!record.key || record.key->empty())
    return invalid("the key is missing: it is the schedule's name");
  command.key = *record.key;
  command.forwarded = find_header(record.headers, header::origin) != nullptr;
  HOROLOG_ASSIGN(command.origin, origin_of(in, partition));
  HOROLOG_ASSIGN(const HeaderFields fields,
                 HeaderFields::read(record.headers, command.key.starts_with(retry_prefix)));
  HOROLOG_ASSIGN(command.if_generation,
                 fields.integer(header::if_generation, -1, std::numeric_limits<Offset>::max()));
  if (const auto action = fields.text(header::action)) {
    HOROLOG_ASSIGN(command.kind, parse_action(*action));
    HOROLOG_TRY(check_action_headers(record.headers));
    if (command.kind == CommandKind::backfill) HOROLOG_TRY(read_range(fields, command));
  } else if (!record.value) {
    command.kind = CommandKind::cancel;
  }
  if (command.kind != CommandKind::backfill && (fields.has(header::from) || fields.has(header::to)))
    return invalid(fmt::format("{} and {} belong to a backfill", header::from, header::to));
  if (command.kind != CommandKind::create) return command;
  HOROLOG_ASSIGN(command.definition,
                 parse_definition(command.key, record, in.offset, command.origin, calendars));
  if (const std::string& trouble = command.definition->calendar_trouble; !trouble.empty())
    return invalid(fmt::format("{}: {}", header::calendar, trouble));
  return command;
}

std::optional<std::int64_t> column_in(std::string_view message) {
  constexpr std::string_view word = "column ";
  const auto at = message.find(word);
  if (at == std::string_view::npos) return std::nullopt;
  std::int64_t column = 0;
  const char* start = message.data() + at + word.size();
  const auto [end, error] = std::from_chars(start, message.data() + message.size(), column);
  return error == std::errc{} ? std::optional(column) : std::nullopt;
}

}  // namespace horolog::scheduler
