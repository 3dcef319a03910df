#include "storage/epoch_cache.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

namespace horolog::storage {
namespace {

/// The next number in `text`, which it is cut off of; blanks and line ends separate.
template <typename T>
std::optional<T> take_number(std::string_view& text) {
  const std::size_t start = text.find_first_not_of(" \r\n");
  if (start == std::string_view::npos) return std::nullopt;
  T value{};
  const auto [end, failed] = std::from_chars(text.data() + start, text.data() + text.size(), value);
  if (failed != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

}  // namespace

void EpochCache::assign(LeaderEpoch epoch, Offset start_offset) {
  const std::lock_guard lock(mutex_);
  if (!entries_.empty() && entries_.back().epoch >= epoch) return;
  while (!entries_.empty() && entries_.back().start_offset >= start_offset) entries_.pop_back();
  entries_.push_back({.epoch = epoch, .start_offset = start_offset});
  changed_ = true;
}

EpochCache::Entry EpochCache::end_of(LeaderEpoch epoch, Offset log_end) const {
  const std::lock_guard lock(mutex_);
  if (epoch < 0 || entries_.empty()) return {};
  if (entries_.back().epoch == epoch) return {.epoch = epoch, .start_offset = log_end};
  const auto higher = std::find_if(entries_.begin(), entries_.end(),
                                   [&](const Entry& entry) { return entry.epoch > epoch; });
  if (higher == entries_.end()) return {};
  if (higher == entries_.begin()) return {.epoch = epoch, .start_offset = higher->start_offset};
  return {.epoch = (higher - 1)->epoch, .start_offset = higher->start_offset};
}

LeaderEpoch EpochCache::epoch_at(Offset offset) const {
  const std::lock_guard lock(mutex_);
  LeaderEpoch epoch = -1;
  for (const Entry& entry : entries_) {
    if (entry.start_offset <= offset) epoch = entry.epoch;
  }
  return epoch;
}

LeaderEpoch EpochCache::latest() const {
  const std::lock_guard lock(mutex_);
  return entries_.empty() ? -1 : entries_.back().epoch;
}

void EpochCache::truncate_front(Offset log_start) {
  const std::lock_guard lock(mutex_);
  while (entries_.size() > 1 && entries_[1].start_offset <= log_start) {
    entries_.erase(entries_.begin());
    changed_ = true;
  }
  if (!entries_.empty() && entries_[0].start_offset < log_start) {
    entries_[0].start_offset = log_start;
    changed_ = true;
  }
}

void EpochCache::truncate_back(Offset log_end) {
  const std::lock_guard lock(mutex_);
  while (!entries_.empty() && entries_.back().start_offset >= log_end) {
    entries_.pop_back();
    changed_ = true;
  }
}

std::vector<EpochCache::Entry> EpochCache::entries() const {
  const std::lock_guard lock(mutex_);
  return entries_;
}

void EpochCache::reset(std::vector<Entry> entries) {
  const std::lock_guard lock(mutex_);
  entries_ = std::move(entries);
  changed_ = false;
}

bool EpochCache::take_changed() {
  const std::lock_guard lock(mutex_);
  return std::exchange(changed_, false);
}

void EpochCache::set_changed() {
  const std::lock_guard lock(mutex_);
  changed_ = true;
}

ByteBuffer EpochCache::encode(const std::vector<Entry>& entries) {
  std::string text = fmt::format("0\n{}\n", entries.size());
  for (const Entry& entry : entries) {
    text += fmt::format("{} {}\n", entry.epoch, entry.start_offset);
  }
  return to_buffer(as_bytes(text));
}

Result<std::vector<EpochCache::Entry>> EpochCache::decode(ByteView bytes) {
  std::string_view text = as_text(bytes);
  const auto version = take_number<int>(text);
  const auto count = take_number<std::size_t>(text);
  if (!version || !count || *version != 0) {
    return Error(Errc::corrupt, "a leader-epoch-checkpoint does not start with \"0\" and a count");
  }
  std::vector<Entry> entries;
  while (const auto epoch = take_number<LeaderEpoch>(text)) {
    const auto start = take_number<Offset>(text);
    const bool rises = entries.empty() || (*epoch > entries.back().epoch && start &&
                                           *start >= entries.back().start_offset);
    if (!start || !rises) return Error(Errc::corrupt, "a leader-epoch-checkpoint does not rise");
    entries.push_back({.epoch = *epoch, .start_offset = *start});
  }
  if (entries.size() != *count) {
    return Error(Errc::corrupt, "a leader-epoch-checkpoint has not as many lines as it says");
  }
  return entries;
}

}  // namespace horolog::storage
