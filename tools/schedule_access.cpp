#include "tools/schedule_access.hpp"

#include <fmt/format.h>

#include <chrono>
#include <utility>

#include "client/schedule_names.hpp"
#include "scheduler/calendar_table.hpp"
#include "scheduler/definition.hpp"
#include "timekeeping/duration.hpp"
#include "timekeeping/time_text.hpp"
#include "tools/cluster_access.hpp"

namespace horolog::command {
namespace {

namespace header = schedule_names::header;

constexpr std::int64_t default_patience_ms = 10'000;
/// Refusals, and warnings, that are told each; of a bulk change there may be a million.
constexpr std::size_t most_told = 50;

Result<KnownSchedule> known(ScheduleState state, const scheduler::CalendarLookup& calendars) {
  scheduler::OutRecord record{.key = state.key, .value = state.value, .headers = {}};
  for (const Header& each : state.headers) record.headers.push_back({each.key, each.value});
  const scheduler::Origin origin{state.origin_partition, state.origin_offset, state.defined_at};
  KnownSchedule out;
  HOROLOG_ASSIGN(out.entry.definition,
                 scheduler::parse_definition(state.key, std::move(record), state.generation,
                                             origin, calendars));
  if (!state.cursor.empty()) {
    HOROLOG_ASSIGN(out.entry.cursor, scheduler::Cursor::parse(state.cursor));
  }
  out.state = std::move(state);
  return out;
}

}  // namespace

Result<Schedules> open_schedules(const Context& context) {
  return Schedules::open(client_options(context));
}

std::optional<TimestampMs> KnownSchedule::next() const {
  const auto nominal = entry.next_nominal();
  return nominal ? std::optional(entry.definition->rule.due(*nominal)) : std::nullopt;
}

std::string KnownSchedule::status() const {
  if (state.paused_at) return "paused";
  const std::string held = entry.next_nominal() ? "" : entry.held_by_calendar();
  return held.empty() ? "active" : "stalled: " + held;
}

std::string KnownSchedule::time_text(TimestampMs at) const {
  return timekeeping::format_instant(at, entry.definition->rule.zone());
}

std::string KnownSchedule::rule_text() const {
  const timekeeping::Rule& rule = entry.definition->rule;
  std::string out, conditions;
  for (const auto& each : entry.definition->conditions)
    conditions += (conditions.empty() ? "when " : ", and ") + each.text;
  if (rule.kind() == timekeeping::RuleKind::none) return conditions;
  if (rule.kind() == timekeeping::RuleKind::at) {
    out = "at " + time_text(rule.at());
  } else if (const std::string* cron = state.header(header::cron)) {
    out = "cron " + *cron;
  } else {
    out = "every " + timekeeping::format_duration(rule.every());
  }
  if (const std::string* zone = state.header(header::timezone)) out += ", " + *zone;
  if (const std::string* calendar = state.header(header::calendar))
    out += ", calendar " + *calendar;
  if (conditions.empty()) return out;
  return out + (entry.definition->either ? ", or " : ", ") + conditions;
}

ScheduleReader::ScheduleReader(Schedules& schedules) : schedules_(schedules) {}
ScheduleReader::~ScheduleReader() = default;

Result<KnownSchedule> ScheduleReader::read(ScheduleState state) {
  if (!calendars_ && state.header(header::calendar) != nullptr) {
    HOROLOG_ASSIGN(const auto stored, schedules_.calendars());
    calendars_ = std::make_unique<scheduler::CalendarTable>();
    for (const StoredCalendar& each : stored)
      calendars_->replay(each.offset, each.set_at, each.name, each.json);
  }
  const std::string key = state.key;
  auto one = known(std::move(state), [&](std::string_view name) { return calendars_->find(name); });
  if (!one) return one.error().with_context(key);
  return one;
}

Result<bool> Decisions::await(Schedules& schedules, const std::vector<SentCommand>& commands) {
  if (context_.has("--no-wait") || commands.empty()) return true;
  const std::chrono::milliseconds patience(context_.duration_ms("--timeout", default_patience_ms));
  HOROLOG_ASSIGN(const auto decisions, schedules.decisions(commands, patience));
  const std::size_t before = undecided_;
  for (std::size_t i = 0; i < commands.size(); ++i) tell(commands[i], decisions[i]);
  return undecided_ == before;
}

void Decisions::tell(const SentCommand& command, const CommandDecision& decision) {
  using Kind = CommandDecision::Kind;
  ++awaited_;
  if (decision.kind == Kind::undecided) ++undecided_;
  for (const std::string& warning : decision.warnings)
    if (++warned_ <= most_told) context_.warn(fmt::format("{}: {}", command.key, warning));
  if (decision.kind != Kind::rejected && decision.kind != Kind::stale) return;
  if (++refused_ > most_told) return;
  context_.fail(Exit::failed,
                fmt::format("{}: {}: {}", command.key,
                            decision.kind == Kind::stale ? "came too late" : "rejected",
                            decision.reason));
}

Exit Decisions::finish(std::size_t not_sent) {
  if (warned_ > most_told)
    context_.warn(fmt::format("{} more warnings of this kind", warned_ - most_told));
  if (refused_ > most_told)
    context_.fail(Exit::failed, fmt::format("{} more were refused", refused_ - most_told),
                  "the others are in topic horolog.runs");
  if (undecided_ > 0) {
    const auto patience = context_.duration_ms("--timeout", default_patience_ms);
    const std::string rest =
        not_sent == 0 ? ""
                      : fmt::format("; {} others were not sent: repeat the command when one runs",
                                    not_sent);
    return context_.fail(Exit::unreachable,
                         fmt::format("no scheduler has decided about {} of {} commands within {}",
                                     undecided_, awaited_,
                                     timekeeping::format_duration(patience)),
                         "they are stored: is horolog-scheduler running?" + rest);
  }
  if (refused_ == 0) return Exit::ok;
  return refused_ < awaited_ ? Exit::partial : Exit::failed;
}

Exit report_decisions(Context& context, Schedules& schedules,
                      const std::vector<SentCommand>& commands) {
  Decisions decisions(context);
  const auto decided = decisions.await(schedules, commands);
  if (!decided) return fail_cluster(context, decided.error());
  return decisions.finish();
}

}  // namespace horolog::command
