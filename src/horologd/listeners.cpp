#include "horologd/listeners.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "horologd/setting_spec.hpp"

namespace horolog {
namespace {

constexpr std::string_view plaintext = "PLAINTEXT";
constexpr std::string_view protocols[] = {"PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"};

Error invalid(std::string message) { return {Errc::invalid_argument, std::move(message)}; }

std::string_view trim(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(','), text.size());
    parts.push_back(trim(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

Result<ListenerSetting> parse_listener(std::string_view text) {
  ListenerSetting listener{std::string(plaintext), {}};
  if (const std::size_t scheme = text.find("://"); scheme != std::string_view::npos) {
    listener.name = text.substr(0, scheme);
    std::ranges::transform(listener.name, listener.name.begin(),
                           [](unsigned char c) { return std::toupper(c); });
    if (listener.name.empty()) return invalid(fmt::format("'{}' has no name before ://", text));
    text.remove_prefix(scheme + 3);
  }
  HOROLOG_ASSIGN(listener.address, parse_host_port(text));
  return listener;
}

/// Builds the plan step by step; every step adds the problems it sees.
class Planner {
 public:
  explicit Planner(const ListenerTexts& texts) : texts_(texts) {}

  ListenerPlan run() {
    read_protocol_map();
    read_listeners();
    read_advertised();
    return std::move(plan_);
  }

 private:
  void fail(std::string_view setting, std::string message, bool fatal = true) {
    plan_.problems.push_back({std::string(setting), fatal, std::move(message)});
  }

  void read_protocol_map() {
    for (const std::string_view protocol : protocols) {
      protocol_of_[std::string(protocol)] = protocol;
    }
    for (const std::string_view entry : split(texts_.protocol_map)) {
      const std::size_t colon = entry.find(':');
      if (colon == std::string_view::npos || colon == 0) {
        fail("listener.security.protocol.map",
             fmt::format("'{}' is not NAME:PROTOCOL, such as INTERNAL:PLAINTEXT", entry));
        continue;
      }
      const std::string_view protocol = entry.substr(colon + 1);
      if (std::ranges::count(protocols, protocol) == 0) {
        fail("listener.security.protocol.map",
             fmt::format("'{}' is not a protocol; Kafka's are PLAINTEXT, SSL, SASL_PLAINTEXT and "
                         "SASL_SSL", protocol));
        continue;
      }
      protocol_of_[std::string(entry.substr(0, colon))] = protocol;
    }
  }

  void read_listeners() {
    const auto controllers = split(texts_.controller_names);
    for (const std::string_view text : split(texts_.listeners)) {
      auto listener = parse_listener(text);
      if (!listener) {
        fail("listeners", listener.error().message());
        continue;
      }
      if (std::ranges::count(controllers, listener->name) != 0) {
        fail("listeners", fmt::format("{} is left out: there is no separate controller", text),
             false);
        continue;
      }
      if (accept(*listener)) plan_.listeners.push_back(std::move(*listener));
    }
    if (plan_.listeners.empty() && plan_.problems.empty()) {
      fail("listeners", "no listener: clients could not connect");
    }
  }

  bool accept(const ListenerSetting& listener) {
    const auto protocol = protocol_of_.find(listener.name);
    if (protocol == protocol_of_.end()) {
      fail("listeners", fmt::format("'{}' has no protocol: add {}:PLAINTEXT to "
                                    "listener.security.protocol.map", listener.name,
                                    listener.name));
      return false;
    }
    if (protocol->second != plaintext) {
      fail("listeners", fmt::format("{} asks for {}, which does not exist yet: only PLAINTEXT is "
                                    "served", listener.name, protocol->second));
      return false;
    }
    const bool twice = listener.address.port != 0 &&
                       std::ranges::count(plan_.listeners, listener.address,
                                          &ListenerSetting::address) != 0;
    if (twice) {
      fail("listeners", fmt::format("{} is listed twice", listener.address.to_string()));
      return false;
    }
    if (!is_loopback(listener.address.host)) {
      fail("listeners",
           fmt::format("{} is reachable from other machines and there is no authentication: "
                       "whoever reaches it may read, write and delete everything",
                       listener.address.to_string()), false);
    }
    return true;
  }

  void read_advertised() {
    for (const std::string_view text : split(texts_.advertised)) {
      const auto listener = parse_listener(text);
      if (!listener) {
        fail("advertised.listeners", listener.error().message());
        continue;
      }
      const HostPort& address = listener->address;
      if (std::ranges::count(split(texts_.controller_names), listener->name) != 0) continue;
      if (address.host.empty() || address.host == "0.0.0.0" || address.host == "::") {
        fail("advertised.listeners", fmt::format("{}: clients cannot connect to every interface; "
                                                 "name one address or host", text));
      } else if (address.port == 0) {
        fail("advertised.listeners", fmt::format("{}: clients cannot connect to port 0", text));
      } else if (std::ranges::count(plan_.listeners, listener->name, &ListenerSetting::name) == 0) {
        fail("advertised.listeners", fmt::format("{}: no listener is called {}", text,
                                                 listener->name));
      } else if (!plan_.advertised.emplace(listener->name, address).second) {
        fail("advertised.listeners", fmt::format("{} is advertised twice", listener->name));
      }
    }
  }

  const ListenerTexts& texts_;
  std::map<std::string, std::string_view> protocol_of_;
  ListenerPlan plan_;
};

}  // namespace

std::string HostPort::to_string() const {
  const bool v6 = host.find(':') != std::string::npos;
  const std::string shown = host.empty() ? "0.0.0.0" : v6 ? "[" + host + "]" : host;
  return shown + ":" + std::to_string(port);
}

Result<HostPort> parse_host_port(std::string_view text) {
  const std::string example = "write HOST:PORT, such as 127.0.0.1:9092 or [::1]:9092";
  HostPort result;
  std::string_view port;
  if (text.starts_with('[')) {
    const std::size_t close = text.find("]:");
    if (close == std::string_view::npos) {
      return invalid(fmt::format("'{}' has no port after ]: {}", text, example));
    }
    result.host = text.substr(1, close - 1);
    port = text.substr(close + 2);
  } else {
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) {
      return invalid(fmt::format("'{}' has no port: {}", text, example));
    }
    result.host = text.substr(0, colon);
    port = text.substr(colon + 1);
    if (result.host.find(':') != std::string::npos) {
      return invalid(fmt::format("'{}': an IPv6 address needs brackets; {}", text, example));
    }
  }
  const auto strange = [](unsigned char c) { return c <= ' ' || c == '/' || c == '@' || c > '~'; };
  if (std::ranges::any_of(result.host, strange)) {
    return invalid(fmt::format("'{}' is not a host name: {}", result.host, example));
  }
  const auto [end, failure] =
      std::from_chars(port.data(), port.data() + port.size(), result.port);
  if (failure != std::errc{} || end != port.data() + port.size()) {
    return invalid(fmt::format("'{}' is not a port (0 to 65535): {}", port, example));
  }
  return result;
}

bool is_loopback(std::string_view host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

ListenerPlan plan_listeners(const ListenerTexts& texts) { return Planner(texts).run(); }

}  // namespace horolog
