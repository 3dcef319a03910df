#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/api.hpp"
#include "protocol/error_code.hpp"

namespace horolog::wire {

class Visitor;

/// Partitions of one topic that join a transaction.
struct AddPartitionsToTxnTopic {
  std::string name{};
  std::vector<std::int32_t> partitions{};

  void describe(Visitor& v);
};

/// Registers partitions with a transaction before the producer writes to them. Up to version 3 the
/// sender is a producer and names one transaction; versions 4 and 5 are for brokers, which ask for
/// several, or only whether partitions are registered already.
struct AddPartitionsToTxnRequest {
  static constexpr Api api{.name = "AddPartitionsToTxnRequest",
                           .key = ApiKey::add_partitions_to_txn,
                           .versions = {0, 5},
                           .flexible_since = 3};

  struct Transaction {
    std::string transactional_id{};
    std::int64_t producer_id = 0;
    std::int16_t producer_epoch = 0;
    bool verify_only = false;  ///< add nothing, say what is registered
    std::vector<AddPartitionsToTxnTopic> topics{};

    void describe(Visitor& v);
  };

  std::vector<Transaction> transactions{};
  std::string v3_and_below_transactional_id{};
  std::int64_t v3_and_below_producer_id = 0;
  std::int16_t v3_and_below_producer_epoch = 0;
  std::vector<AddPartitionsToTxnTopic> v3_and_below_topics{};

  void describe(Visitor& v);
};

/// How one partition fared.
struct AddPartitionsToTxnPartitionResult {
  std::int32_t partition_index = 0;
  ErrorCode partition_error_code = ErrorCode::none;

  void describe(Visitor& v);
};

/// How the partitions of one topic fared.
struct AddPartitionsToTxnTopicResult {
  std::string name{};
  std::vector<AddPartitionsToTxnPartitionResult> results_by_partition{};

  void describe(Visitor& v);
};

/// The result for each partition: by transaction from version 4 on, of the one transaction before.
struct AddPartitionsToTxnResponse {
  static constexpr Api api{.name = "AddPartitionsToTxnResponse",
                           .key = ApiKey::add_partitions_to_txn,
                           .versions = {0, 5},
                           .flexible_since = 3};

  struct Result {
    std::string transactional_id{};
    std::vector<AddPartitionsToTxnTopicResult> topic_results{};

    void describe(Visitor& v);
  };

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::vector<Result> results_by_transaction{};
  std::vector<AddPartitionsToTxnTopicResult> results_by_topic_v3_and_below{};

  void describe(Visitor& v);
};

}  // namespace horolog::wire
