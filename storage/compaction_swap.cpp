#include "storage/compaction_swap.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <vector>

#include "base/log.hpp"
#include "storage/batch_reader.hpp"
#include "storage/log_files.hpp"

namespace horolog::storage {
namespace {

constexpr std::array log_only{log_files::log};

/// The log and what lies beside it.
std::vector<std::string_view> all_suffixes() {
  std::vector<std::string_view> suffixes{log_files::log};
  suffixes.insert(suffixes.end(), log_files::beside_log.begin(), log_files::beside_log.end());
  return suffixes;
}

/// The base in "<20 digits><suffix><state>", for any file of a segment.
std::optional<Offset> base_in(std::string_view name, std::string_view state) {
  if (!name.ends_with(state)) return std::nullopt;
  name.remove_suffix(state.size());
  for (const std::string_view suffix : all_suffixes()) {
    if (const auto base = log_files::parse(name, suffix)) return base;
  }
  return std::nullopt;
}

Status remove_files(FileSystem& fs, const std::string& directory, Offset base,
                    std::string_view state) {
  for (const std::string_view suffix : all_suffixes()) {
    const std::string name = log_files::path(directory, base, suffix) + std::string(state);
    if (fs.exists(name)) HOROLOG_TRY(fs.remove(name));
  }
  return {};
}

/// The offset after the last batch of a segment that is about to take its place.
Result<Offset> end_of(FileSystem& fs, const std::string& name, Offset base) {
  HOROLOG_ASSIGN(auto file, fs.open(name, OpenMode::read));
  HOROLOG_ASSIGN(const std::uint64_t size, file->size());
  const auto held = std::make_shared<SegmentFile>(std::move(file), nullptr);
  HeaderCursor cursor(*held, size);
  Offset end = base;
  for (std::uint64_t position = 0; position < size;) {
    HOROLOG_ASSIGN(const BatchFrame frame, cursor.at(position));
    end = frame.last_offset() + 1;
    position = frame.end();
  }
  return end;
}

/// Steps 3 and 4 after a crash. Old segments behind the new one's last batch may stay: all that
/// they held was to go, and it may still be read.
Status settle_swap(FileSystem& fs, const std::string& directory, Offset base) {
  const std::string swap(log_files::swap);
  const std::string log = log_files::path(directory, base, log_files::log);
  if (fs.exists(log + swap)) {
    HOROLOG_ASSIGN(const Offset end, end_of(fs, log + swap, base));
    HOROLOG_ASSIGN(const auto names, fs.list(directory));
    for (const std::string& name : names) {
      const auto old = base_in(name, {});
      if (!old || *old < base || *old >= std::max(end, base + 1)) continue;
      HOROLOG_TRY(fs.remove(directory + '/' + name));
    }
    HOROLOG_TRY(fs.sync_directory(directory));
    HOROLOG_TRY(fs.rename(log + swap, log));
    HOROLOG_TRY(fs.sync_directory(directory));
    log::info("storage", "finished a compaction that was interrupted", {log::field("file", log)});
  }
  for (const std::string_view suffix : log_files::beside_log) {
    const std::string name = log_files::path(directory, base, suffix);
    if (fs.exists(name + swap)) HOROLOG_TRY(fs.rename(name + swap, name));
  }
  return fs.sync_directory(directory);
}

}  // namespace

Status begin_swap(FileSystem& fs, const std::string& directory, Segment& cleaned) {
  HOROLOG_TRY(cleaned.rename_files(log_files::beside_log, log_files::cleaned, log_files::swap));
  HOROLOG_TRY(cleaned.rename_files(log_only, log_files::cleaned, log_files::swap));
  return fs.sync_directory(directory);
}

Status finish_swap(FileSystem& fs, const std::string& directory, Segment& cleaned) {
  HOROLOG_TRY(cleaned.rename_files(log_only, log_files::swap, {}));
  HOROLOG_TRY(fs.sync_directory(directory));
  HOROLOG_TRY(cleaned.rename_files(log_files::beside_log, log_files::swap, {}));
  return fs.sync_directory(directory);
}

Status drop_cleaned(FileSystem& fs, const std::string& directory, Offset base) {
  // A `.swap` file on its own would look like one to be finished, so they go first.
  HOROLOG_TRY(remove_files(fs, directory, base, log_files::swap));
  HOROLOG_TRY(fs.sync_directory(directory));
  return remove_files(fs, directory, base, log_files::cleaned);
}

Status settle_interrupted_clean(FileSystem& fs, const std::string& directory) {
  HOROLOG_ASSIGN(const auto names, fs.list(directory));
  std::set<Offset> unfinished;
  std::set<Offset> swapping;
  for (const std::string& name : names) {
    if (const auto base = base_in(name, log_files::cleaned)) unfinished.insert(*base);
    if (const auto base = base_in(name, log_files::swap)) swapping.insert(*base);
  }
  for (const Offset base : unfinished) {
    HOROLOG_TRY(drop_cleaned(fs, directory, base));
    swapping.erase(base);
  }
  for (const Offset base : swapping) HOROLOG_TRY(settle_swap(fs, directory, base));
  return {};
}

}  // namespace horolog::storage
