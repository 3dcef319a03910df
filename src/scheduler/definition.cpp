#include "scheduler/definition.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "scheduler/condition_headers.hpp"
#include "scheduler/header_fields.hpp"
#include "scheduler/names.hpp"
#include "timekeeping/spec_error.hpp"
#include "timekeeping/time_text.hpp"

namespace horolog::scheduler {
namespace {

constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();

Error invalid(std::string message) { return {Errc::invalid_argument, std::move(message)}; }

/// One of the named choices; the first is the default.
template <typename T, std::size_t N>
Result<T> choice(const HeaderFields& fields, std::string_view name,
                 const std::array<std::pair<std::string_view, T>, N>& choices) {
  const auto text = fields.text(name);
  if (!text) return choices.front().second;
  std::string names;
  for (const auto& [word, value] : choices) {
    if (word == *text) return value;
    names += names.empty() ? "" : ", ";
    names += word;
  }
  return invalid(fmt::format("{} column 1: {} is none of {}", name, timekeeping::quoted(*text),
                             names));
}

constexpr std::array<std::pair<std::string_view, CatchUp>, 3> catch_ups{
    {{"latest", CatchUp::latest}, {"none", CatchUp::none}, {"all", CatchUp::all}}};
constexpr std::array<std::pair<std::string_view, Overlap>, 5> overlaps{
    {{"allow", Overlap::allow},
     {"skip", Overlap::skip},
     {"buffer-one", Overlap::buffer_one},
     {"buffer-all", Overlap::buffer_all},
     {"cancel-other", Overlap::cancel_other}}};

/// The calendar's trouble, if it has some that does not pass; else its rule may use it.
Result<std::string> find_calendar(const std::string& name, const CalendarLookup& calendars,
                                  timekeeping::RuleContext& context) {
  if (!calendars) return fmt::format("there is no calendar named {}", timekeeping::quoted(name));
  auto found = calendars(name);
  if (found) {
    context.calendar = std::move(*found);
    return std::string();
  }
  const Errc code = found.error().code();
  if (code != Errc::not_found && code != Errc::corrupt) return found.error();
  return found.error().message();
}

struct ParsedRule {
  timekeeping::Rule rule;
  std::string calendar_trouble;
};

Result<ParsedRule> parse_rule(std::string_view key, const Origin& origin,
                              const HeaderFields& fields, const ConditionHeaders& when,
                              const CalendarLookup& calendars) {
  int rules = 0;
  for (const auto name : {header::at, header::delay, header::every, header::cron})
    rules += fields.has(name) && !(when.takes_delay && name == header::delay);
  if (rules == 0 && when.conditions.empty())
    return invalid("no time rule: give one of horolog-at, horolog-delay, horolog-every, "
                   "horolog-cron, or horolog-when");
  if (rules > 1)
    return invalid("several time rules contradict each other: keep one of horolog-at, "
                   "horolog-delay, horolog-every, horolog-cron");
  timekeeping::RuleContext context{.key = std::string(key), .created = origin.appended_ms};
  std::string trouble;
  if (const auto name = fields.text(header::calendar)) {
    HOROLOG_ASSIGN(trouble, find_calendar(*name, calendars, context));
  }
  timekeeping::RuleText text{.at = fields.text(header::at),
                             .delay = when.takes_delay ? std::nullopt
                                                       : fields.text(header::delay),
                             .every = fields.text(header::every),
                             .phase = fields.text(header::phase),
                             .cron = fields.text(header::cron),
                             .timezone = fields.text(header::timezone),
                             .start = fields.text(header::start),
                             .end = fields.text(header::end),
                             .limit = fields.text(header::limit),
                             .jitter = fields.text(header::jitter),
                             .shift = fields.text(header::shift),
                             .dst_gap = fields.text(header::dst_gap),
                             .dst_fold = fields.text(header::dst_fold),
                             .dialect = fields.text(header::dialect),
                             .may_be_timeless = !when.conditions.empty()};
  if (!trouble.empty()) text.shift.reset();
  HOROLOG_ASSIGN(auto rule, timekeeping::Rule::parse(text, context));
  return ParsedRule{std::move(rule), std::move(trouble)};
}

Status check_labels(const std::string& labels) {
  std::size_t column = 1;
  for (std::size_t at = 0; at <= labels.size();) {
    const std::size_t end = std::min(labels.find(',', at), labels.size());
    const std::size_t equals = labels.find('=', at);
    if (equals == at || equals >= end)
      return invalid(fmt::format("{} column {}: write name=value,name=value", header::labels,
                                 column));
    at = end + 1;
    column = at + 1;
  }
  return {};
}

/// The headers that only the workers use: refused here, where the author still sees it.
Status check_worker_fields(const HeaderFields& fields) {
  HOROLOG_TRY(fields.integer(header::max_attempts, 1, 1'000'000));
  HOROLOG_TRY(fields.integer(header::priority, 0, 9));
  HOROLOG_TRY(fields.duration(header::backoff));
  if (const auto expires = fields.text(header::expires);
      expires && !fields.duration(header::expires) &&
      !timekeeping::parse_instant(*expires, header::expires))
    return fields.duration(header::expires).error();
  if (const auto labels = fields.text(header::labels)) HOROLOG_TRY(check_labels(*labels));
  return {};
}

Status read_retry(const HeaderFields& fields, Definition& definition) {
  const auto id = fields.text(header::fire_id);
  HOROLOG_ASSIGN(const auto attempt, fields.integer(header::attempt, 1, most));
  if (!id || !attempt)
    return invalid(fmt::format("a retry carries {} and {}", header::fire_id, header::attempt));
  if (definition.key != fmt::format("{}{}:{}", retry_prefix, *id, *attempt))
    return invalid(fmt::format("the key of this retry must be {}{}:{}", retry_prefix, *id,
                               *attempt));
  definition.retry_of = *id;
  definition.attempt = *attempt;
  return {};
}

}  // namespace

TimestampMs Definition::born_after() const {
  return one_shot() ? std::numeric_limits<TimestampMs>::min() / 2 : origin.appended_ms;
}

Result<DefinitionPtr> parse_definition(std::string_view key, OutRecord record, Offset generation,
                                       const Origin& origin, const CalendarLookup& calendars) {
  const bool retry = key.starts_with(retry_prefix);
  HOROLOG_ASSIGN(const HeaderFields fields, HeaderFields::read(record.headers, retry));
  const auto target = fields.text(header::topic);
  if (!target || target->empty())
    return invalid(fmt::format("{} is missing: name the topic to write to", header::topic));
  HOROLOG_ASSIGN(auto when, read_conditions(fields));
  HOROLOG_ASSIGN(auto parsed, parse_rule(key, origin, fields, when, calendars));
  Definition definition{.key = std::string(key),
                        .generation = generation,
                        .origin = origin,
                        .record = std::move(record),
                        .target = *target,
                        .out_key = fields.text(header::key),
                        .out_partition = {},
                        .rule = std::move(parsed.rule),
                        .conditions = std::move(when.conditions),
                        .either = when.either,
                        .calendar = fields.text(header::calendar).value_or(""),
                        .calendar_trouble = std::move(parsed.calendar_trouble),
                        .timeout = {},
                        .retry_of = {}};
  HOROLOG_ASSIGN(const auto partition,
                 fields.integer(header::partition, 0, std::numeric_limits<std::int32_t>::max()));
  if (partition) definition.out_partition = static_cast<PartitionIndex>(*partition);
  HOROLOG_ASSIGN(definition.catch_up, choice(fields, header::catch_up, catch_ups));
  HOROLOG_ASSIGN(definition.overlap, choice(fields, header::overlap, overlaps));
  HOROLOG_ASSIGN(const auto window, fields.duration(header::catch_up_window));
  if (window) definition.catch_up_window = *window;
  HOROLOG_ASSIGN(const auto on_resume, fields.boolean(header::catch_up_on_resume));
  definition.catch_up_on_resume = on_resume.value_or(false);
  HOROLOG_ASSIGN(definition.timeout, fields.duration(header::timeout));
  HOROLOG_TRY(check_worker_fields(fields));
  if (retry) HOROLOG_TRY(read_retry(fields, definition));
  return std::make_shared<const Definition>(std::move(definition));
}

}  // namespace horolog::scheduler
