#include "storage/transaction_verification.hpp"

#include <algorithm>

#include "base/limits.hpp"

namespace horolog::storage {

VerificationToken TransactionVerification::begin(ProducerId id, ProducerEpoch epoch,
                                                 std::int32_t first_sequence, bool epoch_bumps) {
  const auto found = pending_.find(id);
  // A newer epoch is at work: what this one gets is stale from the start.
  if (found != pending_.end() && found->second.epoch > epoch) return next_token();
  if (found != pending_.end() && found->second.epoch == epoch) {
    Pending& pending = found->second;
    pending.lowest_sequence = std::min(pending.lowest_sequence, first_sequence);
    return pending.token;
  }
  make_room();
  const Pending pending{.token = next_token(),
                        .epoch = epoch,
                        .lowest_sequence = first_sequence,
                        .epoch_bumps = epoch_bumps};
  pending_[id] = pending;
  return pending.token;
}

wire::ErrorCode TransactionVerification::check(const record::BatchHeader& batch,
                                               const std::optional<VerificationToken>& token,
                                               bool known) const {
  const auto found = pending_.find(batch.producer_id);
  const bool verified = found != pending_.end() && token == found->second.token &&
                        found->second.epoch == batch.producer_epoch;
  if (!verified) return wire::ErrorCode::invalid_txn_state;
  const Pending& pending = found->second;
  // Requests that were verified side by side may arrive here out of order.
  const bool overtook =
      pending.lowest_sequence >= 0 && batch.base_sequence > pending.lowest_sequence;
  const bool gap = pending.epoch_bumps && !known && batch.base_sequence > 0;
  return overtook || gap ? wire::ErrorCode::out_of_order_sequence_number : wire::ErrorCode::none;
}

void TransactionVerification::expire(TimestampMs now, std::int64_t expiration_ms) {
  for (auto& [id, pending] : pending_) {
    if (pending.seen_ms == no_timestamp) pending.seen_ms = now;
  }
  std::erase_if(pending_, [&](const auto& entry) {
    return now - entry.second.seen_ms >= expiration_ms;
  });
}

/// A client can make up producer ids faster than the coordinator refuses them: the older half goes.
void TransactionVerification::make_room() {
  if (pending_.size() < limits::producer_ids_per_partition) return;
  std::vector<std::uint64_t> tokens;
  tokens.reserve(pending_.size());
  for (const auto& [id, pending] : pending_) tokens.push_back(pending.token.value);
  const auto middle = tokens.begin() + static_cast<std::ptrdiff_t>(tokens.size() / 2);
  std::nth_element(tokens.begin(), middle, tokens.end());
  std::erase_if(pending_, [&](const auto& entry) { return entry.second.token.value < *middle; });
}

}  // namespace horolog::storage
