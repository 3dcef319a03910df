#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>

#include "storage/batch_scanner.hpp"
#include "storage/log_files.hpp"
#include "storage/recovery.hpp"
#include "storage/segment_sum.hpp"

namespace horolog::storage {
namespace {

/// Of a segment that was finished: how many entries its transaction index has. nullopt when its
/// files are not what they were then: their sizes, and the digest of the transaction index (what is
/// wrong there shows consumers aborted records; the other two are hints).
Result<std::optional<std::size_t>> finished_transactions(FileSystem& fs,
                                                         const std::string& directory,
                                                         Offset base) {
  const std::optional<std::size_t> differs;
  const auto sums = read_sums(fs, directory, base);
  if (!sums) {
    if (sums.error().code() == Errc::not_found || sums.error().code() == Errc::corrupt) {
      return differs;
    }
    return sums.error();
  }
  std::optional<std::size_t> entries;
  for (const FileSum& sum : *sums) {
    if (sum.suffix == log_files::transaction_index) {
      const auto now = sum_file(fs, directory, base, sum.suffix);
      if (!now || *now != sum) return differs;
      entries = sum.bytes / TransactionIndexView::entry_bytes;
      continue;
    }
    const auto file = fs.open(log_files::path(directory, base, sum.suffix), OpenMode::read);
    if (!file) return differs;
    HOROLOG_ASSIGN(const std::uint64_t size, (*file)->size());
    if (size != sum.bytes) return differs;
  }
  if (entries) return entries;
  const std::string unlisted = log_files::path(directory, base, log_files::transaction_index);
  return fs.exists(unlisted) ? differs : std::optional(std::size_t{0});
}

struct WalkEnd {
  std::uint64_t position = 0;
  Offset next_offset = 0;
};

/// Walks headers from `position` to `limit` (an offset) or the end of the file, and indexes them.
Result<WalkEnd> walk(Segment& segment, const SegmentFile& file, std::uint64_t position,
                     std::uint64_t file_size, Offset limit) {
  HeaderCursor cursor(file, file_size);
  Offset next = segment.base_offset();
  while (position < file_size && next < limit) {
    HOROLOG_ASSIGN(const BatchFrame frame, cursor.at(position));
    if (frame.base_offset() < next) {
      return Error(Errc::corrupt, fmt::format("{}: offsets fall at byte {}", file.file().path(),
                                              position));
    }
    segment.note_batch(frame);
    next = frame.last_offset() + 1;
    position = frame.end();
  }
  return WalkEnd{.position = position, .next_offset = next};
}

}  // namespace

Result<bool> open_trusted(FileSystem& fs, const std::string& directory, Segment& segment,
                          Offset next_base, bool compacted) {
  HOROLOG_ASSIGN(const auto file, segment.open());
  HOROLOG_ASSIGN(const std::uint64_t file_size, file->file().size());
  HOROLOG_ASSIGN(const TimestampMs modified, file->file().modified());
  segment.set_last_append_ms(modified);
  const bool last = next_base == no_offset;
  if (!last) {
    HOROLOG_ASSIGN(const auto transactions,
                   finished_transactions(fs, directory, segment.base_offset()));
    if (transactions) {
      segment.publish(file_size, next_base);
      segment.trust_index_files();
      segment.trust_transaction_file(*transactions);
      return true;
    }
  }
  const Offset limit = last ? std::numeric_limits<Offset>::max() : next_base;
  const IndexFiles files = last ? IndexFiles::complete : IndexFiles::hints;
  HOROLOG_ASSIGN(std::uint64_t start, segment.load_indices(limit, file_size, files));
  auto end = walk(segment, *file, start, file_size, limit);
  if (!end && start > 0) {
    segment.clear_indices();
    start = 0;
    end = walk(segment, *file, start, file_size, limit);
  }
  if (!end) return end.error();
  bool reaches_end = last || end->next_offset == next_base;
  if (!reaches_end && end->next_offset < next_base && end->position == file_size) {
    HOROLOG_ASSIGN(const bool finished,
                   is_finished(fs, directory, segment.base_offset(), file_size));
    reaches_end = compacted || finished;
    if (reaches_end) end->next_offset = next_base;
  }
  if (!reaches_end) {
    return Error(Errc::corrupt,
                 fmt::format("{} ends at offset {}, but the next segment starts at {}",
                             file->file().path(), end->next_offset, next_base));
  }
  if (start > 0) {
    HeaderCursor cursor(*file, file_size);
    HOROLOG_ASSIGN(const BatchFrame frame, cursor.at(0));
    segment.set_first_timestamp(frame.header.max_timestamp);
  }
  segment.publish(end->position, end->next_offset);
  return false;
}

}  // namespace horolog::storage
