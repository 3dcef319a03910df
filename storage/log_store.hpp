#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/executor.hpp"
#include "horolog/error.hpp"
#include "horolog/types.hpp"
#include "storage/catalog.hpp"
#include "storage/file.hpp"
#include "storage/log_config.hpp"
#include "storage/partition_log.hpp"

namespace horolog::storage {

struct StoreOptions {
  std::string directory;
  std::int32_t node_id = 1;
  /// Broker-wide defaults; a topic's own configs override them (see topic_config.hpp).
  std::shared_ptr<const LogConfig> defaults;
  std::uint64_t disk_low_bytes = 256ULL << 20;
  std::size_t max_open_segments = 0;  ///< 0 = from the descriptor and map limits
  std::int64_t producer_expiration_ms = 86'400'000;
};

/// What was found at start; for logs, metrics and the ready line.
struct LoadReport {
  bool clean = false;
  bool created = false;  ///< the directory was new
  std::size_t partitions = 0;
  std::size_t recovered_partitions = 0;
  std::uint64_t recovered_bytes = 0;     ///< read to check them
  std::uint64_t cut_bytes = 0;           ///< set aside in .cut-N files
  std::vector<std::string> quarantined;  ///< "topic-partition: reason"
};

/// A data directory: meta.properties, lock, catalog, checkpoints, and the log of every partition.
/// Owns them all. Lookups may come from any thread; create, delete, checkpoint and close block and
/// come from the blocking pool or the start-up thread.
class LogStore {
 public:
  /// Locks the directory (creating it when missing), loads the catalog and every partition,
  /// recovering what a crash left. `parallel` runs the loading of partitions (may be null: one
  /// after the other in the calling thread); open() waits for it.
  static Result<std::unique_ptr<LogStore>> open(FileSystem& fs, StoreOptions options,
                                                Executor* parallel, TimestampMs now);
  ~LogStore();

  Catalog& catalog();
  const LoadReport& report() const;
  const StoreOptions& options() const;
  /// Broker-wide defaults of topics: those of the options until set_defaults(). Any thread. Logs
  /// that exist keep their configuration until they get a new one (PartitionLog::set_config).
  std::shared_ptr<const LogConfig> defaults() const;
  void set_defaults(std::shared_ptr<const LogConfig> defaults);
  /// The low-water mark from the next look at the disk on. Any thread.
  void set_disk_low_bytes(std::uint64_t bytes);

  /// The log of a partition that the catalog has; nullptr when it has none (or is quarantined: then
  /// quarantine_reason() says why and clients get KAFKA_STORAGE_ERROR). The file layout of a
  /// partition that was never written is made at the first append.
  std::shared_ptr<PartitionLog> find(const TopicPartition& id) const;
  std::optional<std::string> quarantine_reason(const TopicPartition& id) const;
  std::vector<std::shared_ptr<PartitionLog>> logs() const;

  /// Makes logs for what the catalog gained (after create_topic or add_partitions).
  Status sync_with_catalog(TimestampMs now);
  /// After Catalog::delete_topic: marks the logs deleted, renames their directories
  /// (topic-partition.<32 hex>-delete), syncs the parent; unlinking happens in purge_deleted().
  Status drop_logs(const TopicInfo& topic);
  Status purge_deleted(TimestampMs now);

  /// Recovery points and log start offsets: Kafka's checkpoint files, where they changed. To be
  /// called every second, and after 64 MiB: that bounds what a recovery has to read.
  Status write_checkpoints();
  /// False below the low-water mark (with hysteresis): produce is refused with a retriable error.
  /// Asks the file system at most when told to.
  bool refresh_disk_space();
  bool disk_has_room() const;
  DiskSpace disk_space() const;

  /// A failed sync or write: the directory is offline from then on. First reason wins.
  void fail(const Error& error);
  std::optional<std::string> failure() const;

  /// Clean stop: closes every log, writes checkpoints, then the clean-shutdown mark. `parallel`
  /// runs the closing of logs (may be null): most of it is waiting for syncs, which then share one.
  Status close(TimestampMs now, Executor* parallel = nullptr);

 private:
  struct Impl;
  explicit LogStore(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace horolog::storage
