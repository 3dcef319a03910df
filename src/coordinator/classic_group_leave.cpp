#include "coordinator/classic_groups.hpp"

namespace horolog::coordinator {

using wire::ErrorCode;

namespace {

constexpr std::int16_t first_version_with_members = 3;

struct Leaver {
  std::string member_id;
  std::optional<std::string> instance_id;
};

std::vector<Leaver> leavers(const Caller& caller, const wire::LeaveGroupRequest& request) {
  if (caller.version < first_version_with_members) return {{request.member_id, std::nullopt}};
  std::vector<Leaver> all;
  for (const auto& member : request.members) {
    all.push_back({member.member_id, member.group_instance_id});
  }
  return all;
}

}  // namespace

void ClassicGroups::leave(const Caller& caller, const wire::LeaveGroupRequest& request) {
  wire::LeaveGroupResponse response;
  if (request.group_id.empty()) {
    response.error_code = ErrorCode::invalid_group_id;
    return core_.reply(caller.token, std::move(response), nullptr);
  }
  Group* group = core_.find(request.group_id);
  bool anybody_left = false;
  for (const Leaver& leaver : leavers(caller, request)) {
    const ErrorCode error = group == nullptr
                                ? ErrorCode::unknown_member_id
                                : leave_one(*group, leaver.member_id, leaver.instance_id);
    anybody_left = anybody_left || error == ErrorCode::none;
    if (caller.version < first_version_with_members) {
      response.error_code = error;
      continue;
    }
    auto& answer = response.members.emplace_back();
    answer.member_id = leaver.member_id;
    answer.group_instance_id = leaver.instance_id;
    answer.error_code = error;
  }
  if (anybody_left) {
    if (group->is(GroupState::stable) || group->is(GroupState::completing_rebalance)) {
      prepare_rebalance(*group);
    } else if (group->is(GroupState::preparing_rebalance)) {
      complete_join_if_all_joined(*group);
    }
  }
  core_.reply(caller.token, std::move(response), group);
}

ErrorCode ClassicGroups::leave_one(Group& group, const std::string& member_id,
                                   const std::optional<std::string>& instance_id) {
  if (member_id.empty()) {
    // An administrator removes a static member by its name.
    const Member* member = instance_id ? group.find_static(*instance_id) : nullptr;
    if (member == nullptr) return ErrorCode::unknown_member_id;
    remove_member(group, member->id);
    return ErrorCode::none;
  }
  if (!group.is_pending_join(member_id)) {
    const ErrorCode error = group.check_member(member_id, instance_id);
    if (error != ErrorCode::none) return error;
  }
  remove_member(group, member_id);
  return ErrorCode::none;
}

}  // namespace horolog::coordinator
