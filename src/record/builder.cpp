#include "record/builder.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"
#include "base/varint.hpp"

namespace horolog::record {
namespace {

std::size_t field_size(std::size_t bytes) {
  return varint_size(static_cast<std::int64_t>(bytes)) + bytes;
}
std::size_t field_size(const std::optional<ByteView>& field) {
  return field ? field_size(field->size()) : varint_size(-1);
}

void append_field(ByteBuffer& out, const std::optional<ByteView>& field) {
  if (!field) {
    append_varint(out, -1);
    return;
  }
  append_varint(out, static_cast<std::int64_t>(field->size()));
  out.insert(out.end(), field->begin(), field->end());
}

std::int16_t attributes_of(const BatchOptions& options) {
  int bits = static_cast<int>(options.codec);
  if (options.transactional) bits |= attribute::transactional;
  if (options.control) bits |= attribute::control;
  return static_cast<std::int16_t>(bits);
}

}  // namespace

BatchBuilder::BatchBuilder(BatchOptions options) : options_(options) {}

void BatchBuilder::add(std::optional<ByteView> key, std::optional<ByteView> value,
                       TimestampMs timestamp, std::span<const HeaderView> headers) {
  if (count_ == 0) {
    base_timestamp_ = timestamp;
    max_timestamp_ = timestamp;
  }
  max_timestamp_ = std::max(max_timestamp_, timestamp);
  const std::int64_t delta = timestamp - base_timestamp_;

  std::size_t size = 1 + varint_size(delta) + varint_size(count_) + field_size(key) +
                     field_size(value) + varint_size(static_cast<std::int64_t>(headers.size()));
  for (const HeaderView& header : headers) {
    size += field_size(header.key.size()) + field_size(header.value);
  }
  append_varint(records_, static_cast<std::int64_t>(size));
  const std::size_t start = records_.size();
  records_.push_back(std::byte{0});
  append_varint(records_, delta);
  append_varint(records_, count_);
  append_field(records_, key);
  append_field(records_, value);
  append_varint(records_, static_cast<std::int64_t>(headers.size()));
  for (const HeaderView& header : headers) {
    append_field(records_, as_bytes(header.key));
    append_field(records_, header.value);
  }
  HOROLOG_ASSERT(records_.size() - start == size);
  ++count_;
}

Result<ByteBuffer> BatchBuilder::build() {
  HOROLOG_ASSERT(count_ > 0);
  ByteBuffer batch(layout::records);
  if (options_.codec == Codec::none) {
    batch.reserve(layout::records + records_.size());
    batch.insert(batch.end(), records_.begin(), records_.end());
  } else {
    HOROLOG_TRY(compress(options_.codec, options_.level, records_, batch));
  }
  std::byte* const at = batch.data();
  store_be(at + layout::base_offset, options_.base_offset);
  store_be(at + layout::batch_length,
           static_cast<std::int32_t>(batch.size() - layout::log_overhead));
  store_be(at + layout::leader_epoch, options_.leader_epoch);
  store_be(at + layout::magic, magic_v2);
  store_be(at + layout::attributes, attributes_of(options_));
  store_be(at + layout::last_offset_delta, count_ - 1);
  store_be(at + layout::base_timestamp, base_timestamp_);
  store_be(at + layout::max_timestamp, max_timestamp_);
  store_be(at + layout::producer_id, options_.producer_id);
  store_be(at + layout::producer_epoch, options_.producer_epoch);
  store_be(at + layout::base_sequence, options_.base_sequence);
  store_be(at + layout::record_count, count_);
  seal_crc(batch);
  records_.clear();
  count_ = 0;
  return batch;
}

ByteBuffer build_single(std::optional<ByteView> key, std::optional<ByteView> value,
                        TimestampMs timestamp, BatchOptions options) {
  BatchBuilder builder(options);
  builder.add(key, value, timestamp);
  auto batch = builder.build();
  HOROLOG_ASSERT(batch.ok());
  return std::move(batch).value();
}

}  // namespace horolog::record
