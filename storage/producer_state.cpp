#include "storage/producer_state.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/limits.hpp"

namespace horolog::storage {
namespace {

constexpr std::int64_t sequence_count = std::int64_t{1} << 31;

/// Sequences count from 0 to INT32_MAX and start again at 0.
std::int32_t wrap(std::int64_t sequence) {
  return static_cast<std::int32_t>((sequence % sequence_count + sequence_count) % sequence_count);
}

bool follows(std::int32_t last, std::int32_t next) {
  return next == std::int64_t{last} + 1 ||
         (next == 0 && last == std::numeric_limits<std::int32_t>::max());
}

/// -1 when the batch has no sequence: a coordinator's.
std::int32_t last_sequence_of(const record::BatchHeader& batch) {
  if (batch.base_sequence < 0) return -1;
  return wrap(std::int64_t{batch.base_sequence} + batch.last_offset_delta);
}

bool is_control(const record::BatchHeader& batch) {
  return (batch.attributes & record::attribute::control) != 0;
}

bool is_transactional(const record::BatchHeader& batch) {
  return (batch.attributes & record::attribute::transactional) != 0;
}

wire::ErrorCode fence(const ProducerEntry& entry, const record::BatchHeader& batch) {
  if (batch.producer_epoch < entry.epoch) return wire::ErrorCode::invalid_producer_epoch;
  if (!entry.in_transaction()) return wire::ErrorCode::none;
  // What an older epoch has open must be ended first, else its records would share the fate of
  // those of the new one.
  const bool belongs = is_transactional(batch) && batch.producer_epoch == entry.epoch;
  return belongs ? wire::ErrorCode::none : wire::ErrorCode::invalid_txn_state;
}

}  // namespace

std::int32_t ProducerBatch::first_sequence() const {
  return wrap(std::int64_t{last_sequence} - offset_delta);
}

void ProducerEntry::push(const ProducerBatch& batch) {
  if (batch_count == max_batches) {
    std::move(batches.begin() + 1, batches.end(), batches.begin());
    --batch_count;
  }
  batches[batch_count++] = batch;
}

const ProducerEntry* ProducerState::find(ProducerId id) const {
  const auto found = producers_.find(id);
  return found == producers_.end() ? nullptr : &found->second;
}

ProducerState::Verdict ProducerState::check(const record::BatchHeader& batch) const {
  if (batch.producer_id == no_producer_id || batch.base_sequence < 0) return {};
  const ProducerEntry* entry = find(batch.producer_id);
  if (entry == nullptr) return {};
  const std::int32_t last_sequence = last_sequence_of(batch);
  for (std::size_t i = 0; batch.producer_epoch == entry->epoch && i < entry->batch_count; ++i) {
    const ProducerBatch& known = entry->batches[i];
    if (known.first_sequence() == batch.base_sequence && known.last_sequence == last_sequence) {
      return {.error = wire::ErrorCode::none, .duplicate = known};
    }
  }
  const wire::ErrorCode fenced = fence(*entry, batch);
  if (fenced != wire::ErrorCode::none) return {.error = fenced, .duplicate = {}};
  const ProducerBatch* previous = batch.producer_epoch == entry->epoch ? entry->last() : nullptr;
  if (follows(previous != nullptr ? previous->last_sequence : -1, batch.base_sequence)) return {};
  return {.error = wire::ErrorCode::out_of_order_sequence_number, .duplicate = {}};
}

wire::ErrorCode ProducerState::check_fenced(const record::BatchHeader& batch) const {
  const ProducerEntry* entry = find(batch.producer_id);
  return entry == nullptr ? wire::ErrorCode::none : fence(*entry, batch);
}

wire::ErrorCode ProducerState::check_marker(const MarkerEpochs& marker) const {
  const ProducerEntry* entry = find(marker.producer_id);
  if (entry == nullptr) return wire::ErrorCode::none;
  const bool late = marker.transaction_version >= 2 && marker.producer_epoch == entry->epoch &&
                    entry->in_transaction();
  if (marker.producer_epoch < entry->epoch || late) return wire::ErrorCode::invalid_producer_epoch;
  if (marker.coordinator_epoch < entry->coordinator_epoch) {
    return wire::ErrorCode::transaction_coordinator_fenced;
  }
  return wire::ErrorCode::none;
}

TransactionChange ProducerState::record(const record::BatchHeader& batch,
                                        const std::optional<record::EndTransactionMarker>& marker,
                                        TimestampMs now) {
  if (batch.producer_id == no_producer_id || (is_control(batch) && !marker)) return {};
  if (!producers_.contains(batch.producer_id)) make_room();
  ProducerEntry& entry = producers_[batch.producer_id];
  if (entry.epoch != batch.producer_epoch) {
    entry.epoch = batch.producer_epoch;
    entry.batch_count = 0;
  }
  entry.last_append_ms = now;
  entry.last_timestamp = batch.max_timestamp;
  if (marker) return end_transaction(entry, batch, *marker);
  entry.push({.last_sequence = last_sequence_of(batch),
              .offset_delta = batch.last_offset_delta,
              .last_offset = batch.base_offset + batch.last_offset_delta,
              .timestamp = batch.max_timestamp});
  if (!is_transactional(batch) || entry.in_transaction()) return {};
  entry.transaction_start = batch.base_offset;
  open_.insert(batch.base_offset);
  return {.kind = TransactionChange::Kind::begun,
          .first_offset = batch.base_offset,
          .aborted = {}};
}

TransactionChange ProducerState::end_transaction(ProducerEntry& entry,
                                                 const record::BatchHeader& batch,
                                                 const record::EndTransactionMarker& marker) {
  entry.coordinator_epoch = marker.coordinator_epoch;
  if (!entry.in_transaction()) return {};
  TransactionChange change{.kind = TransactionChange::Kind::ended,
                           .first_offset = std::exchange(entry.transaction_start, no_offset),
                           .aborted = {}};
  open_.erase(change.first_offset);
  if (marker.commit) return change;
  change.aborted = {.producer_id = batch.producer_id,
                    .first_offset = change.first_offset,
                    .last_offset = batch.base_offset,
                    .last_stable_offset = open_.empty() ? batch.base_offset + 1 : *open_.begin()};
  return change;
}

void ProducerState::insert(ProducerId id, const ProducerEntry& entry) {
  producers_[id] = entry;
  if (entry.in_transaction()) open_.insert(entry.transaction_start);
}

void ProducerState::expire(TimestampMs now, std::int64_t expiration_ms) {
  std::erase_if(producers_, [&](const auto& producer) {
    return !producer.second.in_transaction() &&
           now - producer.second.last_append_ms >= expiration_ms;
  });
}

void ProducerState::make_room() {
  if (producers_.size() < limits::producer_ids_per_partition) return;
  // A tenth at once, the longest silent ones, so that the search is paid for rarely.
  std::vector<TimestampMs> ages;
  ages.reserve(producers_.size());
  for (const auto& [id, entry] : producers_) {
    if (!entry.in_transaction()) ages.push_back(entry.last_append_ms);
  }
  const auto tenth = ages.begin() + static_cast<std::ptrdiff_t>(ages.size() / 10);
  std::nth_element(ages.begin(), tenth, ages.end());
  std::size_t quota = ages.size() / 10;
  std::erase_if(producers_, [&](const auto& producer) {
    const ProducerEntry& entry = producer.second;
    if (quota == 0 || entry.in_transaction() || entry.last_append_ms > *tenth) return false;
    --quota;
    return true;
  });
}

std::vector<std::pair<ProducerId, ProducerEntry>> ProducerState::entries() const {
  std::vector<std::pair<ProducerId, ProducerEntry>> all(producers_.begin(), producers_.end());
  std::sort(all.begin(), all.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  return all;
}

}  // namespace horolog::storage
