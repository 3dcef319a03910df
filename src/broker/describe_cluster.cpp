// DescribeCluster 0–2. One broker: itself, at the address by which the client should reach it.

#include <fmt/format.h>

#include <utility>

#include "broker/authorized_operations.hpp"
#include "broker/endpoint.hpp"
#include "broker/handlers.hpp"
#include "protocol/messages/describe_cluster.hpp"

namespace horolog::broker {
namespace {

using wire::ErrorCode;

constexpr std::int8_t brokers_endpoint = 1;
constexpr std::int8_t controllers_endpoint = 2;

}  // namespace

void handle_describe_cluster(Context& context, Request request) {
  const auto asked = request.decode<wire::DescribeClusterRequest>();
  if (!asked) return;
  wire::DescribeClusterResponse response;
  if (asked->endpoint_type != brokers_endpoint) {
    const bool known = asked->endpoint_type == controllers_endpoint;
    response.error_code =
        known ? ErrorCode::mismatched_endpoint_type : ErrorCode::unsupported_endpoint_type;
    response.error_message =
        known ? "The request was sent to an endpoint of type BROKER, but we wanted an endpoint of "
                "type CONTROLLER"
              : fmt::format("Unsupported endpoint type {}", asked->endpoint_type);
    request.reply(response);
    return;
  }
  const auto catalog = context.catalog();
  const net::Endpoint self = advertised_endpoint(*context.config(), *request.connection);
  response.cluster_id = catalog->cluster_id;
  response.controller_id = catalog->node_id;
  auto& broker = response.brokers.emplace_back();
  broker.broker_id = catalog->node_id;
  broker.host = self.host;
  broker.port = self.port;
  if (asked->include_cluster_authorized_operations) {
    response.cluster_authorized_operations = all_cluster_operations;
  }
  request.reply(response);
}

}  // namespace horolog::broker
