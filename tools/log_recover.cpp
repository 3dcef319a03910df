#include <fmt/format.h>

#include <algorithm>

#include "storage/batch_scanner.hpp"
#include "storage/checkpoint_file.hpp"
#include "storage/clean_shutdown.hpp"
#include "storage/directory_layout.hpp"
#include "storage/log_files.hpp"
#include "tools/log_commands.hpp"
#include "tools/log_walk.hpp"

namespace horolog::command {
namespace {

namespace log_files = storage::log_files;

constexpr Column directory_columns[] = {
    {"clean_stop", ColumnType::flag, "nothing has to be recovered"},
    {"partitions", ColumnType::integer, "looked at"},
    {"cut", ColumnType::integer, "partitions that would lose bytes"},
    {"damaged", ColumnType::integer, "partitions that would not be served"},
};
constexpr Column partition_columns[] = {
    {.name = "topic", .key = true},
    {.name = "partition", .type = ColumnType::integer, .key = true},
    {"recovery_point", ColumnType::integer, "synced up to here"},
    {"end_offset", ColumnType::integer, "behind the last batch that is kept"},
    {"verdict", ColumnType::text, "kept, cut or damaged"},
    {"cut_bytes", ColumnType::bytes, "set aside in a .cut file and taken off the log"},
    {"cut_records", ColumnType::integer, "in whole batches among them"},
    {"why"},
};
constexpr SectionSpec output[] = {{"directory", directory_columns, true},
                                  {"partitions", partition_columns}};

struct Verdict {
  Offset end = 0;
  std::uint64_t cut_bytes = 0;
  std::uint64_t cut_records = 0;
  std::string why;
};

std::string reason(const storage::ScanEnd& end, const std::string& file) {
  using Why = storage::ScanEnd::Why;
  const char* what = "";
  if (end.why == Why::incomplete) what = "a batch goes beyond the end of the file";
  if (end.why == Why::bad_crc) what = "the checksum of a batch is wrong";
  if (end.why == Why::no_batch) what = "no batch follows the one before";
  if (end.why == Why::zeros) what = "data stands behind zeros";
  return fmt::format("{}, byte {}: {}", file, end.position, what);
}

/// What lies behind `from`, where recovery stops.
Status count_cut(const storage::File& file, std::uint64_t from, Verdict& verdict) {
  HOROLOG_ASSIGN(const std::uint64_t data_end, storage::last_nonzero(file, from));
  verdict.cut_bytes += data_end - std::min(from, data_end);
  return walk_log(file, [&](const WalkItem& item) {
    if (item.kind == WalkItem::Kind::batch && item.position >= from) {
      verdict.cut_records += static_cast<std::uint64_t>(item.batch.record_count());
    }
    return true;
  });
}

Result<Verdict> look_at(storage::FileSystem& fs, const std::string& place, Offset recovery_point) {
  HOROLOG_ASSIGN(const auto names, fs.list(place));
  std::vector<Offset> bases;
  bool any_sum = false;
  for (const std::string& name : names) {
    if (const auto base = log_files::parse(name, log_files::log)) bases.push_back(*base);
    any_sum = any_sum || log_files::parse(name, log_files::sum).has_value();
  }
  Verdict verdict;
  bool stopped = false;
  for (std::size_t i = 0; i < bases.size(); ++i) {
    const bool last = i + 1 == bases.size();
    // Recovery starts with the segment that holds the recovery point.
    if (!last && bases[i + 1] <= recovery_point) continue;
    HOROLOG_ASSIGN(const auto file, fs.open(log_files::path(place, bases[i], log_files::log),
                                            storage::OpenMode::read));
    if (stopped) {
      HOROLOG_TRY(count_cut(*file, 0, verdict));
      continue;
    }
    const bool finished = fs.exists(log_files::path(place, bases[i], log_files::sum));
    HOROLOG_ASSIGN(const auto end, storage::scan_batches(*file, 0, bases[i], finished || !any_sum,
                                                         [](const storage::BatchFrame&) {}));
    verdict.end = end.next_offset;
    HOROLOG_ASSIGN(const std::uint64_t data_end, storage::last_nonzero(*file, end.position));
    if (data_end <= end.position) continue;
    stopped = true;
    verdict.why = reason(end, log_files::path("", bases[i], log_files::log).substr(1));
    HOROLOG_TRY(count_cut(*file, end.position, verdict));
  }
  return verdict;
}

Result<storage::PartitionOffsets> recovery_points(storage::FileSystem& fs,
                                                  const std::string& directory) {
  const std::string path = fmt::format("{}/{}", directory, storage::recovery_points_name);
  if (!fs.exists(path)) return storage::PartitionOffsets{};
  HOROLOG_ASSIGN(const auto text, storage::read_whole_file(fs, path));
  auto points = storage::parse_checkpoint(text, path);
  // It is written without syncs: one that a crash left unreadable counts as none.
  return points ? std::move(*points) : storage::PartitionOffsets{};
}

Result<Report> plan(storage::FileSystem& fs, const std::string& directory) {
  HOROLOG_ASSIGN(auto content, storage::scan_directory(fs, directory));
  if (!content.has_meta && content.partitions.empty()) {
    return Error(Errc::invalid_argument, fmt::format("{} is no data directory", directory));
  }
  HOROLOG_ASSIGN(const auto points, recovery_points(fs, directory));
  const bool clean = fs.exists(fmt::format("{}/{}", directory, storage::clean_shutdown_name));
  std::int64_t cut = 0, damaged = 0;
  Section partitions{output[1], {}};
  std::sort(content.partitions.begin(), content.partitions.end());
  for (const TopicPartition& id : content.partitions) {
    const auto known = points.find(id);
    const Offset point = known == points.end() ? 0 : known->second;
    HOROLOG_ASSIGN(const Verdict verdict,
                   look_at(fs, fmt::format("{}/{}", directory, id.to_string()), point));
    const bool broken = verdict.end < point || (clean && verdict.cut_bytes > 0);
    const char* word = broken ? "damaged" : verdict.cut_bytes > 0 ? "cut" : "kept";
    cut += verdict.cut_bytes > 0 && !broken ? 1 : 0;
    damaged += broken ? 1 : 0;
    partitions.rows.push_back(
        {id.topic, std::int64_t{id.partition}, point, verdict.end, std::string(word),
         static_cast<std::int64_t>(verdict.cut_bytes),
         static_cast<std::int64_t>(verdict.cut_records),
         verdict.why.empty() ? Cell() : Cell(verdict.why)});
  }
  Report report;
  report.add(output[0]).rows.push_back(
      {clean, static_cast<std::int64_t>(content.partitions.size()), cut, damaged});
  report.sections.push_back(std::move(partitions));
  return report;
}

}  // namespace

std::span<const SectionSpec> log_recover_output() { return output; }

Exit run_log_recover(Context& context) {
  if (!context.has("--dry-run")) {
    return context.fail(Exit::refused, "recovery itself is done by horologd when it starts",
                        "--dry-run says what it would do");
  }
  const auto fs = storage::make_posix_file_system();
  const std::string& directory = context.args()[0];
  const std::string lock = fmt::format("{}/{}", directory, storage::lock_name);
  std::unique_ptr<storage::DirectoryLock> held;
  if (fs->exists(lock)) {
    auto taken = fs->lock_for_reading(lock);
    if (!taken) return context.fail(taken.error());
    held = std::move(*taken);
  }
  const auto report = plan(*fs, directory);
  if (!report) return context.fail(report.error());
  context.print(*report);
  const std::int64_t damaged = std::get<std::int64_t>(report->sections[0].rows[0][3]);
  return damaged > 0 ? Exit::damaged : Exit::ok;
}

}  // namespace horolog::command
