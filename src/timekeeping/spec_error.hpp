#pragma once

#include <cstddef>
#include <string_view>

#include "horolog/error.hpp"

namespace horolog::timekeeping {

/// A text that cannot be right: which text, where in it, what is wrong and what to write instead.
/// Reads "cron column 3: 'x' is not a number: write 0 to 59". Columns count bytes, from 1.
Error spec_error(std::string_view what, std::size_t column, std::string_view problem,
                 std::string_view fix);

/// `text` in quotes for a message, shortened and with control bytes made visible.
std::string quoted(std::string_view text);

}  // namespace horolog::timekeeping
