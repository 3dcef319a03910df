#pragma once

#include <cstdint>
#include <string>

#include "protocol/api.hpp"
#include "protocol/error_code.hpp"

namespace horolog::wire {

class Visitor;

/// Registers the partition of __consumer_offsets that keeps a group's offsets with a transaction.
struct AddOffsetsToTxnRequest {
  static constexpr Api api{.name = "AddOffsetsToTxnRequest",
                           .key = ApiKey::add_offsets_to_txn,
                           .versions = {0, 4},
                           .flexible_since = 3};

  std::string transactional_id{};
  std::int64_t producer_id = 0;
  std::int16_t producer_epoch = 0;
  std::string group_id{};

  void describe(Visitor& v);
};

/// Whether the group may commit offsets within the transaction.
struct AddOffsetsToTxnResponse {
  static constexpr Api api{.name = "AddOffsetsToTxnResponse",
                           .key = ApiKey::add_offsets_to_txn,
                           .versions = {0, 4},
                           .flexible_since = 3};

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;

  void describe(Visitor& v);
};

}  // namespace horolog::wire
