#include "storage/compaction_transactions.hpp"

#include <algorithm>

namespace horolog::storage {

TransactionTracker::TransactionTracker(std::vector<TransactionIndexEntry> aborted)
    : aborted_(std::move(aborted)) {
  std::sort(aborted_.begin(), aborted_.end(),
            [](const TransactionIndexEntry& a, const TransactionIndexEntry& b) {
              return a.first_offset < b.first_offset;
            });
}

void TransactionTracker::begin_up_to(Offset offset) {
  for (; next_ < aborted_.size() && aborted_[next_].first_offset <= offset; ++next_) {
    open_aborted_.insert_or_assign(aborted_[next_].producer_id, Open{.entry = aborted_[next_]});
  }
}

bool TransactionTracker::on_data(const record::BatchView& batch) {
  begin_up_to(batch.last_offset());
  if (!batch.is_transactional()) return false;
  if (const auto open = open_aborted_.find(batch.producer_id()); open != open_aborted_.end()) {
    open->second.seen = true;
    return true;
  }
  open_committed_.insert(batch.producer_id());
  return false;
}

bool TransactionTracker::on_marker(const record::BatchView& batch,
                                   std::vector<TransactionIndexEntry>& still_needed) {
  begin_up_to(batch.last_offset());
  // A producer has one transaction at a time, so its marker ends whichever kind is open.
  const auto open = open_aborted_.find(batch.producer_id());
  if (open == open_aborted_.end()) return open_committed_.erase(batch.producer_id()) == 0;
  const Open ended = open->second;
  open_aborted_.erase(open);
  if (ended.seen) still_needed.push_back(ended.entry);
  return !ended.seen;
}

}  // namespace horolog::storage
