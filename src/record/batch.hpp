#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.hpp"
#include "base/limits.hpp"
#include "horolog/error.hpp"
#include "horolog/types.hpp"
#include "record/codec.hpp"

/// Record batches, version 2 (KIP-98). All integers are big-endian:
///
///     0        8       12       16   17   21  23   27        35        43
///     | base   | batch | leader |mag-|crc |at-|last| base    | max     | …
///     | offset | length| epoch  |ic 2|    |tr | Δ  | tstamp  | tstamp  |
///    43        51  53    57     61
///     | producer|ep-|base | record| records, perhaps compressed as one block
///     | id      |och|seq  | count |
///
/// The length counts from the leader epoch to the end. The CRC-32C covers everything after itself:
/// base offset, length, leader epoch and magic lie outside, so a broker can set offset and epoch
/// without touching the checksum.
namespace horolog::record {

namespace layout {
inline constexpr std::size_t base_offset = 0;
inline constexpr std::size_t batch_length = 8;
inline constexpr std::size_t leader_epoch = 12;
inline constexpr std::size_t magic = 16;
inline constexpr std::size_t crc = 17;
inline constexpr std::size_t attributes = 21;
inline constexpr std::size_t last_offset_delta = 23;
inline constexpr std::size_t base_timestamp = 27;
inline constexpr std::size_t max_timestamp = 35;
inline constexpr std::size_t producer_id = 43;
inline constexpr std::size_t producer_epoch = 51;
inline constexpr std::size_t base_sequence = 53;
inline constexpr std::size_t record_count = 57;
inline constexpr std::size_t records = 61;

/// Bytes before what batch_length counts.
inline constexpr std::size_t log_overhead = leader_epoch;
static_assert(batch_length + 4 == log_overhead);
static_assert(leader_epoch + 4 == magic && magic + 1 == crc && crc + 4 == attributes);
static_assert(attributes + 2 == last_offset_delta && last_offset_delta + 4 == base_timestamp);
static_assert(base_timestamp + 8 == max_timestamp && max_timestamp + 8 == producer_id);
static_assert(producer_id + 8 == producer_epoch && producer_epoch + 2 == base_sequence);
static_assert(base_sequence + 4 == record_count && record_count + 4 == records);
static_assert(records == limits::batch_overhead_bytes);
}  // namespace layout

inline constexpr std::int8_t magic_v2 = 2;

namespace attribute {
inline constexpr std::int16_t codec_mask = 0x07;
inline constexpr std::int16_t log_append_time = 0x08;
inline constexpr std::int16_t transactional = 0x10;
inline constexpr std::int16_t control = 0x20;
inline constexpr std::int16_t delete_horizon = 0x40;
}  // namespace attribute

/// Every field of the header, in native byte order.
struct BatchHeader {
  Offset base_offset = 0;
  std::int32_t batch_length = 0;
  LeaderEpoch leader_epoch = -1;
  std::int8_t magic = magic_v2;
  std::uint32_t crc = 0;
  std::int16_t attributes = 0;
  std::int32_t last_offset_delta = 0;
  TimestampMs base_timestamp = no_timestamp;
  TimestampMs max_timestamp = no_timestamp;
  ProducerId producer_id = no_producer_id;
  ProducerEpoch producer_epoch = -1;
  std::int32_t base_sequence = -1;
  std::int32_t record_count = 0;

  bool operator==(const BatchHeader&) const = default;
};

/// One whole batch in borrowed bytes, valid as long as they are. Made by parse_batch(), which has
/// checked that the bytes hold the whole batch; the CRC may still be wrong. Cheap to copy.
class BatchView {
 public:
  /// Empty: every other member may only be called on a parsed batch.
  BatchView() = default;

  Offset base_offset() const { return load<std::int64_t>(layout::base_offset); }
  Offset last_offset() const { return base_offset() + last_offset_delta(); }
  /// The offset after the batch's last: where the next batch starts.
  Offset next_offset() const { return last_offset() + 1; }
  LeaderEpoch leader_epoch() const { return load<std::int32_t>(layout::leader_epoch); }
  std::uint32_t crc() const { return load<std::uint32_t>(layout::crc); }
  std::int16_t attributes() const { return load<std::int16_t>(layout::attributes); }
  std::int32_t last_offset_delta() const { return load<std::int32_t>(layout::last_offset_delta); }
  /// With has_delete_horizon() this is the horizon, and deltas are relative to it all the same.
  TimestampMs base_timestamp() const { return load<std::int64_t>(layout::base_timestamp); }
  TimestampMs max_timestamp() const { return load<std::int64_t>(layout::max_timestamp); }
  ProducerId producer_id() const { return load<std::int64_t>(layout::producer_id); }
  ProducerEpoch producer_epoch() const { return load<std::int16_t>(layout::producer_epoch); }
  std::int32_t base_sequence() const { return load<std::int32_t>(layout::base_sequence); }
  /// Sequences run from 0 to 2^31-1 and start again at 0.
  std::int32_t last_sequence() const;
  std::int32_t record_count() const { return load<std::int32_t>(layout::record_count); }

