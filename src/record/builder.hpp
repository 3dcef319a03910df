#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "base/bytes.hpp"
#include "horolog/error.hpp"
#include "horolog/types.hpp"
#include "record/batch.hpp"
#include "record/codec.hpp"
#include "record/record.hpp"

namespace horolog::record {

/// The header fields of a batch to be built that do not follow from its records.
struct BatchOptions {
  Codec codec = Codec::none;
  int level = default_level;
  /// 0 for a produce request (the broker assigns offsets).
  Offset base_offset = 0;
  LeaderEpoch leader_epoch = -1;
  ProducerId producer_id = no_producer_id;
  ProducerEpoch producer_epoch = -1;
  std::int32_t base_sequence = -1;
  bool transactional = false;
  bool control = false;
};

/// Builds batches, one after the other, from records that are copied in. Offsets count up from the
/// base offset. One thread at a time.
class BatchBuilder {
 public:
  explicit BatchBuilder(BatchOptions options = {});

  void add(std::optional<ByteView> key, std::optional<ByteView> value, TimestampMs timestamp,
           std::span<const HeaderView> headers = {});

  std::int32_t record_count() const { return count_; }
  bool empty() const { return count_ == 0; }
  /// What the batch takes without compression.
  std::size_t uncompressed_bytes() const { return layout::records + records_.size(); }

  /// For the next batch: may be changed between batches, and before build() at the latest.
  BatchOptions& options() { return options_; }

  /// The finished batch, with its CRC; the builder is empty again and keeps its memory. At least
  /// one record is needed. Errors are the codec's.
  Result<ByteBuffer> build();

 private:
  BatchOptions options_;
  ByteBuffer records_;
  std::int32_t count_ = 0;
  TimestampMs base_timestamp_ = no_timestamp;
  TimestampMs max_timestamp_ = no_timestamp;
};

/// Appends one record as it stands within a batch; `timestamp_delta` and `offset_delta` count from
/// the batch's base timestamp and base offset.
void append_record(ByteBuffer& out, std::int64_t timestamp_delta, std::int32_t offset_delta,
                   const std::optional<ByteView>& key, const std::optional<ByteView>& value,
                   std::span<const HeaderView> headers);

/// Appends a whole batch: `header` as it is, but for its length and CRC, and `records` (made by
/// append_record) compressed with the codec that its attributes name, at the codec's default level.
/// Errors are the codec's; `out` is then as it was.
Status append_batch(ByteBuffer& out, const BatchHeader& header, ByteView records);

/// A batch of one record.
ByteBuffer build_single(std::optional<ByteView> key, std::optional<ByteView> value,
                        TimestampMs timestamp, BatchOptions options = {});

}  // namespace horolog::record
