#pragma once

#include <string>
#include <utility>
#include <vector>

#include "horologd/problem.hpp"
#include "horologd/settings.hpp"

namespace horolog {

/// Where the configuration comes from. Precedence: defaults, file, environment, overrides.
struct ConfigurationSources {
  std::string file;  ///< empty = none
  std::vector<std::pair<std::string, std::string>> environment;
  struct Override {
    std::string name;
    std::string value;
    std::string flag;  ///< "--set", "--data-dir": for messages
  };
  std::vector<Override> overrides;  ///< in order; the last one for a name wins
};

struct Configuration {
  Settings settings;  ///< only meaningful when no problem is fatal
  Problems problems;  ///< all of them, errors and warnings, in the order of the sources
};

/// Reads, checks and merges everything. Never stops at the first problem.
Configuration load_configuration(const ConfigurationSources& sources);

/// What SIGHUP would do.
struct Reload {
  struct Change {
    std::string name;
    std::string old_value;
    std::string new_value;
    bool needs_restart = false;
  };
  std::vector<Change> changes;
  Settings settings;  ///< the running settings with what may change taken over
  Problems problems;  ///< fatal = nothing is taken over
};
Reload plan_reload(const Settings& running, const ConfigurationSources& sources);

}  // namespace horolog
