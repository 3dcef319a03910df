#include "timekeeping/spec_error.hpp"

#include <fmt/format.h>

namespace horolog::timekeeping {

Error spec_error(std::string_view what, std::size_t column, std::string_view problem,
                 std::string_view fix) {
  return Error(Errc::invalid_argument,
               fmt::format("{} column {}: {}: {}", what, column, problem, fix));
}

std::string quoted(std::string_view text) {
  constexpr std::size_t longest = 60;
  std::string out = "'";
  for (const char c : text.substr(0, longest)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) {
      out += fmt::format("\\x{:02x}", byte);
    } else {
      out += c;
    }
  }
  if (text.size() > longest) out += "…";
  return out + "'";
}

}  // namespace horolog::timekeeping
