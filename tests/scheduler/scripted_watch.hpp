#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "scheduler/watched_topics.hpp"

namespace horolog::scheduler::testing {

/// Topics in memory that several owners watch. Every offset is a committed record; what is behind
/// `hidden` has been committed, but not been read yet.
struct FakeTopics {
  std::map<std::string, std::vector<std::vector<InRecord>>> topics;
  std::map<std::pair<std::string, std::string>, std::int64_t> lags;
  /// Readers see this much of each partition; all of it without one.
  std::map<TopicPartition, Offset> hidden;
  /// What lies before these has been deleted.
  std::map<TopicPartition, Offset> starts;

  /// None: the cluster is too old to have them.
  std::map<std::string, Uuid> ids;

  void create(const std::string& topic, std::size_t partitions = 1) {
    topics[topic].resize(partitions);
  }
  /// Deletes it and makes it anew, under another id.
  void make_anew(const std::string& topic) {
    for (auto& log : topics.at(topic)) log.clear();
    ++ids[topic].bytes[0];
  }
  Offset append(const std::string& topic, TimestampMs at, std::optional<std::string> key = {},
                Headers headers = {}, PartitionIndex partition = 0) {
    auto& log = topics.at(topic).at(static_cast<std::size_t>(partition));
    const auto offset = static_cast<Offset>(log.size());
    log.push_back({offset, at, {std::move(key), "v", std::move(headers)}});
    return offset;
  }
};

class ScriptedWatch final : public WatchedTopics {
 public:
  explicit ScriptedWatch(FakeTopics& topics) : topics_(topics) {}

  Result<std::vector<Offset>> starts(const std::string& topic, TimestampMs since) override {
    if (fail_starts) return *fail_starts;
    if (!topics_.topics.contains(topic)) return Error(Errc::not_found, "no topic " + topic);
    std::vector<Offset> out;
    for (const auto& log : topics_.topics.at(topic)) {
      const auto at = std::find_if(log.begin(), log.end(),
                                   [&](const InRecord& in) { return in.timestamp >= since; });
      out.push_back(at - log.begin());
    }
    return out;
  }
  Result<TopicShape> look_up(const std::string& topic) override {
    if (!topics_.topics.contains(topic)) return Error(Errc::not_found, "no topic " + topic);
    return TopicShape{static_cast<std::int32_t>(topics_.topics.at(topic).size()),
                      topics_.ids[topic]};
  }
  Result<Positions> stable_ends(const std::vector<TopicPartition>& places) override {
    Positions ends;
    for (const TopicPartition& place : places) ends[place] = end_of(place);
    return ends;
  }
  Result<std::int64_t> lag(const std::string& group, const std::string& topic) override {
    const auto at = topics_.lags.find({group, topic});
    if (at == topics_.lags.end()) return Error(Errc::not_found, "no topic " + topic);
    return at->second;
  }
  void follow(const Positions& places) override {
    Positions next = places;
    for (auto& [place, offset] : next)
      if (const auto at = next_.find(place); at != next_.end()) offset = at->second;
    next_ = std::move(next);
  }
  Taken take(const Positions&, int) override {
    Taken taken;
    for (auto& [place, next] : next_) {
      if (const auto begin = topics_.starts.find(place);
          begin != topics_.starts.end() && begin->second > next)
        taken.begin_at[place] = next = begin->second;
      const auto hidden = topics_.hidden.find(place);
      const Offset end = hidden == topics_.hidden.end() ? end_of(place) : hidden->second;
      for (; next < end; ++next) {
        const InRecord& in = topics_.topics.at(place.topic)
                                 .at(static_cast<std::size_t>(place.partition))
                                 .at(static_cast<std::size_t>(next));
        taken.records.push_back({place, in.timestamp, in});
      }
    }
    taken.next = next_;
    return taken;
  }

  std::optional<Error> fail_starts;
  const Positions& following() const { return next_; }

 private:
  Offset end_of(const TopicPartition& place) const {
    const auto at = topics_.topics.find(place.topic);
    const auto partition = static_cast<std::size_t>(place.partition);
    if (at == topics_.topics.end() || at->second.size() <= partition) return 0;
    return static_cast<Offset>(at->second[partition].size());
  }

  FakeTopics& topics_;
  Positions next_;
};

}  // namespace horolog::scheduler::testing
