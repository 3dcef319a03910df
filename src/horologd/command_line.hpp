#pragma once

#include <string>
#include <vector>

#include "horologd/configuration.hpp"
#include "horologd/problem.hpp"

namespace horolog {

/// What the command line asks for.
struct CommandLine {
  enum class Action { run, check_config, print_config, print_reference, version, help, check_data };
  Action action = Action::run;
  std::string directory;  ///< of check_data
  bool json = false;      ///< of check_data
  std::string config_file;
  std::vector<ConfigurationSources::Override> overrides;
  Problems problems;  ///< usage errors, all of them
};

/// `arguments` without the program's name.
CommandLine parse_command_line(const std::vector<std::string>& arguments);

std::string usage_text();

}  // namespace horolog
