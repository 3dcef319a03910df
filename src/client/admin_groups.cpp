#include <algorithm>

#include "client/admin_calls.hpp"
#include "protocol/messages/delete_groups.hpp"
#include "protocol/messages/describe_groups.hpp"
#include "protocol/messages/leave_group.hpp"
#include "protocol/messages/list_groups.hpp"
#include "protocol/records/consumer_protocol.hpp"

namespace horolog {

using namespace client;

namespace {

using DescribeSweep = Sweep<std::string, GroupDescription>;
using NameSweep = Sweep<std::string, void>;

/// What consumers tell each other has its version in front; it is decoded as far as we know it.
template <typename M>
std::optional<M> read_versioned(const ByteBuffer& bytes) {
  if (bytes.size() < 2) return std::nullopt;
  const auto version = std::min(load_be<std::int16_t>(bytes.data()), M::api.versions.max);
  if (version < 0) return std::nullopt;
  auto message = wire::decode_prefix<M>(ByteView(bytes).subspan(2), version);
  return message ? std::optional<M>(std::move(*message)) : std::nullopt;
}

GroupMember member_of(const wire::DescribeGroupsResponse::Member& given, bool consumer) {
  GroupMember member{.id = given.member_id,
                     .instance_id = given.group_instance_id,
                     .client_id = given.client_id,
                     .host = given.client_host,
                     .assignment = {},
                     .topics = {}};
  if (!consumer) return member;
  if (const auto read = read_versioned<wire::ConsumerProtocolAssignment>(given.member_assignment)) {
    for (const auto& topic : read->assigned_partitions) {
      for (const PartitionIndex index : topic.partitions) {
        member.assignment.push_back({topic.topic, index});
      }
    }
    std::ranges::sort(member.assignment);
  }
  if (auto read = read_versioned<wire::ConsumerProtocolSubscription>(given.member_metadata)) {
    member.topics = std::move(read->topics);
  }
  return member;
}

GroupDescription group_of(const wire::DescribeGroupsResponse::Group& given,
                          const BrokerInfo* coordinator) {
  GroupDescription group{.id = given.group_id,
                         .state = given.group_state,
                         .protocol_type = given.protocol_type,
                         .assignor = given.protocol_data,
                         .coordinator = {},
                         .members = {}};
  if (coordinator != nullptr) {
    group.coordinator = {coordinator->id, coordinator->address.host, coordinator->address.port,
                         coordinator->rack};
  }
  for (const auto& member : given.members) {
    group.members.push_back(member_of(member, given.protocol_type == "consumer"));
  }
  return group;
}

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

void Admin::describe_groups(std::vector<std::string> ids, Then<GroupDescriptions> then) {
  DescribeSweep::Plan plan{
      .target = coordinator_of,
      .ask =
          [](const std::shared_ptr<DescribeSweep>& sweep, const Target& target,
             const DescribeSweep::Indexes& which) {
            wire::DescribeGroupsRequest request;
            for (const std::size_t i : which) request.groups.push_back(sweep->key(i));
            sweep->cluster().send<wire::DescribeGroupsRequest>(
                target, std::move(request), sweep->options(), [sweep, which](const auto& reply) {
                  if (!reply) return sweep->broke(which, reply.error());
                  const auto metadata = sweep->cluster().metadata();
                  settle_named(
                      *sweep, which, reply->message.groups,
                      [](const auto& group) { return group.group_id; },
                      [&](const auto& group) {
                        return group_of(group, metadata->broker(reply->node));
                      });
                });
          },
      .what = "describe group",
      .name = same};
  sweep<std::string, GroupDescription>(cluster_, std::move(ids), std::move(plan),
                                       std::move(then));
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
