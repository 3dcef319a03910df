#pragma once

#include <string>
#include <string_view>

#include "coordinator/core.hpp"

namespace horolog::coordinator {

/// An answer to a join that did not get in.
wire::JoinGroupResponse refused_join(const std::string& member_id, wire::ErrorCode error,
                                     std::int16_t version);

/// Membership of classic groups: join, sync, heartbeat, leave and the rebalance between them, with
/// the rules and error codes of Apache Kafka 4.3.1 (KIP-62, 98, 345, 394, 429, 559, 800, 814).
class ClassicGroups {
 public:
  explicit ClassicGroups(Core& core) : core_(core) {}

  void join(const Caller& caller, wire::JoinGroupRequest request);
  void sync(const Caller& caller, const wire::SyncGroupRequest& request);
  void heartbeat(const Caller& caller, const wire::HeartbeatRequest& request);
  void leave(const Caller& caller, const wire::LeaveGroupRequest& request);

  /// After the log was replayed: the sessions of the members found start now.
  void on_loaded();
  void on_timer(const TimerKey& key);
  /// Whatever shows that the member lives, other than a heartbeat (an offset commit).
  void extend_session(const Group& group, const Member& member);
  /// Forgets a group's soft state and its timers.
  void forget(const std::string& group_id);

 private:
  // classic_group_join.cpp
  bool accepts(Group& group, const std::string& member_id) const;
  void join_new(const Caller& caller, const wire::JoinGroupRequest& request, Group& group);
  void join_existing(const Caller& caller, const wire::JoinGroupRequest& request, Group& group);
  void rejoin(const Caller& caller, const wire::JoinGroupRequest& request, Group& group,
              Member& member);
  void join_again_as_static(const Caller& caller, const wire::JoinGroupRequest& request,
                            Group& group, Member& member);
  void answer_known_static(const Caller& caller, Group& group, const Member& member,
                           const std::string& old_leader);
  void add_member(const Caller& caller, const wire::JoinGroupRequest& request, Group& group,
                  const std::string& member_id);
  void update_member(const Caller& caller, const wire::JoinGroupRequest& request, Group& group,
                     Member& member);
  void refuse_join(const Caller& caller, const std::string& member_id, wire::ErrorCode error,
                   const Group* group);

  // classic_group_answers.cpp
  wire::JoinGroupResponse joined(const Group& group, const Member& member);
  void answer_join(Group& group, Member& member, wire::JoinGroupResponse response);
  void fail_join(Group& group, Member& member, const std::string& member_id,
                 wire::ErrorCode error);
  void answer_sync(Group& group, Member& member, wire::ErrorCode error);

  // classic_group_rebalance.cpp
  void rebalance_or_complete(Group& group);
  void prepare_rebalance(Group& group);
  void complete_join_if_all_joined(Group& group);
  void complete_join(Group& group);
  void finish_generation(Group& group);
  void remove_member(Group& group, const std::string& member_id);
  void end_sync_phase(Group& group);
  void on_session_expired(Group& group, const std::string& member_id);
  void on_initial_delay(Group& group);
  void on_sync_expired(Group& group);
  void set_session(const Group& group, const Member& member, std::int64_t timeout_ms);
  void cancel_session(const Group& group, const std::string& member_id);

  // classic_group_leave.cpp
  wire::ErrorCode leave_one(Group& group, const std::string& member_id,
                            const std::optional<std::string>& instance_id);

  void write_group(Group& group);

  Core& core_;
};

}  // namespace horolog::coordinator
