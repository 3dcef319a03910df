#include "client/bootstrap.hpp"

#include <fmt/format.h>

#include <charconv>

namespace horolog::client {
namespace {

Error bad(std::string_view part, std::string_view why) {
  return Error(Errc::invalid_argument,
               fmt::format("bootstrap address \"{}\": {}; write host:port, as in localhost:9092",
                           part, why));
}

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

Result<HostPort> parse_one(std::string_view part) {
  std::string_view rest = part;
  // "PLAINTEXT://host:port" is how brokers print their listeners.
  if (const auto scheme = rest.find("://"); scheme != std::string_view::npos) {
    if (rest.substr(0, scheme) != "PLAINTEXT") {
      return bad(part, fmt::format("{} is not supported, only PLAINTEXT", rest.substr(0, scheme)));
    }
    rest.remove_prefix(scheme + 3);
  }
  HostPort result{.host = {}, .port = default_port};
  std::string_view port;
  if (rest.starts_with('[')) {
    const auto close = rest.find(']');
    if (close == std::string_view::npos) return bad(part, "the bracket is not closed");
    result.host = rest.substr(1, close - 1);
    port = rest.substr(close + 1);
    if (!port.empty() && port[0] != ':') return bad(part, "a colon must follow the bracket");
  } else {
    const auto colon = rest.find(':');
    if (colon != rest.rfind(':')) return bad(part, "an IPv6 address stands in brackets");
    result.host = rest.substr(0, colon);
    port = colon == std::string_view::npos ? std::string_view{} : rest.substr(colon);
  }
  if (result.host.empty()) return bad(part, "the host is missing");
  if (port.empty()) return result;
  port.remove_prefix(1);
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), result.port);
  if (error != std::errc{} || end != port.data() + port.size() || result.port == 0) {
    return bad(part, fmt::format("\"{}\" is not a port (1 to 65535)", port));
  }
  return result;
}

}  // namespace

Result<std::vector<HostPort>> parse_bootstrap(std::string_view text) {
  std::vector<HostPort> result;
  while (!text.empty()) {
    const auto comma = text.find(',');
    const std::string_view part = trim(text.substr(0, comma));
    text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
    if (part.empty()) continue;
    HOROLOG_ASSIGN(HostPort one, parse_one(part));
    result.push_back(std::move(one));
  }
  if (result.empty()) return bad("", "none is given");
  return result;
}

}  // namespace horolog::client
