#include <fmt/format.h>

#include <algorithm>

#include "base/limits.hpp"
#include "record/batch.hpp"
#include "storage/batch_scanner.hpp"
#include "storage/catalog_log.hpp"
#include "storage/log_files.hpp"
#include "storage/segment_sum.hpp"
#include "storage/verify_impl.hpp"
#include "storage/verify_index.hpp"

namespace horolog::storage {
namespace {

constexpr std::size_t window_bytes = limits::MiB;
namespace layout = record::layout;

class SegmentCheck {
 public:
  SegmentCheck(FileSystem& fs, const SegmentExpectation& expected, VerifyReport& report)
      : fs_(fs),
        expected_(expected),
        report_(report),
        offsets_(expected, report),
        times_(expected, report),
        next_(expected.base) {}

  Result<Offset> run() {
    ++report_.segments;
    HOROLOG_TRY(offsets_.read(fs_));
    HOROLOG_TRY(times_.read(fs_));
    HOROLOG_TRY(walk());
    if (whole_) {
      offsets_.end();
      times_.end();
    }
    HOROLOG_TRY(check_sums());
    return next_;
  }

 private:
  std::string name(std::string_view suffix) const {
    return log_files::path(expected_.partition.name, expected_.base, suffix);
  }
  std::string place(std::string_view suffix) const {
    return log_files::path(expected_.partition.place, expected_.base, suffix);
  }
  /// Bytes above the recovery point of a directory that was not stopped cleanly may be anything.
  bool unsynced() const {
    return !expected_.partition.clean_stop && next_ >= expected_.partition.recovery_point;
  }

  Status walk();
  void check_start();
  Result<ByteView> window(const File& file, std::uint64_t position, std::size_t wanted);
  bool take(const record::BatchView& batch);
  bool check_epoch(const record::BatchView& batch);
  Status end_of_batches(const File& file, const std::string& what);
  Result<bool> good_batch_follows(const File& file);
  void bad_batch(const std::string& what);
  Status check_sums();

  FileSystem& fs_;
  const SegmentExpectation& expected_;
  VerifyReport& report_;
  OffsetIndexCheck offsets_;
  TimeIndexCheck times_;
  Offset next_;
  std::uint64_t position_ = 0;
  std::uint64_t file_size_ = 0;
  TimestampMs largest_ = no_timestamp;
  bool whole_ = true;  ///< the walk reached the end of the batches

