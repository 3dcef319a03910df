#pragma once

#include <string>
#include <string_view>

namespace horolog {

/// `text` in quotes, as a JSON string. Bytes above 0x7f go through as they are.
std::string json_string(std::string_view text);

}  // namespace horolog
