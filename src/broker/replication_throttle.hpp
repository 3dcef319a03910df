#pragma once

#include <span>
#include <string>
#include <string_view>

#include "horolog/error.hpp"

/// Broker settings that Apache Kafka knows only as dynamic ones: limits on replication between
/// brokers. Tools for reassignments set and clear them; with one node nothing is replicated, so
/// every limit is kept.
namespace horolog::broker {

struct ReplicationThrottle {
  std::string_view name;
  std::string_view documentation;
};

std::span<const ReplicationThrottle> replication_throttles();
bool is_replication_throttle(std::string_view name);
/// Errc::invalid_argument when the value is no rate.
Status check_replication_throttle(std::string_view name, const std::string& value);

}  // namespace horolog::broker
