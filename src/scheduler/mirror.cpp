#include "scheduler/mirror.hpp"

#include <xxhash.h>

#include <utility>

#include "base/assert.hpp"
#include "scheduler/mirror_value.hpp"

namespace horolog::scheduler {
namespace {

/// A process that ends without a checkpoint has given out versions that no checkpoint knows.
constexpr std::int64_t most_versions_between_checkpoints = std::int64_t{1} << 26;

/// Space is used again: after a power cut, what stood there before may stand there once more.
Error not_the_last() {
  return {Errc::corrupt, "the mirror's value log holds an older value than was written last"};
}

Status same_version(const MirrorHead& head, std::int64_t version) {
  return head.version == version ? Status() : not_the_last();
}

std::uint64_t hash_of(std::string_view key) { return XXH3_64bits(key.data(), key.size()); }

}  // namespace

Result<Mirror> Mirror::create(const std::string& directory, TimestampMs now,
                              CalendarLookup calendars) {
  HOROLOG_ASSIGN(ValueLog values, ValueLog::create(directory));
  return with_log(std::move(values), directory, now, std::move(calendars));
}

Result<Mirror> Mirror::with_log(ValueLog values, const std::string& directory, TimestampMs now,
                                CalendarLookup calendars) {
  HOROLOG_ASSIGN(TimerStore timers, TimerStore::create(directory, now));
  return Mirror(std::move(values), std::move(timers), std::move(calendars));
}

Status Mirror::write(CheckpointWriter& to) {
  HOROLOG_ASSIGN(const ValueLog::Books books, values_.books());
  HOROLOG_TRY(to.number(next_version_));
  HOROLOG_TRY(to.number(books.end));
  HOROLOG_TRY(to.number(static_cast<std::uint64_t>(books.live.size())));
  for (const std::int64_t live : books.live) HOROLOG_TRY(to.number(live));
  HOROLOG_TRY(to.number(static_cast<std::uint64_t>(index_.size())));
  Status written;
  index_.for_each([&](std::uint64_t hash, const timekeeping::PendingEntry& at) {
    for (const std::int64_t number : {static_cast<std::int64_t>(hash), at.generation, at.place})
      if (written) written = to.number(number);
  });
  HOROLOG_TRY(written);
  const auto write_live = [&](const timekeeping::Timer& timer) -> Status {
    if (!index_.find_generation(timer.key_hash, timer.generation)) return {};
    HOROLOG_TRY(to.number(timer.due));
    HOROLOG_TRY(to.number(timer.key_hash));
    return to.number(timer.generation);
  };
  HOROLOG_TRY(timers_.for_each(write_live));
  return to.number(never_wakes);
}

Result<Mirror> Mirror::read(CheckpointReader& from, const std::string& value_log,
                            const std::string& directory, TimestampMs now,
                            CalendarLookup calendars) {
  HOROLOG_ASSIGN(const auto next_version, from.number<std::int64_t>());
  ValueLog::Books books;
  HOROLOG_ASSIGN(books.end, from.number<std::uint64_t>());
  HOROLOG_ASSIGN(const auto segments, from.number<std::uint64_t>());
  for (std::uint64_t i = 0; i < segments; ++i) {
    HOROLOG_ASSIGN(const auto live, from.number<std::int64_t>());
    books.live.push_back(live);
  }
  HOROLOG_ASSIGN(ValueLog values, ValueLog::reopen(value_log, books));
  HOROLOG_ASSIGN(Mirror mirror, with_log(std::move(values), directory, now, std::move(calendars)));
  mirror.next_version_ = next_version + most_versions_between_checkpoints;
  if (mirror.next_version_ > timekeeping::PendingIndex::limit / 2)
    return Error(Errc::corrupt, "it has been written on for too long");
  HOROLOG_ASSIGN(const auto entries, from.number<std::uint64_t>());
  mirror.index_.reserve(entries);
  for (std::uint64_t i = 0; i < entries; ++i) {
    HOROLOG_ASSIGN(const auto hash, from.number<std::uint64_t>());
    timekeeping::PendingEntry entry;
    HOROLOG_ASSIGN(entry.generation, from.number<std::int64_t>());
    HOROLOG_ASSIGN(entry.place, from.number<std::int64_t>());
    mirror.index_.put(hash, entry, [](std::int64_t) { return false; });
  }
  for (;;) {
    timekeeping::Timer timer;
    HOROLOG_ASSIGN(timer.due, from.number<std::int64_t>());
    if (timer.due == never_wakes) return mirror;
    HOROLOG_ASSIGN(timer.key_hash, from.number<std::uint64_t>());
    HOROLOG_ASSIGN(timer.generation, from.number<std::int64_t>());
    HOROLOG_TRY(mirror.timers_.add(timer));
  }
}

Status Mirror::put(const std::string& key, const Entry& entry, std::optional<TimestampMs> wake) {
  const MirrorHead head{.version = next_version_++, .wake = wake.value_or(never_wakes),
                        .key = key};
  HOROLOG_ASSIGN(const std::int64_t place, values_.append(mirror_value(head, entry)));
  const std::uint64_t hash = hash_of(key);
  // Two keys of one hash stand side by side: this one is in no other place.
  index_.put(hash, {head.version, place}, [](std::int64_t) { return false; });
  if (wake) HOROLOG_TRY(timers_.add({.due = *wake, .key_hash = hash, .generation = head.version}));
  return {};
}

Result<std::optional<Mirror::Found>> Mirror::look_up(std::string_view key) const {
  Found found;
  Status failed;
  const auto at = index_.find(hash_of(key), [&](std::int64_t place) {
    auto value = values_.read(place);
    const auto head = value ? mirror_head(*value) : Result<MirrorHead>(value.error());
    if (!head) {
      failed = head.error();
      return false;
    }
    if (head->key != key) {
      if (hash_of(head->key) != hash_of(key)) failed = not_the_last();
      return false;
    }
    found.value = std::move(*value);
    return true;
  });
  HOROLOG_TRY(failed);
  if (!at) return std::optional<Found>();
  HOROLOG_ASSIGN(const MirrorHead head, mirror_head(found.value));
  HOROLOG_TRY(same_version(head, at->generation));
  found.version = at->generation;
  found.place = at->place;
  return std::optional(std::move(found));
}

Result<std::optional<Entry>> Mirror::find(const std::string& key) const {
  HOROLOG_ASSIGN(const auto found, look_up(key));
  if (!found) return std::optional<Entry>();
  HOROLOG_ASSIGN(Entry entry, mirror_entry(found->value, calendars_));
  return std::optional(std::move(entry));
}

Result<std::optional<Entry>> Mirror::take(const std::string& key) {
  HOROLOG_ASSIGN(const auto found, look_up(key));
  if (!found) return std::optional<Entry>();
  HOROLOG_ASSIGN(const MirrorHead head, mirror_head(found->value));
  HOROLOG_ASSIGN(Entry entry, mirror_entry(found->value, calendars_));
  index_.erase_generation(hash_of(key), found->version);
  values_.release(found->place, found->value.size());
  if (head.wake != never_wakes) timers_.remove(head.wake);
  HOROLOG_TRY(reclaim());
  return std::optional(std::move(entry));
}

Result<std::vector<std::pair<std::string, Entry>>> Mirror::take_due(TimestampMs now,
                                                                    TimestampMs until,
                                                                    std::size_t most) {
  std::vector<timekeeping::Timer> timers;
  const auto is_live = [this](const timekeeping::Timer& timer) {
    return index_.find_generation(timer.key_hash, timer.generation).has_value();
  };
  HOROLOG_TRY(timers_.take(now, until, most, is_live, timers));
  std::vector<std::pair<std::string, Entry>> out;
  for (const timekeeping::Timer& timer : timers) {
    const auto at = index_.erase_generation(timer.key_hash, timer.generation);
    if (!at) continue;
    HOROLOG_ASSIGN(const ByteBuffer value, values_.read(at->place));
    HOROLOG_ASSIGN(const MirrorHead head, mirror_head(value));
    HOROLOG_TRY(same_version(head, timer.generation));
    HOROLOG_ASSIGN(Entry entry, mirror_entry(value, calendars_));
    out.emplace_back(head.key, std::move(entry));
    values_.release(at->place, value.size());
  }
  HOROLOG_TRY(reclaim());
  return out;
}

Status Mirror::for_each(
    const std::function<void(const std::string& key, const Entry&)>& visit) const {
  Status failed;
  index_.for_each([&](std::uint64_t, const timekeeping::PendingEntry& at) {
    if (!failed) return;
    failed = [&]() -> Status {
      HOROLOG_ASSIGN(const ByteBuffer value, values_.read(at.place));
      HOROLOG_ASSIGN(const MirrorHead head, mirror_head(value));
      HOROLOG_TRY(same_version(head, at.generation));
      HOROLOG_ASSIGN(const Entry entry, mirror_entry(value, calendars_));
      visit(std::string(head.key), entry);
      return {};
    }();
  });
  return failed;
}

/// At most one segment at a time: a few milliseconds.
Status Mirror::reclaim() {
  const auto emptied = values_.reclaim([this](std::int64_t place, ByteView value) -> Status {
    HOROLOG_ASSIGN(const MirrorHead head, mirror_head(value));
    const std::uint64_t hash = hash_of(head.key);
    const auto at = index_.find_generation(hash, head.version);
    if (!at || at->place != place) return {};
    HOROLOG_ASSIGN(const std::int64_t moved, values_.append(value));
    const bool known = index_.move(hash, head.version, moved);
    HOROLOG_ASSERT(known);
    return {};
  });
  return emptied ? Status() : emptied.error();
}

}  // namespace horolog::scheduler
