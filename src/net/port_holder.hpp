#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "net/endpoint.hpp"

namespace horolog::net {

struct PortHolder {
  int pid = 0;
  std::string process;  ///< its short name, as in /proc/PID/comm
};

/// Who listens on a TCP port so that `endpoint` cannot be bound: the same address, or one of the
/// two is every interface. nullopt when nobody does, or when the system does not tell (another
/// user's process). Reads all of /proc: for error messages, not for requests. `proc` is for tests.
std::optional<PortHolder> find_port_holder(const Endpoint& endpoint,
                                           const std::string& proc = "/proc");

/// "cannot listen on 127.0.0.1:9092: in use by pid 123 (horologd)": what to say when bind() fails
/// with EADDRINUSE.
std::string port_in_use_message(const Endpoint& endpoint, const std::string& proc = "/proc");

}  // namespace horolog::net
