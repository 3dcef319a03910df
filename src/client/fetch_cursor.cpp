#include "client/fetch_cursor.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "record/control_record.hpp"

namespace horolog::client {
namespace {

/// Whether base offset and length of a batch can be.
bool offsets_possible(const record::BatchView& batch) {
  return batch.base_offset() >= 0 && batch.last_offset_delta() >= 0 &&
         batch.base_offset() <
             std::numeric_limits<Offset>::max() - batch.last_offset_delta();
}

Bytes bytes_of(const std::optional<ByteView>& field) { return field ? Bytes(*field) : Bytes(); }

}  // namespace

std::optional<Offset> offset_after(ByteView records) {
  std::optional<Offset> after;
  record::BatchIterator it(records);
  while (it.next()) {
    if (!offsets_possible(it.batch())) return std::nullopt;
    after = it.batch().next_offset();
  }
  if (it.end() == record::BatchIterator::End::damaged) return std::nullopt;
  return after;
}

FetchCursor::FetchCursor(FetchedPart part, Offset from, LeaderEpoch epoch, Options options,
                         std::shared_ptr<BatchPool> pool)
    : part_(std::move(part)),
      options_(options),
      pool_(std::move(pool)),
      batches_(part_.records),
      position_(from),
      from_(from),
      epoch_(epoch) {
  std::ranges::sort(part_.aborted, {},
                    &wire::FetchResponse::AbortedTransaction::first_offset);
}

Error FetchCursor::damaged(const Error& what) const {
  return what.with_context(fmt::format("{} at offset {}", part_.partition->to_string(),
                                       position_));
}

Status FetchCursor::read(std::size_t max, BatchStorage& out) {
  const std::size_t before = out.records.size();
  const auto pin = [&] {
    if (out.records.size() == before) return;
    out.pins.push_back(part_.frame);
    out.pins.push_back(part_.partition);  // holds the name of the topic
  };
  while (!done_ && out.records.size() < max) {
    if (!reader_) {
      if (const Status status = next_batch(); !status) {
        pin();
        return damaged(status.error());
      }
      continue;
    }
    const std::size_t had = out.records.size();
    read_records(max, out);
    if (out.records.size() > had && decompressed_) out.pins.push_back(decompressed_);
    if (out.records.size() >= max) break;
    if (const Status status = reader_->status(); !status) {
      pin();
      return damaged(status.error());
    }
    position_ = batch_.next_offset();
    epoch_ = std::max(epoch_, batch_.leader_epoch());
    reader_.reset();
    decompressed_.reset();
  }
  pin();
  return {};
}

/// Opens the next batch that has something for us, or finds that there is none.
Status FetchCursor::next_batch() {
  if (!batches_.next()) {
    HOROLOG_TRY(batches_.status());
    if (position_ == from_) {
      return Error(Errc::corrupt, "the broker's answer holds no whole batch from there on");
    }
    done_ = true;
    return {};
  }
  batch_ = batches_.batch();
  HOROLOG_TRY(check_batch(batch_));
  if (batch_.last_offset() < position_) return {};
  bool wanted = !batch_.is_control();
  if (options_.isolation == Isolation::read_committed) {
    if (is_aborted(batch_)) wanted = false;
    if (batch_.is_control()) {
      HOROLOG_ASSIGN(const auto marker, record::end_transaction_marker(batch_));
      if (marker && !marker->commit) aborting_.erase(batch_.producer_id());
    }
  }
  if (!wanted) {
    position_ = batch_.next_offset();
    epoch_ = std::max(epoch_, batch_.leader_epoch());
    return {};
  }
  if (batch_.codec() != record::Codec::none) decompressed_ = pool_->buffer();
  ByteBuffer unused;
  HOROLOG_ASSIGN(auto reader,
                 record::RecordReader::open(batch_, decompressed_ ? *decompressed_ : unused));
  reader_.emplace(std::move(reader));
  return {};
}

Status FetchCursor::check_batch(const record::BatchView& batch) const {
  if (!offsets_possible(batch)) {
    return Error(Errc::corrupt, fmt::format("a batch with base offset {} and {} offsets",
                                            batch.base_offset(), batch.last_offset_delta()));
  }
  if (options_.check_crcs) HOROLOG_TRY(record::verify_crc(batch));
  return {};
}

/// The list says from which offset on a producer's records are void; its abort marker ends that.
bool FetchCursor::is_aborted(const record::BatchView& batch) {
  while (aborted_seen_ < part_.aborted.size() &&
         part_.aborted[aborted_seen_].first_offset <= batch.last_offset()) {
    aborting_.insert(part_.aborted[aborted_seen_++].producer_id);
  }
  return batch.is_transactional() && aborting_.contains(batch.producer_id());
}

void FetchCursor::read_records(std::size_t max, BatchStorage& out) {
  while (out.records.size() < max && reader_->next()) {
    const record::RecordView& in = reader_->record();
    if (in.offset < position_) continue;
    RecordView view;
    view.topic = part_.partition->topic;
    view.partition = part_.partition->partition;
    view.offset = in.offset;
    view.leader_epoch = batch_.leader_epoch();
    view.timestamp = in.timestamp;
    view.producer_id = batch_.producer_id();
    view.producer_epoch = batch_.producer_epoch();
    view.append_time = batch_.is_log_append_time();
    view.transactional = batch_.is_transactional();
    view.compression = static_cast<Compression>(batch_.codec());
    view.key = bytes_of(in.key);
    view.value = bytes_of(in.value);
    for (const record::HeaderView& header : in.headers) {
      out.headers.push_back({header.key, bytes_of(header.value)});
    }
    out.header_counts.push_back(static_cast<std::uint32_t>(in.headers.size()));
    out.records.push_back(view);
    position_ = in.offset + 1;
    epoch_ = std::max(epoch_, batch_.leader_epoch());
  }
}

}  // namespace horolog::client
