#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "protocol/api.hpp"

namespace horolog::wire {

class Visitor;

/// A finalized feature, such as metadata.version.
struct FeatureLevelRecord {
  static constexpr Api api{.name = "FeatureLevelRecord",
                           .record_type = 12,
                           .versions = {0, 0},
                           .flexible_since = 0};

  std::string name{};
  std::int16_t feature_level = 0;

  void describe(Visitor& v);
};

/// Producer ids below next_producer_id have been handed out in blocks.
struct ProducerIdsRecord {
  static constexpr Api api{.name = "ProducerIdsRecord",
                           .record_type = 15,
                           .versions = {0, 0},
                           .flexible_since = 0};

  std::int32_t broker_id = 0;
  std::int64_t broker_epoch = -1;
  std::int64_t next_producer_id = 0;

  void describe(Visitor& v);
};

/// Proves that the metadata log can be written.
struct NoOpRecord {
  static constexpr Api api{.name = "NoOpRecord",
                           .record_type = 20,
                           .versions = {0, 0},
                           .flexible_since = 0};

  void describe(Visitor& v);
};

/// Starts a group of metadata records that take effect together.
struct BeginTransactionRecord {
  static constexpr Api api{.name = "BeginTransactionRecord",
                           .record_type = 23,
                           .versions = {0, 0},
                           .flexible_since = 0};

  std::optional<std::string> name{};

  void describe(Visitor& v);
};

/// Makes the group started last take effect.
struct EndTransactionRecord {
  static constexpr Api api{.name = "EndTransactionRecord",
                           .record_type = 24,
                           .versions = {0, 0},
                           .flexible_since = 0};

  void describe(Visitor& v);
};

/// Drops the group started last.
struct AbortTransactionRecord {
  static constexpr Api api{.name = "AbortTransactionRecord",
                           .record_type = 25,
                           .versions = {0, 0},
                           .flexible_since = 0};

  std::optional<std::string> reason{};

  void describe(Visitor& v);
};

}  // namespace horolog::wire
