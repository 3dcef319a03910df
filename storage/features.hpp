#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace horolog::storage {

/// A feature of Apache Kafka 4.3.1 (KIP-584) and its levels.
struct FeatureRange {
  std::string_view name;
  std::int16_t min;
  std::int16_t max;  ///< also the level that a new data directory finalises
  bool finalised;    ///< whether it does
};

/// What a catalog may say of features: all that Apache Kafka 4.3.1 knows, so that it can open the
/// directory. Not all of it is served.
std::span<const FeatureRange> known_features();

}  // namespace horolog::storage
