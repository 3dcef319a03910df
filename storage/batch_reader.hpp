#pragma once

#include <cstdint>
#include <memory>
#include <utility>

#include "horolog/error.hpp"
#include "record/batch.hpp"
#include "storage/file_window.hpp"
#include "storage/segment_file.hpp"

namespace horolog::storage {

/// Reads whole batches from a segment file, below an end that is known to hold whole batches.
///
///     while (true) {
///       HOROLOG_ASSIGN(const bool more, reader.next());
///       if (!more) break;
///       use(reader.batch());
///     }
class BatchReader {
 public:
  /// From `position`, where a batch starts.
  BatchReader(std::shared_ptr<const SegmentFile> file, std::uint64_t position, std::uint64_t end);

  /// Steps to the next batch; false at the end. Errc::corrupt when none can start there.
  Result<bool> next();
  /// Valid until next().
  const record::BatchView& batch() const { return batch_; }
  /// Where the current batch starts.
  std::uint64_t position() const { return next_ - batch_.size(); }

 private:
  std::shared_ptr<const SegmentFile> file_;
  std::uint64_t next_;
  std::uint64_t end_;
  FileWindow window_;
  record::BatchView batch_;
};

}  // namespace horolog::storage
