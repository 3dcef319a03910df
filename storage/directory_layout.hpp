#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "horolog/error.hpp"
#include "horolog/types.hpp"
#include "storage/file.hpp"

/// What may stand at the top of a data directory (see FORMAT.md): plain files, a directory per
/// partition named "topic-N", and "topic-N.<32 hex>-delete" for one that is being deleted.
namespace horolog::storage {

inline constexpr char meta_properties_name[] = "meta.properties";
inline constexpr char lock_name[] = ".lock";
inline constexpr char recovery_points_name[] = "recovery-point-offset-checkpoint";
inline constexpr char log_starts_name[] = "log-start-offset-checkpoint";
inline constexpr char replication_offsets_name[] = "replication-offset-checkpoint";
inline constexpr char cleaner_offsets_name[] = "cleaner-offset-checkpoint";

/// "orders-0" → orders, 0; nullopt when the name is no partition's.
std::optional<TopicPartition> parse_partition_directory(std::string_view name);
/// "orders-0.<32 hex>-delete", shortened to what a file name may have (255 characters).
std::string deleted_directory_name(const TopicPartition& id, const Uuid& unique);
bool is_deleted_directory(std::string_view name);

struct DirectoryContent {
  bool has_meta = false;
  bool has_catalog = false;
  std::vector<TopicPartition> partitions;
  std::vector<std::string> deleted;  ///< names that end in -delete
  std::vector<std::string> unknown_directories;
  std::vector<std::string> unknown_files;  ///< not hidden, and none that we write
};

Result<DirectoryContent> scan_directory(FileSystem& fs, const std::string& directory);
/// Whether a start may use the directory: Errc::corrupt when logs stand there without a catalog,
/// Errc::invalid_argument when it belongs to something else. The text names the entry and the fix.
Status check_content(const DirectoryContent& content, const std::string& directory);

/// The topic id in a partition's partition.metadata; nullopt when there is no such file.
Result<std::optional<Uuid>> read_partition_metadata(FileSystem& fs, const std::string& directory);

}  // namespace horolog::storage
