#include "storage/verify.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "storage/catalog_impl.hpp"
#include "storage/catalog_state.hpp"
#include "storage/clean_shutdown.hpp"
#include "storage/directory_layout.hpp"
#include "storage/log_files.hpp"
#include "storage/meta_properties.hpp"
#include "storage/topic_config.hpp"
#include "storage/verify_impl.hpp"

namespace horolog::storage {
namespace {

constexpr char bootstrap_name[] = "bootstrap.checkpoint";
constexpr std::string_view checkpoint_suffix = ".checkpoint";

class DirectoryCheck {
 public:
  DirectoryCheck(FileSystem& fs, const std::string& directory, ReadBytes* watched)
      : fs_(fs), directory_(directory) {
    report_.watched = watched;
  }

  /// What is said of one partition at the top of the directory, and its files.
  Result<VerifyReport> run_partition(const std::string& name) {
    HOROLOG_ASSIGN(content_, scan_directory(fs_, directory_));
    const auto id = parse_partition_directory(name);
    PartitionExpectation alone{.name = name, .place = path(name), .gaps_allowed = true};
    alone.catalog = name == metadata_directory;
    if (content_.has_meta && content_.has_catalog) {
      report_.clean_stop = fs_.exists(path(clean_shutdown_name));
      alone.clean_stop = report_.clean_stop;
      HOROLOG_TRY(check_meta());
      HOROLOG_TRY(read_checkpoints());
      HOROLOG_TRY(read_catalog());
    }
    HOROLOG_TRY(
        verify_partition(fs_, id && catalog_ != nullptr ? expectation(*id) : alone, report_));
    return std::move(report_);
  }

  Result<VerifyReport> run() {
    if (!fs_.exists(directory_)) {
      return Error(Errc::not_found, fmt::format("{} does not exist", directory_));
    }
    if (!fs_.is_directory(directory_)) {
      return Error(Errc::invalid_argument, fmt::format("{} is not a directory", directory_));
    }
    HOROLOG_ASSIGN(content_, scan_directory(fs_, directory_));
    if (!content_.has_meta && !content_.has_catalog && content_.partitions.empty()) {
      return Error(Errc::invalid_argument,
                   fmt::format("{} is no data directory: it holds no {} and no logs", directory_,
                               meta_properties_name));
    }
    report_.clean_stop = fs_.exists(path(clean_shutdown_name));
    HOROLOG_TRY(check_meta());
    HOROLOG_TRY(check_snapshots());
    HOROLOG_TRY(read_checkpoints());
    HOROLOG_TRY(read_catalog());
    HOROLOG_TRY(check_partitions());
    return std::move(report_);
  }

 private:
  std::string path(const std::string& name) const { return directory_ + "/" + name; }

  Status check_meta();
  Status check_snapshots();
  Status check_snapshot(const std::string& name);
  Status read_checkpoints();
  Result<PartitionOffsets> read_checkpoint(const char* name);
  Status read_catalog();
  Status replay(const std::string& name, ByteView bytes, CatalogState& state);
  Status check_partitions();
  PartitionExpectation expectation(const TopicPartition& id) const;

