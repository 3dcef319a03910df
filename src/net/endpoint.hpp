#pragma once

#include <cstdint>
#include <string>

#include "net/asio_alias.hpp"

namespace horolog::net {

/// An address as people and clients read it: no brackets in `host`, an IPv4-mapped IPv6 address
/// written as IPv4 (a client that reached us over IPv4 must be sent back over IPv4).
struct Endpoint {
  std::string host;
  std::uint16_t port = 0;

  static Endpoint of(const asio::ip::tcp::endpoint& endpoint);
  /// "127.0.0.1:9092", "[::1]:9092".
  std::string to_string() const;
  bool operator==(const Endpoint&) const = default;
};

}  // namespace horolog::net
