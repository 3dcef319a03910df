#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "storage/log_files.hpp"
#include "storage/offset_index.hpp"
#include "storage/segment.hpp"

// How a segment's indices get to and from their files.
namespace horolog::storage {

Result<ByteBuffer> Segment::read_index(std::string_view suffix, std::size_t entry_bytes) {
  if (!place_.fs->exists(name(suffix))) return ByteBuffer();
  HOROLOG_ASSIGN(ByteBuffer bytes, read_whole_file(*place_.fs, name(suffix)));
  bytes.resize(bytes.size() - bytes.size() % entry_bytes);
  return bytes;
}

namespace {

/// How many offset entries there are up to the one that was made with the last time entry. Behind
/// it a time index that is the older file of the two may lack entries, and then the largest
/// timestamp so far, and who had it first, are not known.
std::size_t covered_by_times(OffsetIndexView offsets, std::size_t count, TimeIndexView times) {
  const std::size_t known = times.plausible_entries(std::numeric_limits<Offset>::max());
  if (known == 0) return 0;
  const Offset last = times.at(known - 1).offset;
  std::size_t covered = 0;
  while (covered < count && offsets.at(covered).offset < last) ++covered;
  return std::min(covered + 1, count);
}

}  // namespace

Result<std::uint64_t> Segment::load_indices(Offset end_offset, std::uint64_t end_position,
                                            IndexFiles files) {
  HOROLOG_ASSIGN(ByteBuffer offsets, read_index(log_files::offset_index,
                                                OffsetIndexView::entry_bytes));
  HOROLOG_ASSIGN(ByteBuffer times, read_index(log_files::time_index, TimeIndexView::entry_bytes));
  const OffsetIndexView offset_view(offsets, base_);
  const TimeIndexView time_view(times, base_);
  std::size_t good = offset_view.plausible_entries(end_offset, end_position);
  if (files == IndexFiles::hints) good = covered_by_times(offset_view, good, time_view);
  offsets.resize(good * OffsetIndexView::entry_bytes);
  const std::lock_guard lock(mutex_);
  in_memory_ = true;
  offsets_ = std::move(offsets);
  times_.clear();
  largest_ = {};
  bytes_since_entry_ = 0;
  offsets_flushed_ = times_flushed_ = 0;
  if (good == 0) return std::uint64_t{0};
  // The batch of the last entry is walked again, so that entry is made again as well: taking it out
  // and pretending that an interval has just been filled gives the same bytes.
  const OffsetIndexEntry last = OffsetIndexView(offsets_, base_).at(good - 1);
  offsets_.resize(offsets_.size() - OffsetIndexView::entry_bytes);
  bytes_since_entry_ = place_.index_interval_bytes + 1;
  const std::size_t good_times = time_view.plausible_entries(last.offset);
  for (std::size_t i = 0; i < good_times; ++i) {
    TimeIndexView::append_if_newer(times_, base_, time_view.at(i));
  }
  largest_ = good_times == 0 ? TimeIndexEntry{} : time_view.at(good_times - 1);
  return last.position;
}

void Segment::trust_index_files() {
  const std::lock_guard lock(mutex_);
  in_memory_ = false;
  index_files_loaded_ = false;
  offsets_ = {};
  times_ = {};
  transactions_ = {};
}

void Segment::clear_indices() {
  const std::lock_guard lock(mutex_);
  in_memory_ = true;
  offsets_.clear();
  times_.clear();
  offsets_flushed_ = times_flushed_ = 0;
  bytes_since_entry_ = 0;
  largest_ = {};
  first_timestamp_ = no_timestamp;
}

Status Segment::flush_index(std::string_view suffix, const ByteBuffer& index,
                            std::size_t& flushed, bool sync) {
  if (flushed != 0 && flushed == index.size() && !sync) return {};
  HOROLOG_ASSIGN(auto file, place_.fs->open(name(suffix), OpenMode::create));
  // What an earlier run left may be longer, or differ: the first flush replaces it all.
  if (flushed == 0) HOROLOG_TRY(file->truncate(0));
  HOROLOG_TRY(file->write_at(ByteView(index).subspan(flushed), flushed));
  flushed = index.size();
  // Nothing can be lost of an empty file but its name, and a missing index is made anew.
  return sync && !index.empty() ? file->sync_data() : Status();
}

Status Segment::flush_indices(bool sync) {
  // A copy under the lock, the writing outside it: lookups and the appender must not wait.
  ByteBuffer offsets;
  ByteBuffer times;
  std::size_t offsets_flushed = 0;
  std::size_t times_flushed = 0;
  {
    const std::lock_guard lock(mutex_);
    if (!in_memory_) return {};
    offsets = offsets_;
    times = times_;
    offsets_flushed = offsets_flushed_;
    times_flushed = times_flushed_;
  }
  HOROLOG_TRY(flush_index(log_files::offset_index, offsets, offsets_flushed, sync));
  HOROLOG_TRY(flush_index(log_files::time_index, times, times_flushed, sync));
  if (sync) HOROLOG_TRY(flush_transactions());
  const std::lock_guard lock(mutex_);
  offsets_flushed_ = offsets_flushed;
  times_flushed_ = times_flushed;
  return {};
}

Status Segment::seal_indices() {
  force_time_entry();
  HOROLOG_TRY(flush_indices(true));
  trust_index_files();
  return {};
}

Result<std::shared_ptr<MappedRegion>> Segment::map_index(std::string_view suffix,
                                                         std::size_t entry_bytes) {
  const std::string file_name = name(suffix);
  if (!place_.fs->exists(file_name)) return std::shared_ptr<MappedRegion>();
  HOROLOG_ASSIGN(auto file, place_.fs->open(file_name, OpenMode::read));
  HOROLOG_ASSIGN(std::uint64_t size, file->size());
  size -= size % entry_bytes;
  if (size == 0) return std::shared_ptr<MappedRegion>();
  return file->map(size, Access::read);
}

Status Segment::map_indices() {
  if (in_memory_ || index_files_loaded_) return {};
  HOROLOG_ASSIGN(offsets_map_, map_index(log_files::offset_index, OffsetIndexView::entry_bytes));
  HOROLOG_ASSIGN(times_map_, map_index(log_files::time_index, TimeIndexView::entry_bytes));
  index_files_loaded_ = true;
  return {};
}

Result<std::vector<std::string>> Segment::rename_deleted() {
  const std::lock_guard lock(mutex_);
  std::vector<std::string_view> suffixes{log_files::log};
  suffixes.insert(suffixes.end(), log_files::beside_log.begin(), log_files::beside_log.end());
  // A segment that compaction replaced a moment ago may have the same base.
  std::string state(log_files::deleted);
  const auto taken = [&](std::string_view suffix) {
    return place_.fs->exists(path(suffix) + state);
  };
  for (int n = 1; std::any_of(suffixes.begin(), suffixes.end(), taken); ++n) {
    state = fmt::format(".{}{}", n, log_files::deleted);
  }
  std::vector<std::string> names;
  const std::string old_state = state_;
  for (const std::string_view suffix : suffixes) {
    const std::string old_name = path(suffix) + old_state;
    if (!place_.fs->exists(old_name)) continue;
    names.push_back(path(suffix) + state);
    HOROLOG_TRY(place_.fs->rename(old_name, names.back()));
    state_ = state;
  }
  state_ = state;
  return names;
}

Status Segment::rename_files(std::span<const std::string_view> suffixes, std::string_view from,
                             std::string_view to) {
  const std::lock_guard lock(mutex_);
  for (const std::string_view suffix : suffixes) {
    const std::string old_name = path(suffix) + std::string(from);
    if (!place_.fs->exists(old_name)) continue;
    HOROLOG_TRY(place_.fs->rename(old_name, path(suffix) + std::string(to)));
    if (suffix == log_files::log) state_ = to;
  }
  return {};
}

}  // namespace horolog::storage
