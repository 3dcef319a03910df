#pragma once

#include <string_view>

#include "protocol/error_code.hpp"

namespace horolog::client {

/// A Kafka error in words. Parts of a sentence: no capital, no full stop; empty where there is
/// nothing to add to the name.
struct ErrorHelp {
  std::string_view meaning;
  std::string_view fix;
};
ErrorHelp error_help(wire::ErrorCode code);

}  // namespace horolog::client
