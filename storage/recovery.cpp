#include "storage/recovery.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.hpp"
#include "storage/batch_scanner.hpp"
#include "storage/log_files.hpp"
#include "storage/offset_index.hpp"
#include "storage/segment_sum.hpp"

namespace horolog::storage {
namespace {

/// Where a scan may start: a position that an index entry vouches for, and the offset there.
struct ScanStart {
  std::uint64_t scan_from = 0;   ///< CRCs are checked from here
  std::uint64_t index_from = 0;  ///< batches from here on are not in the index yet
  Offset offset = 0;
};

struct Found {
  std::shared_ptr<Segment> segment;
  std::shared_ptr<const SegmentFile> file;
  ScanEnd end;
  std::uint64_t used_end = 0;  ///< of the last byte that is not zero
  bool gaps = false;           ///< offsets may have some

  /// Its batches may end before the next segment starts, which is then where it ends.
  bool may_end_before(Offset next_base) const {
    return gaps && end.why == ScanEnd::Why::file_end && end.next_offset < next_base;
  }
};

class Recovery {
 public:
  Recovery(const RecoveryInput& input, std::vector<std::shared_ptr<Segment>>& segments)
      : input_(input), segments_(segments) {}

  Result<RecoveryOutcome> run(std::size_t first) {
    std::uint64_t budget = input_.verify_bytes;
    // Looking comes first and changes nothing: damage below the recovery point leaves the files as
    // they are for whoever mends them.
    std::size_t reached = first;
    for (; reached < segments_.size(); ++reached) {
      const Offset base = segments_[reached]->base_offset();
      if (!found_.empty() && found_.back().may_end_before(base)) {
        found_.back().end.next_offset = base;
      }
      if (!found_.empty() && base != found_.back().end.next_offset) break;
      HOROLOG_TRY(look_at(segments_[reached], reached == first ? budget : 0));
    }
    HOROLOG_TRY(verify_finished(first, budget));
    const Offset end = found_.empty() ? 0 : found_.back().end.next_offset;
    if (end < input_.recovery_point) return damage_below(end);
    for (Found& found : found_) HOROLOG_TRY(set_tail_aside(found));
    // The last one first: a crash in between must not leave a hole in the middle.
    for (std::size_t i = segments_.size(); i > reached; --i) {
      HOROLOG_TRY(set_segment_aside(*segments_[i - 1]));
    }
    outcome_.touched = end > input_.recovery_point || reached < segments_.size() ||
                       outcome_.cut_bytes > 0;
    segments_.resize(reached);
    // With nothing above the recovery point all names and batches are on disk already.
    if (outcome_.touched) HOROLOG_TRY(input_.fs->sync_directory(input_.directory));
    for (Found& found : found_) HOROLOG_TRY(take_over(found));
    return outcome_;
  }

 private:
  Result<ScanStart> start_of(Segment& segment, const SegmentFile& file, std::uint64_t budget);
  Status look_at(const std::shared_ptr<Segment>& segment, std::uint64_t budget);
  Status verify_finished(std::size_t count, std::uint64_t budget);
  Error damage_below(Offset end) const;
  Status set_tail_aside(Found& found);
  Status set_segment_aside(Segment& segment);
  Status take_over(Found& found);
  std::string free_cut_name(Offset base) const;

