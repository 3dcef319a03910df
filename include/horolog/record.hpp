#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "horolog/types.hpp"

namespace horolog {

/// Borrowed bytes that may be null, as keys and values of records are (a null value deletes its key
/// in a compacted topic). Made from text or bytes without copying: what it was made from must stay.
class Bytes {
 public:
  constexpr Bytes() = default;
  constexpr Bytes(std::nullopt_t) {}
  constexpr Bytes(std::string_view text) : data_(text.data()), size_(text.size()), null_(false) {}
  constexpr Bytes(const char* text) : Bytes(std::string_view(text)) {}
  Bytes(const std::string& text) : Bytes(std::string_view(text)) {}
  Bytes(const std::optional<std::string>& text) {
    if (text) *this = Bytes(std::string_view(*text));
  }
  Bytes(std::span<const std::byte> bytes)
      : data_(reinterpret_cast<const char*>(bytes.data())), size_(bytes.size()), null_(false) {}
  Bytes(const std::vector<std::byte>& bytes) : Bytes(std::span<const std::byte>(bytes)) {}
  Bytes(const std::optional<std::span<const std::byte>>& bytes) {
    if (bytes) *this = Bytes(*bytes);
  }

  constexpr bool is_null() const { return null_; }
  /// 0 when null.
  constexpr std::size_t size() const { return size_; }
  const std::byte* data() const { return reinterpret_cast<const std::byte*>(data_); }
  /// Empty when null.
  constexpr std::string_view text() const { return {data_, size_}; }
  std::span<const std::byte> view() const { return {data(), size_}; }
  std::optional<std::span<const std::byte>> optional() const {
    return null_ ? std::nullopt : std::optional(view());
  }
  /// A copy; nullopt when null.
  std::optional<std::string> to_owned() const {
    return null_ ? std::nullopt : std::optional<std::string>(text());
  }

 private:
  const char* data_ = "";
  std::size_t size_ = 0;
  bool null_ = true;
};

/// A header of a record, borrowed. Keys may repeat.
struct HeaderView {
  std::string_view key;
  Bytes value;
};

/// A header of a record, owned. The value is bytes, not necessarily text.
struct Header {
  std::string key;
  std::optional<std::string> value;
};

/// A record that was read, with its memory. Keys and values are bytes, not necessarily text.
struct Record {
  std::string topic;
  PartitionIndex partition = 0;
  Offset offset = no_offset;
  TimestampMs timestamp = no_timestamp;
  /// The timestamp is when the broker appended the record, not when its producer made it.
  bool append_time = false;
  std::optional<std::string> key;
  std::optional<std::string> value;
  std::vector<Header> headers;
};

enum class Compression : std::uint8_t { none, gzip, snappy, lz4, zstd };

/// A record that was read, borrowed: valid as long as the batch that handed it out.
struct RecordView {
  std::string_view topic;
  PartitionIndex partition = 0;
  LeaderEpoch leader_epoch = -1;  ///< -1 when the broker did not say
  Offset offset = no_offset;
  TimestampMs timestamp = no_timestamp;
  std::int64_t producer_id = -1;  ///< -1: neither idempotent nor transactional
  std::int16_t producer_epoch = -1;
  bool append_time = false;
  bool transactional = false;
  Compression compression = Compression::none;  ///< of the batch it came in
  Bytes key;
  Bytes value;
  std::span<const HeaderView> headers;

  Record to_owned() const {
    Record copy{std::string(topic), partition,     offset,           timestamp,
                append_time,        key.to_owned(), value.to_owned(), {}};
    copy.headers.reserve(headers.size());
    for (const HeaderView& header : headers) {
      copy.headers.push_back({std::string(header.key), header.value.to_owned()});
    }
    return copy;
  }
};

/// The partitioner chooses.
inline constexpr PartitionIndex any_partition = -1;

/// A record to be sent, borrowed: a producer copies what it needs before send() returns.
struct OutgoingRecord {
  std::string_view topic;
  PartitionIndex partition = any_partition;
  Bytes key{};
  Bytes value{};
  std::span<const HeaderView> headers{};
  /// When the record came about; no_timestamp: now.
  TimestampMs timestamp = no_timestamp;
};

}  // namespace horolog