  ByteBuffer buffer_;
  std::uint64_t window_start_ = 0;
  std::size_t window_size_ = 0;
};

Result<ByteView> SegmentCheck::window(const File& file, std::uint64_t position,
                                      std::size_t wanted) {
  wanted = static_cast<std::size_t>(
      std::min<std::uint64_t>(wanted, file_size_ - std::min(position, file_size_)));
  if (position < window_start_ || position + wanted > window_start_ + window_size_) {
    const std::size_t span = std::max(wanted, window_bytes);
    if (buffer_.size() < span) buffer_.resize(span);
    HOROLOG_ASSIGN(window_size_, file.read_at(MutableBytes(buffer_).first(span), position));
    window_start_ = position;
    report_.count_read(window_size_);
    wanted = std::min(wanted, window_size_);
  }
  return ByteView(buffer_).subspan(static_cast<std::size_t>(position - window_start_), wanted);
}

Status SegmentCheck::walk() {
  HOROLOG_ASSIGN(const auto file, fs_.open(place(log_files::log), OpenMode::read));
  HOROLOG_ASSIGN(file_size_, file->size());
  report_.bytes += file_size_;
  check_start();
  while (position_ < file_size_) {
    HOROLOG_ASSIGN(ByteView head, window(*file, position_, layout::records));
    if (record::is_zero_tail(head)) return end_of_batches(*file, "");
    if (head.size() < layout::records) return end_of_batches(*file, "a batch is cut short");
    const record::BatchHeader header = load_batch_header(head.data());
    if (header.magic != record::magic_v2) {
      return end_of_batches(*file, fmt::format("no batch of version 2 (magic {})", header.magic));
    }
    if (header.batch_length < static_cast<std::int32_t>(layout::records - layout::log_overhead)) {
      return end_of_batches(*file, fmt::format("a batch length of {}", header.batch_length));
    }
    const std::uint64_t size =
        layout::log_overhead + static_cast<std::uint64_t>(header.batch_length);
    if (size > file_size_ - position_) return end_of_batches(*file, "a batch is cut short");
    HOROLOG_ASSIGN(const ByteView bytes, window(*file, position_, static_cast<std::size_t>(size)));
    const auto batch = record::parse_batch(bytes);
    if (!batch) return end_of_batches(*file, batch.error().message());
    if (!record::verify_crc(*batch)) {
      return end_of_batches(*file, "the checksum of a batch is wrong");
    }
    if (!take(*batch)) return {};
  }
  return {};
}

/// The segment must go on where the one before ends.
void SegmentCheck::check_start() {
  const Offset end = expected_.next_expected;
  const bool gap_is_fine = expected_.partition.gaps_allowed && expected_.base > end;
  if (end == no_offset || expected_.base == end || gap_is_fine) return;
  const std::string what = fmt::format("the segment starts at offset {}, the one before ends at {}",
                                       expected_.base, end);
  if (!expected_.partition.clean_stop && end >= expected_.partition.recovery_point) {
    report_.note(name(log_files::log), what + ": not all was synced when the broker ended",
                 "the next start sets the segment aside");
    return;
  }
  bad_batch(what);
}

/// False when offsets do not follow: nothing behind can be judged then.
bool SegmentCheck::take(const record::BatchView& batch) {
  const bool follows = batch.base_offset() == next_ ||
                       (expected_.partition.gaps_allowed && batch.base_offset() > next_);
  if (!follows || batch.last_offset_delta() < 0) {
    bad_batch(fmt::format("a batch of offset {} to {} where {} comes next", batch.base_offset(),
                          batch.last_offset(), next_));
    return false;
  }
  if (!check_epoch(batch)) return false;
  largest_ = std::max(largest_, batch.max_timestamp());
  offsets_.see(batch, position_);
  times_.see(batch, largest_);
  ++report_.batches;
  report_.records += static_cast<std::uint64_t>(std::max(0, batch.record_count()));
  position_ += batch.size();
  next_ = batch.next_offset();
  return true;
}

/// The leader epoch lies outside the checksum; `leader-epoch-checkpoint` says it once more.
bool SegmentCheck::check_epoch(const record::BatchView& batch) {
  const auto& epochs = expected_.epochs;
  const auto after = std::upper_bound(
      epochs.begin(), epochs.end(), batch.base_offset(),
      [](Offset offset, const EpochCache::Entry& entry) { return offset < entry.start_offset; });
  if (after == epochs.begin()) return true;
  const EpochCache::Entry& entry = *std::prev(after);
  if (batch.leader_epoch() == entry.epoch) return true;
  // A start after a crash finds the newest epochs in the batches.
  if (unsynced() && after == epochs.end() && batch.leader_epoch() > entry.epoch) return true;
  bad_batch(fmt::format("the batch of offset {} is of leader epoch {}, {} says {}",
                        batch.base_offset(), batch.leader_epoch(), log_files::epochs, entry.epoch));
  return false;
}

void SegmentCheck::bad_batch(const std::string& what) {
  whole_ = false;
  report_.damage(name(log_files::log), position_, what,
                 fmt::format("restore the partition's directory from a backup; a start serves the "
                             "other partitions. Offsets below {} are good",
                             next_));
}

/// `what` is wrong at position_, or ("") zeros begin there: prewritten space, if nothing follows.
Status SegmentCheck::end_of_batches(const File& file, const std::string& what) {
  HOROLOG_ASSIGN(const std::uint64_t used, last_nonzero(file, position_));
  if (used == position_) return {};
  const std::string found = what.empty() ? "zeros where a batch belongs" : what;
  HOROLOG_ASSIGN(const bool others_follow, good_batch_follows(file));
  if (unsynced() && !others_follow) {
    report_.note(name(log_files::log),
                 fmt::format("{} bytes from byte {} on are no whole batches ({}): they were not "
                             "synced when the broker ended",
                             used - position_, position_, found),
                 "the next start sets them aside");
    whole_ = false;
    return {};
  }
  bad_batch(found);
  return {};
}

/// In the catalog only the last batch can be unfinished.
Result<bool> SegmentCheck::good_batch_follows(const File& file) {
  if (!expected_.partition.catalog) return false;
  ByteBuffer rest(static_cast<std::size_t>(file_size_ - position_));
  HOROLOG_ASSIGN(const std::size_t got, file.read_at(rest, position_));
  return has_later_batch(ByteView(rest).first(got), next_);
}

Status SegmentCheck::check_sums() {
  if (!fs_.exists(place(log_files::sum))) return {};
  const auto sums = read_sums(fs_, expected_.partition.place, expected_.base);
  if (!sums && sums.error().code() != Errc::corrupt) return sums.error();
  if (!sums) {
    report_.damage(name(log_files::sum), std::nullopt, "it does not decode",
                   "remove the file: without it a start walks the segment");
    return {};
  }
  for (const FileSum& sum : *sums) {
    if (!fs_.exists(place(sum.suffix))) {
      report_.damage(name(log_files::sum), std::nullopt,
                     fmt::format("it names the file {}, which is missing", name(sum.suffix)),
                     "remove the file: without it a start walks the segment");
      continue;
    }
    HOROLOG_ASSIGN(const FileSum found,
                   sum_file(fs_, expected_.partition.place, expected_.base, sum.suffix));
    if (found == sum) continue;
    report_.damage(name(sum.suffix), std::nullopt,
                   fmt::format("its digest over {} bytes is not the one of {} over {} bytes",
                               found.bytes, name(log_files::sum), sum.bytes),
                   sum.suffix == log_files::log
                       ? "restore the partition's directory from a backup"
                       : "remove this file and the .sum: the next start makes them anew");
  }
  return {};
}

}  // namespace

Result<Offset> verify_segment(FileSystem& fs, const SegmentExpectation& expected,
                              VerifyReport& report) {
  return SegmentCheck(fs, expected, report).run();
}

}  // namespace horolog::storage
