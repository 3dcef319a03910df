#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "horolog/error.hpp"
#include "protocol/error_code.hpp"
#include "protocol/messages/create_topics.hpp"
#include "storage/catalog.hpp"
#include "storage/log_config.hpp"

/// Kafka's rules for what may be created, with the codes and the texts that clients show.
namespace horolog::broker {

/// Why something asked for is not done.
struct Refusal {
  wire::ErrorCode code = wire::ErrorCode::unknown_server_error;
  std::optional<std::string> message;
};

/// What a failed change of the catalog or the disk is for a client.
Refusal refusal_of(const Error& error);

/// Most partitions that one request may create, as in Apache Kafka.
inline constexpr std::int64_t partitions_per_request = 10'000;

/// A replica assignment given by hand: this node and no other.
std::optional<Refusal> check_assignment(std::span<const std::int32_t> brokers,
                                        std::int32_t node_id);

struct TopicDefaults {
  std::int32_t node_id = 1;
  std::int32_t num_partitions = 1;
  bool clamp_replication_factor = false;
};

/// Checks one topic of a CreateTopics request, in Kafka's order: name, collisions, existence,
/// configurations, then partitions and replicas. On success `out` is what to create.
std::optional<Refusal> check_new_topic(const wire::CreateTopicsRequest::Topic& asked,
                                       const storage::CatalogSnapshot& catalog,
                                       const storage::LogConfig& log_defaults,
                                       const TopicDefaults& defaults, storage::TopicInfo& out);

}  // namespace horolog::broker
