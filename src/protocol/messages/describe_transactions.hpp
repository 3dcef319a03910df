#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/api.hpp"
#include "protocol/error_code.hpp"

namespace horolog::wire {

class Visitor;

/// Asks for the state of transactions, by transactional id.
struct DescribeTransactionsRequest {
  static constexpr Api api{.name = "DescribeTransactionsRequest",
                           .key = ApiKey::describe_transactions,
                           .versions = {0, 0},
                           .flexible_since = 0};

  std::vector<std::string> transactional_ids{};

  void describe(Visitor& v);
};

/// State, producer and partitions of each transaction.
struct DescribeTransactionsResponse {
  static constexpr Api api{.name = "DescribeTransactionsResponse",
                           .key = ApiKey::describe_transactions,
                           .versions = {0, 0},
                           .flexible_since = 0};

  struct Topic {
    std::string topic{};
    std::vector<std::int32_t> partitions{};

    void describe(Visitor& v);
  };

  struct Transaction {
    ErrorCode error_code = ErrorCode::none;
    std::string transactional_id{};
    std::string transaction_state{};
    std::int32_t transaction_timeout_ms = 0;
    std::int64_t transaction_start_time_ms = 0;  ///< -1: none is open
    std::int64_t producer_id = 0;
    std::int16_t producer_epoch = 0;
    std::vector<Topic> topics{};

    void describe(Visitor& v);
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<Transaction> transaction_states{};

  void describe(Visitor& v);
};

}  // namespace horolog::wire
