#pragma once

#include <cstdint>
#include <string>

#include "tools/context.hpp"

/// What the commands `check …` share: one line, in one of three formats, and Nagios' exit codes.
namespace horolog::command {

enum class CheckLevel : int { ok = 0, warning = 1, critical = 2, unknown = 3 };

struct Verdict {
  CheckLevel level = CheckLevel::ok;
  std::string message;
  std::string metric;  ///< of the value; empty for none
  std::int64_t value = 0;
};

/// Prints it as --format says, and gives its exit code.
Exit say_verdict(Context& context, const Verdict& verdict);
/// What could not be found out.
Exit say_unknown(Context& context, const Error& error);
/// By --warn and --crit.
CheckLevel level_of(Context& context, std::int64_t value);

}  // namespace horolog::command
