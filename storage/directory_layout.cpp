#include "storage/directory_layout.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "storage/catalog_impl.hpp"
#include "storage/log_files.hpp"

namespace horolog::storage {
namespace {

constexpr std::size_t name_chars_max = 255;
constexpr std::string_view deleted_suffix = "-delete";
/// Made by mkfs at the root of a file system.
constexpr std::string_view lost_and_found = "lost+found";

bool is_known_file(std::string_view name) {
  static constexpr std::string_view known[] = {meta_properties_name, recovery_points_name,
                                               log_starts_name,      replication_offsets_name,
                                               cleaner_offsets_name, "bootstrap.checkpoint"};
  if (name.ends_with(".tmp")) name.remove_suffix(4);
  return name.starts_with('.') ||
         std::find(std::begin(known), std::end(known), name) != std::end(known);
}

}  // namespace

std::optional<TopicPartition> parse_partition_directory(std::string_view name) {
  const std::size_t dash = name.rfind('-');
  if (dash == std::string_view::npos || dash == 0) return std::nullopt;
  const std::string_view digits = name.substr(dash + 1);
  PartitionIndex partition = 0;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), partition);
  if (error != std::errc{} || end != digits.data() + digits.size() || partition < 0) {
    return std::nullopt;
  }
  TopicPartition id{std::string(name.substr(0, dash)), partition};
  if (id.to_string() != name) return std::nullopt;
  return id;
}

std::string deleted_directory_name(const TopicPartition& id, const Uuid& unique) {
  const std::string suffix = fmt::format("-{}.{}{}", id.partition, unique.to_hex(), deleted_suffix);
  return id.topic.substr(0, name_chars_max - suffix.size()) + suffix;
}

bool is_deleted_directory(std::string_view name) {
  if (!name.ends_with(deleted_suffix)) return false;
  name.remove_suffix(deleted_suffix.size());
  const std::size_t dot = name.rfind('.');
  return dot != std::string_view::npos && name.size() - dot - 1 == 32;
}

Result<DirectoryContent> scan_directory(FileSystem& fs, const std::string& directory) {
  DirectoryContent content;
  HOROLOG_ASSIGN(const auto names, fs.list(directory));
  for (const std::string& name : names) {
    if (name == lost_and_found) continue;
    if (name == meta_properties_name) content.has_meta = true;
    if (!fs.is_directory(directory + "/" + name)) {
      if (!is_known_file(name)) content.unknown_files.push_back(name);
    } else if (name == metadata_directory) {
      HOROLOG_ASSIGN(const auto files, fs.list(directory + "/" + name));
      content.has_catalog = std::any_of(files.begin(), files.end(), [](const std::string& file) {
        return file.ends_with(log_files::log);
      });
    } else if (is_deleted_directory(name)) {
      content.deleted.push_back(name);
    } else if (auto id = parse_partition_directory(name)) {
      content.partitions.push_back(std::move(*id));
    } else {
      content.unknown_directories.push_back(name);
    }
  }
  return content;
}

Status check_content(const DirectoryContent& content, const std::string& directory) {
  if (!content.unknown_directories.empty()) {
    return Error(Errc::invalid_argument,
                 fmt::format("{0}/{1} is no directory of a partition: a data directory holds "
                             "nothing else; move {1} elsewhere, or use another data directory",
                             directory, content.unknown_directories.front()));
  }
  const bool has_logs = !content.partitions.empty() || content.has_catalog;
  if (!content.has_meta && has_logs) {
    return Error(Errc::corrupt,
                 fmt::format("{} holds logs ({}) and no meta.properties: restore that file from a "
                             "backup, or use another data directory",
                             directory,
                             content.partitions.empty() ? metadata_directory
                                                        : content.partitions.front().to_string()));
  }
  if (!content.partitions.empty() && !content.has_catalog) {
    return Error(
        Errc::corrupt,
        fmt::format("{0} holds logs ({1}) and no catalog ({2}): restore {2} from a "
                    "backup; nothing was changed",
                    directory, content.partitions.front().to_string(), metadata_directory));
  }
  if (!content.has_meta && !content.unknown_files.empty()) {
    return Error(Errc::invalid_argument,
                 fmt::format("{} is not empty ({}) and is no data directory: use an empty or a new "
                             "one",
                             directory, content.unknown_files.front()));
  }
  return {};
}

Result<std::optional<Uuid>> read_partition_metadata(FileSystem& fs, const std::string& directory) {
  const std::string path = fmt::format("{}/{}", directory, log_files::partition_metadata);
  if (!fs.exists(path)) return std::optional<Uuid>{};
  HOROLOG_ASSIGN(const ByteBuffer bytes, read_whole_file(fs, path));
  const std::string_view text = as_text(bytes);
  constexpr std::string_view key = "topic_id: ";
  const std::size_t at = text.find(key);
  if (at == std::string_view::npos) {
    return Error(Errc::corrupt, fmt::format("{} has no line 'topic_id: …'", path));
  }
  const std::string_view value = text.substr(at + key.size());
  const auto id = Uuid::parse(value.substr(0, value.find_first_of(" \r\n")));
  if (!id) return Error(Errc::corrupt, fmt::format("{} holds no valid topic id", path));
  return id;
}

}  // namespace horolog::storage
