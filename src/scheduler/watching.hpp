#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "scheduler/planner.hpp"
#include "scheduler/state.hpp"
#include "scheduler/watched_topics.hpp"

namespace horolog::scheduler {

/// What an owner has read of the topics that its schedules' conditions look at, and how much of it
/// is in its state. Nothing is forgotten before the transaction that takes it up is committed. One
/// thread at a time.
class Watching {
 public:
  /// `topics` is borrowed; nullptr: nothing can be watched.
  explicit Watching(WatchedTopics* topics) : topics_(topics) {}

  /// Everything will be read anew from where the state says; until then nothing is.
  void stop();
  /// Takes what has come. Before the end of the commands is asked for: a command that was sent
  /// before a record is then known before the record is looked at.
  void read(const State& state, TimestampMs now);
  /// Hands it to the planner, and the lags when it is time for them. True: there is more.
  bool feed(Planner& planner, const State& state, Tick& tick);
  /// What was fed has been committed, or had no effect. Without this it is fed again.
  void settled();

  /// When there is something to look at although nothing comes.
  std::optional<TimestampMs> wake(const State& state) const;

 private:
  void follow(const State& state, TimestampMs now);
  /// Puts what was there into the order in which it came.
  void put_in_order();
  bool feed_records(Planner& planner, const State& state, const Tick& tick);
  void check_topics(Planner& planner, const State& state, TimestampMs now);
  void look_at_lags(Planner& planner, const State& state, TimestampMs now);
  static bool is_another(Planner& planner, const State& state, const std::string& topic,
                         const Uuid& id);
  void leave(const std::string& topic);
  void name_deleted(Planner& planner, TimestampMs now);
  void trouble(const std::string& topic, const Error& error, TimestampMs now);

  WatchedTopics* topics_;
  std::deque<WatchedRecord> inbox_;
  /// Records at its front that the planner of this tick has.
  std::size_t fed_ = 0;
  /// How far the inbox reaches; how far has been looked at, be it without effect; how far it will
  /// have been when this tick's transaction is committed.
  WatchedTopics::Positions read_to_, looked_to_, looking_to_;
  std::set<TopicPartition> followed_;
  /// Since when the reading has begun anew, and is not at its end yet: nothing is fed before.
  std::optional<TimestampMs> anew_since_;
  /// Topics of which everything that was committed by this tick's time has come.
  std::set<std::string> whole_;
  /// Topics that are not there, or were made anew since they were last looked at.
  std::set<std::string> gone_;
  /// Deleted before it was read, for the history: from where, and where the partition begins.
  std::map<TopicPartition, std::pair<Offset, Offset>> deleted_;
  bool deleted_named_ = false;  ///< by this tick's planner
  /// What the history says is in trouble, and what it does not say yet.
  std::set<std::string> troubled_;
  std::vector<RunRecord> notes_;
  std::size_t noted_ = 0;  ///< by this tick's planner
  TimestampMs checked_at_ = 0, lags_at_ = 0, written_at_ = 0;
};

}  // namespace horolog::scheduler
