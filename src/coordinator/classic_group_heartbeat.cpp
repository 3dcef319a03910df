#include "coordinator/classic_groups.hpp"

namespace horolog::coordinator {

using wire::ErrorCode;

void ClassicGroups::heartbeat(const Caller& caller, const wire::HeartbeatRequest& request) {
  wire::HeartbeatResponse response;
  Group* group = request.group_id.empty() ? nullptr : core_.find(request.group_id);
  if (request.group_id.empty()) {
    response.error_code = ErrorCode::invalid_group_id;
  } else if (group == nullptr) {
    response.error_code = ErrorCode::unknown_member_id;
  } else {
    response.error_code = group->check_member(request.member_id, request.group_instance_id);
  }
  if (response.error_code == ErrorCode::none && request.generation_id != group->generation()) {
    response.error_code = ErrorCode::illegal_generation;
  }
  if (response.error_code == ErrorCode::none) {
    extend_session(*group, *group->find(request.member_id));
    if (group->is(GroupState::preparing_rebalance)) {
      response.error_code = ErrorCode::rebalance_in_progress;
    }
  }
  core_.reply(caller.token, std::move(response), group);
}

}  // namespace horolog::coordinator
