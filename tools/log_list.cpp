#include <fmt/format.h>

#include <algorithm>

#include "storage/catalog_impl.hpp"
#include "storage/checkpoint_file.hpp"
#include "storage/clean_shutdown.hpp"
#include "storage/directory_layout.hpp"
#include "storage/log_files.hpp"
#include "storage/meta_properties.hpp"
#include "storage/segment_sum.hpp"
#include "storage/verify.hpp"
#include "tools/log_commands.hpp"
#include "tools/log_headers.hpp"

namespace horolog::command {
namespace {

namespace log_files = storage::log_files;

constexpr Column directory_columns[] = {
    {"cluster_id", ColumnType::text, "of meta.properties"},
    {"node_id", ColumnType::integer},
    {"clean_stop", ColumnType::flag, "the mark of a clean stop stands there"},
};
constexpr Column partition_columns[] = {
    {.name = "topic", .key = true},
    {.name = "partition", .type = ColumnType::integer, .key = true},
    {"segments", ColumnType::integer},
    {"start_offset", ColumnType::integer, "of the first segment, or of the checkpoint if higher"},
    {"end_offset", ColumnType::integer, "behind the last whole batch"},
    {"bytes", ColumnType::bytes, "of the log files"},
    {"last_timestamp", ColumnType::time, "the largest in the last segment"},
    {.name = "files", .type = ColumnType::integer, .meaning = "of all kinds", .wide = true},
    {.name = "topic_id", .meaning = "of partition.metadata", .wide = true},
};
constexpr Column segment_columns[] = {
    {.name = "base_offset", .type = ColumnType::integer, .key = true},
    {"end_offset", ColumnType::integer, "behind the last whole batch"},
    {"batches", ColumnType::integer},
    {"records", ColumnType::integer},
    {"bytes", ColumnType::bytes, "of batches"},
    {"file_bytes", ColumnType::bytes, "with the space written ahead"},
    {"first_timestamp", ColumnType::time, "the base timestamp of the first batch"},
    {"max_timestamp", ColumnType::time},
    {"index", ColumnType::integer, "entries of the offset index"},
    {"timeindex", ColumnType::integer, "entries of the time index"},
    {"txnindex", ColumnType::integer, "aborted transactions"},
    {"finished", ColumnType::flag, "its .sum stands there"},
};
constexpr SectionSpec output[] = {{"directory", directory_columns, true},
                                  {"partitions", partition_columns},
                                  {"segments", segment_columns}};

struct PartitionFiles {
  std::vector<std::string> names;
  std::vector<Offset> bases;
};

Result<PartitionFiles> list_partition(storage::FileSystem& fs, const std::string& place) {
  PartitionFiles files;
  HOROLOG_ASSIGN(files.names, fs.list(place));
  for (const std::string& name : files.names) {
    if (const auto base = log_files::parse(name, log_files::log)) files.bases.push_back(*base);
  }
  return files;
}

Result<std::uint64_t> file_bytes(storage::FileSystem& fs, const std::string& path) {
  if (!fs.exists(path)) return std::uint64_t{0};
  HOROLOG_ASSIGN(const auto file, fs.open(path, storage::OpenMode::read));
  return file->size();
}

Cell time_cell(TimestampMs time) { return time < 0 ? Cell() : Cell(time); }

Status add_partition(storage::FileSystem& fs, const std::string& place, const TopicPartition& id,
                     Offset log_start, Section& section) {
  HOROLOG_ASSIGN(const auto files, list_partition(fs, place));
  std::uint64_t bytes = 0;
  HeaderSummary last;
  for (const Offset base : files.bases) {
    HOROLOG_ASSIGN(const auto file,
                   fs.open(log_files::path(place, base, log_files::log), storage::OpenMode::read));
    HOROLOG_ASSIGN(const std::uint64_t size, file->size());
    bytes += size;
    if (base == files.bases.back()) {
      HOROLOG_ASSIGN(last, summarize_headers(*file, base));
    }
  }
  const auto topic_id = storage::read_partition_metadata(fs, place);
  const Offset first = files.bases.empty() ? 0 : files.bases.front();
  section.rows.push_back({id.topic, std::int64_t{id.partition},
                          static_cast<std::int64_t>(files.bases.size()),
                          std::max(first, log_start), std::max(last.end_offset, first),
                          static_cast<std::int64_t>(bytes), time_cell(last.max_timestamp),
                          static_cast<std::int64_t>(files.names.size()),
                          topic_id && *topic_id ? Cell((*topic_id)->to_string()) : Cell()});
  return {};
}

Result<Report> list_directory(storage::FileSystem& fs, const std::string& directory) {
  HOROLOG_ASSIGN(auto content, storage::scan_directory(fs, directory));
  if (!content.has_meta && !content.has_catalog && content.partitions.empty()) {
    return Error(Errc::invalid_argument,
                 fmt::format("{} is no data directory: it holds no {} and no logs", directory,
                             storage::meta_properties_name));
  }
  Report report;
  Cell cluster, node;
  const std::string meta_path = fmt::format("{}/{}", directory, storage::meta_properties_name);
  if (content.has_meta) {
    HOROLOG_ASSIGN(const auto text, storage::read_whole_file(fs, meta_path));
    if (const auto meta = storage::parse_meta_properties(text, meta_path)) {
      cluster = meta->cluster_id;
      node = std::int64_t{meta->node_id};
    }
  }
  const bool clean = fs.exists(fmt::format("{}/{}", directory, storage::clean_shutdown_name));
  report.add(output[0]).rows.push_back({cluster, node, clean});
  storage::PartitionOffsets starts;
  const std::string starts_path = fmt::format("{}/{}", directory, storage::log_starts_name);
  if (fs.exists(starts_path)) {
    HOROLOG_ASSIGN(const auto text, storage::read_whole_file(fs, starts_path));
    if (auto read = storage::parse_checkpoint(text, starts_path)) starts = std::move(*read);
  }
  Section& section = report.add(output[1]);
  if (content.has_catalog) content.partitions.push_back({"__cluster_metadata", 0});
  std::sort(content.partitions.begin(), content.partitions.end());
  for (const TopicPartition& id : content.partitions) {
    const auto start = starts.find(id);
    HOROLOG_TRY(add_partition(fs, fmt::format("{}/{}", directory, id.to_string()), id,
                              start == starts.end() ? 0 : start->second, section));
  }
  return report;
}

Result<Report> list_segments(storage::FileSystem& fs, const std::string& place) {
  HOROLOG_ASSIGN(const auto files, list_partition(fs, place));
  Report report;
  Section& section = report.add(output[2]);
  for (const Offset base : files.bases) {
    HOROLOG_ASSIGN(const auto file,
                   fs.open(log_files::path(place, base, log_files::log), storage::OpenMode::read));
    HOROLOG_ASSIGN(const HeaderSummary summary, summarize_headers(*file, base));
    HOROLOG_ASSIGN(const std::uint64_t size, file->size());
    const auto entries = [&](std::string_view suffix, std::uint64_t entry) -> Result<std::int64_t> {
      HOROLOG_ASSIGN(const auto bytes, file_bytes(fs, log_files::path(place, base, suffix)));
      return static_cast<std::int64_t>(bytes / entry);
    };
    HOROLOG_ASSIGN(const auto offsets, entries(log_files::offset_index, 8));
    HOROLOG_ASSIGN(const auto times, entries(log_files::time_index, 12));
    HOROLOG_ASSIGN(const auto aborted, entries(log_files::transaction_index, 34));
    section.rows.push_back({base, summary.end_offset, static_cast<std::int64_t>(summary.batches),
                            static_cast<std::int64_t>(summary.records),
                            static_cast<std::int64_t>(summary.bytes),
                            static_cast<std::int64_t>(size), time_cell(summary.first_timestamp),
                            time_cell(summary.max_timestamp), offsets, times, aborted,
                            fs.exists(log_files::path(place, base, log_files::sum))});
  }
  return report;
}

}  // namespace

std::span<const SectionSpec> log_ls_output() { return output; }

Exit run_log_ls(Context& context) {
  const auto fs = storage::make_posix_file_system();
  const std::string& directory = context.args()[0];
  if (!fs->exists(directory)) {
    return context.fail(Exit::not_found, fmt::format("{} does not exist", directory));
  }
  const auto report = storage::partition_place(*fs, directory) ? list_segments(*fs, directory)
                                                               : list_directory(*fs, directory);
  if (!report) return context.fail(report.error());
  context.print(*report);
  return Exit::ok;
}

}  // namespace horolog::command