  const RecoveryInput& input_;
  std::vector<std::shared_ptr<Segment>>& segments_;
  std::vector<Found> found_;
  RecoveryOutcome outcome_;
};

Result<ScanStart> Recovery::start_of(Segment& segment, const SegmentFile& file,
                                     std::uint64_t budget) {
  const ScanStart from_zero{.scan_from = 0, .index_from = 0, .offset = segment.base_offset()};
  if (input_.recovery_point <= segment.base_offset()) {
    segment.clear_indices();
    return from_zero;
  }
  HOROLOG_ASSIGN(const std::uint64_t size, file.file().size());
  // Positions below are hints only as long as the published size does not cover them.
  segment.publish(size, input_.recovery_point);
  HOROLOG_ASSIGN(const std::uint64_t indexed,
                 segment.load_indices(input_.recovery_point, size, IndexFiles::hints));
  HOROLOG_ASSIGN(const std::uint64_t from,
                 segment.boundary_before(indexed > budget ? indexed - budget : 0));
  HeaderCursor cursor(file, size);
  const auto frame = cursor.at(from);
  const auto indexed_frame = cursor.at(indexed);
  const auto head = cursor.at(0);
  const bool plausible = frame && indexed_frame && head &&
                         frame->base_offset() >= segment.base_offset() &&
                         frame->base_offset() <= indexed_frame->base_offset() &&
                         indexed_frame->base_offset() < input_.recovery_point;
  if (!plausible) {
    segment.clear_indices();
    return from_zero;
  }
  segment.set_first_timestamp(head->header.max_timestamp);
  return ScanStart{.scan_from = from, .index_from = indexed, .offset = frame->base_offset()};
}

Status Recovery::look_at(const std::shared_ptr<Segment>& segment, std::uint64_t budget) {
  HOROLOG_ASSIGN(auto file, segment->open());
  HOROLOG_ASSIGN(const TimestampMs modified, file->file().modified());
  segment->set_last_append_ms(modified);
  HOROLOG_ASSIGN(const ScanStart start, start_of(*segment, *file, budget));
  const auto note = [&](const BatchFrame& frame) {
    if (frame.position < start.index_from) return;
    segment->note_batch(frame);
    const bool new_epoch = outcome_.epochs.empty() ||
                           outcome_.epochs.back().epoch < frame.header.leader_epoch;
    if (new_epoch) outcome_.epochs.push_back({frame.header.leader_epoch, frame.base_offset()});
  };
  HOROLOG_ASSIGN(const std::uint64_t size, file->file().size());
  HOROLOG_ASSIGN(const bool finished,
                 is_finished(*input_.fs, input_.directory, segment->base_offset(), size));
  // The last one is what was being appended to: there only a `.sum` excuses a gap.
  const bool gaps = finished || (input_.compacted && size > 0 && segment != segments_.back());
  HOROLOG_ASSIGN(const ScanEnd end,
                 scan_batches(file->file(), start.scan_from, start.offset, gaps, note));
  outcome_.recovered_bytes += end.position - start.scan_from;
  HOROLOG_ASSIGN(const std::uint64_t used, last_nonzero(file->file(), end.position));
  found_.push_back(
      {.segment = segment, .file = std::move(file), .end = end, .used_end = used, .gaps = gaps});
  return {};
}

Status Recovery::verify_finished(std::size_t count, std::uint64_t budget) {
  for (std::size_t i = count; i > 0; --i) {
    const Offset base = segments_[i - 1]->base_offset();
    const auto sums = read_sums(*input_.fs, input_.directory, base);
    if (!sums) continue;
    for (const FileSum& sum : *sums) {
      if (sum.suffix != log_files::log) continue;
      if (sum.bytes > budget) return {};
      budget -= sum.bytes;
      HOROLOG_ASSIGN(const FileSum now, sum_file(*input_.fs, input_.directory, base, sum.suffix));
      outcome_.recovered_bytes += now.bytes;
      if (now == sum) continue;
      return Error(Errc::corrupt,
                   fmt::format("{} is not what it was when it was closed: its checksum differs; "
                               "restore it from a backup",
                               log_files::path(input_.directory, base, sum.suffix)));
    }
  }
  return {};
}

Error Recovery::damage_below(Offset end) const {
  const std::string where =
      found_.empty() ? input_.directory
                     : fmt::format("{} at byte {}", found_.back().file->file().path(),
                                   found_.back().end.position);
  return Error(Errc::corrupt,
               fmt::format("{}: the good batches end at offset {}, but everything below {} had "
                           "been written to disk: the file is damaged; restore it from a backup",
                           where, end, input_.recovery_point));
}

std::string Recovery::free_cut_name(Offset base) const {
  for (int n = 1;; ++n) {
    const std::string name =
        log_files::path(input_.directory, base, fmt::format("{}{}", log_files::cut, n));
    if (!input_.fs->exists(name)) return name;
  }
}

Status Recovery::set_tail_aside(Found& found) {
  const std::uint64_t from = found.end.position;
  if (found.used_end <= from) return {};
  const std::uint64_t bytes = found.used_end - from;
  // An append that was under way when the process died: nothing follows it, nobody was answered.
  const bool torn = found.end.suspect_end >= found.used_end;
  const std::string& path = found.file->file().path();
  if (torn) {
    outcome_.torn_bytes += bytes;
    log::info("storage", "dropped an unfinished last append",
              {log::field("file", path), log::field("position", from),
               log::field("bytes", bytes)});
    return {};
  }
  ByteBuffer content(static_cast<std::size_t>(bytes));
  HOROLOG_ASSIGN(const std::size_t got, found.file->file().read_at(content, from));
  content.resize(got);
  const std::string name = free_cut_name(found.segment->base_offset());
  HOROLOG_TRY(replace_file_unlisted(*input_.fs, name, content));
  outcome_.cut_bytes += got;
  log::warn("storage", "batches that were never synced did not survive whole; set aside",
            {log::field("file", path), log::field("position", from), log::field("bytes", got),
             log::field("saved_as", name)});
  return {};
}

Status Recovery::set_segment_aside(Segment& segment) {
  HOROLOG_ASSIGN(const auto file, segment.open());
  HOROLOG_ASSIGN(const std::uint64_t used, last_nonzero(file->file(), 0));
  const std::string log = segment.path(log_files::log);
  if (used == 0) {
    HOROLOG_TRY(input_.fs->remove(log));
  } else {
    const std::string name = free_cut_name(segment.base_offset());
    HOROLOG_TRY(input_.fs->rename(log, name));
    outcome_.cut_bytes += used;
    log::warn("storage",
              "a segment that was never synced does not follow the one before; set aside",
              {log::field("file", log), log::field("bytes", used),
               log::field("saved_as", name)});
  }
  for (const auto suffix : {log_files::offset_index, log_files::time_index,
                            log_files::transaction_index, log_files::sum}) {
    const std::string name = segment.path(suffix);
    if (input_.fs->exists(name)) HOROLOG_TRY(input_.fs->remove(name));
  }
  return {};
}

Status Recovery::take_over(Found& found) {
  File& file = found.file->file();
  const TimestampMs appended = found.segment->last_append_ms();
  HOROLOG_ASSIGN(const std::uint64_t size, file.size());
  const bool trims = size > found.end.position;
  if (trims) HOROLOG_TRY(file.truncate(found.end.position));
  if (trims || outcome_.touched) HOROLOG_TRY(file.sync_data());
  HOROLOG_TRY(file.set_modified(appended));
  found.segment->publish(found.end.position, found.end.next_offset);
  return {};
}

}  // namespace

Result<RecoveryOutcome> recover_segments(const RecoveryInput& input,
                                         std::vector<std::shared_ptr<Segment>>& segments,
                                         std::size_t first) {
  return Recovery(input, segments).run(first);
}

}  // namespace horolog::storage
