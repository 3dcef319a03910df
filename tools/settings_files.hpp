#pragma once

#include <string>
#include <vector>

#include "tools/parser.hpp"
#include "tools/settings.hpp"

namespace horolog::command {

/// Where a person's settings are: $XDG_CONFIG_HOME/horolog or ~/.config/horolog; "" without a home.
std::string config_directory();
/// $XDG_STATE_HOME/horolog or ~/.local/state/horolog; "" without a home.
std::string state_directory();
/// The profile in use: --profile, HOROLOG_PROFILE, or what 'profile use' chose; "" for none.
std::string chosen_profile(const Invocation& invocation);
std::string profile_path(std::string_view name);

/// Reads a file; Errc::not_found when there is none.
Result<std::string> read_text_file(const std::string& path);
/// Writes it whole, making the directories above it.
Status write_text_file(const std::string& path, std::string_view text);

/// Flag > environment > .horolog of the project > profile > /etc/horolog/client.properties.
/// `warnings` gets what was passed over.
Result<ClientSettings> load_settings(const Invocation& invocation,
                                     std::vector<std::string>& warnings);

}  // namespace horolog::command
