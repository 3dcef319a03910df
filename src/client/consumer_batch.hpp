#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "base/bytes.hpp"
#include "horolog/record_batch.hpp"

namespace horolog::client {

/// What a RecordBatch owns. Filled by poll(), then never changed; its vectors are used again for a
/// later batch, so that records cost no allocation.
struct BatchStorage {
  struct Part {
    std::shared_ptr<const TopicPartition> partition;
    Offset next = no_offset;
    LeaderEpoch epoch = -1;
  };

  std::vector<RecordView> records;
  std::vector<HeaderView> headers;
  std::vector<std::uint32_t> header_counts;  ///< by record
  /// Frames and decompressed bytes that the views point into.
  std::vector<std::shared_ptr<const void>> pins;
  std::vector<Part> parts;

  /// Once all records are there: the headers do not move any more.
  void link_headers();
  void clear();
};

/// Storage and decompression buffers that are not in use, for the next batch. Thread-safe: a batch
/// is dropped on any thread.
class BatchPool : public std::enable_shared_from_this<BatchPool> {
 public:
  std::shared_ptr<BatchStorage> storage();
  std::shared_ptr<ByteBuffer> buffer();

 private:
  static constexpr std::size_t kept = 8;
  static constexpr std::size_t kept_buffer_bytes = std::size_t{8} * 1024 * 1024;

  std::mutex mutex_;
  std::vector<std::unique_ptr<BatchStorage>> storages_;
  std::vector<std::unique_ptr<ByteBuffer>> buffers_;
};

}  // namespace horolog::client
