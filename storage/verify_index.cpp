#include "storage/verify_index.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "storage/log_files.hpp"
#include "storage/offset_index.hpp"
#include "storage/time_index.hpp"

namespace horolog::storage {

Status IndexCheck::read(FileSystem& fs) {
  const std::string place = log_files::path(expected_.partition.place, expected_.base, suffix_);
  if (!fs.exists(place)) {
    if (!expected_.unfinished && !expected_.partition.catalog) {
      report_.damage(log_files::path(expected_.partition.name, expected_.base, suffix_),
                     std::nullopt, "the file is missing", "start the broker once: it is made anew");
    }
    return {};
  }
  HOROLOG_ASSIGN(bytes_, read_for_check(fs, place, report_));
  // Kafka makes indices in their full size and cuts the zeros off when a segment is closed.
  if (expected_.unfinished) {
    const auto zeros =
        std::find_if(bytes_.rbegin(), bytes_.rend(), [](std::byte b) { return b != std::byte{0}; });
    const auto used = static_cast<std::size_t>(bytes_.rend() - zeros);
    bytes_.resize(std::min(bytes_.size(), (used + entry_bytes_ - 1) / entry_bytes_ * entry_bytes_));
  }
  if (bytes_.size() % entry_bytes_ != 0) {
    next_ = bytes_.size() / entry_bytes_;
    wrong("it is cut short");
  }
  return {};
}

void IndexCheck::wrong(const std::string& what) {
  bad_ = true;
  const std::string file = log_files::path(expected_.partition.name, expected_.base, suffix_);
  const std::string text = fmt::format("entry {}: {}", next_, what);
  if (expected_.unfinished) {
    report_.note(file, text, "the next start makes it anew");
  } else {
    report_.damage(file, next_ * entry_bytes_, text,
                   "remove the file while the broker is stopped: the next start makes it anew");
  }
}

OffsetIndexCheck::OffsetIndexCheck(const SegmentExpectation& expected, VerifyReport& report)
    : IndexCheck(expected, report, log_files::offset_index, OffsetIndexView::entry_bytes) {}

void OffsetIndexCheck::see(const record::BatchView& batch, std::uint64_t position) {
  if (done()) return;
  const OffsetIndexEntry entry = OffsetIndexView(bytes_, expected_.base).at(next_);
  if (entry.position > position) return;
  if (entry.position < position) {
    return wrong(fmt::format("no batch starts at byte {} of the log", entry.position));
  }
  if (entry.offset != batch.last_offset()) {
    return wrong(fmt::format("names offset {}, the batch at byte {} ends with {}", entry.offset,
                             position, batch.last_offset()));
  }
  ++next_;
}

void OffsetIndexCheck::end() {
  if (done()) return;
  const OffsetIndexEntry entry = OffsetIndexView(bytes_, expected_.base).at(next_);
  wrong(fmt::format("no batch starts at byte {} of the log", entry.position));
}

TimeIndexCheck::TimeIndexCheck(const SegmentExpectation& expected, VerifyReport& report)
    : IndexCheck(expected, report, log_files::time_index, TimeIndexView::entry_bytes) {}

void TimeIndexCheck::see(const record::BatchView& batch, TimestampMs largest) {
  const TimestampMs before = std::exchange(largest_, largest);
  while (!done()) {
    const TimeIndexEntry entry = TimeIndexView(bytes_, expected_.base).at(next_);
    if (entry.offset > batch.last_offset()) return;
    if (entry.offset < batch.base_offset()) {
      return wrong(fmt::format("names offset {}, which no batch holds", entry.offset));
    }
    if (entry.timestamp != largest) {
      return wrong(fmt::format("says that {} is the largest timestamp up to offset {}: it is {}",
                               entry.timestamp, entry.offset, largest));
    }
    if (before == largest) {
      return wrong(fmt::format("offset {} is not the first with timestamp {}", entry.offset,
                               entry.timestamp));
    }
    if (next_ > 0 && entry.timestamp <= last_timestamp_) {
      return wrong("its timestamp is not larger than the one before");
    }
    last_timestamp_ = entry.timestamp;
    ++next_;
  }
}

void TimeIndexCheck::end() {
  if (done()) return;
  const TimeIndexEntry entry = TimeIndexView(bytes_, expected_.base).at(next_);
  wrong(fmt::format("names offset {}, which the log does not hold", entry.offset));
}

}  // namespace horolog::storage
