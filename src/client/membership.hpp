#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "base/clock.hpp"
#include "client/assignor.hpp"
#include "client/backoff.hpp"
#include "horolog/error.hpp"
#include "horolog/group.hpp"
#include "protocol/messages/heartbeat.hpp"
#include "protocol/messages/join_group.hpp"
#include "protocol/messages/leave_group.hpp"
#include "protocol/messages/sync_group.hpp"

namespace horolog::client {

/// A change of what the member holds, to be told to the application on its own thread.
struct RebalanceEvent {
  enum class Kind : std::uint8_t {
    assigned,  ///< these are ours now, besides what was ours before
    revoked,   ///< these are given up; until event_done() nobody else has them
    lost,      ///< these are no longer ours, and others may have them already
  };
  Kind kind = Kind::assigned;
  std::vector<TopicPartition> partitions;
  bool everything = false;  ///< revoked, lost: whatever is held when the event is handed out
};

/// A member of a classic consumer group (KIP-62, 345, 394, 429): pure. Inputs and the time come in;
/// take_effects() gives the requests to be sent, next_event() what to tell the application. An
/// answer is given back with the attempt of its request; those that came too late are ignored.
///
/// The application's thread is part of the protocol: partitions are given up only when it has
/// handled the event, so a rebalance waits for it, and a member whose application does not poll for
/// max_poll_interval leaves the group.
class Membership {
 public:
  struct Settings {
    std::string group;
    std::optional<std::string> instance_id;
    std::chrono::milliseconds session_timeout{45'000};
    std::chrono::milliseconds heartbeat_interval{3'000};
    std::chrono::milliseconds max_poll_interval{300'000};
    Backoff backoff{100'000'000, 1'000'000'000};
    std::function<double()> random = [] { return 0.5; };
  };

  struct LookUpCounts {
    std::set<std::string> topics;
  };
  struct CoordinatorFailed {};
  using Request = std::variant<wire::JoinGroupRequest, wire::SyncGroupRequest,
                               wire::HeartbeatRequest, wire::LeaveGroupRequest, LookUpCounts,
                               CoordinatorFailed>;
  struct Effect {
    std::uint64_t attempt = 0;
    Request request;
  };

  Membership(Settings settings, std::vector<std::unique_ptr<Assignor>> assignors);

  // What the application does.

  /// Joins, or joins again when the topics are others than before. Nothing is sent before the
  /// first polled().
  void subscribe(std::set<std::string> topics, MonoNs now);
  /// Gives everything up and leaves; a static member stays in the group until its session ends.
  void leave(MonoNs now);
  void polled(MonoNs now);
  /// The next event, which counts as handed out until event_done().
  std::optional<RebalanceEvent> next_event(MonoNs now);
  void event_done(MonoNs now);
  bool has_event() const { return !event_out_ && !events_.empty(); }
  /// Will go on with the next polled().
  bool waits_for_poll() const { return wait_poll_; }

  // What the cluster answers.

  void on_joined(std::uint64_t attempt, Result<wire::JoinGroupResponse> answer, MonoNs now);
  void on_counts(std::uint64_t attempt, Result<PartitionCounts> counts, MonoNs now);
  void on_synced(std::uint64_t attempt, Result<wire::SyncGroupResponse> answer, MonoNs now);
  void on_heartbeat(std::uint64_t attempt, Result<wire::HeartbeatResponse> answer, MonoNs now);
  void on_left(std::uint64_t attempt, MonoNs now);
  /// The metadata changed; a leader has the group assigned anew when its topics did.
  void on_topics(const PartitionCounts& counts, MonoNs now);
  /// Whether a commit sent as `who` was refused with `code` only because the group has moved on
  /// with us in it: joins go on in the background, so what is still owned may be committed again.
  bool overtaken(wire::ErrorCode code, const GroupMetadata& who) const;
  /// A commit sent as `who` was refused with `code`.
  void on_commit_refused(wire::ErrorCode code, const GroupMetadata& who, MonoNs now);
  void on_time(MonoNs now);

  // What comes of it.

  std::vector<Effect> take_effects();
  /// When on_time() must be called at the latest.
  MonoNs next_wake() const;
  /// Who we are for a commit; generation -1 and no member id outside a generation.
  GroupMetadata identity() const;
  bool joined() const { return generation_ >= 0; }
  bool stable() const { return state_ == State::stable; }
  /// Left, or never in the group.
  bool idle() const { return state_ == State::idle; }
  bool leads() const { return leader_; }
  /// Topics whose number of partitions matters to the leader.
  const PartitionCounts& counts() const { return counts_; }
  const std::set<TopicPartition>& owned() const { return owned_; }
  RebalanceProtocol protocol() const { return protocol_; }
  /// What ended the membership for good. It can be started anew by leave() and subscribe().
  const std::optional<Error>& failure() const { return failure_; }

 private:
  enum class State : std::uint8_t {
    idle, preparing, waiting, joining, counting, syncing, applying, stable, leaving, failed
  };

  // membership.cpp
  void begin_rebalance(MonoNs now);
  void advance(MonoNs now);
  void join(MonoNs now);
  void join_later(MonoNs now, bool coordinator_failed);
  void lose(MonoNs now, bool forget_member);
  void fail(Error error, MonoNs now);
  void send_leave(MonoNs now);
  void gone(MonoNs now);
  void push(RebalanceEvent event) { events_.push_back(std::move(event)); }
  void drop_events();
  std::uint64_t emit(Request request);
  bool heartbeats_now() const;
  bool session_runs() const;

  // membership_answers.cpp
  void refused(wire::ErrorCode code, std::string_view what, MonoNs now);
  void unreachable(const Error& error, MonoNs now);
  void lead(const std::vector<wire::JoinGroupResponse::Member>& members, MonoNs now);
  void sync(std::vector<wire::SyncGroupRequest::Assignment> assignments);
  void apply(std::vector<TopicPartition> assignment, MonoNs now);

  const Settings settings_;
  const std::vector<std::unique_ptr<Assignor>> assignors_;
  RebalanceProtocol protocol_ = RebalanceProtocol::cooperative;

  State state_ = State::idle;
  std::set<std::string> topics_;
  std::string member_id_;
  std::int32_t generation_ = -1;
  std::set<TopicPartition> owned_;
  std::vector<TopicPartition> previous_;  ///< the last assignment, for sticky user data
  std::deque<RebalanceEvent> events_;
  bool event_out_ = false;
  bool rejoin_ = false;     ///< another rebalance when this one is done
  bool wait_poll_ = false;  ///< does not join before the application polls
  bool leader_ = false;
  const Assignor* assignor_ = nullptr;
  std::string protocol_name_;
  std::vector<GroupMember> members_;
  PartitionCounts counts_;
  std::optional<Error> failure_;

  std::vector<Effect> effects_;
  std::uint64_t last_attempt_ = 0;
  std::uint64_t pending_ = 0;    ///< attempt of the join, look-up, sync or leave in flight
  std::uint64_t heartbeat_ = 0;  ///< attempt of the heartbeat in flight
  std::uint32_t failures_ = 0;
  MonoNs join_at_ = 0;
  MonoNs heartbeat_at_ = 0;
  MonoNs heartbeat_sent_ = 0;
  MonoNs alive_at_ = 0;  ///< when the coordinator last heard from us, as far as we know
  MonoNs polled_at_ = 0;
};

}  // namespace horolog::client
