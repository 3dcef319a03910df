#pragma once

#include "broker/config.hpp"
#include "net/request_handler.hpp"

namespace horolog::broker {

/// Where clients of this connection's listener should connect: the advertised address when one is
/// configured, else the address by which this client reached us (an IPv4-mapped one as IPv4). The
/// one source for Metadata, FindCoordinator, DescribeCluster and every leader hint.
net::Endpoint advertised_endpoint(const BrokerConfig& config,
                                  const net::ConnectionInfo& connection);

}  // namespace horolog::broker
