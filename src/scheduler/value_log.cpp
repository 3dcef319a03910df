#include "scheduler/value_log.hpp"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <cstring>

namespace horolog::scheduler {
namespace {

std::uint32_t digest_of(ByteView value) {
  return static_cast<std::uint32_t>(XXH3_64bits(value.data(), value.size()));
}

}  // namespace

Result<ValueLog> ValueLog::create(const std::string& directory) {
  HOROLOG_ASSIGN(ScratchFile file, ScratchFile::create(directory, "the mirror's value log"));
  return ValueLog(std::move(file));
}

Status ValueLog::flush() {
  HOROLOG_TRY(file_.write_at(tail_, end_ - tail_.size()));
  tail_.clear();
  return {};
}

Result<std::int64_t> ValueLog::append(ByteView value) {
  if (value.size() > largest_value)
    return Error(Errc::invalid_argument, fmt::format("a value of {} bytes; the mirror takes {}",
                                                     value.size(), largest_value));
  const std::uint64_t needs = taken(value.size());
  if (const std::uint64_t left = segment_bytes - end_ % segment_bytes; needs > left) {
    tail_.resize(tail_.size() + left);
    end_ += left;
  }
  if (tail_.size() >= buffer_bytes) HOROLOG_TRY(flush());
  const std::uint64_t at = end_;
  append_be(tail_, static_cast<std::uint32_t>(value.size()));
  append_be(tail_, digest_of(value));
  tail_.insert(tail_.end(), value.begin(), value.end());
  tail_.resize(tail_.size() + (needs - header_bytes - value.size()));
  end_ += needs;
  live_.resize(at / segment_bytes + 1);
  gone_.resize(live_.size());
  live_[at / segment_bytes] += needs;
  return static_cast<std::int64_t>(at / 8);
}

Status ValueLog::read_raw(MutableBytes to, std::uint64_t at) const {
  const std::uint64_t written = end_ - tail_.size();
  if (at >= written) {
    std::memcpy(to.data(), tail_.data() + (at - written), to.size());
    return {};
  }
  return file_.read_at(to, at);
}

Result<ByteBuffer> ValueLog::read(std::int64_t place) const {
  const std::uint64_t at = static_cast<std::uint64_t>(place) * 8;
  ByteBuffer header(header_bytes);
  HOROLOG_TRY(read_raw(header, at));
  ByteBuffer value(load_be<std::uint32_t>(header.data()));
  if (value.size() > largest_value || at + taken(value.size()) > end_)
    return Error(Errc::corrupt, fmt::format("the mirror's value log is damaged at byte {}", at));
  HOROLOG_TRY(read_raw(value, at + header_bytes));
  if (digest_of(value) != load_be<std::uint32_t>(header.data() + 4))
    return Error(Errc::corrupt, fmt::format("the mirror's value at byte {} is not what was written",
                                            at));
  return value;
}

void ValueLog::release(std::int64_t place, std::size_t value_bytes) {
  live_[static_cast<std::uint64_t>(place) * 8 / segment_bytes] -= taken(value_bytes);
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
  // The last one still grows.
  std::size_t emptiest = live_.size();
  while (first_ < gone_.size() && gone_[first_]) ++first_;
  for (std::size_t i = first_; i + 1 < live_.size(); ++i) {
    if (gone_[i] || live_[i] * 2 > segment_bytes) continue;
    if (emptiest == live_.size() || live_[i] < live_[emptiest]) emptiest = i;
  }
  if (emptiest == live_.size()) return false;
  const std::uint64_t from = emptiest * segment_bytes;
  if (live_[emptiest] > 0) {
    HOROLOG_TRY(flush());
    HOROLOG_TRY(walk(from, from + segment_bytes, keep));
  }
  HOROLOG_TRY(file_.punch(from, segment_bytes));
  gone_[emptiest] = true;
  return true;
}

std::uint64_t ValueLog::file_bytes() const {
  const auto from = gone_.begin() + static_cast<std::ptrdiff_t>(first_);
  return static_cast<std::uint64_t>(std::count(from, gone_.end(), false)) * segment_bytes;
}

}  // namespace horolog::scheduler
