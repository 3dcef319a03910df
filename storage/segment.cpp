#include "storage/segment.hpp"

#include <algorithm>

#include "storage/log_files.hpp"
#include "storage/offset_index.hpp"

namespace horolog::storage {

std::string Segment::path(std::string_view suffix) const {
  return log_files::path(place_.directory, base_, suffix);
}

Result<std::shared_ptr<const SegmentFile>> Segment::open(bool create) {
  bool tell_cache = false;
  std::shared_ptr<const SegmentFile> result;
  {
    const std::lock_guard lock(mutex_);
    used_ = true;
    if (!file_) {
      const std::string file_name = name(log_files::log);
      HOROLOG_ASSIGN(auto file, place_.fs->open(file_name, create ? OpenMode::create_new
                                                                  : OpenMode::read_write));
      std::shared_ptr<MappedRegion> mapping;
      if (map_bytes_ > 0) {
        auto mapped = file->map(map_bytes_, Access::read_write);
        if (!mapped) {
          // A file that was made a moment ago must not stand in the way of the next attempt.
          if (create) static_cast<void>(place_.fs->remove(file_name).ok());
          return mapped.error();
        }
        mapping = std::move(*mapped);
      }
      file_ = std::make_shared<SegmentFile>(std::move(file), std::move(mapping));
      tell_cache = !std::exchange(registered_, true);
    }
    result = file_;
  }
  // Outside the lock: the cache may close other segments, and those lock themselves.
  if (tell_cache) place_.cache->opened(shared_from_this());
  return result;
}

void Segment::make_active(std::uint64_t map_bytes) {
  const std::lock_guard lock(mutex_);
  map_bytes_ = map_bytes;
  file_.reset();
}

bool Segment::close_if_idle() {
  const std::lock_guard lock(mutex_);
  if (std::exchange(used_, false)) return false;
  file_.reset();
  offsets_map_.reset();
  times_map_.reset();
  transactions_map_.reset();
  index_files_loaded_ = false;
  registered_ = false;
  return true;
}

void Segment::note_batch(const BatchFrame& frame) {
  if (frame.position == 0) first_timestamp_ = frame.header.max_timestamp;
  const std::lock_guard lock(mutex_);
  if (frame.header.max_timestamp > largest_.timestamp) {
    largest_ = {.timestamp = frame.header.max_timestamp, .offset = frame.last_offset()};
  }
  if (bytes_since_entry_ > place_.index_interval_bytes) {
    OffsetIndexView::append(offsets_, base_,
                            {.offset = frame.last_offset(), .position = frame.position});
    TimeIndexView::append_if_newer(times_, base_, largest_);
    bytes_since_entry_ = 0;
  }
  bytes_since_entry_ += frame.size;
}

bool Segment::index_full(std::int64_t max_index_bytes) const {
  const auto limit = static_cast<std::size_t>(max_index_bytes);
  const std::lock_guard lock(mutex_);
  // One entry of the time index is kept free for the forced one.
  return offsets_.size() / OffsetIndexView::entry_bytes >= limit / OffsetIndexView::entry_bytes ||
         times_.size() / TimeIndexView::entry_bytes + 1 >= limit / TimeIndexView::entry_bytes;
}

ByteView Segment::offset_bytes() const {
  if (in_memory_) return offsets_;
  return offsets_map_ ? ByteView(offsets_map_->data(), offsets_map_->size()) : ByteView();
}

ByteView Segment::time_bytes() const {
  if (in_memory_) return times_;
  return times_map_ ? ByteView(times_map_->data(), times_map_->size()) : ByteView();
}

Result<std::uint64_t> Segment::position_before(Offset offset) {
  const std::lock_guard lock(mutex_);
  HOROLOG_TRY(map_indices());
  const auto entry = OffsetIndexView(offset_bytes(), base_).floor_of_offset(offset);
  return entry && entry->position < size() ? entry->position : 0;
}

Result<std::uint64_t> Segment::boundary_before(std::uint64_t position) {
  const std::lock_guard lock(mutex_);
  HOROLOG_TRY(map_indices());
  const auto entry = OffsetIndexView(offset_bytes(), base_).floor_of_position(position);
  return entry && entry->position < size() ? entry->position : 0;
}

Result<Offset> Segment::offset_before(TimestampMs timestamp) {
  const std::lock_guard lock(mutex_);
  HOROLOG_TRY(map_indices());
  const auto entry = TimeIndexView(time_bytes(), base_).floor(timestamp);
  return entry && entry->offset < end_offset() ? entry->offset : base_;
}

Result<TimeIndexEntry> Segment::largest_timestamp() {
  const std::lock_guard lock(mutex_);
  if (in_memory_) return largest_;
  HOROLOG_TRY(map_indices());
  return TimeIndexView(time_bytes(), base_).last();
}

void Segment::force_time_entry() {
  const std::lock_guard lock(mutex_);
  if (in_memory_) TimeIndexView::append_if_newer(times_, base_, largest_);
}

Result<Segment::IndexBytes> Segment::index_bytes() {
  const std::lock_guard lock(mutex_);
  HOROLOG_TRY(map_indices());
  return IndexBytes{.offsets = offset_bytes().size(), .times = time_bytes().size()};
}

bool Segment::indices_in_memory() const {
  const std::lock_guard lock(mutex_);
  return in_memory_;
}

}  // namespace horolog::storage
