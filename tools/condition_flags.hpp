#pragma once

#include <span>
#include <string>
#include <vector>

#include "scheduler/condition_headers.hpp"
#include "scheduler/condition_progress.hpp"
#include "timekeeping/rule.hpp"
#include "tools/context.hpp"

/// Conditions (`horolog-when`) on the command line.
namespace horolog::command {

/// --when and --when-mode.
std::span<const Flag> condition_flags();

/// The conditions that the flags write down.
Result<scheduler::ConditionHeaders> conditions_of(const Context& context);
/// The rule text of the flags, as it is beside these conditions.
timekeeping::RuleText rule_text_beside(const Context& context,
                                       const scheduler::ConditionHeaders& when);

/// The rule and the conditions in plain words.
std::string sentence_of(const timekeeping::Rule& rule,
                        const std::vector<scheduler::Condition>& conditions, bool either,
                        TimestampMs now);
/// What has been seen of a condition so far: "3 of 10 gathered".
std::string progress_text(const scheduler::Condition& condition,
                          const scheduler::ConditionProgress& progress,
                          const timekeeping::Zone& zone);

}  // namespace horolog::command
