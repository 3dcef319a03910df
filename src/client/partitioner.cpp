#include "client/partitioner.hpp"

#include "base/assert.hpp"

namespace horolog::client {

std::uint32_t murmur2(ByteView bytes) {
  constexpr std::uint32_t seed = 0x9747b28c, multiplier = 0x5bd1e995;
  constexpr int shift = 24;
  const auto at = [&](std::size_t i) { return static_cast<std::uint32_t>(bytes[i]); };
  std::uint32_t hash = seed ^ static_cast<std::uint32_t>(bytes.size());
  std::size_t i = 0;
  for (; i + 4 <= bytes.size(); i += 4) {
    std::uint32_t word = at(i) | at(i + 1) << 8 | at(i + 2) << 16 | at(i + 3) << 24;
    word *= multiplier;
    word ^= word >> shift;
    word *= multiplier;
    hash = hash * multiplier ^ word;
  }
  if (i < bytes.size()) {
    for (std::size_t left = bytes.size() - i; left > 0; --left) {
      hash ^= at(i + left - 1) << (8 * (left - 1));
    }
    hash *= multiplier;
  }
  hash ^= hash >> 13;
  hash *= multiplier;
  return hash ^ hash >> 15;
}

PartitionIndex partition_of_key(ByteView key, std::int32_t partitions) {
  HOROLOG_ASSERT(partitions > 0);
  return static_cast<PartitionIndex>(murmur2(key) & 0x7fffffffU) % partitions;
}

PartitionIndex StickyPartition::current(std::int32_t partitions, std::uint64_t random) {
  HOROLOG_ASSERT(partitions > 0);
  if (!must_choose() && chosen_ < partitions) return chosen_;
  const auto count = static_cast<std::uint64_t>(partitions);
  // One of the others, so that a full batch is followed by another partition's.
  const bool other = chosen_ >= 0 && chosen_ < partitions && partitions > 1;
  chosen_ = other ? static_cast<PartitionIndex>(
                        (static_cast<std::uint64_t>(chosen_) + 1 + random % (count - 1)) % count)
                  : static_cast<PartitionIndex>(random % count);
  ended_ = false;
  bytes_ = 0;
  return chosen_;
}

void StickyPartition::appended(std::size_t bytes, std::size_t batch_bytes) {
  bytes_ += bytes;
  if (bytes_ >= batch_bytes) ended_ = true;
}

void StickyPartition::batch_ended(PartitionIndex partition) {
  if (partition == chosen_) ended_ = true;
}

}  // namespace horolog::client
