#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <utility>

#include "horolog/consumer_options.hpp"
#include "horolog/record.hpp"

namespace horolog {

namespace client {
struct BatchStorage;
}

/// Records that one poll() gave, of one or several partitions; in order within each. Owns the
/// memory: the views (topic, key, value and headers in them too) are valid as long as the batch,
/// and are the bytes as they came from the broker, or as decompressed, not copies. May be kept,
/// moved to and dropped on any thread, also after the consumer has gone.
///
///     for (const RecordView& record : batch) handle(record);
class RecordBatch {
 public:
  RecordBatch() = default;
  ~RecordBatch();
  RecordBatch(RecordBatch&& other) noexcept;
  RecordBatch& operator=(RecordBatch&& other) noexcept;

  std::span<const RecordView> records() const { return records_; }
  const RecordView* begin() const { return records_.data(); }
  const RecordView* end() const { return records_.data() + records_.size(); }
  std::size_t size() const { return records_.size(); }
  bool empty() const { return records_.empty(); }
  const RecordView& operator[](std::size_t i) const { return records_[i]; }

  /// What is to be committed when all of it has been handled: per partition, the next offset.
  Offsets offsets() const;

  /// Of the library.
  explicit RecordBatch(std::shared_ptr<client::BatchStorage> storage);

 private:
  std::shared_ptr<client::BatchStorage> storage_;
  std::span<const RecordView> records_;
};

}  // namespace horolog
