#include "broker/topic_rules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "broker/topic_manager.hpp"
#include "storage/topic_config.hpp"

namespace horolog::broker {
namespace {

using wire::ErrorCode;
using Asked = wire::CreateTopicsRequest::Topic;

/// Metric names turn '.' into '_': topics that differ only there collide.
std::string unify(std::string name) {
  std::replace(name.begin(), name.end(), '.', '_');
  return name;
}

std::optional<Refusal> check_name(const Asked& asked, const storage::CatalogSnapshot& catalog) {
  if (auto problem = topic_name_problem(asked.name)) {
    return Refusal{ErrorCode::invalid_topic_exception, std::move(problem)};
  }
  if (is_internal_topic(asked.name)) {
    return Refusal{ErrorCode::invalid_request,
                   fmt::format("Creation of internal topic {} is prohibited.", asked.name)};
  }
  if (catalog.find(asked.name) != nullptr) {
    return Refusal{ErrorCode::topic_already_exists,
                   fmt::format("Topic '{}' already exists.", asked.name)};
  }
  if (asked.name.find_first_of("._") == std::string::npos) return std::nullopt;
  const std::string unified = unify(asked.name);
  for (const auto& [name, info] : catalog.topics) {
    if (name.size() == unified.size() && unify(name) == unified) {
      return Refusal{ErrorCode::invalid_topic_exception,
                     fmt::format("Topic '{}' collides with existing topic: {}", asked.name, name)};
    }
  }
  return std::nullopt;
}

std::optional<Refusal> check_configs(const Asked& asked, const storage::CatalogSnapshot& catalog,
                                     const storage::LogConfig& log_defaults,
                                     storage::TopicInfo& out) {
  for (const auto& config : asked.configs) {
    if (!config.value) {
      return Refusal{ErrorCode::invalid_config,
                     "Null value not supported for topic configs: " + config.name};
    }
    out.configs[config.name] = *config.value;
  }
  const auto parsed = storage::effective_topic_config(log_defaults, catalog, out.configs);
  if (!parsed) return Refusal{ErrorCode::invalid_config, parsed.error().message()};
  return std::nullopt;
}

std::optional<Refusal> check_manual(const Asked& asked, std::int32_t node_id,
                                    storage::TopicInfo& out) {
  if (asked.replication_factor != -1) {
    return Refusal{ErrorCode::invalid_request,
                   "A manual partition assignment was specified, but replication factor was not "
                   "set to -1."};
  }
  if (asked.num_partitions != -1) {
    return Refusal{ErrorCode::invalid_request,
                   "A manual partition assignment was specified, but numPartitions was not set to "
                   "-1."};
  }
  std::set<std::int32_t> indices;
  for (const auto& assignment : asked.assignments) {
    if (!indices.insert(assignment.partition_index).second) {
      return Refusal{ErrorCode::invalid_replica_assignment,
                     fmt::format("Found multiple manual partition assignments for partition {}",
                                 assignment.partition_index)};
    }
    if (auto refused = check_assignment(assignment.broker_ids, node_id)) return refused;
  }
  const auto count = static_cast<PartitionIndex>(indices.size());
  if (*indices.begin() != 0 || *indices.rbegin() != count - 1) {
    return Refusal{ErrorCode::invalid_replica_assignment,
                   "partitions should be a consecutive 0-based integer sequence"};
  }
  out.partitions = count;
  return std::nullopt;
}

std::optional<Refusal> check_counts(const Asked& asked, const TopicDefaults& defaults,
                                    storage::TopicInfo& out) {
  if (asked.replication_factor < -1 || asked.replication_factor == 0) {
    return Refusal{ErrorCode::invalid_replication_factor,
                   "Replication factor must be larger than 0, or -1 to use the default value."};
  }
  if (asked.num_partitions < -1 || asked.num_partitions == 0) {
    return Refusal{ErrorCode::invalid_partitions,
                   "Number of partitions was set to an invalid non-positive value."};
  }
  if (asked.replication_factor > 1 && !defaults.clamp_replication_factor) {
    return Refusal{
        ErrorCode::invalid_replication_factor,
        fmt::format("Unable to replicate the partition {0} time(s): The target replication factor "
                    "of {0} cannot be reached because only 1 broker(s) are registered or some "
                    "brokers have all their log directories cordoned.",
                    asked.replication_factor)};
  }
  out.partitions = asked.num_partitions == -1 ? defaults.num_partitions : asked.num_partitions;
  return std::nullopt;
}

}  // namespace

Refusal refusal_of(const Error& error) {
  switch (error.code()) {
    case Errc::already_exists:
      return {ErrorCode::topic_already_exists, error.message()};
    case Errc::not_found:
      return {ErrorCode::unknown_topic_or_partition, std::nullopt};
    case Errc::invalid_argument:
      return {ErrorCode::invalid_request, error.message()};
    case Errc::too_large:
      return {ErrorCode::policy_violation, error.message()};
    case Errc::io:
    case Errc::disk_full:
      return {ErrorCode::kafka_storage_error, error.message()};
    default:
      return {ErrorCode::unknown_server_error, error.message()};
  }
}

std::optional<Refusal> check_assignment(std::span<const std::int32_t> brokers,
                                        std::int32_t node_id) {
  constexpr auto code = ErrorCode::invalid_replica_assignment;
  if (brokers.empty()) {
    return Refusal{code, "The manual partition assignment includes an empty replica list."};
  }
  std::set<std::int32_t> seen;
  for (const std::int32_t broker : brokers) {
    if (!seen.insert(broker).second) {
      return Refusal{code, fmt::format("The manual partition assignment includes the broker {} "
                                       "more than once.",
                                       broker)};
    }
  }
  for (const std::int32_t broker : seen) {
    if (broker == node_id) continue;
    return Refusal{code, fmt::format("The manual partition assignment includes broker {}, but no "
                                     "such broker is registered.",
                                     broker)};
  }
  return std::nullopt;
}

std::optional<Refusal> check_new_topic(const Asked& asked, const storage::CatalogSnapshot& catalog,
                                       const storage::LogConfig& log_defaults,
                                       const TopicDefaults& defaults, storage::TopicInfo& out) {
  out.name = asked.name;
  if (auto refused = check_name(asked, catalog)) return refused;
  if (auto refused = check_configs(asked, catalog, log_defaults, out)) return refused;
  return asked.assignments.empty() ? check_counts(asked, defaults, out)
                                   : check_manual(asked, defaults.node_id, out);
}

}  // namespace horolog::broker
