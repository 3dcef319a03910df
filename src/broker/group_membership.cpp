// JoinGroup 0–9, SyncGroup 0–5, Heartbeat 0–4, LeaveGroup 0–5: the classic protocol. Join and sync
// are parked in the coordinator until the group moves on; each answer leaves when the generation it
// tells of is durable.

#include "broker/group_calls.hpp"
#include "broker/handlers.hpp"

namespace horolog::broker {

using wire::ErrorCode;

void handle_join_group(Context& context, Request request) {
  auto decoded = request.decode<wire::JoinGroupRequest>();
  if (!decoded) return;
  const auto asked = std::make_shared<const wire::JoinGroupRequest>(std::move(*decoded));
  const std::int16_t version = request.version();
  forward<wire::JoinGroupResponse>(
      context, std::move(request), asked->group_id,
      [asked](auto& machine, const auto& caller, auto now) {
        return machine.join(caller, *asked, now);
      },
      [asked, version](ErrorCode error) {
        return coordinator::refused_join(asked->member_id, error, version);
      });
}

void handle_sync_group(Context& context, Request request) {
  auto decoded = request.decode<wire::SyncGroupRequest>();
  if (!decoded) return;
  const auto asked = std::make_shared<const wire::SyncGroupRequest>(std::move(*decoded));
  forward<wire::SyncGroupResponse>(
      context, std::move(request), asked->group_id,
      [asked](auto& machine, const auto& caller, auto now) {
        return machine.sync(caller, *asked, now);
      },
      [](ErrorCode error) {
        wire::SyncGroupResponse response;
        response.error_code = error;
        return response;
      });
}

void handle_heartbeat(Context& context, Request request) {
  auto decoded = request.decode<wire::HeartbeatRequest>();
  if (!decoded) return;
  const auto asked = std::make_shared<const wire::HeartbeatRequest>(std::move(*decoded));
  forward<wire::HeartbeatResponse>(
      context, std::move(request), asked->group_id,
      [asked](auto& machine, const auto& caller, auto now) {
        return machine.heartbeat(caller, *asked, now);
      },
      [](ErrorCode error) {
        wire::HeartbeatResponse response;
        // Sessions start anew after loading, so the member may as well go on.
        const bool loading = error == ErrorCode::coordinator_load_in_progress;
        response.error_code = loading ? ErrorCode::none : error;
        return response;
      });
}

void handle_leave_group(Context& context, Request request) {
  auto decoded = request.decode<wire::LeaveGroupRequest>();
  if (!decoded) return;
  const auto asked = std::make_shared<const wire::LeaveGroupRequest>(std::move(*decoded));
  forward<wire::LeaveGroupResponse>(
      context, std::move(request), asked->group_id,
      [asked](auto& machine, const auto& caller, auto now) {
        return machine.leave(caller, *asked, now);
      },
      [](ErrorCode error) {
        wire::LeaveGroupResponse response;
        response.error_code = error;
        return response;
      });
}

}  // namespace horolog::broker
