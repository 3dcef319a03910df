#include "scheduler/watching.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>
#include <vector>

#include "base/log.hpp"
#include "scheduler/names.hpp"

namespace horolog::scheduler {
namespace {

constexpr TimestampMs check_ms = 5'000, lag_ms = 1'000;
/// Positions without consequences are written this often.
constexpr TimestampMs write_ms = 5'000;
constexpr std::size_t most_in_inbox = 20'000, most_fed = 5'000, most_due = 2'000;
constexpr int reading_wait_ms = 300;
/// Longer is not waited for the end; then what was there is taken as it stands.
constexpr TimestampMs longest_anew_ms = 10'000;

/// Topics from which nothing has come for long enough to mean something, if that is all there is.
std::set<std::string> topics_due(const State& state, TimestampMs now) {
  std::set<std::string> topics;
  std::size_t looked = 0;
  state.due().walk(now, [](const std::string&) { return false; }, [&](const DueIndex::Due& due) {
    const Entry* entry = state.find(due.key);
    if (entry == nullptr || !entry->definition || !entry->cursor.when) return ++looked < most_due;
    const auto& conditions = entry->definition->conditions;
    const auto& each = entry->cursor.when->each;
    for (std::size_t i = 0; i < std::min(conditions.size(), each.size()); ++i) {
      const auto at = each[i].wake(conditions[i]);
      if (at && *at <= now && each[i].wakes_on_absence(conditions[i]))
        topics.insert(conditions[i].topic);
    }
    return ++looked < most_due;
  });
  return topics;
}

}  // namespace

void Watching::stop() {
  if (topics_ != nullptr && !followed_.empty()) topics_->follow({});
  *this = Watching(topics_);
}

void Watching::follow(const State& state, TimestampMs now) {
  std::set<TopicPartition> wanted;
  for (const auto& [place, next] : state.watches())
    if (!gone_.contains(place.topic)) wanted.insert(place);
  if (wanted == followed_) return;
  WatchedTopics::Positions places;
  for (const TopicPartition& place : wanted) {
    const Offset next = state.watches().at(place);
    places[place] = next;
    if (followed_.contains(place)) continue;
    read_to_[place] = next;
    looked_to_[place] = next;
    anew_since_ = now;
  }
  const auto left = [&](const auto& each) { return !wanted.contains(each.first); };
  std::erase_if(read_to_, left);
  std::erase_if(looked_to_, left);
  topics_->follow(places);
  followed_ = std::move(wanted);
}

void Watching::read(const State& state, TimestampMs now) {
  whole_.clear();
  fed_ = 0;
  noted_ = 0;
  deleted_named_ = false;
  looking_to_ = looked_to_;
  if (topics_ == nullptr) return;
  follow(state, now);
  if (followed_.empty() || inbox_.size() >= most_in_inbox) return anew_since_.reset();
  std::set<std::string> due = topics_due(state, now);
  std::vector<TopicPartition> places;
  for (const TopicPartition& place : followed_)
    if (anew_since_ || due.contains(place.topic)) places.push_back(place);
  WatchedTopics::Positions ends;
  if (!places.empty()) {
    auto found = topics_->stable_ends(places);
    if (found) {
      ends = std::move(*found);
    } else {
      places.clear();
      due.clear();
    }
  }
  auto taken = topics_->take(ends, reading_wait_ms);
  for (WatchedRecord& record : taken.records) {
    record.arrived_ms = std::min(record.arrived_ms, now);
    inbox_.push_back(std::move(record));
  }
  for (const auto& [place, begin] : taken.begin_at)
    if (followed_.contains(place)) deleted_.try_emplace(place, read_to_[place], begin);
  for (const auto& [place, next] : taken.next) {
    if (!followed_.contains(place)) continue;
    // The topic was deleted and created anew: it begins again.
    if (next < read_to_[place]) looked_to_[place] = 0;
    read_to_[place] = next;
  }
  whole_ = std::move(due);
  bool all = !places.empty();
  for (const auto& [place, end] : ends) {
    if (read_to_[place] >= end) continue;
    whole_.erase(place.topic);
    all = false;
  }
  if (taken.anew && !anew_since_) {
    anew_since_ = now;
  } else if (anew_since_ && all) {
    put_in_order();
    anew_since_.reset();
  } else if (anew_since_ && now - *anew_since_ > longest_anew_ms) {
    anew_since_.reset();
  }
}

void Watching::put_in_order() {
  std::map<TopicPartition, TimestampMs> last;
  for (WatchedRecord& record : inbox_) {
    TimestampMs& before = last[record.place];
    before = record.arrived_ms = std::max(before, record.arrived_ms);
    record.in_order = true;
  }
  std::sort(inbox_.begin(), inbox_.end(), [](const WatchedRecord& a, const WatchedRecord& b) {
    return std::tie(a.arrived_ms, a.place, a.in.offset) <
           std::tie(b.arrived_ms, b.place, b.in.offset);
  });
}

bool Watching::feed(Planner& planner, const State& state, Tick& tick) {
  looking_to_ = looked_to_;
  if (topics_ == nullptr || planner.changes_watching()) return !inbox_.empty();
  if (anew_since_) {
    whole_.clear();
    return false;
  }
  if (!state.watchers().empty()) {
    check_topics(planner, state, tick.now);
    look_at_lags(planner, state, tick.now);
  }
  name_deleted(planner, tick.now);
  for (const RunRecord& note : notes_) planner.note(note);
  noted_ = notes_.size();
  const bool more = feed_records(planner, state, tick);
  if (more) whole_.clear();
  tick.read_to_end = [this](const std::string& topic) { return whole_.contains(topic); };
  return more;
}

bool Watching::feed_records(Planner& planner, const State& state, const Tick& tick) {
  while (fed_ < inbox_.size() && fed_ < most_fed) {
    const WatchedRecord& record = inbox_[fed_];
    const auto looked = looking_to_.find(record.place);
    if (looked != looking_to_.end() && record.in.offset >= looked->second) {
      if (!planner.watched(record, tick)) break;
      looked->second = record.in.offset + 1;
    }
    ++fed_;
  }
  const bool more = fed_ < inbox_.size();
  if (!more) looking_to_ = read_to_;
  bool moved = false;
  for (const auto& [place, next] : looking_to_) {
    const auto written = state.watches().find(place);
    moved = moved || (written != state.watches().end() && written->second != next);
  }
  if (written_at_ == 0) written_at_ = tick.now;
  const bool write = moved && tick.now - written_at_ >= write_ms;
  if (write || !moved) written_at_ = tick.now;
  planner.watched_to(looking_to_, write);
  return more;
}

void Watching::settled() {
  inbox_.erase(inbox_.begin(), inbox_.begin() + static_cast<std::ptrdiff_t>(fed_));
  fed_ = 0;
  notes_.erase(notes_.begin(), notes_.begin() + static_cast<std::ptrdiff_t>(noted_));
  noted_ = 0;
  if (std::exchange(deleted_named_, false)) deleted_.clear();
  for (auto& [place, next] : looked_to_)
    if (const auto at = looking_to_.find(place); at != looking_to_.end()) next = at->second;
}

/// Whether the topics are still there, and whether they have more partitions than they had.
void Watching::check_topics(Planner& planner, const State& state, TimestampMs now) {
  if (now - checked_at_ < check_ms && now >= checked_at_) return;
  checked_at_ = now;
  for (const auto& [topic, keys] : state.watchers().topics()) {
    auto found = topics_->look_up(topic);
    if (found && is_another(planner, state, topic, found->id))
      found = Error(Errc::not_found, fmt::format("{} was deleted and made anew", topic));
    if (!found && found.error().code() == Errc::not_found) {
      trouble(topic, found.error(), now);
      leave(topic);
      planner.topic_gone(topic, state.watchers());
    }
    if (!found) continue;
    gone_.erase(topic);
    troubled_.erase(topic);
    for (PartitionIndex p = 0; p < found->partitions; ++p) planner.watch_from({topic, p}, 0);
  }
}

/// Whether the positions are of another topic of that name. From this transaction on they are of
/// this one.
bool Watching::is_another(Planner& planner, const State& state, const std::string& topic,
                          const Uuid& id) {
  const auto known = state.watched_ids().find(topic);
  const bool first = known == state.watched_ids().end();
  if (id.is_zero() || (!first && known->second == id)) return false;
  planner.watched_id(topic, id);
  return !first && std::any_of(state.watches().begin(), state.watches().end(),
                               [&](const auto& each) {
                                 return each.first.topic == topic && each.second > 0;
                               });
}

void Watching::leave(const std::string& topic) {
  gone_.insert(topic);
  std::erase_if(inbox_, [&](const WatchedRecord& each) { return each.place.topic == topic; });
  for (auto* positions : {&read_to_, &looked_to_, &looking_to_})
    std::erase_if(*positions, [&](const auto& each) { return each.first.topic == topic; });
}

void Watching::look_at_lags(Planner& planner, const State& state, TimestampMs now) {
  if (now - lags_at_ < lag_ms && now >= lags_at_) return;
  lags_at_ = now;
  for (const auto& [which, keys] : state.watchers().lags()) {
    const auto& [group, topic] = which;
    const std::string name = fmt::format("{} in {}", group, topic);
    const auto lag = topics_->lag(group, topic);
    if (lag) {
      troubled_.erase(name);
      planner.lag(which, *lag, now);
    } else if (lag.error().code() == Errc::not_found) {
      trouble(name, lag.error(), now);
    } else {
      log::warn("scheduler", "cannot look at a lag", {log::field("group", group),
                                                      log::field("topic", topic),
                                                      log::field("error", lag.error().message())});
    }
  }
}

void Watching::name_deleted(Planner& planner, TimestampMs now) {
  deleted_named_ = true;
  for (const auto& [place, range] : deleted_) {
    RunRecord note;
    note.event = std::string(event::missed);
    note.reason = fmt::format("records {} to {} of {} were deleted before conditions saw them",
                              range.first, range.second - 1, place.to_string());
    note.count = range.second - range.first;
    note.at_ms = now;
    note.others.set("watched", std::string_view(place.topic));
    planner.note(std::move(note));
  }
}

void Watching::trouble(const std::string& topic, const Error& error, TimestampMs now) {
  if (!troubled_.insert(topic).second) return;
  RunRecord note;
  note.event = std::string(event::stalled);
  note.reason = fmt::format("conditions on {} wait: {}", topic, error.message());
  note.at_ms = now;
  note.others.set("watched", std::string_view(topic));
  notes_.push_back(std::move(note));
}

std::optional<TimestampMs> Watching::wake(const State& state) const {
  if (topics_ == nullptr || state.watchers().empty()) return std::nullopt;
  std::optional<TimestampMs> first;
  if (anew_since_) return *anew_since_;
  if (!state.watchers().topics().empty()) first = checked_at_ + check_ms;
  if (!state.watchers().lags().empty())
    first = std::min(first.value_or(lags_at_ + lag_ms), lags_at_ + lag_ms);
  return first;
}

}  // namespace horolog::scheduler
