#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "client/consumer_shared.hpp"
#include "client/fetch_session.hpp"
#include "net/deadline.hpp"
#include "protocol/messages/fetch.hpp"
#include "protocol/messages/offset_for_leader_epoch.hpp"

namespace horolog::client {

/// The half of a consumer that lives on the loop: looks at what is wanted, sends it, and files what
/// comes back. Made and destroyed on the loop's thread.
class ConsumerLoop : public std::enable_shared_from_this<ConsumerLoop> {
 public:
  explicit ConsumerLoop(std::shared_ptr<ConsumerShared> shared);

  /// Does whatever can be done now.
  void pump();
  /// Sends nothing any more.
  void stop();
  /// Finds the topics that match the pattern.
  void list_topics();

 private:
  using Sends = std::vector<std::function<void()>>;
  struct Node {
    FetchSession session;
    bool in_flight = false;
    MonoNs not_before = 0;
    std::uint32_t failures = 0;
  };
  struct FetchPlan {
    std::vector<FetchWanted> wanted;
    bool full = false;  ///< some partition's buffer is
  };

  MonoNs backoff(std::uint32_t failures) const;
  void wake_at(MonoNs at) { wake_ = std::min(wake_, at); }

  // consumer_fetch.cpp
  void gather_fetches(Sends& sends, MonoNs now);
  void plan(std::map<NodeId, FetchPlan>& plans, FetchPositions::Partition& partition,
            const Metadata& metadata, Sends& sends, MonoNs now);
  void fetch(NodeId node, std::vector<FetchWanted> wanted, std::size_t room);
  void fetched(NodeId node, Result<Reply<wire::FetchResponse>> reply);
  void take_part(const FetchWanted& wanted, wire::FetchResponse::Partition& part,
                 const std::shared_ptr<const net::Frame>& frame, Sends& after);
  void part_refused(const FetchWanted& wanted, const wire::FetchResponse::Partition& part,
                    Sends& after);
  void find_topic(const std::string& topic, Sends& sends);

  // consumer_positions.cpp
  void gather_positions(Sends& sends, MonoNs now);
  void find_committed(std::map<TopicPartition, std::uint64_t> tickets);
  void find_resets(std::map<TopicPartition, TimestampMs> times,
                   std::map<TopicPartition, std::uint64_t> tickets);
  void looked_up(const std::map<TopicPartition, std::uint64_t>& tickets, const Error& error);
  void validate(const TopicPartition& tp, std::uint64_t ticket, LeaderEpoch epoch);
  void validated(const TopicPartition& tp, std::uint64_t ticket,
                 const Result<Reply<wire::OffsetForLeaderEpochResponse>>& reply);

  // consumer_group.cpp
  void gather_group(Sends& sends, MonoNs now);
  void gather_commits(Sends& sends, MonoNs now);
  void send(std::uint64_t attempt, wire::JoinGroupRequest request);
  void send(std::uint64_t attempt, wire::SyncGroupRequest request);
  void send(std::uint64_t attempt, wire::HeartbeatRequest request);
  void send(std::uint64_t attempt, wire::LeaveGroupRequest request);
  void send(std::uint64_t attempt, Membership::LookUpCounts request);
  void send(std::uint64_t attempt, Membership::CoordinatorFailed request);
  template <typename R>
  void ask_group(R request, std::uint64_t attempt, CallOptions options,
                 void (Membership::*answered)(std::uint64_t,
                                              Result<typename wire::ResponseOf<R>::type>, MonoNs));
  void commit(wire::OffsetCommitRequest request, MonoNs left);
  void metadata_changed();
  PartitionCounts counts_of(const std::set<std::string>& topics) const;

  const std::shared_ptr<ConsumerShared> shared_;
  Cluster& cluster_;
  const Lane fetch_lane_;
  const Lane group_lane_;
  std::map<NodeId, Node> nodes_;
  std::set<std::string> finding_;  ///< topics that are being looked up
  bool committed_in_flight_ = false;
  bool resets_in_flight_ = false;
  MonoNs lookups_not_before_ = 0;
  std::uint32_t lookup_failures_ = 0;
  std::set<TopicPartition> validating_;
  bool listing_ = false;
  MonoNs list_at_ = 0;  ///< when the topics are listed again, if there is a pattern
  MonoNs wake_ = 0;
  bool stopped_ = false;
  net::Deadline timer_;
  Cluster::Watch watch_;
};

}  // namespace horolog::client
