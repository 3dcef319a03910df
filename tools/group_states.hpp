#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tools/context.hpp"

namespace horolog::command {

/// --state, each as the protocol writes it; a word that is no state would match nothing.
Result<std::vector<std::string>> group_states(const Context& context);

/// The protocol's words are written with capitals here and without them there.
bool same_word(std::string_view a, std::string_view b);

}  // namespace horolog::command
