#pragma once

#include <optional>
#include <string_view>

#include "protocol/error_code.hpp"

namespace horolog::command {

/// What an error of the protocol means to an operator, and what to do.
struct ErrorAdvice {
  std::string_view cause;
  std::string_view fix;
};
/// nullopt for errors that only a broken client or broker sees.
std::optional<ErrorAdvice> error_advice(wire::ErrorCode code);

/// By Kafka's name in any case, or by number; nullopt when there is none.
std::optional<wire::ErrorCode> find_error(std::string_view name_or_code);

inline constexpr int first_error_code = -1;
inline constexpr int last_error_code = 133;

}  // namespace horolog::command
