#pragma once

#include <string>
#include <string_view>

namespace horolog::command {

class Context;

/// Whether what goes to stdout may have colours: --color, else HOROLOG_COLOR; with `auto` only on a
/// terminal, and not where NO_COLOR is set (no-color.org) or TERM is dumb.
bool wants_colors(const Context& context);

std::string bold(std::string_view text);
/// The cell of a column named state, status, event or outcome, by its first word; else as it is.
std::string painted(std::string_view column, std::string_view text);

}  // namespace horolog::command
