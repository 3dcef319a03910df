#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "protocol/api.hpp"
#include "protocol/error_code.hpp"

namespace horolog::wire {

class Visitor;

/// Asks for a producer id and epoch. Version 6 (two-phase commit) is unstable in Kafka and not
/// served.
struct InitProducerIdRequest {
  static constexpr Api api{.name = "InitProducerIdRequest",
                           .key = ApiKey::init_producer_id,
                           .versions = {0, 6},
                           .flexible_since = 2};

  std::optional<std::string> transactional_id = "";
  std::int32_t transaction_timeout_ms = 0;
  std::int64_t producer_id = -1;
  std::int16_t producer_epoch = -1;
  bool enable_2pc = false;
  bool keep_prepared_txn = false;

  void describe(Visitor& v);
};

/// The producer id and epoch to write into record batches.
struct InitProducerIdResponse {
  static constexpr Api api{.name = "InitProducerIdResponse",
                           .key = ApiKey::init_producer_id,
                           .versions = {0, 6},
                           .flexible_since = 2};

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::int64_t producer_id = -1;
  std::int16_t producer_epoch = 0;
  std::int64_t ongoing_txn_producer_id = -1;
  std::int16_t ongoing_txn_producer_epoch = -1;

  void describe(Visitor& v);
};

}  // namespace horolog::wire
