#pragma once

#include <cstdint>
#include <string>

#include "protocol/api.hpp"
#include "protocol/error_code.hpp"

namespace horolog::wire {

class Visitor;

/// Commits or aborts the open transaction. A sender of version 5 follows the second transaction
/// protocol (KIP-890): its epoch is raised by each end.
struct EndTxnRequest {
  static constexpr Api api{
      .name = "EndTxnRequest", .key = ApiKey::end_txn, .versions = {0, 5}, .flexible_since = 3};

  std::string transactional_id{};
  std::int64_t producer_id = 0;
  std::int16_t producer_epoch = 0;
  bool committed = false;  ///< false: abort

  void describe(Visitor& v);
};

/// From version 5 on, the producer id and epoch to go on with.
struct EndTxnResponse {
  static constexpr Api api{
      .name = "EndTxnResponse", .key = ApiKey::end_txn, .versions = {0, 5}, .flexible_since = 3};

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::int64_t producer_id = -1;
  std::int16_t producer_epoch = -1;

  void describe(Visitor& v);
};

}  // namespace horolog::wire
