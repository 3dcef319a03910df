#pragma once

#include <functional>
#include <optional>
#include <string>

#include "tools/context.hpp"

/// Commands that look again and again: --watch, --until, --timeout.
namespace horolog::command {

/// Flags for a command that calls watch().
inline constexpr Flag watch_flag = {.name = "--watch",
                                    .letter = 'w',
                                    .summary = "look again every --interval until Ctrl-C"};
inline constexpr Flag interval_flag = {.name = "--interval",
                                       .type = ValueType::duration,
                                       .placeholder = "TIME",
                                       .summary = "between two looks (default 2s)"};
inline constexpr Flag until_flag = {.name = "--until",
                                    .type = ValueType::text,
                                    .placeholder = "WHAT",
                                    .summary = "'healthy' or 'lag<N': look until it is so"};
inline constexpr Flag timeout_flag = {.name = "--timeout",
                                      .type = ValueType::duration,
                                      .placeholder = "TIME",
                                      .summary = "give up --until after this, with exit 5"};

/// Fills a report and says whether what --until asks for has come about.
using Look = std::function<Result<bool>(Report&)>;

/// Once, or as the flags say. On a terminal the picture is drawn in place; otherwise each look is
/// printed after the one before, as JSON lines when no other mode was asked for.
Exit watch(Context& context, const Look& look);

/// 'healthy', 'lag<N' and 'lag<=N'; false without a condition or for one that is none.
bool lag_reached(const std::optional<std::string>& until, std::int64_t lag, bool healthy);
bool is_condition(const std::string& until);

/// Sleeps; SIGINT ends the program as ever.
void sleep_ms(std::int64_t ms);

}  // namespace horolog::command
