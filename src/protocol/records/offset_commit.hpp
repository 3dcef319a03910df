#pragma once

#include <cstdint>
#include <string>

#include "horolog/types.hpp"
#include "protocol/api.hpp"

namespace horolog::wire {

class Visitor;

/// Key of a committed offset in __consumer_offsets.
struct OffsetCommitKey {
  static constexpr Api api{.name = "OffsetCommitKey", .record_type = 1, .versions = {0, 0}};

  std::string group{};
  std::string topic{};
  std::int32_t partition = 0;

  void describe(Visitor& v);
};

/// A committed offset. Kafka 4.3 writes version 4 once topic ids are known and 3 otherwise; an
/// expire timestamp forces version 1.
struct OffsetCommitValue {
  static constexpr Api api{.name = "OffsetCommitValue",
                           .record_type = 1,
                           .versions = {0, 4},
                           .flexible_since = 4};

  std::int64_t offset = 0;
  std::int32_t leader_epoch = -1;
  std::string metadata{};
  std::int64_t commit_timestamp = 0;
  std::int64_t expire_timestamp = -1;
  Uuid topic_id{};

  void describe(Visitor& v);
};

}  // namespace horolog::wire