  /// Bits 0–2 as they are: 5 to 7 name no codec (see has_known_codec()).
  Codec codec() const { return static_cast<Codec>(attributes() & attribute::codec_mask); }
  bool has_known_codec() const { return (attributes() & attribute::codec_mask) < codec_count; }
  bool has_producer_id() const { return producer_id() != no_producer_id; }
  bool is_log_append_time() const { return has(attribute::log_append_time); }
  bool is_transactional() const { return has(attribute::transactional); }
  bool is_control() const { return has(attribute::control); }
  bool has_delete_horizon() const { return has(attribute::delete_horizon); }

  BatchHeader header() const;
  /// Header and records: what the batch takes in a file.
  std::size_t size() const { return bytes_.size(); }
  ByteView bytes() const { return bytes_; }
  /// What follows the header: records, or one compressed block.
  ByteView payload() const { return bytes_.subspan(layout::records); }
  bool empty() const { return bytes_.empty(); }

 private:
  friend Result<BatchView> parse_batch(ByteView bytes);
  explicit BatchView(ByteView bytes) : bytes_(bytes) {}

  template <typename T>
  T load(std::size_t at) const {
    return load_be<T>(bytes_.data() + at);
  }
  bool has(std::int16_t bit) const { return (attributes() & bit) != 0; }

  ByteView bytes_;
};

/// The batch at the start of `bytes`, which may hold more behind it. Checks the frame only: length
/// in bounds and whole, magic 2 (Errc::out_of_range when bytes are missing, Errc::unsupported for
/// another magic, Errc::corrupt for a length that cannot be). The CRC is verify_crc()'s.
Result<BatchView> parse_batch(ByteView bytes);

/// Errc::corrupt when the stored CRC-32C is not that of the bytes.
Status verify_crc(const BatchView& batch);

/// Walks the batches of a contiguous range of a log. Ends cleanly at the end of the range, at 61
/// zero bytes (prewritten space) and at a batch that goes beyond the range; stops with an error at
/// anything else that is no batch. CRCs are not checked.
///
///     for (BatchIterator it(bytes); it.next();) use(it.batch(), it.position());
class BatchIterator {
 public:
  enum class End : std::uint8_t { not_yet, of_range, zeros, partial, damaged };

  /// `bytes` must outlive the iterator and the views it gives.
  explicit BatchIterator(ByteView bytes) : bytes_(bytes) {}

  /// Steps to the next batch; false at the end, for the reason end() gives.
  bool next();
  const BatchView& batch() const { return batch_; }
  /// Where the current batch starts within the range.
  std::size_t position() const { return position_; }
  /// Where the current batch ends, or, after the end, where the walk stopped: the bytes before it
  /// are whole batches.
  std::size_t end_position() const { return end_position_; }
  End end() const { return end_; }
  /// What is wrong at end_position(), when end() is damaged.
  Status status() const;

 private:
  ByteView bytes_;
  BatchView batch_;
  std::size_t position_ = 0;
  std::size_t end_position_ = 0;
  End end_ = End::not_yet;
};

/// True when `bytes` starts with prewritten space: a whole header of zeros, or only zeros.
bool is_zero_tail(ByteView bytes);

// Changes to a batch in place; `batch` must hold at least the header of a parsed batch.

/// The 12 bytes outside the CRC that a broker sets.
void set_base_offset(MutableBytes batch, Offset offset);
void set_leader_epoch(MutableBytes batch, LeaderEpoch epoch);
/// LogAppendTime: max timestamp and the attribute bit, and the CRC anew; `batch` is the whole
/// batch and no more.
void set_append_time(MutableBytes batch, TimestampMs now);
/// Writes every field of the header into the whole batch `batch`, but for the length, which is that
/// of the bytes, magic 2, and the CRC, which is computed.
void store_header(MutableBytes batch, const BatchHeader& header);
/// Writes the CRC of the whole batch `batch` into it.
void seal_crc(MutableBytes batch);

}  // namespace horolog::record
