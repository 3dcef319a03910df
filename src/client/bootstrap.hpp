#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "horolog/error.hpp"

namespace horolog::client {

struct HostPort {
  std::string host;
  std::uint16_t port = 0;
  bool operator==(const HostPort&) const = default;
};

inline constexpr std::uint16_t default_port = 9092;

/// Takes "host:port[,host:port…]" apart. Errc::invalid_argument names the part that is wrong.
Result<std::vector<HostPort>> parse_bootstrap(std::string_view text);

}  // namespace horolog::client
