#pragma once

#include <span>

#include "timekeeping/rule.hpp"
#include "tools/context.hpp"

namespace horolog::command {

/// The flags that say when a schedule fires: the headers' names with two dashes.
std::span<const Flag> rule_flags();

/// What the flags say, as a scheduler reads it from headers.
timekeeping::RuleText rule_text_of(const Context& context);

/// The rule that the flags describe, with its calendar read from --calendar FILE. Warns of events
/// of an iCalendar file that are left out. `created` is what a delay counts from.
Result<timekeeping::Rule> rule_of(Context& context, TimestampMs created);
/// The same of a text that says it a little differently.
Result<timekeeping::Rule> rule_of(Context& context, const timekeeping::RuleText& text,
                                  TimestampMs created);

/// The time of a flag, or `otherwise` where it is not given.
Result<TimestampMs> time_flag(const Context& context, std::string_view flag,
                              TimestampMs otherwise);

}  // namespace horolog::command
