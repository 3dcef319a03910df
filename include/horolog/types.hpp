#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace horolog {

/// The number of a record in a partition, from 0, never reused.
using Offset = std::int64_t;
inline constexpr Offset no_offset = -1;

/// Milliseconds since 1970-01-01T00:00:00Z, as record timestamps carry them. -1 = none.
using TimestampMs = std::int64_t;
inline constexpr TimestampMs no_timestamp = -1;

using PartitionIndex = std::int32_t;
using LeaderEpoch = std::int32_t;
using ProducerId = std::int64_t;
using ProducerEpoch = std::int16_t;
inline constexpr ProducerId no_producer_id = -1;

/// isolation.level: whether records of open and aborted transactions are seen. Of an offset that is
/// asked for as `latest`: the end of the log, or (read_committed) the last stable offset.
enum class Isolation : std::int8_t { read_uncommitted = 0, read_committed = 1 };

/// 16 bytes, as Kafka's topic ids and directory ids. All zero = none.
struct Uuid {
  std::array<std::uint8_t, 16> bytes{};

  bool is_zero() const;
  /// 22 characters of URL-safe base64 without padding: Kafka's spelling.
  std::string to_string() const;
  /// 32 lower-case hexadecimal digits, as in the names of deleted partition directories.
  std::string to_hex() const;
  /// Reads to_string()'s spelling; nullopt when it is not one.
  static std::optional<Uuid> parse(std::string_view text);
  /// Random (version 4), never zero and never starting with '-' in text form.
  static Uuid random();

  auto operator<=>(const Uuid&) const = default;
};

struct TopicPartition {
  std::string topic;
  PartitionIndex partition = 0;

  /// "topic-partition", the name of the partition's directory.
  std::string to_string() const { return topic + '-' + std::to_string(partition); }
  auto operator<=>(const TopicPartition&) const = default;
};

}  // namespace horolog

template <>
struct std::hash<horolog::Uuid> {
  std::size_t operator()(const horolog::Uuid& id) const noexcept {
    std::size_t h = 0;
    for (std::uint8_t b : id.bytes) h = h * 1099511628211ULL + b;
    return h;
  }
};

template <>
struct std::hash<horolog::TopicPartition> {
  std::size_t operator()(const horolog::TopicPartition& tp) const noexcept {
    return std::hash<std::string>{}(tp.topic) * 31 + static_cast<std::size_t>(tp.partition);
  }
};
