#include "record/batch.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/assert.hpp"
#include "base/crc32c.hpp"

namespace horolog::record {
namespace {

std::uint32_t computed_crc(ByteView batch) {
  return crc32c(batch.subspan(layout::attributes));
}

bool all_zero(ByteView bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::byte b) { return b == std::byte{0}; });
}

}  // namespace

std::int32_t BatchView::last_sequence() const {
  if (base_sequence() < 0) return base_sequence();
  const std::uint32_t sum = static_cast<std::uint32_t>(base_sequence()) +
                            static_cast<std::uint32_t>(last_offset_delta());
  return static_cast<std::int32_t>(sum & 0x7fffffff);
}

BatchHeader BatchView::header() const {
  return {.base_offset = base_offset(),
          .batch_length = load<std::int32_t>(layout::batch_length),
          .leader_epoch = leader_epoch(),
          .magic = load<std::int8_t>(layout::magic),
          .crc = crc(),
          .attributes = attributes(),
          .last_offset_delta = last_offset_delta(),
          .base_timestamp = base_timestamp(),
          .max_timestamp = max_timestamp(),
          .producer_id = producer_id(),
          .producer_epoch = producer_epoch(),
          .base_sequence = base_sequence(),
          .record_count = record_count()};
}

Result<BatchView> parse_batch(ByteView bytes) {
  if (bytes.size() < layout::magic + 1) {
    return Error(Errc::out_of_range,
                 fmt::format("{} bytes hold no batch header of {}", bytes.size(), layout::records));
  }
  const auto length = load_be<std::int32_t>(bytes.data() + layout::batch_length);
  const auto magic = load_be<std::int8_t>(bytes.data() + layout::magic);
  if (magic == 0 || magic == 1) {
    return Error(Errc::unsupported,
                 fmt::format("batch of magic {}: only version 2 is read", magic));
  }
  if (magic != magic_v2) {
    return Error(Errc::corrupt, fmt::format("no batch starts here: magic is {}", magic));
  }
  constexpr auto least = static_cast<std::int32_t>(layout::records - layout::log_overhead);
  if (length < least) {
    return Error(Errc::corrupt, fmt::format("batch length {} is below {}", length, least));
  }
  const std::size_t size = layout::log_overhead + static_cast<std::size_t>(length);
  if (size > bytes.size()) {
    return Error(Errc::out_of_range,
                 fmt::format("batch of {} bytes, {} are there", size, bytes.size()));
  }
  return BatchView(bytes.first(size));
}

Status verify_crc(const BatchView& batch) {
  const std::uint32_t computed = computed_crc(batch.bytes());
  if (computed == batch.crc()) return {};
  return Error(Errc::corrupt,
               fmt::format("batch at offset {}: CRC-32C is {:#010x}, its bytes give {:#010x}",
                           batch.base_offset(), batch.crc(), computed));
}

bool is_zero_tail(ByteView bytes) {
  return all_zero(bytes.first(std::min(bytes.size(), layout::records)));
}

bool BatchIterator::next() {
  if (end_ != End::not_yet) return false;
  position_ = end_position_;
  const ByteView rest = bytes_.subspan(position_);
  batch_ = BatchView();
  if (rest.empty()) {
    end_ = End::of_range;
    return false;
  }
  auto parsed = parse_batch(rest);
  if (parsed) {
    batch_ = *parsed;
    end_position_ = position_ + batch_.size();
    return true;
  }
  if (is_zero_tail(rest)) {
    end_ = End::zeros;
  } else {
    end_ = parsed.error().code() == Errc::out_of_range ? End::partial : End::damaged;
  }
  return false;
}

Status BatchIterator::status() const {
  if (end_ != End::damaged) return {};
  return Error(parse_batch(bytes_.subspan(end_position_)).error())
      .with_context(fmt::format("at byte {} of the range", end_position_));
}

void set_base_offset(MutableBytes batch, Offset offset) {
  HOROLOG_ASSERT(batch.size() >= layout::records);
  store_be(batch.data() + layout::base_offset, offset);
}

void set_leader_epoch(MutableBytes batch, LeaderEpoch epoch) {
  HOROLOG_ASSERT(batch.size() >= layout::records);
  store_be(batch.data() + layout::leader_epoch, epoch);
}

void set_append_time(MutableBytes batch, TimestampMs now) {
  HOROLOG_ASSERT(batch.size() >= layout::records);
  std::byte* const at = batch.data() + layout::attributes;
  const auto attributes = static_cast<std::int16_t>(
      static_cast<std::uint16_t>(load_be<std::int16_t>(at)) |
      static_cast<std::uint16_t>(attribute::log_append_time));
  store_be(at, attributes);
  store_be(batch.data() + layout::max_timestamp, now);
  seal_crc(batch);
}

void store_header(MutableBytes batch, const BatchHeader& header) {
  HOROLOG_ASSERT(batch.size() >= layout::records);
  std::byte* const at = batch.data();
  store_be(at + layout::base_offset, header.base_offset);
  store_be(at + layout::batch_length,
           static_cast<std::int32_t>(batch.size() - layout::log_overhead));
  store_be(at + layout::leader_epoch, header.leader_epoch);
  store_be(at + layout::magic, magic_v2);
  store_be(at + layout::attributes, header.attributes);
  store_be(at + layout::last_offset_delta, header.last_offset_delta);
  store_be(at + layout::base_timestamp, header.base_timestamp);
  store_be(at + layout::max_timestamp, header.max_timestamp);
  store_be(at + layout::producer_id, header.producer_id);
  store_be(at + layout::producer_epoch, header.producer_epoch);
  store_be(at + layout::base_sequence, header.base_sequence);
  store_be(at + layout::record_count, header.record_count);
  seal_crc(batch);
}

void seal_crc(MutableBytes batch) {
  HOROLOG_ASSERT(batch.size() >= layout::records);
  store_be(batch.data() + layout::crc, computed_crc(batch));
}

}  // namespace horolog::record
