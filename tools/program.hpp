#pragma once

#include <string>
#include <vector>

#include "tools/context.hpp"

namespace horolog::command {

/// `horolog`, from its arguments (without the program's name) to its exit code.
Exit run_program(const std::vector<std::string>& arguments, const Console& console);

}  // namespace horolog::command
