#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "horolog/error.hpp"
#include "horologd/settings.hpp"

namespace horolog {

/// "HOST:PORT" with IPv6 in brackets; an empty host is every interface.
Result<HostPort> parse_host_port(std::string_view text);

/// The values of the settings of the same names, as written.
struct ListenerTexts {
  std::string listeners;
  std::string advertised;
  std::string protocol_map;
  std::string controller_names;
};

/// One problem, and the setting it belongs to.
struct ListenerProblem {
  std::string setting;
  bool fatal = true;
  std::string message;
};

struct ListenerPlan {
  std::vector<ListenerSetting> listeners;
  std::map<std::string, HostPort> advertised;
  std::vector<ListenerProblem> problems;
};

/// Reads the listener settings and checks them against each other. Listeners that belong to Kafka's
/// controller are left out. A wider bind than loopback is a problem that is not fatal.
ListenerPlan plan_listeners(const ListenerTexts& texts);

/// 127.0.0.0/8, ::1 or localhost.
bool is_loopback(std::string_view host);

}  // namespace horolog
