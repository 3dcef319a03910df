#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "protocol/api.hpp"

namespace horolog::wire {

class Visitor;

/// Key of a transactional id in __transaction_state.
struct TransactionLogKey {
  static constexpr Api api{.name = "TransactionLogKey", .record_type = 0, .versions = {0, 0}};

  std::string transactional_id{};

  void describe(Visitor& v);
};

/// The state of a transactional id. Null partitions stand for none.
struct TransactionLogValue {
  static constexpr Api api{.name = "TransactionLogValue",
                           .record_type = 0,
                           .versions = {0, 1},
                           .flexible_since = 1};

  struct TopicPartitions {
    std::string topic{};
    std::vector<std::int32_t> partition_ids{};

    void describe(Visitor& v);
  };

  std::int64_t producer_id = 0;
  std::int64_t previous_producer_id = -1;
  std::int64_t next_producer_id = -1;
  std::int16_t producer_epoch = 0;
  std::int16_t next_producer_epoch = -1;
  std::int32_t transaction_timeout_ms = 0;
  /// 0 empty, 1 ongoing, 2 prepare commit, 3 prepare abort, 4 complete commit, 5 complete abort, 6
  /// dead, 7 prepare epoch fence
  std::int8_t transaction_status = 0;
  std::optional<std::vector<TopicPartitions>> transaction_partitions{std::in_place};
  std::int64_t transaction_last_update_timestamp_ms = 0;
  std::int64_t transaction_start_timestamp_ms = 0;
  std::int16_t client_transaction_version = 0;

  void describe(Visitor& v);
};

}  // namespace horolog::wire
