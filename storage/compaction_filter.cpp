#include "storage/compaction_filter.hpp"

#include <algorithm>

#include "record/builder.hpp"

namespace horolog::storage {

using record::BatchView;
using record::RecordReader;
using record::RecordView;

bool BatchFilter::must_stay(const BatchView& batch) const {
  if (batch.next_offset() == rule_.round_end) return true;
  if (!batch.has_producer_id()) return false;
  const auto producer = rule_.producers.find(batch.producer_id());
  if (producer == rule_.producers.end()) return false;
  if (producer->second.last_offset != no_offset) {
    return producer->second.last_offset == batch.last_offset();
  }
  return batch.is_control() && batch.producer_epoch() == producer->second.epoch;
}

bool BatchFilter::stays(const BatchView& batch, const RecordView& record) const {
  if (record.offset >= rule_.mapped_end) return true;
  // Written before the topic was compacted: without a key nothing can supersede it, and nothing
  // could ever remove it.
  if (!record.key) return false;
  const auto last = rule_.keys->find((*rule_.hasher)(*record.key));
  if (last && record.offset < *last) return false;
  return record.value || !batch.has_delete_horizon() || rule_.now < batch.base_timestamp();
}

void BatchFilter::keep(const BatchView& batch, ByteBuffer& out) {
  out.insert(out.end(), batch.bytes().begin(), batch.bytes().end());
}

void BatchFilter::keep_header(const BatchView& batch, ByteBuffer& out) {
  record::BatchHeader header = batch.header();
  const int dropped = record::attribute::codec_mask | record::attribute::delete_horizon;
  header.attributes = static_cast<std::int16_t>(header.attributes & ~dropped);
  header.base_timestamp = no_timestamp;
  header.record_count = 0;
  const std::size_t start = out.size();
  out.resize(start + record::layout::records);
  record::store_header(MutableBytes(out).subspan(start), header);
  ++counters_.batches_rewritten;
}

Status BatchFilter::filter(const BatchView& batch, ByteBuffer& out) {
  HOROLOG_TRY(record::verify_crc(batch));
  counters_.records_read += static_cast<std::uint64_t>(std::max(batch.record_count(), 0));
  if (batch.record_count() == 0) {
    // Emptied by an earlier round. It still counts as seen, as it did then.
    const bool unused = batch.is_control() ? transactions_.on_marker(batch, aborted_)
                                           : transactions_.on_data(batch);
    static_cast<void>(unused);
    if (must_stay(batch)) keep(batch, out);
    return {};
  }
  return batch.is_control() ? filter_marker(batch, out) : filter_data(batch, out);
}

Status BatchFilter::filter_marker(const BatchView& batch, ByteBuffer& out) {
  const bool alone = transactions_.on_marker(batch, aborted_);
  if (alone && batch.has_delete_horizon() && batch.base_timestamp() <= rule_.now) {
    if (must_stay(batch)) keep_header(batch, out);
    return {};
  }
  if (alone && !batch.has_delete_horizon()) {
    kept_.assign(static_cast<std::size_t>(batch.record_count()), true);
    counters_.records_kept += static_cast<std::uint64_t>(batch.record_count());
    return rewrite(batch, rule_.now + rule_.delete_retention_ms, out);
  }
  counters_.records_kept += static_cast<std::uint64_t>(batch.record_count());
  keep(batch, out);
  return {};
}

Status BatchFilter::filter_data(const BatchView& batch, ByteBuffer& out) {
  if (transactions_.on_data(batch)) {
    if (must_stay(batch)) keep_header(batch, out);
    return {};
  }
  if (batch.base_offset() >= rule_.mapped_end) {
    counters_.records_kept += static_cast<std::uint64_t>(batch.record_count());
    keep(batch, out);
    return {};
  }
  HOROLOG_ASSIGN(RecordReader reader, RecordReader::open(batch, scratch_));
  kept_.clear();
  std::size_t count = 0;
  bool tombstones = false;
  while (reader.next()) {
    const bool stay = stays(batch, reader.record());
    kept_.push_back(stay);
    if (!stay) continue;
    ++count;
    tombstones = tombstones || !reader.record().value;
  }
  HOROLOG_TRY(reader.status());
  counters_.records_kept += count;
  if (count == 0) {
    if (must_stay(batch)) keep_header(batch, out);
    return {};
  }
  const bool new_horizon = tombstones && !batch.has_delete_horizon();
  if (count == kept_.size() && !new_horizon) {
    keep(batch, out);
    return {};
  }
  return rewrite(batch,
                 new_horizon ? std::optional(rule_.now + rule_.delete_retention_ms) : std::nullopt,
                 out);
}

/// The records that kept_ names, with their offsets and timestamps, in a batch of the same codec.
Status BatchFilter::rewrite(const BatchView& batch, std::optional<TimestampMs> horizon,
                            ByteBuffer& out) {
  record::BatchHeader header = batch.header();
  if (horizon) {
    header.attributes =
        static_cast<std::int16_t>(header.attributes | record::attribute::delete_horizon);
    header.base_timestamp = *horizon;
  }
  header.record_count = 0;
  header.max_timestamp = no_timestamp;
  HOROLOG_ASSIGN(RecordReader reader, RecordReader::open(batch, scratch_));
  records_.clear();
  for (std::size_t i = 0; reader.next(); ++i) {
    if (!kept_[i]) continue;
    const RecordView& record = reader.record();
    header.max_timestamp = std::max(header.max_timestamp, record.timestamp);
    ++header.record_count;
    // Unsigned: a hostile timestamp may be anything.
    const auto delta = static_cast<std::int64_t>(static_cast<std::uint64_t>(record.timestamp) -
                                                 static_cast<std::uint64_t>(header.base_timestamp));
    record::append_record(records_, delta,
                          static_cast<std::int32_t>(record.offset - header.base_offset), record.key,
                          record.value, record.headers);
  }
  HOROLOG_TRY(reader.status());
  ++counters_.batches_rewritten;
  return record::append_batch(out, header, records_);
}

}  // namespace horolog::storage
