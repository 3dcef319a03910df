#include "horolog/transaction.hpp"

namespace horolog {

std::string_view to_string(TransactionState state) {
  switch (state) {
    case TransactionState::uninitialized:
      return "uninitialized";
    case TransactionState::ready:
      return "ready";
    case TransactionState::open:
      return "open";
    case TransactionState::must_abort:
      return "must_abort";
    case TransactionState::fenced:
      return "fenced";
    case TransactionState::unknown_outcome:
      return "unknown_outcome";
    case TransactionState::failed:
      break;
  }
  return "failed";
}

}  // namespace horolog
