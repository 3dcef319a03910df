#pragma once

#include <string>
#include <vector>

#include "tools/context.hpp"

namespace horolog::command {

/// Becomes another program; comes back only when it cannot be started.
Exit become(Context& context, const std::string& program, const std::vector<std::string>& words);

struct Captured {
  int status = 0;  ///< as waitpid gives it
  std::string out;
};
/// Runs a program to its end and takes its stdout; stderr and stdin are shared.
Result<Captured> capture(const std::string& program, const std::vector<std::string>& words);

}  // namespace horolog::command
