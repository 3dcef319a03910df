#include "coordinator/transaction_admin.hpp"

namespace horolog::coordinator {

using wire::ErrorCode;

namespace {

template <typename T>
bool admits(const std::vector<T>& wanted, const T& value) {
  return wanted.empty() || std::find(wanted.begin(), wanted.end(), value) != wanted.end();
}

bool admits(const TransactionFilter& filter, const std::string& id,
            const TransactionMetadata& metadata, TimestampMs now) {
  if (!admits(filter.states, metadata.state)) return false;
  if (!admits(filter.producer_ids, metadata.producer_id)) return false;
  // As in Kafka, one that never ran has been running since the epoch.
  if (filter.longer_than_ms && now - metadata.start <= *filter.longer_than_ms) return false;
  return !filter.id_matches || filter.id_matches(id);
}

}  // namespace

void TransactionAdmin::describe(const Caller& caller, const std::vector<std::string>& ids) {
  TransactionDescriptions all;
  WriteNumber after = 0;
  for (const std::string& id : ids) {
    TransactionDescription& described = all.emplace_back();
    described.transactional_id = id;
    const Transaction* transaction = core_.find(id);
    after = std::max(after, transaction ? transaction->last_write : core_.last_removal);
    if (id.empty()) {
      described.error = ErrorCode::invalid_request;
    } else if (transaction == nullptr) {
      described.error = ErrorCode::transactional_id_not_found;
    } else {
      described.metadata = transaction->metadata;
    }
  }
  core_.reply_after(caller.token, std::move(all), after);
}

void TransactionAdmin::list(const Caller& caller, const TransactionFilter& filter) {
  TransactionDescriptions all;
  for (const auto& [id, transaction] : core_.transactions) {
    if (!admits(filter, id, transaction.metadata, core_.now.wall_ms)) continue;
    all.push_back({ErrorCode::none, id, transaction.metadata});
  }
  std::sort(all.begin(), all.end(),
            [](const auto& a, const auto& b) { return a.transactional_id < b.transactional_id; });
  core_.reply_after(caller.token, std::move(all), core_.writes);
}

void TransactionAdmin::expire() {
  std::vector<std::string> unused;
  for (const auto& [id, transaction] : core_.transactions) {
    const TransactionMetadata& metadata = transaction.metadata;
    const bool idle = metadata.is(TransactionState::empty) || metadata.is_complete();
    const std::int64_t age = core_.now.wall_ms - metadata.last_update;
    if (idle && age >= core_.settings.id_expiration_ms) unused.push_back(id);
  }
  std::sort(unused.begin(), unused.end());
  for (const std::string& id : unused) core_.remove(id);
}

}  // namespace horolog::coordinator
