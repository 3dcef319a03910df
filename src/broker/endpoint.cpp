#include "broker/endpoint.hpp"

namespace horolog::broker {

net::Endpoint advertised_endpoint(const BrokerConfig& config,
                                  const net::ConnectionInfo& connection) {
  const auto found = config.advertised.find(connection.listener);
  return found != config.advertised.end() ? found->second : connection.local;
}

}  // namespace horolog::broker
