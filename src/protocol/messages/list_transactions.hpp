#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/api.hpp"
#include "protocol/error_code.hpp"

namespace horolog::wire {

class Visitor;

/// Asks for the transactional ids that the coordinator knows. An empty filter lets everything pass.
struct ListTransactionsRequest {
  static constexpr Api api{.name = "ListTransactionsRequest",
                           .key = ApiKey::list_transactions,
                           .versions = {0, 2},
                           .flexible_since = 0};

  std::vector<std::string> state_filters{};
  std::vector<std::int64_t> producer_id_filters{};
  /// only those open for longer than so many milliseconds; -1: all
  std::int64_t duration_filter = -1;
  /// a regular expression (RE2); null or empty: all
  std::optional<std::string> transactional_id_pattern{};

  void describe(Visitor& v);
};

/// What passed the filters, and the names among the state filters that are no states.
struct ListTransactionsResponse {
  static constexpr Api api{.name = "ListTransactionsResponse",
                           .key = ApiKey::list_transactions,
                           .versions = {0, 2},
                           .flexible_since = 0};

  struct Transaction {
    std::string transactional_id{};
    std::int64_t producer_id = 0;
    std::string transaction_state{};

    void describe(Visitor& v);
  };

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::vector<std::string> unknown_state_filters{};
  std::vector<Transaction> transaction_states{};

  void describe(Visitor& v);
};

}  // namespace horolog::wire
