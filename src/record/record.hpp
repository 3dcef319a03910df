#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "horolog/error.hpp"
#include "horolog/types.hpp"
#include "record/batch.hpp"
#include "record/codec.hpp"

/// The records inside a batch. Each is, with zigzag varints where not said otherwise:
///
///     length | attributes (int8, unused) | timestamp delta (64 bit) | offset delta |
///     key length (-1 = null) | key | value length (-1 = null) | value |
///     header count | per header: key length | key | value length (-1 = null) | value
namespace horolog::record {

/// A header of a record in borrowed bytes. Keys may repeat; a value may be null.
struct HeaderView {
  std::string_view key;
  std::optional<ByteView> value;
};

/// One record in borrowed bytes.
struct RecordView {
  Offset offset = 0;
  /// The batch's append time where it has one, else the record's own.
  TimestampMs timestamp = no_timestamp;
  std::optional<ByteView> key;
  std::optional<ByteView> value;
  /// Valid until the reader's next step.
  std::span<const HeaderView> headers;
};

/// Walks the records of one batch, decompressing it when it must. Never reads past the batch, and
/// trusts no count or length in it. One thread at a time.
///
///     HOROLOG_ASSIGN(auto reader, RecordReader::open(batch, scratch));
///     while (reader.next()) use(reader.record());
///     HOROLOG_TRY(reader.status());
class RecordReader {
 public:
  /// `scratch` receives the records of a compressed batch and is not touched otherwise. It and the
  /// bytes of `batch` must outlive the reader and everything it hands out. Errc::corrupt when the
  /// batch does not decompress, Errc::too_large above `limits`, Errc::unsupported for a codec
  /// number that has no codec. The CRC is not checked.
  static Result<RecordReader> open(const BatchView& batch, ByteBuffer& scratch,
                                   DecompressLimits limits = {});

  /// Steps to the next record; false after the last one or at damage (see status()).
  bool next();
  const RecordView& record() const { return record_; }
  /// Good when every record was read and nothing was left over; else Errc::corrupt, with the
  /// record's number within the batch.
  Status status() const;

 private:
  RecordReader() = default;

  bool fail(std::string_view what);
  bool parse(ByteView body);
  bool parse_headers(ByteView& body);

  ByteView rest_;
  Offset base_offset_ = 0;
  TimestampMs base_timestamp_ = no_timestamp;
  std::optional<TimestampMs> append_time_;
  std::int32_t last_offset_delta_ = 0;
  std::int32_t count_ = 0;
  std::int32_t read_ = 0;
  RecordView record_;
  std::vector<HeaderView> headers_;
  std::optional<Error> error_;
};

}  // namespace horolog::record
