#pragma once

#include <cstdint>

/// Bit sets of AclOperation codes (KIP-430): all that a resource allows, since nothing is denied.
namespace horolog::broker {

/// READ 3, WRITE 4, CREATE 5, DELETE 6, ALTER 7, DESCRIBE 8, DESCRIBE_CONFIGS 10, ALTER_CONFIGS 11.
inline constexpr std::int32_t all_topic_operations = 0b1101'1111'1000;
/// CREATE, ALTER, DESCRIBE, CLUSTER_ACTION 9, both CONFIGS, IDEMPOTENT_WRITE 12.
inline constexpr std::int32_t all_cluster_operations = 0b1'1111'1010'0000;

}  // namespace horolog::broker
