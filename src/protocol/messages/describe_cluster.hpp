#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "protocol/api.hpp"
#include "protocol/error_code.hpp"

namespace horolog::wire {

class Visitor;

/// Asks for the brokers (endpoint type 1) or controllers (2) of the cluster.
struct DescribeClusterRequest {
  static constexpr Api api{.name = "DescribeClusterRequest",
                           .key = ApiKey::describe_cluster,
                           .versions = {0, 2},
                           .flexible_since = 0};

  bool include_cluster_authorized_operations = false;
  std::int8_t endpoint_type = 1;
  bool include_fenced_brokers = false;

  void describe(Visitor& v);
};

/// The cluster id, the controller and the nodes.
struct DescribeClusterResponse {
  static constexpr Api api{.name = "DescribeClusterResponse",
                           .key = ApiKey::describe_cluster,
                           .versions = {0, 2},
                           .flexible_since = 0};

  struct Broker {
    std::int32_t broker_id = 0;
    std::string host{};
    std::int32_t port = 0;
    std::optional<std::string> rack{};
    bool is_fenced = false;

    void describe(Visitor& v);
  };

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::optional<std::string> error_message{};
  std::int8_t endpoint_type = 1;
  std::string cluster_id{};
  std::int32_t controller_id = -1;
  std::vector<Broker> brokers{};
  std::int32_t cluster_authorized_operations = std::numeric_limits<std::int32_t>::min();

  void describe(Visitor& v);
};

}  // namespace horolog::wire
