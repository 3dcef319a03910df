#include <fmt/format.h>

#include <algorithm>

#include "storage/control_batch.hpp"
#include "storage/partition_log_impl.hpp"

// The partition's side of transactions (KIP-98, KIP-890).
namespace horolog::storage {

using wire::ErrorCode;

ProducerState::Verdict PartitionLog::Impl::admit_produced(
    const record::BatchHeader& batch, const std::optional<VerificationToken>& token) const {
  const ProducerState::Verdict verdict = producers.check(batch);
  const bool settled = verdict.duplicate || verdict.error == ErrorCode::invalid_producer_epoch ||
                       verdict.error == ErrorCode::invalid_txn_state;
  const bool transactional = (batch.attributes & record::attribute::transactional) != 0;
  if (settled || !transactional || batch.producer_id == no_producer_id) return verdict;
  const ProducerEntry* entry = producers.find(batch.producer_id);
  if (entry != nullptr && entry->in_transaction()) return verdict;
  const bool known = entry != nullptr && entry->last() != nullptr;
  const ErrorCode unverified = verification.check(batch, token, known);
  if (unverified == ErrorCode::none) return verdict;
  return {.error = unverified, .duplicate = {}};
}

ErrorCode PartitionLog::Impl::admit_written(const BatchFrame& frame,
                                            const std::optional<VerificationToken>& token) const {
  const record::BatchHeader& batch = frame.header;
  const ErrorCode fenced = producers.check_fenced(batch);
  if (fenced != ErrorCode::none || !token || !is_transactional(frame)) return fenced;
  const ProducerEntry* entry = producers.find(batch.producer_id);
  if (entry != nullptr && entry->in_transaction()) return ErrorCode::none;
  return verification.check(batch, token, entry != nullptr);
}

Result<ProducerState::Verdict> PartitionLog::Impl::admit(
    std::span<const BatchFrame> frames, ByteView batches, Origin origin,
    const std::optional<VerificationToken>& token) const {
  if (origin == Origin::client) return admit_produced(frames.front().header, token);
  for (const BatchFrame& frame : frames) {
    if (is_control(frame)) {
      HOROLOG_ASSIGN(const auto marker, marker_in(frame, batches));
      if (!marker) continue;
      const ErrorCode error =
          producers.check_marker({.producer_id = frame.header.producer_id,
                                  .producer_epoch = frame.header.producer_epoch,
                                  .coordinator_epoch = marker->coordinator_epoch});
      if (error != ErrorCode::none) return ProducerState::Verdict{.error = error, .duplicate = {}};
    } else if (frame.header.producer_id != no_producer_id) {
      const ErrorCode error = admit_written(frame, token);
      if (error != ErrorCode::none) return ProducerState::Verdict{.error = error, .duplicate = {}};
    }
  }
  return ProducerState::Verdict{};
}

void PartitionLog::Impl::update_last_stable() {
  unstable.advance(view.high_watermark.offset);
  LogPosition stable = view.high_watermark;
  const LogPosition* oldest = unstable.oldest();
  if (oldest != nullptr && oldest->offset < stable.offset) stable = *oldest;
  // Retention and DeleteRecords go by the high watermark: a transaction may have lost its first
  // records. Its position stays what it was, so that nothing above the log start becomes visible.
  stable.offset = std::max(stable.offset, view.log_start);
  view.last_stable = stable;
  last_stable.store(stable.offset, std::memory_order_release);
}

Offset PartitionLog::last_stable_offset() const { return impl_->last_stable; }

std::optional<VerificationToken> PartitionLog::begin_verification(ProducerId id,
                                                                  ProducerEpoch epoch,
                                                                  std::int32_t first_sequence,
                                                                  bool epoch_bumps) {
  const std::lock_guard lock(impl_->append_mutex);
  const ProducerEntry* entry = impl_->producers.find(id);
  if (entry != nullptr && entry->in_transaction() && entry->epoch == epoch) return std::nullopt;
  return impl_->verification.begin(id, epoch, first_sequence, epoch_bumps);
}

Result<std::vector<AbortedTransaction>> PartitionLog::aborted_transactions(Offset from,
                                                                           Offset to) const {
  if (impl_->deleted) return Error(Errc::closed, id().to_string() + " is deleted");
  const auto gone = [&] {
    return Error(Errc::out_of_range, fmt::format("{} has lost what lies below {}",
                                                 id().to_string(), log_start_offset()));
  };
  std::vector<AbortedTransaction> found;
  const LogView seen = impl_->current_view();
  // Retention may have taken markers since the records were read: without them aborted ones would
  // pass for committed.
  if (from < seen.log_start) return gone();
  for (const std::shared_ptr<Segment>& segment : *seen.segments) {
    if (segment->aborted_count() == 0 || segment->end_offset() <= from) continue;
    const auto complete = segment->collect_aborted(from, to, found);
    if (!complete) {
      if (from < log_start_offset()) return gone();
      return complete.error();
    }
    if (*complete) break;
  }
  return found;
}

std::vector<ActiveProducer> PartitionLog::active_producers() const {
  std::vector<ActiveProducer> active;
  const std::lock_guard lock(impl_->append_mutex);
  for (const auto& [id, entry] : impl_->producers.entries()) {
    active.push_back({.id = id,
                      .epoch = entry.epoch,
                      .last_sequence = entry.last() != nullptr ? entry.last()->last_sequence : -1,
                      .last_timestamp = entry.last_timestamp,
                      .coordinator_epoch = entry.coordinator_epoch,
                      .current_transaction_start = entry.transaction_start});
  }
  return active;
}

}  // namespace horolog::storage
