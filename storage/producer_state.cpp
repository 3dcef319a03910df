#include "storage/producer_state.hpp"

#include <algorithm>
#include <limits>

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

std::int32_t last_sequence_of(const record::BatchHeader& batch) {
  return wrap(std::int64_t{batch.base_sequence} + batch.last_offset_delta);
}

bool is_sequenced(const record::BatchHeader& batch) {
  const bool control = (batch.attributes & record::attribute::control) != 0;
  return batch.producer_id != no_producer_id && batch.base_sequence >= 0 && !control;
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

ProducerState::Verdict ProducerState::check(const record::BatchHeader& batch) const {
  if (!is_sequenced(batch)) return {};
  const auto found = producers_.find(batch.producer_id);
  if (found == producers_.end()) return {};
  const ProducerEntry& entry = found->second;
  if (batch.producer_epoch < entry.epoch) {
    return {.error = wire::ErrorCode::invalid_producer_epoch, .duplicate = {}};
  }
  if (batch.producer_epoch > entry.epoch) {
    if (batch.base_sequence == 0) return {};
    return {.error = wire::ErrorCode::out_of_order_sequence_number, .duplicate = {}};
  }
  const std::int32_t last_sequence = last_sequence_of(batch);
  for (std::size_t i = 0; i < entry.batch_count; ++i) {
    const ProducerBatch& known = entry.batches[i];
    if (known.first_sequence() == batch.base_sequence && known.last_sequence == last_sequence) {
      return {.error = wire::ErrorCode::none, .duplicate = known};
    }
  }
  const std::int32_t last = entry.last() != nullptr ? entry.last()->last_sequence : -1;
  if (follows(last, batch.base_sequence)) return {};
  return {.error = wire::ErrorCode::out_of_order_sequence_number, .duplicate = {}};
}

void ProducerState::record(const record::BatchHeader& batch, TimestampMs now) {
  if (!is_sequenced(batch)) return;
  if (!producers_.contains(batch.producer_id)) make_room();
  ProducerEntry& entry = producers_[batch.producer_id];
  if (entry.epoch != batch.producer_epoch) {
    entry.epoch = batch.producer_epoch;
    entry.batch_count = 0;
  }
  entry.last_append_ms = now;
  entry.push({.last_sequence = last_sequence_of(batch),
              .offset_delta = batch.last_offset_delta,
              .last_offset = batch.base_offset + batch.last_offset_delta,
              .timestamp = batch.max_timestamp});
}

void ProducerState::expire(TimestampMs now, std::int64_t expiration_ms) {
  std::erase_if(producers_, [&](const auto& producer) {
    return now - producer.second.last_append_ms >= expiration_ms;
  });
}

void ProducerState::make_room() {
  if (producers_.size() < limits::producer_ids_per_partition) return;
  // A tenth at once, the longest silent ones, so that the search is paid for rarely.
  std::vector<TimestampMs> ages;
  ages.reserve(producers_.size());
  for (const auto& [id, entry] : producers_) ages.push_back(entry.last_append_ms);
  const auto tenth = ages.begin() + static_cast<std::ptrdiff_t>(ages.size() / 10);
  std::nth_element(ages.begin(), tenth, ages.end());
  std::size_t quota = ages.size() / 10;
  std::erase_if(producers_, [&](const auto& producer) {
    if (quota == 0 || producer.second.last_append_ms > *tenth) return false;
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
