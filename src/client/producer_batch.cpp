#include "client/producer_batch.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/assert.hpp"
#include "base/varint.hpp"
#include "record/batch.hpp"
#include "record/record.hpp"
#include "client/accumulator.hpp"

namespace horolog::client {
namespace {

std::size_t field_size(const Bytes& field) {
  return field.is_null() ? varint_size(-1)
                         : varint_size(static_cast<std::int64_t>(field.size())) + field.size();
}

std::size_t headers_size(std::span<const HeaderView> headers) {
  std::size_t size = varint_size(static_cast<std::int64_t>(headers.size()));
  for (const HeaderView& header : headers) {
    size += field_size(Bytes(header.key)) + field_size(header.value);
  }
  return size;
}

std::byte* put_varint(std::byte* at, std::int64_t value) {
  std::uint64_t bits = zigzag(value);
  for (; bits >= 0x80; bits >>= 7) *at++ = static_cast<std::byte>(bits | 0x80);
  *at++ = static_cast<std::byte>(bits);
  return at;
}

std::byte* put_field(std::byte* at, const Bytes& field) {
  if (field.is_null()) return put_varint(at, -1);
  at = put_varint(at, static_cast<std::int64_t>(field.size()));
  std::memcpy(at, field.data(), field.size());
  return at + field.size();
}

std::size_t body_size(const OutgoingRecord& record, std::int64_t timestamp_delta,
                      std::int32_t offset_delta) {
  return 1 + varint_size(timestamp_delta) + varint_size(offset_delta) + field_size(record.key) +
         field_size(record.value) + headers_size(record.headers);
}

Bytes borrowed(const std::optional<ByteView>& field) { return Bytes(field); }

}  // namespace

void ProducerBatch::start(PartitionQueue& of, std::size_t capacity, std::uint64_t its_number,
                          MonoNs now) {
  if (capacity_ < capacity) {
    memory_ = std::make_unique_for_overwrite<std::byte[]>(capacity);
    capacity_ = capacity;
  }
  charged_ = capacity_;
  size_ = record::layout::records;
  count_ = 0;
  base_timestamp_ = max_timestamp_ = no_timestamp;
  deliveries_.clear();
  is_compressed_ = false;
  wire_ = {};
  identity_ = {};
  queue = &of;
  next = older = younger = nullptr;
  number = its_number;
  created_ns = now;
  attempts = 0;
  maybe_persisted = false;
}

std::size_t ProducerBatch::size_alone(const OutgoingRecord& record) {
  const std::size_t body = body_size(record, 0, 0);
  return record::layout::records + varint_size(static_cast<std::int64_t>(body)) + body;
}

std::byte* ProducerBatch::encode(std::byte* at, const OutgoingRecord& record,
                                 std::size_t body_bytes) const {
  at = put_varint(at, static_cast<std::int64_t>(body_bytes));
  *at++ = std::byte{0};
  at = put_varint(at, count_ == 0 ? 0 : record.timestamp - base_timestamp_);
  at = put_varint(at, count_);
  at = put_field(at, record.key);
  at = put_field(at, record.value);
  at = put_varint(at, static_cast<std::int64_t>(record.headers.size()));
  for (const HeaderView& header : record.headers) {
    at = put_field(at, Bytes(header.key));
    at = put_field(at, header.value);
  }
  return at;
}

bool ProducerBatch::append(const OutgoingRecord& record, DeliveryCallback& callback) {
  const std::int64_t delta = count_ == 0 ? 0 : record.timestamp - base_timestamp_;
  const std::size_t body = body_size(record, delta, count_);
  const std::size_t all = varint_size(static_cast<std::int64_t>(body)) + body;
  if (all > capacity_ - size_) return false;
  std::byte* const end = encode(memory_.get() + size_, record, body);
  size_ += all;
  HOROLOG_ASSERT(end == memory_.get() + size_);
  if (count_ == 0) base_timestamp_ = max_timestamp_ = record.timestamp;
  max_timestamp_ = std::max(max_timestamp_, record.timestamp);
  if (callback) deliveries_.push_back({count_, record.timestamp, std::move(callback)});
  ++count_;
  return true;
}

Status ProducerBatch::seal(record::Codec codec, int level) {
  HOROLOG_ASSERT(count_ > 0);
  MutableBytes batch(memory_.get(), size_);
  if (codec != record::Codec::none) {
    if (!is_compressed_) {
      compressed_.resize(record::layout::records);
      HOROLOG_TRY(record::compress(codec, level, ByteView(batch).subspan(record::layout::records),
                                   compressed_));
      is_compressed_ = true;
    }
    batch = compressed_;
  }
  int bits = static_cast<int>(codec);
  if (identity_.transactional) bits |= record::attribute::transactional;
  record::store_header(batch, {.attributes = static_cast<std::int16_t>(bits),
                               .last_offset_delta = count_ - 1,
                               .base_timestamp = base_timestamp_,
                               .max_timestamp = max_timestamp_,
                               .producer_id = identity_.producer_id,
                               .producer_epoch = identity_.epoch,
                               .base_sequence = identity_.base_sequence,
                               .record_count = count_});
  wire_ = batch;
  return {};
}

std::int32_t ProducerBatch::next_sequence() const {
  // Sequences run from 0 to 2^31-1 and start again at 0.
  return static_cast<std::int32_t>(
      (static_cast<std::int64_t>(identity_.base_sequence) + count_) & 0x7fffffff);
}

void ProducerBatch::split(std::int32_t first, ProducerBatch& to) {
  HOROLOG_ASSERT(first > 0 && first < count_ && to.count_ == 0);
  // The plain records behind a header of their own: what append() wrote, whatever goes on the wire.
  ByteBuffer plain(memory_.get(), memory_.get() + size_);
  record::store_header(plain, {.last_offset_delta = count_ - 1,
                               .base_timestamp = base_timestamp_,
                               .max_timestamp = max_timestamp_,
                               .record_count = count_});
  std::vector<Delivery> deliveries = std::exchange(deliveries_, {});
  auto delivery = deliveries.begin();
  size_ = record::layout::records;
  count_ = 0;
  is_compressed_ = false;
  wire_ = {};

  ByteBuffer scratch;
  const record::BatchView view = record::parse_batch(plain).value();
  record::RecordReader reader = record::RecordReader::open(view, scratch).value();
  std::vector<HeaderView> headers;
  while (reader.next()) {
    const record::RecordView& read = reader.record();
    const auto index = static_cast<std::int32_t>(read.offset);
    headers.clear();
    for (const record::HeaderView& header : read.headers) {
      headers.push_back({header.key, borrowed(header.value)});
    }
    DeliveryCallback callback;
    if (delivery != deliveries.end() && delivery->index == index) {
      callback = std::move(delivery->callback);
      ++delivery;
    }
    ProducerBatch& into = index < first ? *this : to;
    const bool fits = into.append({.topic = {},
                                   .key = borrowed(read.key),
                                   .value = borrowed(read.value),
                                   .headers = headers,
                                   .timestamp = read.timestamp},
                                  callback);
    HOROLOG_ASSERT(fits);
  }
  HOROLOG_ASSERT(reader.status().ok());
  to.identity_ = identity_;
  if (has_sequence()) to.identity_.base_sequence = next_sequence();
  to.attempts = attempts;
  to.created_ns = created_ns;
  to.maybe_persisted = maybe_persisted;
}

void ProducerBatch::complete(const Result<Offset>& base_offset, TimestampMs append_time) {
  for (Delivery& delivery : deliveries_) {
    if (!base_offset) {
      delivery.callback(base_offset.error());
      continue;
    }
    const Offset offset = *base_offset == no_offset ? no_offset : *base_offset + delivery.index;
    delivery.callback(Position{queue->partition, offset,
                               append_time == no_timestamp ? delivery.timestamp : append_time});
  }
  deliveries_.clear();
}

void BatchList::push_back(ProducerBatch* batch) {
  batch->next = nullptr;
  if (last_ != nullptr) last_->next = batch;
  else first_ = batch;
  last_ = batch;
}

ProducerBatch* BatchList::pop_front() {
  ProducerBatch* batch = first_;
  if (batch == nullptr) return nullptr;
  first_ = batch->next;
  if (first_ == nullptr) last_ = nullptr;
  batch->next = nullptr;
  return batch;
}

}  // namespace horolog::client
