#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_set>
#include <vector>

#include "storage/catalog.hpp"
#include "storage/catalog_log.hpp"
#include "storage/meta_properties.hpp"

/// What LogStore needs of a catalog beyond its public face.
namespace horolog::storage {

struct Catalog::Impl {
  MetaProperties meta;
  std::unique_ptr<CatalogLog> log;
  /// Topics that were removed at some time: what a crash left of them may be deleted.
  std::unordered_set<Uuid> removed;
  /// Told once about a failed write or sync.
  std::function<void(const Error&)> on_failure;

  std::mutex change_mutex;  ///< one change at a time
  mutable std::mutex snapshot_mutex;
  std::shared_ptr<const CatalogSnapshot> current;

  std::shared_ptr<const CatalogSnapshot> snapshot() const {
    const std::lock_guard lock(snapshot_mutex);
    return current;
  }
  /// One batch: append, sync, replay, swap.
  Status commit(const std::vector<ByteBuffer>& records, TimestampMs now);

  /// Reads (or, in a new directory, writes and reads) `directory`/__cluster_metadata-0.
  static Result<std::unique_ptr<Impl>> open(FileSystem& fs, const std::string& directory,
                                            MetaProperties meta, TimestampMs now);
};

inline constexpr char metadata_directory[] = "__cluster_metadata-0";

}  // namespace horolog::storage
