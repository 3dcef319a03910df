#include <fmt/format.h>

#include "scheduler/condition.hpp"

/// A condition in plain words.
namespace horolog::scheduler {
namespace {

using timekeeping::format_duration;

std::string filter_of(const Condition& condition) {
  std::string out;
  if (condition.key) out += fmt::format(" with the key {}", *condition.key);
  for (const auto& [name, value] : condition.headers)
    out += fmt::format("{} the header {}={}", out.empty() ? " with" : " and", name, value);
  return out;
}

std::string ending(RunEnd end) {
  switch (end) {
    case RunEnd::succeeded: return "has succeeded";
    case RunEnd::failed: return "is over without having succeeded";
    case RunEnd::done: return "is over";
  }
  return {};
}

std::string record_words(const Condition& condition) {
  const std::string which = fmt::format("record{} in {}", filter_of(condition), condition.topic);
  if (condition.delay == 0) return "a " + which + " is committed";
  if (condition.restart)
    return fmt::format("{} have passed after a {} without another such record",
                       format_duration(condition.delay), which);
  return fmt::format("{} have passed after a {}", format_duration(condition.delay), which);
}

}  // namespace

std::string describe_condition(const Condition& condition) {
  switch (condition.kind) {
    case ConditionKind::after:
      return fmt::format("a run of {} {}", condition.schedule, ending(condition.end));
    case ConditionKind::record: return record_words(condition);
    case ConditionKind::silence:
      return fmt::format("no record{} has come to {} for {}, once per silence",
                         filter_of(condition), condition.topic,
                         format_duration(condition.length.value_or(0)));
    case ConditionKind::count: {
      std::string out = fmt::format("{} record{}{} have come to {}", condition.number,
                                    condition.number == 1 ? "" : "s", filter_of(condition),
                                    condition.topic);
      if (condition.length)
        out += fmt::format(", or {} after the first of them", format_duration(*condition.length));
      return out;
    }
    case ConditionKind::lag: {
      std::string out = fmt::format("group {} is {} {} record{} behind in {}", condition.group,
                                    condition.above ? "more than" : "less than", condition.number,
                                    condition.number == 1 ? "" : "s", condition.topic);
      if (condition.length) out += fmt::format(" for {}", format_duration(*condition.length));
      return out + ", once per crossing";
    }
  }
  return {};
}

std::string describe_conditions(const std::vector<Condition>& conditions, bool timed, bool either,
                                const std::string& times) {
  if (conditions.empty()) return times;
  std::string all;
  for (const Condition& each : conditions)
    all += (all.empty() ? "" : ", and ") + describe_condition(each);
  if (!timed) return "when " + all + times;
  if (either) return times + "; and also when " + all;
  return times + "; each time waits until " + all;
}

std::vector<std::string> condition_surprises(const Condition& condition) {
  std::vector<std::string> out;
  if (condition.kind == ConditionKind::after)
    out.push_back(fmt::format("a run of {} is over when a worker says so: without one that reports "
                              "completions this never happens", condition.schedule));
  if (condition.kind == ConditionKind::count && condition.number == 1)
    out.push_back("a count of 1 is every record: 'record' says the same");
  if (condition.kind == ConditionKind::lag)
    out.push_back("the lag is looked at about once a second: a shorter crossing is not seen");
  return out;
}

}  // namespace horolog::scheduler
