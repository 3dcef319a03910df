#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "scheduler/entry.hpp"
#include "scheduler/state.hpp"
#include "scheduler/transaction.hpp"

namespace horolog::scheduler {

/// Why the fire's target never takes it, although it may well take others; nullopt: nothing that
/// is known speaks against it. None: everything can be written.
using Refusal = std::function<std::optional<std::string>(const Fire&)>;

/// A transaction being written: the partition's state with what the transaction would change laid
/// over it. The state itself stays as it is until the transaction is committed; a draft that is
/// dropped leaves no trace. Borrows the state and the refusal.
class Draft {
 public:
  Draft(const State& state, const Refusal& refusal)
      : state_(state), refusal_(refusal), meta_(state.meta()) {}

  /// The entry as the draft has it, or nullptr.
  const Entry* find(const std::string& key) const;
  /// The same, to be changed; a blank one for a key that is not known.
  Entry& edit(const std::string& key);
  bool edited(const std::string& key) const { return changed_.contains(key); }
  const std::map<std::string, Entry>& changed() const { return changed_; }
  /// Watching begins there, unless it has begun.
  void watch_from(const TopicPartition& place, Offset next) {
    if (!state_.watches().contains(place)) watched_.try_emplace(place, next);
  }
  /// Read up to there. Written with the rest, or alone when `write_positions`.
  void watched_to(const TopicPartition& place, Offset next) { watched_[place] = next; }
  void write_positions() { positions_ = true; }
  /// What the positions in that topic are of.
  void watched_id(const std::string& topic, const Uuid& id) { watched_ids_[topic] = id; }
  Meta& meta() { return meta_; }
  const State& state() const { return state_; }

  std::optional<std::string> refusal(const Fire& fire) const {
    return refusal_ ? refusal_(fire) : std::nullopt;
  }
  void fire(Fire fire) {
    fired_bytes_ += fire.record.value.value_or("").size() + fire.record.headers.size() * 64;
    transaction_.fires.push_back(std::move(fire));
  }
  void run(RunRecord run) { transaction_.runs.push_back(std::move(run)); }
  void forward(Forward forward) { transaction_.forwards.push_back(std::move(forward)); }
  std::size_t records() const {
    return transaction_.fires.size() + transaction_.forwards.size() + transaction_.runs.size() +
           changed_.size();
  }
  std::size_t fires() const { return transaction_.fires.size(); }
  /// Fires that conditions have decided on in this draft.
  void count_admitted() { ++admitted_; }
  std::size_t admitted() const { return admitted_; }
  /// Payload bytes of the fires, roughly what they take on the wire.
  std::size_t fired_bytes() const { return fired_bytes_; }
  /// Something could not be decided now (the cluster did not answer): the draft must not be used.
  void postpone(Error why) { postponed_ = std::move(why); }
  const std::optional<Error>& postponed() const { return postponed_; }

  /// Everything written so far, with the state records that follow from it. Empty when the draft
  /// changes nothing.
  Transaction finish() &&;

 private:
  void write_entry(const std::string& key, const Entry& entry);
  void write_watches(bool anything_else);

  const State& state_;
  const Refusal& refusal_;
  Meta meta_;
  std::map<std::string, Entry> changed_;
  std::map<TopicPartition, Offset> watched_;
  std::map<std::string, Uuid> watched_ids_;
  bool positions_ = false;
  Transaction transaction_;
  std::size_t fired_bytes_ = 0;
  std::size_t admitted_ = 0;
  std::optional<Error> postponed_;
};

}  // namespace horolog::scheduler
