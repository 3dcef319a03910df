#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/bytes.hpp"
#include "horolog/error.hpp"
#include "horolog/types.hpp"
#include "record/batch.hpp"
#include "storage/file.hpp"

namespace horolog::storage {

/// Whether a whole, good batch of offset `expected` or above starts anywhere behind the first byte.
bool has_later_batch(ByteView bytes, Offset expected);

/// The log of __cluster_metadata-0: batches appended and synced one by one. Small and rarely
/// written, so it is a plain growing file without prewritten space or indices. A directory that
/// Apache Kafka wrote may hold several segments; appends go to the last. One thread at a time.
class CatalogLog {
 public:
  using Replay = std::function<Status(const record::BatchView&)>;

  /// Hands every batch to `replay`, in order. Each batch was synced before the next was written, so
  /// bad bytes can only be the unfinished last append: they are set aside in "<base>.cut-N" and the
  /// file ends before them. Bad bytes with a good batch behind them are damage: Errc::corrupt,
  /// nothing is changed.
  static Result<std::unique_ptr<CatalogLog>> open(FileSystem& fs, const std::string& directory,
                                                  const Replay& replay);

  /// Appends and syncs. Errc::disk_full leaves the log as it was; after any other error the log
  /// takes no more appends (a failed sync cannot be repeated).
  Status append(ByteView batch);

  Offset end_offset() const { return end_offset_; }
  LeaderEpoch epoch() const { return epoch_; }

 private:
  CatalogLog(FileSystem& fs, std::string directory) : fs_(fs), directory_(std::move(directory)) {}

  Status load(const std::string& name, bool last, const Replay& replay);
  Status cut(const std::string& name, ByteView rest, std::uint64_t position);

  FileSystem& fs_;
  std::string directory_;
  std::unique_ptr<File> file_;
  std::uint64_t size_ = 0;
  Offset end_offset_ = 0;
  LeaderEpoch epoch_ = 0;
  bool failed_ = false;
};

}  // namespace horolog::storage
