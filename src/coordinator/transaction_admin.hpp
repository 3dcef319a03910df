#pragma once

#include <string>
#include <vector>

#include "coordinator/transaction_core.hpp"

namespace horolog::coordinator {

/// Describing, listing and forgetting transactional ids.
class TransactionAdmin {
 public:
  explicit TransactionAdmin(TransactionCore& core) : core_(core) {}

  void describe(const Caller& caller, const std::vector<std::string>& ids);
  void list(const Caller& caller, const TransactionFilter& filter);
  /// Removes the ids that nothing has happened to for long enough. Not those in a transaction.
  void expire();

 private:
  TransactionCore& core_;
};

}  // namespace horolog::coordinator
