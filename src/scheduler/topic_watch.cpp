#include "scheduler/topic_watch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/log.hpp"
#include "scheduler/names.hpp"
#include "scheduler/topic_lookup.hpp"
#include "timekeeping/spec_error.hpp"

namespace horolog::scheduler {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds one_wait{500}, fetch_wait{500}, before_another_try{300};
/// What waits to be taken; the reading pauses above that.
constexpr std::size_t most_waiting_records = 10'000;

Headers headers_of(const RecordView& record) {
  Headers headers;
  for (const HeaderView& header : record.headers) {
    std::optional<std::string> value;
    if (!header.value.is_null()) value = header.value.to_owned();
    headers.push_back({std::string(header.key), std::move(value)});
  }
  return headers;
}

/// Its timestamp, which may be any time at all, says when it came if that agrees with what else is
/// known: `before` and `now`.
WatchedRecord watched(const RecordView& record, bool was_there, TimestampMs before,
                      TimestampMs now) {
  const TimestampMs earliest = was_there ? 0 : std::min(before, now);
  WatchedRecord out{.place = {std::string(record.topic), record.partition},
                    .arrived_ms = std::clamp(record.timestamp, earliest, now),
                    .in = {.offset = record.offset, .timestamp = record.timestamp, .record = {}},
                    .in_order = !was_there};
  if (!record.key.is_null()) out.in.record.key = record.key.to_owned();
  // Only run records are looked into.
  if (record.topic == topic::runs && !record.value.is_null())
    out.in.record.value = record.value.to_owned();
  out.in.record.headers = headers_of(record);
  return out;
}

}  // namespace

void TopicWatch::stop() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
    next_.clear();
    come_.clear();
    if (reading_ != nullptr) reading_->wakeup();
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void TopicWatch::follow(const Positions& places) {
  {
    const std::scoped_lock lock(mutex_);
    Positions next = places;
    for (auto& [place, offset] : next)
      if (const auto at = next_.find(place); at != next_.end()) offset = at->second;
    next_ = std::move(next);
    begin_at_.clear();
    std::erase_if(come_, [&](const WatchedRecord& each) { return !next_.contains(each.place); });
    ++turn_;
    if (reading_ != nullptr) reading_->wakeup();
    if (!thread_.joinable() && !next_.empty() && !stopping_)
      thread_ = std::thread([this] { run(); });
  }
  changed_.notify_all();
}

bool TopicWatch::reached(const Positions& until) const {
  return std::all_of(until.begin(), until.end(), [&](const auto& each) {
    const auto at = next_.find(each.first);
    return at == next_.end() || at->second >= each.second;
  });
}

WatchedTopics::Taken TopicWatch::take(const Positions& until, int wait_ms) {
  const auto deadline = steady_clock::now() + milliseconds(wait_ms);
  std::unique_lock lock(mutex_);
  while (!reached(until) && come_.size() < most_waiting_records &&
         steady_clock::now() < deadline) {
    // A marker at the end moves the position but does not end the reader's wait.
    if (reading_ != nullptr) reading_->wakeup();
    changed_.wait_for(lock, milliseconds(10));
  }
  Taken taken{.records = std::exchange(come_, {}),
              .next = next_,
              .begin_at = std::exchange(begin_at_, {}),
              .anew = std::exchange(anew_, false)};
  lock.unlock();
  changed_.notify_all();
  return taken;
}

void TopicWatch::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    changed_.wait(lock, [&] { return stopping_ || !next_.empty(); });
    if (stopping_) return;
    const std::uint64_t turn = turn_;
    const Positions from = next_;
    lock.unlock();
    const Status going = read(turn, from);
    lock.lock();
    anew_ = true;
    reading_ = nullptr;
    if (going || stopping_) continue;
    log::warn("scheduler", "cannot read watched topics",
              {log::field("error", going.error().message())});
    changed_.wait_for(lock, before_another_try);
  }
}

/// Reads until something else is to be followed.
Status TopicWatch::read(std::uint64_t turn, const Positions& from) {
  std::vector<TopicPartition> places;
  for (const auto& [place, next] : from) places.push_back(place);
  HOROLOG_ASSIGN(const auto ends, client::stable_ends(cluster_, places));
  HOROLOG_ASSIGN(auto reader, client::CommittedReader::open(cluster_, from, fetch_wait));
  TimestampMs before = clock_.wall_ms();
  for (const auto& [place, next] : from) {
    HOROLOG_ASSIGN(const Offset begin, reader.position(place));
    const std::scoped_lock lock(mutex_);
    if (begin > next && turn_ == turn) begin_at_[place] = begin;
  }
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] {
        return stopping_ || turn_ != turn || come_.size() < most_waiting_records;
      });
      if (stopping_ || turn_ != turn) return {};
      reading_ = &reader;
    }
    std::vector<WatchedRecord> come;
    const TimestampMs began = clock_.wall_ms();
    Status going = reader.poll(one_wait, [&](const RecordView& record) {
      const TopicPartition place{std::string(record.topic), record.partition};
      const auto end = ends.find(place);
      come.push_back(watched(record, end != ends.end() && record.offset < end->second, before,
                             clock_.wall_ms()));
    });
    before = began;
    Positions next;
    for (const TopicPartition& place : places) {
      const auto position = going ? reader.position(place) : Result<Offset>(going.error());
      if (position) {
        next[place] = *position;
      } else {
        going = position.error();
      }
    }
    const std::scoped_lock lock(mutex_);
    reading_ = nullptr;
    if (stopping_ || turn_ != turn) return {};
    HOROLOG_TRY(going);
    next_ = std::move(next);
    if (!come.empty()) nudge_->give();
    come_.insert(come_.end(), std::make_move_iterator(come.begin()),
                 std::make_move_iterator(come.end()));
    changed_.notify_all();
  }
}

Result<TopicShape> TopicWatch::look_up(const std::string& topic) {
  return ask_topic(*cluster_, topic, "topic " + timekeeping::quoted(topic));
}

Result<WatchedTopics::Positions> TopicWatch::stable_ends(
    const std::vector<TopicPartition>& places) {
  return client::stable_ends(cluster_, places);
}

Result<std::vector<Offset>> TopicWatch::starts(const std::string& topic, TimestampMs since) {
  HOROLOG_ASSIGN(const TopicShape shape, look_up(topic));
  std::vector<TopicPartition> places;
  for (PartitionIndex p = 0; p < shape.partitions; ++p) places.push_back({topic, p});
  HOROLOG_ASSIGN(const Positions ends, client::stable_ends(cluster_, places));
  HOROLOG_ASSIGN(const Positions at, client::offsets_at(cluster_, places, since));
  std::vector<Offset> out;
  for (const TopicPartition& place : places) {
    const auto found = at.find(place);
    out.push_back(found == at.end() ? ends.at(place) : std::min(ends.at(place), found->second));
  }
  return out;
}

}  // namespace horolog::scheduler
