#pragma once

#include <string>

#include "horologd/settings.hpp"

namespace horolog {

/// The effective configuration as YAML that --config reads again, each value with where it came
/// from.
std::string effective_yaml(const Settings& settings);

/// What differs from the defaults, one line each; for --check-config. Empty when nothing does.
std::string differences(const Settings& settings);

/// config/horologd.yaml: every setting with its meaning, unit, range and default, made from the
/// settings table so that file and table cannot disagree.
std::string reference_yaml();

}  // namespace horolog
