#pragma once

#include <cstdint>
#include <limits>
#include <string_view>

#include "protocol/api_key.hpp"

namespace horolog::wire {

/// An inclusive range of versions.
struct VersionRange {
  std::int16_t min = 0;
  std::int16_t max = 0;

  constexpr bool contains(std::int16_t version) const { return min <= version && version <= max; }
  constexpr bool contains(VersionRange other) const { return min <= other.min && other.max <= max; }
  constexpr bool operator==(const VersionRange&) const = default;
};

/// `flexible_since` of a message that has no version with compact lengths and tagged fields.
inline constexpr std::int16_t never_flexible = std::numeric_limits<std::int16_t>::max();

/// What a message type says of itself, as the static member `api`. The range is that of the schema
/// in Apache Kafka 4.3.1; the range this broker serves is in api_table.hpp.
///
/// Every field of a message has an initialiser: it is the field's default in the protocol (so some
/// nullable fields start empty, not null), and a designated initialiser may leave the field out.
struct Api {
  std::string_view name;          ///< Kafka's name of the schema, e.g. "ProduceRequest"
  ApiKey key = ApiKey::none;      ///< requests and responses
  std::int16_t record_type = -1;  ///< persisted records that have a type number
  VersionRange versions;
  std::int16_t flexible_since = never_flexible;

  constexpr bool flexible(std::int16_t version) const { return version >= flexible_since; }
};

}  // namespace horolog::wire
