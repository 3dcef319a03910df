#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.hpp"
#include "horolog/types.hpp"

namespace horolog::client {

/// MurmurHash2 with the seed of Kafka's Java client, as that client computes it.
std::uint32_t murmur2(ByteView bytes);

/// Where Java's producer puts a record with this key: the same key goes to the same partition
/// whichever of the clients sends it. `partitions` is at least 1.
PartitionIndex partition_of_key(ByteView key, std::int32_t partitions);

/// The partition for records without a key (KIP-480, KIP-794): records stay with one partition
/// until it has had a batch of them, or until linger ended its batch, and then go to another one,
/// chosen evenly. So batches fill, and no partition gets more than its share. One per topic; not
/// locked.
class StickyPartition {
 public:
  /// The partition for the next record. `random` is any number; it is used only when a new
  /// partition has to be chosen. `partitions` is at least 1 and may have grown since.
  PartitionIndex current(std::int32_t partitions, std::uint64_t random);
  /// Whether the next current() will look at its random number.
  bool must_choose() const { return chosen_ < 0 || ended_; }

  /// So many bytes went to the current partition; `batch_bytes` of them are its share.
  void appended(std::size_t bytes, std::size_t batch_bytes);
  /// The batch of `partition` is on its way, full or not.
  void batch_ended(PartitionIndex partition);

 private:
  PartitionIndex chosen_ = -1;
  bool ended_ = false;
  std::size_t bytes_ = 0;
};

}  // namespace horolog::client