  FileSystem& fs_;
  const std::string directory_;
  DirectoryContent content_;
  VerifyReport report_;
  MetaProperties meta_;
  PartitionOffsets recovery_points_;
  PartitionOffsets log_starts_;
  PartitionOffsets high_watermarks_;
  std::shared_ptr<const CatalogSnapshot> catalog_;  ///< null when it cannot be read
};

Status DirectoryCheck::check_meta() {
  if (!content_.has_meta) {
    report_.damage(meta_properties_name, std::nullopt, "the file is missing",
                   "restore it from a backup");
    return {};
  }
  HOROLOG_ASSIGN(const ByteBuffer text, read_for_check(fs_, path(meta_properties_name), report_));
  auto meta = parse_meta_properties(text, meta_properties_name);
  if (meta) {
    meta_ = std::move(*meta);
  } else {
    report_.damage(meta_properties_name, std::nullopt, meta.error().message(),
                   "restore it from a backup");
  }
  return {};
}

/// bootstrap.checkpoint, and the snapshots that Kafka makes of the catalog.
Status DirectoryCheck::check_snapshots() {
  if (fs_.exists(path(bootstrap_name))) HOROLOG_TRY(check_snapshot(bootstrap_name));
  if (!content_.has_catalog) return {};
  HOROLOG_ASSIGN(const auto names, fs_.list(path(metadata_directory)));
  for (const std::string& name : names) {
    if (!name.ends_with(checkpoint_suffix)) continue;
    HOROLOG_TRY(check_snapshot(fmt::format("{}/{}", metadata_directory, name)));
  }
  return {};
}

Status DirectoryCheck::check_snapshot(const std::string& name) {
  HOROLOG_ASSIGN(const ByteBuffer bytes, read_for_check(fs_, path(name), report_));
  const ByteView all(bytes);
  for (std::size_t at = 0; at < all.size();) {
    const auto batch = record::parse_batch(all.subspan(at));
    if (!batch || !record::verify_crc(*batch)) {
      report_.damage(name, at, batch ? "the checksum of a batch is wrong" : batch.error().message(),
                     "restore it from a backup");
      return {};
    }
    at += batch->size();
  }
  return {};
}

Result<PartitionOffsets> DirectoryCheck::read_checkpoint(const char* name) {
  if (!fs_.exists(path(name))) return PartitionOffsets{};
  HOROLOG_ASSIGN(const ByteBuffer text, read_for_check(fs_, path(name), report_));
  auto offsets = parse_checkpoint(text, name);
  if (offsets) return offsets;
  if (!report_.clean_stop && name == std::string_view(recovery_points_name)) {
    report_.note(name, offsets.error().message(),
                 "it is written without syncs, a power cut may leave it so: the next start checks "
                 "every log from its beginning");
    return PartitionOffsets{};
  }
  report_.damage(name, std::nullopt, offsets.error().message(),
                 "restore it from a backup, or remove it: the next start checks every log from "
                 "its beginning");
  return PartitionOffsets{};
}

Status DirectoryCheck::read_checkpoints() {
  HOROLOG_ASSIGN(recovery_points_, read_checkpoint(recovery_points_name));
  HOROLOG_ASSIGN(log_starts_, read_checkpoint(log_starts_name));
  HOROLOG_ASSIGN(high_watermarks_, read_checkpoint(replication_offsets_name));
  HOROLOG_TRY(read_checkpoint(cleaner_offsets_name));
  return {};
}

/// What the records of the catalog say. Batches and checksums are checked with the partitions: its
/// log is one like the others.
Status DirectoryCheck::read_catalog() {
  if (!content_.has_catalog) {
    report_.damage(metadata_directory, std::nullopt, "the catalog is missing",
                   "restore the directory from a backup");
    return {};
  }
  CatalogSnapshot empty;
  empty.cluster_id = meta_.cluster_id;
  empty.node_id = meta_.node_id;
  CatalogState state(empty);
  HOROLOG_ASSIGN(const auto names, fs_.list(path(metadata_directory)));
  bool first = true;
  for (const std::string& name : names) {
    const auto base = log_files::parse(name, log_files::log);
    if (!base) continue;
    const std::string file = fmt::format("{}/{}", metadata_directory, name);
    if (std::exchange(first, false) && *base != 0) {
      report_.note(file,
                   "the catalog starts with a snapshot, which this version does not read: "
                   "what it says of topics is not compared");
      return {};
    }
    HOROLOG_ASSIGN(const ByteBuffer bytes, read_whole_file(fs_, path(file)));
    if (Status replayed = replay(file, bytes, state); !replayed) return {};
  }
  catalog_ = state.finish();
  return {};
}

/// An error ends the reading of the catalog; it has been reported.
Status DirectoryCheck::replay(const std::string& name, ByteView bytes, CatalogState& state) {
  for (std::size_t at = 0; at < bytes.size();) {
    const auto batch = record::parse_batch(bytes.subspan(at));
    if (!batch || !record::verify_crc(*batch)) return {};  // the walk over the log tells
    if (Status applied = state.apply(*batch); !applied) {
      report_.damage(name, at, applied.error().message(),
                     "restore the directory of the catalog from a backup");
      return applied;
    }
    at += batch->size();
  }
  return {};
}

PartitionExpectation DirectoryCheck::expectation(const TopicPartition& id) const {
  PartitionExpectation expected{
      .name = id.to_string(), .place = path(id.to_string()), .clean_stop = report_.clean_stop};
  const auto offset = [&](const PartitionOffsets& offsets) {
    const auto found = offsets.find(id);
    return found == offsets.end() ? std::nullopt : std::optional<Offset>(found->second);
  };
  expected.recovery_point = offset(recovery_points_).value_or(0);
  expected.log_start = offset(log_starts_);
  expected.high_watermark = offset(high_watermarks_);
  const auto topic = catalog_ == nullptr ? nullptr : catalog_->find(id.topic);
  if (topic == nullptr) {
    // Without a catalog nobody can say whether offsets may be missing.
    expected.gaps_allowed = expected.name != metadata_directory;
    return expected;
  }
  expected.topic_id = topic->id;
  const auto config = effective_topic_config({}, *catalog_, topic->configs);
  expected.gaps_allowed = topic->internal || !config || config->cleanup_compact;
  return expected;
}

Status DirectoryCheck::check_partitions() {
  if (content_.has_catalog) {
    const PartitionExpectation catalog{.name = metadata_directory,
                                       .place = path(metadata_directory),
                                       .catalog = true,
                                       .clean_stop = report_.clean_stop};
    HOROLOG_TRY(verify_partition(fs_, catalog, report_));
  }
  for (const TopicPartition& id : content_.partitions) {
    const auto topic = catalog_ == nullptr ? nullptr : catalog_->find(id.topic);
    if (catalog_ != nullptr && (topic == nullptr || id.partition >= topic->partitions)) {
      report_.note(id.to_string(),
                   "a log that the catalog does not know: a start leaves it alone, "
                   "or finishes its deletion");
    }
    HOROLOG_TRY(verify_partition(fs_, expectation(id), report_));
  }
  // Kafka and we make a partition's directory with its first record.
  for (const auto& [id, point] : recovery_points_) {
    if (point > 0 && !fs_.exists(path(id.to_string()))) {
      report_.damage(id.to_string(), std::nullopt,
                     fmt::format("the directory is missing, {} says that it holds records up to "
                                 "offset {}",
                                 recovery_points_name, point),
                     "restore it from a backup");
    }
  }
  return {};
}

}  // namespace

bool VerifyReport::damaged() const {
  return std::any_of(findings.begin(), findings.end(), [](const Finding& finding) {
    return finding.severity == Finding::Severity::damage;
  });
}

void VerifyReport::damage(std::string file, std::optional<std::uint64_t> position, std::string what,
                          std::string fix) {
  findings.push_back({.severity = Finding::Severity::damage,
                      .file = std::move(file),
                      .position = position,
                      .what = std::move(what),
                      .fix = std::move(fix)});
}

void VerifyReport::note(std::string file, std::string what, std::string fix) {
  findings.push_back({.severity = Finding::Severity::note,
                      .file = std::move(file),
                      .position = std::nullopt,
                      .what = std::move(what),
                      .fix = std::move(fix)});
}

Result<ByteBuffer> read_for_check(FileSystem& fs, const std::string& path, VerifyReport& report) {
  HOROLOG_ASSIGN(ByteBuffer bytes, read_whole_file(fs, path));
  report.bytes += bytes.size();
  report.count_read(bytes.size());
  return bytes;
}

Result<VerifyReport> verify_directory(FileSystem& fs, const std::string& directory,
                                      ReadBytes* watched) {
  return DirectoryCheck(fs, directory, watched).run();
}

std::optional<PartitionPlace> partition_place(FileSystem& fs, const std::string& directory) {
  std::string path = directory;
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  const std::size_t slash = path.rfind('/');
  PartitionPlace place{slash == std::string::npos ? "." : path.substr(0, slash),
                       path.substr(slash == std::string::npos ? 0 : slash + 1)};
  const bool named = parse_partition_directory(place.name) || place.name == metadata_directory;
  if (!named || !fs.is_directory(path)) return std::nullopt;
  if (fs.exists(path + "/" + meta_properties_name)) return std::nullopt;
  return place;
}

Result<VerifyReport> verify_one_partition(FileSystem& fs, const PartitionPlace& place,
                                          ReadBytes* watched) {
  return DirectoryCheck(fs, place.data_directory, watched).run_partition(place.name);
}

}  // namespace horolog::storage
