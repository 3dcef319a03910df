#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "storage/catalog_impl.hpp"
#include "storage/checkpoint_file.hpp"
#include "storage/directory_layout.hpp"
#include "storage/log_store.hpp"
#include "storage/partition_log_loader.hpp"
#include "storage/segment_cache.hpp"

namespace horolog::storage {

struct LogStore::Impl {
  Impl(FileSystem& files, StoreOptions store_options);

  FileSystem& fs;
  StoreOptions options;
  LoadReport report;
  std::unique_ptr<DirectoryLock> lock;
  MetaProperties meta;
  std::unique_ptr<Catalog> catalog;
  Catalog::Impl* catalog_impl = nullptr;  ///< owned by `catalog`
  std::shared_ptr<SegmentCache> segments;

  mutable std::shared_mutex logs_mutex;
  std::unordered_map<TopicPartition, std::shared_ptr<PartitionLog>> logs;
  std::unordered_map<TopicPartition, std::string> quarantined;
  /// How many partitions of each topic have been looked at by sync_with_catalog.
  std::unordered_map<Uuid, PartitionIndex> made;

  /// What the checkpoint files said at start; after loading only the lines of quarantined
  /// partitions, which must survive until those are mended. Guarded by logs_mutex.
  PartitionOffsets initial_recovery_points;
  PartitionOffsets initial_log_starts;
  PartitionOffsets initial_cleaned_offsets;

  std::mutex checkpoint_mutex;  ///< one writer of checkpoint files at a time
  struct Written {
    std::string text;
    bool synced = true;
  };
  std::unordered_map<std::string, Written> written;  ///< last content by file name

  struct Deleted {
    std::string path;
    std::weak_ptr<PartitionLog> log;
  };
  std::mutex deleted_mutex;
  std::vector<Deleted> deleted;

  std::atomic<bool> has_room{true};
  mutable std::mutex state_mutex;  ///< guards the four below
  std::shared_ptr<const LogConfig> defaults;
  std::uint64_t disk_low_bytes = 0;
  DiskSpace space;
  std::optional<std::string> failure;
  bool closed = false;

  std::string path(const std::string& name) const { return options.directory + "/" + name; }

  // log_store_open.cpp
  Status open_directory();
  Status open_meta();
  Status open_catalog(TimestampMs now);
  Status finish_deletions(const std::vector<TopicPartition>& found);
  Status load_logs(Executor* parallel, TimestampMs now);
  DirectoryContent content;

  // log_store_load.cpp
  struct Candidate {
    std::shared_ptr<const TopicInfo> topic;
    PartitionIndex partition = 0;
    std::shared_ptr<const LogConfig> config;
  };
  LoadOptions load_options(const Candidate& candidate, bool clean, TimestampMs now);
  Status take_loaded(const Candidate& candidate, Result<LoadedLog> loaded);
  Result<std::vector<Candidate>> missing_logs();
  Status check_directory_owner(const Candidate& candidate);
  Status load_one(const Candidate& candidate, bool clean, TimestampMs now);

  // log_store_checkpoints.cpp
  Result<PartitionOffsets> read_checkpoint(const char* name);
  Result<PartitionOffsets> read_recovery_points();
  Status write_checkpoint(const char* name, const PartitionOffsets& offsets, bool sync);
  Status write_recovery_points(bool sync);
  Status write_checkpoints(bool sync);
  Status write_kafkas_checkpoints();
  Status persist_log_start(const TopicPartition& id, Offset log_start);
  PartitionOffsets current_log_starts() const;

  std::vector<std::shared_ptr<PartitionLog>> all_logs() const;
  std::shared_ptr<const LogConfig> current_defaults() const;
  void fail(const Error& error);
};

}  // namespace horolog::storage
