#pragma once

#include <cstdint>

#include "base/bytes.hpp"

namespace horolog {

/// MurmurHash2, 32 bit, with the seed of Java's Kafka client: its partitioner hashes keys with it.
inline std::uint32_t murmur2(ByteView data) {
  constexpr std::uint32_t m = 0x5bd1e995;
  const auto at = [&](std::size_t i) { return static_cast<std::uint32_t>(data[i]); };
  std::uint32_t h = 0x9747b28cU ^ static_cast<std::uint32_t>(data.size());
  std::size_t i = 0;
  for (; i + 4 <= data.size(); i += 4) {
    std::uint32_t k = at(i) | at(i + 1) << 8 | at(i + 2) << 16 | at(i + 3) << 24;
    k *= m;
    k ^= k >> 24;
    k *= m;
    h *= m;
    h ^= k;
  }
  const std::size_t left = data.size() - i;
  if (left >= 3) h ^= at(i + 2) << 16;
  if (left >= 2) h ^= at(i + 1) << 8;
  if (left >= 1) {
    h ^= at(i);
    h *= m;
  }
  h ^= h >> 13;
  h *= m;
  h ^= h >> 15;
  return h;
}

/// The partition that Java's default partitioner gives a key: the hash without its sign bit, modulo
/// `partitions` (at least 1).
inline std::int32_t murmur2_partition(ByteView key, std::int32_t partitions) {
  return static_cast<std::int32_t>(murmur2(key) & 0x7fffffffU) % partitions;
}

}  // namespace horolog
