#include <algorithm>

#include "client/admin_calls.hpp"
#include "protocol/messages/delete_groups.hpp"
#include "protocol/messages/leave_group.hpp"
#include "protocol/messages/list_groups.hpp"

namespace horolog {

using namespace client;

namespace {

using NameSweep = Sweep<std::string, void>;

Target coordinator_of(const std::string& group) { return Target::group(group); }
std::string same(const std::string& name) { return name; }

}  // namespace

void Admin::list_groups(std::vector<std::string> states, Then<Groups> then) {
  const auto build = [states](std::int16_t version) {
    wire::ListGroupsRequest request;
    if (version >= 4) request.states_filter = states;
    return Outgoing<wire::ListGroupsRequest>(std::move(request));
  };
  // An older broker does not tell states, so nothing could be chosen by them.
  const std::int16_t least = states.empty() ? 0 : 4;
  ask_every_broker<wire::ListGroupsRequest>(
      cluster_, build, {.cap = {least, 5}},
      [then = std::move(then)](Result<FromEvery<wire::ListGroupsRequest>> answers) {
        if (!answers) return then(answers.error());
        Groups result;
        for (auto& [node, reply] : *answers) {
          const std::string what = fmt::format("cannot list the groups of broker {}", node);
          if (!reply) {
            result.errors.push_back(reply.error().with_context(what));
          } else if (reply->message.error_code != wire::ErrorCode::none) {
            result.errors.push_back(broker_error(reply->message.error_code, what));
          } else {
            for (auto& group : reply->message.groups) {
              result.groups.push_back({std::move(group.group_id), std::move(group.protocol_type),
                                       std::move(group.group_state), std::move(group.group_type),
                                       node});
            }
          }
        }
        if (result.groups.empty() && result.errors.size() == answers->size() &&
            !result.errors.empty()) {
          return then(result.errors.front());
        }
        std::ranges::sort(result.groups, {}, &GroupListing::id);
        then(std::move(result));
      });
}

void Admin::delete_groups(std::vector<std::string> ids, Then<Names> then) {
  NameSweep::Plan plan{
      .target = coordinator_of,
      .ask =
          [](const std::shared_ptr<NameSweep>& sweep, const Target& target,
             const NameSweep::Indexes& which) {
            wire::DeleteGroupsRequest request;
            for (const std::size_t i : which) request.groups_names.push_back(sweep->key(i));
            sweep->cluster().send<wire::DeleteGroupsRequest>(
                target, std::move(request), sweep->options(), [sweep, which](const auto& reply) {
                  if (!reply) return sweep->broke(which, reply.error());
                  settle_named(
                      *sweep, which, reply->message.results,
                      [](const auto& group) { return group.group_id; },
                      [](const auto&) { return Status(); });
                });
          },
      .what = "delete group",
      .name = same};
  sweep<std::string, void>(cluster_, std::move(ids), std::move(plan), std::move(then));
}

namespace {

void settle_members(NameSweep& sweep, const NameSweep::Indexes& which,
                    const wire::LeaveGroupResponse& answer,
                    const std::vector<MemberToRemove>& members) {
  for (const std::size_t i : which) {
    if (answer.error_code != wire::ErrorCode::none) {
      sweep.fail(i, answer.error_code);
      continue;
    }
    const auto found = std::ranges::find_if(answer.members, [&](const auto& one) {
      return members[i].instance_id ? one.group_instance_id == members[i].instance_id
                                    : one.member_id == members[i].member_id;
    });
    if (found == answer.members.end()) continue;
    if (found->error_code == wire::ErrorCode::none) {
      sweep.settle(i, {});
    } else {
      sweep.fail(i, found->error_code);
    }
  }
  sweep.left_out(which);
}

}  // namespace

void Admin::remove_members(std::string group, std::vector<MemberToRemove> members,
                           std::string reason, Then<Names> then) {
  std::vector<std::string> keys;
  for (const MemberToRemove& member : members) {
    keys.push_back(member.member_id.empty() ? member.instance_id.value_or("")
                                            : member.member_id);
  }
  NameSweep::Plan plan{
      .target = [group](const std::string&) { return Target::group(group); },
      .ask =
          [group, members = std::move(members), reason = std::move(reason)](
              const std::shared_ptr<NameSweep>& sweep, const Target& target,
              const NameSweep::Indexes& which) {
            wire::LeaveGroupRequest request{.group_id = group};
            for (const std::size_t i : which) {
              request.members.push_back(
                  {.member_id = members[i].member_id,
                   .group_instance_id = members[i].instance_id,
                   .reason = reason.empty() ? std::nullopt : std::optional(reason)});
            }
            sweep->cluster().send<wire::LeaveGroupRequest>(
                target, std::move(request), sweep->options({3, 5}),
                [sweep, which, members](const auto& reply) {
                  if (!reply) return sweep->broke(which, reply.error());
                  settle_members(*sweep, which, reply->message, members);
                });
          },
      .what = "remove from group " + group + " member",
      .name = same};
  sweep<std::string, void>(cluster_, std::move(keys), std::move(plan), std::move(then));
}

}  // namespace horolog
