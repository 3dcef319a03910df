#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.hpp"
#include "client/cluster.hpp"
#include "client/committed_reader.hpp"
#include "scheduler/nudge.hpp"
#include "scheduler/watched_topics.hpp"

namespace horolog::scheduler {

/// The watched topics of a cluster, read with read_committed in a thread of its own, which is there
/// once something is watched. The other calls block; one thread at a time, not the cluster's loop.
class TopicWatch final : public WatchedTopics {
 public:
  /// `nudge` is given when records have come.
  TopicWatch(std::shared_ptr<client::Cluster> cluster, std::shared_ptr<Nudge> nudge,
             const Clock& clock)
      : cluster_(std::move(cluster)), nudge_(std::move(nudge)), clock_(clock) {}
  /// As stop().
  ~TopicWatch() override { stop(); }
  TopicWatch(const TopicWatch&) = delete;
  TopicWatch& operator=(const TopicWatch&) = delete;
  /// Ends the thread, while the cluster is still open; nothing is followed any more.
  void stop();

  Result<std::vector<Offset>> starts(const std::string& topic, TimestampMs since) override;
  Result<TopicShape> look_up(const std::string& topic) override;
  Result<Positions> stable_ends(const std::vector<TopicPartition>& places) override;
  Result<std::int64_t> lag(const std::string& group, const std::string& topic) override;
  void follow(const Positions& places) override;
  Taken take(const Positions& until, int wait_ms) override;

 private:
  void run();
  Status read(std::uint64_t turn, const Positions& from);
  bool reached(const Positions& until) const;
  Result<Positions> committed(const std::string& group, const std::vector<TopicPartition>& places);

  std::shared_ptr<client::Cluster> cluster_;
  std::shared_ptr<Nudge> nudge_;
  const Clock& clock_;

  std::mutex mutex_;
  std::condition_variable changed_;
  // All of these by mutex_.
  bool stopping_ = false;
  std::uint64_t turn_ = 0;  ///< of follow()
  Positions next_;          ///< of what is followed: how far it has been read
  std::vector<WatchedRecord> come_;
  bool anew_ = false;
  Positions begin_at_;
  client::CommittedReader* reading_ = nullptr;

  std::thread thread_;
};

}  // namespace horolog::scheduler
