#include <map>

#include "coordinator/classic_groups.hpp"

namespace horolog::coordinator {

using wire::ErrorCode;

namespace {

/// Since version 5 a member says which protocol it believes in (KIP-559).
bool contradicts(const std::optional<std::string>& said, const std::optional<std::string>& known) {
  return said && known && *said != *known;
}

ErrorCode check_sync(const Group& group, const wire::SyncGroupRequest& request) {
  const ErrorCode error = group.check_member(request.member_id, request.group_instance_id);
  if (error != ErrorCode::none) return error;
  if (request.generation_id != group.generation()) return ErrorCode::illegal_generation;
  if (contradicts(request.protocol_type, group.protocol_type()) ||
      contradicts(request.protocol_name, group.protocol_name())) {
    return ErrorCode::inconsistent_group_protocol;
  }
  if (group.is(GroupState::preparing_rebalance)) return ErrorCode::rebalance_in_progress;
  return ErrorCode::none;
}

}  // namespace

void ClassicGroups::sync(const Caller& caller, const wire::SyncGroupRequest& request) {
  Group* group = request.group_id.empty() ? nullptr : core_.find(request.group_id);
  ErrorCode error = request.group_id.empty() ? ErrorCode::invalid_group_id
                    : group == nullptr || group->is(GroupState::empty)
                        ? ErrorCode::unknown_member_id
                        : check_sync(*group, request);
  if (error != ErrorCode::none) {
    wire::SyncGroupResponse response;
    response.error_code = error;
    return core_.reply(caller.token, std::move(response), group);
  }
  Member& member = *group->find(request.member_id);
  group->sync_arrived(member.id);
  if (group->pending_syncs().empty()) {
    core_.timers.cancel({TimerKey::Kind::sync_phase, group->id(), ""});
  }
  if (member.sync) answer_sync(*group, member, ErrorCode::rebalance_in_progress);
  member.sync = Parked{caller.token, caller.version};
  if (group->is(GroupState::stable)) return answer_sync(*group, member, ErrorCode::none);
  // The others wait for the leader's assignment.
  if (!group->is_leader(member.id)) return;

  std::map<std::string_view, const ByteBuffer*> assigned;
  for (const auto& assignment : request.assignments) {
    assigned[assignment.member_id] = &assignment.assignment;
  }
  for (const std::string& id : group->member_ids()) {
    const auto found = assigned.find(id);
    group->find(id)->assignment = found == assigned.end() ? ByteBuffer() : *found->second;
  }
  group->transition_to(GroupState::stable, core_.now.wall_ms);
  write_group(*group);
  for (const std::string& id : group->member_ids()) {
    Member& each = *group->find(id);
    if (!each.sync) continue;
    answer_sync(*group, each, ErrorCode::none);
    // Its session ran out unseen while it was waiting here.
    extend_session(*group, each);
  }
}

}  // namespace horolog::coordinator
