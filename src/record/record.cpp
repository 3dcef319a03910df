#include "record/record.hpp"

#include <fmt/format.h>

#include "base/assert.hpp"
#include "base/varint.hpp"

namespace horolog::record {
namespace {

/// A length-prefixed field; a length of -1 is null. False when it does not fit into `in`.
bool take_field(ByteView& in, std::optional<ByteView>& field) {
  const auto length = take_varint32(in);
  if (!length || *length < -1) return false;
  if (*length == -1) {
    field.reset();
    return true;
  }
  const auto size = static_cast<std::size_t>(*length);
  if (size > in.size()) return false;
  field = in.first(size);
  in = in.subspan(size);
  return true;
}

/// Wraps instead of overflowing: a hostile base and delta may add up to anything, never to
/// undefined behaviour.
std::int64_t wrapping_add(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

}  // namespace

Result<RecordReader> RecordReader::open(const BatchView& batch, ByteBuffer& scratch,
                                        DecompressLimits limits) {
  HOROLOG_ASSERT(!batch.empty());
  if (!batch.has_known_codec()) {
    return Error(Errc::unsupported,
                 fmt::format("batch at offset {}: compression type {} does not exist",
                             batch.base_offset(), batch.attributes() & attribute::codec_mask));
  }
  RecordReader reader;
  reader.rest_ = batch.payload();
  if (batch.codec() != Codec::none) {
    if (const Status status = decompress(batch.codec(), batch.payload(), scratch, limits);
        !status) {
      return status.error().with_context(fmt::format("batch at offset {}", batch.base_offset()));
    }
    reader.rest_ = scratch;
  }
  reader.base_offset_ = batch.base_offset();
  reader.base_timestamp_ = batch.base_timestamp();
  if (batch.is_log_append_time()) reader.append_time_ = batch.max_timestamp();
  reader.last_offset_delta_ = batch.last_offset_delta();
  reader.count_ = batch.record_count();
  if (reader.count_ < 0) {
    return Error(Errc::corrupt, fmt::format("batch at offset {}: record count {}",
                                            batch.base_offset(), reader.count_));
  }
  return reader;
}

bool RecordReader::next() {
  if (error_) return false;
  if (read_ == count_) {
    if (!rest_.empty()) return fail("bytes are left over after the last record");
    return false;
  }
  const auto length = take_varint32(rest_);
  if (!length || *length < 0) return fail("record length is not a varint, or negative");
  const auto size = static_cast<std::size_t>(*length);
  if (size > rest_.size()) return fail("record goes beyond the end of the batch");
  if (!parse(rest_.first(size))) return false;
  rest_ = rest_.subspan(size);
  ++read_;
  return true;
}

bool RecordReader::parse(ByteView body) {
  if (body.empty()) return fail("record is empty");
  body = body.subspan(1);  // attributes, which have no meaning yet
  const auto timestamp_delta = take_varint64(body);
  const auto offset_delta = take_varint32(body);
  if (!timestamp_delta || !offset_delta) return fail("a delta is not a varint");
  if (*offset_delta < 0 || *offset_delta > last_offset_delta_) {
    return fail("offset delta is outside the batch");
  }
  record_.offset = wrapping_add(base_offset_, *offset_delta);
  record_.timestamp = append_time_.value_or(wrapping_add(base_timestamp_, *timestamp_delta));
  if (!take_field(body, record_.key)) return fail("key goes beyond the record");
  if (!take_field(body, record_.value)) return fail("value goes beyond the record");
  if (!parse_headers(body)) return false;
  if (!body.empty()) return fail("bytes are left over within the record");
  return true;
}

bool RecordReader::parse_headers(ByteView& body) {
  const auto count = take_varint32(body);
  if (!count || *count < 0) return fail("header count is not a varint, or negative");
  // A header takes at least two bytes, so a count above that is a lie; nothing is reserved for it.
  if (static_cast<std::size_t>(*count) > body.size() / 2) {
    return fail("more headers than the record has room for");
  }
  headers_.clear();
  for (std::int32_t n = 0; n < *count; ++n) {
    std::optional<ByteView> key;
    HeaderView header;
    if (!take_field(body, key) || !key) return fail("header key is null or beyond the record");
    if (!take_field(body, header.value)) return fail("header value goes beyond the record");
    header.key = as_text(*key);
    headers_.push_back(header);
  }
  record_.headers = headers_;
  return true;
}

bool RecordReader::fail(std::string_view what) {
  error_ = Error(Errc::corrupt, fmt::format("batch at offset {}, record {} of {}: {}", base_offset_,
                                            read_ + 1, count_, what));
  return false;
}

Status RecordReader::status() const {
  if (error_) return *error_;
  return {};
}

}  // namespace horolog::record
