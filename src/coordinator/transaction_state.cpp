#include "coordinator/transaction_state.hpp"

#include <array>

namespace horolog::coordinator {

namespace {

/// At the place of each state's number.
constexpr std::array<std::string_view, 8> names = {
    "Empty",          "Ongoing",       "PrepareCommit", "PrepareAbort",
    "CompleteCommit", "CompleteAbort", "Dead",          "PrepareEpochFence",
};

}  // namespace

std::string_view to_string(TransactionState state) {
  return names.at(static_cast<std::size_t>(state));
}

std::optional<TransactionState> parse_transaction_state(std::string_view name) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == name) return static_cast<TransactionState>(i);
  }
  return std::nullopt;
}

}  // namespace horolog::coordinator
