#include "scheduler/value_log.hpp"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>

#include "base/log.hpp"

namespace horolog::scheduler {
namespace {

std::uint32_t digest_of(ByteView value) {
  return static_cast<std::uint32_t>(XXH3_64bits(value.data(), value.size()));
}

}  // namespace

Result<ValueLog> ValueLog::create(const std::string& directory) {
  HOROLOG_ASSIGN(LocalFile file, LocalFile::nameless(directory, "the mirror's value log"));
  return ValueLog(std::move(file), false);
}

Result<ValueLog> ValueLog::create_named(const std::string& path) {
  HOROLOG_ASSIGN(LocalFile file, LocalFile::named(path));
  HOROLOG_TRY(file.truncate(0));
  return ValueLog(std::move(file), true);
}

Result<ValueLog> ValueLog::reopen(const std::string& path, const Books& books) {
  HOROLOG_ASSIGN(LocalFile file, LocalFile::named(path));
  HOROLOG_ASSIGN(const std::uint64_t size, file.size());
  if (size < books.end)
    return Error(Errc::corrupt, fmt::format("{} ends at byte {}, before {}", path, size,
                                            books.end));
  HOROLOG_TRY(file.truncate(books.live.size() * segment_bytes));
  ValueLog log(std::move(file), true);
  log.end_ = books.end;
  log.live_ = books.live;
  for (std::size_t i = 0; i < log.live_.size(); ++i)
    if (log.live_[i] == Books::gone) log.emptied_.push_back(i);
  HOROLOG_TRY(log.release_space());
  return log;
}

Status ValueLog::flush() {
  HOROLOG_TRY(file_.write_at(tail_, end_ - tail_.size()));
  tail_.clear();
  return {};
}

/// The rest of the old one is zeros, which end a walk through it.
Status ValueLog::next_segment() {
  const std::uint64_t left = (segment_bytes - end_ % segment_bytes) % segment_bytes;
  tail_.resize(tail_.size() + left);
  end_ += left;
  HOROLOG_TRY(flush());
  std::size_t next = live_.size();
  if (!reusable_.empty()) {
    next = reusable_.back();
    reusable_.pop_back();
  } else {
    live_.push_back(0);
  }
  live_[next] = 0;
  end_ = next * segment_bytes;
  return {};
}

Result<std::int64_t> ValueLog::append(ByteView value) {
  if (value.size() > largest_value)
    return Error(Errc::invalid_argument, fmt::format("a value of {} bytes; the mirror takes {}",
                                                     value.size(), largest_value));
  const std::uint64_t needs = taken(value.size());
  const std::uint64_t left = (segment_bytes - end_ % segment_bytes) % segment_bytes;
  if (needs > left) HOROLOG_TRY(next_segment());
  if (tail_.size() >= buffer_bytes) HOROLOG_TRY(flush());
  const std::uint64_t at = end_;
  append_be(tail_, static_cast<std::uint32_t>(value.size()));
  append_be(tail_, digest_of(value));
  tail_.insert(tail_.end(), value.begin(), value.end());
  tail_.resize(tail_.size() + (needs - header_bytes - value.size()));
  end_ += needs;
  live_[at / segment_bytes] += static_cast<std::int64_t>(needs);
  return static_cast<std::int64_t>(at / 8);
}

Status ValueLog::read_raw(MutableBytes to, std::uint64_t at) const {
  const std::uint64_t written = end_ - tail_.size();
  if (at >= written && at < end_) {
    std::memcpy(to.data(), tail_.data() + (at - written), to.size());
    return {};
  }
  return file_.read_at(to, at);
}

Result<ByteBuffer> ValueLog::read(std::int64_t place) const {
  const std::uint64_t at = static_cast<std::uint64_t>(place) * 8;
  ByteBuffer header(header_bytes);
  HOROLOG_TRY(read_raw(header, at));
  const std::size_t size = load_be<std::uint32_t>(header.data());
  if (size > largest_value || at % segment_bytes + taken(size) > segment_bytes)
    return Error(Errc::corrupt, fmt::format("the mirror's value log is damaged at byte {}", at));
  ByteBuffer value(size);
  HOROLOG_TRY(read_raw(value, at + header_bytes));
  if (digest_of(value) != load_be<std::uint32_t>(header.data() + 4))
    return Error(Errc::corrupt, fmt::format("the mirror's value at byte {} is not what was written",
                                            at));
  return value;
}

void ValueLog::release(std::int64_t place, std::size_t value_bytes) {
  live_[static_cast<std::uint64_t>(place) * 8 / segment_bytes] -=
      static_cast<std::int64_t>(taken(value_bytes));
}

Status ValueLog::walk(std::uint64_t from, std::uint64_t until,
                      const std::function<Status(std::int64_t, ByteView)>& visit) {
  while (from < until) {
    const auto place = static_cast<std::int64_t>(from / 8);
    ByteBuffer header(header_bytes);
    HOROLOG_TRY(read_raw(header, from));
    if (load_be<std::uint32_t>(header.data()) == 0) return {};
    HOROLOG_ASSIGN(const ByteBuffer value, read(place));
    HOROLOG_TRY(visit(place, value));
    from += taken(value.size());
  }
  return {};
}

Result<bool> ValueLog::reclaim(
    const std::function<Status(std::int64_t place, ByteView value)>& keep) {
  constexpr auto worth = static_cast<std::int64_t>(segment_bytes / 2);
  std::optional<std::size_t> emptiest;
  for (std::size_t i = 0; i < live_.size(); ++i) {
    // The current one still grows.
    if (live_[i] == Books::gone || live_[i] > worth || i == current()) continue;
    if (!emptiest || live_[i] < live_[*emptiest]) emptiest = i;
  }
  if (!emptiest) return false;
  const std::uint64_t from = *emptiest * segment_bytes;
  if (live_[*emptiest] > 0) HOROLOG_TRY(walk(from, from + segment_bytes, keep));
  live_[*emptiest] = Books::gone;
  emptied_.push_back(*emptiest);
  if (!kept_) HOROLOG_TRY(release_space());
  return true;
}

Result<ValueLog::Books> ValueLog::books() {
  HOROLOG_TRY(flush());
  return Books{.end = end_, .live = live_};
}

Status ValueLog::release_space() {
  for (const std::size_t segment : std::exchange(emptied_, {})) {
    reusable_.push_back(segment);
    HOROLOG_ASSIGN(const bool given_back, file_.punch(segment * segment_bytes, segment_bytes));
    if (!given_back && !std::exchange(space_stays_, true))
      log::warn("scheduler", "the filesystem takes no space back from the middle of a file: the "
                             "mirror's file stays as large as it is, and is written over",
                {log::field("file", file_.what())});
  }
  return {};
}

std::uint64_t ValueLog::file_bytes() const {
  const auto gone = static_cast<std::size_t>(std::count(live_.begin(), live_.end(), Books::gone));
  const std::size_t given_back = space_stays_ ? 0 : gone - emptied_.size();
  return (live_.size() - given_back) * segment_bytes;
}

}  // namespace horolog::scheduler
