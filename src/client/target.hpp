#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "client/call.hpp"
#include "horolog/types.hpp"

namespace horolog::client {

/// Which of the connections to a broker a call travels on. A broker answers a connection strictly
/// in order, so a request that may wait there (a fetch, a join) would hold up what comes after it:
/// whoever sends such takes a lane of its own (Cluster::new_lane()). Lanes connect when first used.
using Lane = std::uint32_t;
inline constexpr Lane shared_lane = 0;

/// The wire's numbers (FindCoordinator's key type).
enum class CoordinatorKind : std::int8_t { group = 0, transaction = 1 };

/// Whom a call is for.
struct Target {
  enum class Kind : std::uint8_t { any, node, controller, leader, coordinator };

  /// Whichever broker can be reached.
  static Target any() { return {}; }
  static Target node(NodeId id) { return {.kind = Kind::node, .id = id}; }
  static Target controller() { return {.kind = Kind::controller}; }
  static Target leader(TopicPartition tp) {
    return {.kind = Kind::leader, .partition = std::move(tp)};
  }
  static Target group(std::string id) {
    return coordinator(CoordinatorKind::group, std::move(id));
  }
  static Target transaction(std::string id) {
    return coordinator(CoordinatorKind::transaction, std::move(id));
  }
  static Target coordinator(CoordinatorKind kind, std::string key) {
    return {.kind = Kind::coordinator, .coordinator_kind = kind, .key = std::move(key)};
  }
  Target on(Lane which) && {
    lane = which;
    return std::move(*this);
  }

  Kind kind = Kind::any;
  NodeId id = no_node;
  TopicPartition partition{};
  CoordinatorKind coordinator_kind = CoordinatorKind::group;
  std::string key{};
  Lane lane = shared_lane;
};

}  // namespace horolog::client
