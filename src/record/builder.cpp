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

void append_record(ByteBuffer& out, std::int64_t timestamp_delta, std::int32_t offset_delta,
                   const std::optional<ByteView>& key, const std::optional<ByteView>& value,
                   std::span<const HeaderView> headers) {
  std::size_t size = 1 + varint_size(timestamp_delta) + varint_size(offset_delta) +
                     field_size(key) + field_size(value) +
                     varint_size(static_cast<std::int64_t>(headers.size()));
  for (const HeaderView& header : headers) {
    size += field_size(header.key.size()) + field_size(header.value);
  }
  append_varint(out, static_cast<std::int64_t>(size));
  const std::size_t start = out.size();
  out.push_back(std::byte{0});
  append_varint(out, timestamp_delta);
  append_varint(out, offset_delta);
  append_field(out, key);
  append_field(out, value);
  append_varint(out, static_cast<std::int64_t>(headers.size()));
  for (const HeaderView& header : headers) {
    append_field(out, as_bytes(header.key));
    append_field(out, header.value);
  }
  HOROLOG_ASSERT(out.size() - start == size);
}

Status append_batch(ByteBuffer& out, const BatchHeader& header, ByteView records) {
  const std::size_t start = out.size();
  out.resize(start + layout::records);
  const auto codec = static_cast<Codec>(header.attributes & attribute::codec_mask);
  if (codec == Codec::none) {
    out.insert(out.end(), records.begin(), records.end());
  } else if (const Status done = compress(codec, default_level, records, out); !done) {
    out.resize(start);
    return done;
  }
  store_header(MutableBytes(out).subspan(start), header);
  return {};
}

void BatchBuilder::add(std::optional<ByteView> key, std::optional<ByteView> value,
                       TimestampMs timestamp, std::span<const HeaderView> headers) {
  if (count_ == 0) {
    base_timestamp_ = timestamp;
    max_timestamp_ = timestamp;
  }
  max_timestamp_ = std::max(max_timestamp_, timestamp);
  // Two's complement, as the reader adds it up again: a client's timestamps may be any numbers.
  const auto delta = static_cast<TimestampMs>(static_cast<std::uint64_t>(timestamp) -
                                              static_cast<std::uint64_t>(base_timestamp_));
  append_record(records_, delta, count_, key, value, headers);
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
  store_header(batch, {.base_offset = options_.base_offset,
                       .leader_epoch = options_.leader_epoch,
                       .attributes = attributes_of(options_),
                       .last_offset_delta = count_ - 1,
                       .base_timestamp = base_timestamp_,
                       .max_timestamp = max_timestamp_,
                       .producer_id = options_.producer_id,
                       .producer_epoch = options_.producer_epoch,
                       .base_sequence = options_.base_sequence,
                       .record_count = count_});
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
