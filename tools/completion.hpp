#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/command_table.hpp"

namespace horolog::command {

/// Names that only a cluster knows; empty when it cannot be asked.
using LiveNames = std::function<std::vector<std::string>(ValueType)>;

struct Candidate {
  std::string word;
  std::string summary;
};
/// What may stand at the end of the command line whose words are given; the last one is being
/// typed and may be empty. Pure but for `live`.
std::vector<Candidate> complete(const std::vector<std::string>& words, const LiveNames& live);

/// The script that makes a shell ask `horolog __complete`; nullopt for an unknown shell.
std::optional<std::string_view> completion_script(std::string_view shell);

}  // namespace horolog::command
