#include <algorithm>

#include <fmt/format.h>

#include "coordinator/classic_groups.hpp"

namespace horolog::coordinator {

using wire::ErrorCode;

namespace {

// From here on a first join is answered with an id and must be repeated with it (KIP-394), so that
// a lost answer leaves no ghost member behind.
constexpr std::int16_t first_version_with_known_id = 4;
constexpr std::int16_t first_version_with_skipped_assignment = 9;

/// "client-xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx", as Kafka names members.
std::string make_member_id(const std::string& prefix, const Uuid& id) {
  const std::string hex = id.to_hex();
  return fmt::format("{}-{}-{}-{}-{}-{}", prefix, hex.substr(0, 8), hex.substr(8, 4),
                     hex.substr(12, 4), hex.substr(16, 4), hex.substr(20));
}

/// A name given twice would count as two members' support.
void drop_repeated_protocols(MemberProtocols& protocols) {
  MemberProtocols kept;
  for (auto& protocol : protocols) {
    const bool known = std::any_of(kept.begin(), kept.end(),
                                   [&](const auto& k) { return k.name == protocol.name; });
    if (!known) kept.push_back(std::move(protocol));
  }
  protocols = std::move(kept);
}

}  // namespace

void ClassicGroups::refuse_join(const Caller& caller, const std::string& member_id,
                                ErrorCode error, const Group* group) {
  core_.reply(caller.token, refused_join(member_id, error, caller.version), group);
}

void ClassicGroups::join(const Caller& caller, wire::JoinGroupRequest request) {
  if (request.group_id.empty()) {
    return refuse_join(caller, request.member_id, ErrorCode::invalid_group_id, nullptr);
  }
  if (request.session_timeout_ms < core_.settings.min_session_timeout_ms ||
      request.session_timeout_ms > core_.settings.max_session_timeout_ms) {
    return refuse_join(caller, request.member_id, ErrorCode::invalid_session_timeout, nullptr);
  }
  // Version 0 had one timeout for both.
  if (caller.version == 0) request.rebalance_timeout_ms = request.session_timeout_ms;
  drop_repeated_protocols(request.protocols);

  const bool has_id = !request.member_id.empty();
  Group* group = core_.find(request.group_id);
  const bool is_new_group = group == nullptr;
  if (is_new_group) {
    if (has_id) {
      return refuse_join(caller, request.member_id, ErrorCode::unknown_member_id, nullptr);
    }
    if (core_.groups.size() >= limits::groups_total) {
      return refuse_join(caller, "", ErrorCode::group_max_size_reached, nullptr);
    }
    group = &core_.find_or_create(request.group_id);
  }
  if (!accepts(*group, request.member_id)) {
    remove_member(*group, request.member_id);
    return refuse_join(caller, "", ErrorCode::group_max_size_reached, group);
  }
  if (has_id) {
    join_existing(caller, request, *group);
  } else {
    join_new(caller, request, *group);
  }
  if (is_new_group && group->last_write == 0) {
    // An empty record, so that the group is known as a classic one from now on.
    wire::GroupMetadataValue value;
    value.protocol.reset();
    value.leader.reset();
    value.current_state_timestamp = group->state_since();
    core_.emit(GroupRecord{group->id(), std::move(value)}, group);
  }
}

/// While members join, whoever waits already keeps his place: so a group above the limit shrinks to
/// it. Otherwise members stay and new ones need room.
bool ClassicGroups::accepts(Group& group, const std::string& member_id) const {
  const auto most = static_cast<std::size_t>(core_.settings.max_group_size);
  const Member* member = group.find(member_id);
  switch (group.state()) {
    case GroupState::empty: return true;
    case GroupState::preparing_rebalance:
      return (member != nullptr && member->join) || group.parked_joins() < most;
    case GroupState::completing_rebalance:
    case GroupState::stable: return member != nullptr || group.members().size() < most;
  }
  return false;
}

void ClassicGroups::join_new(const Caller& caller, const wire::JoinGroupRequest& request,
                             Group& group) {
  if (!group.supports(request.protocol_type, request.protocols)) {
    return refuse_join(caller, "", ErrorCode::inconsistent_group_protocol, &group);
  }
  const std::string new_id =
      make_member_id(request.group_instance_id.value_or(caller.client_id), core_.new_id());
  if (request.group_instance_id) {
    Member* known = group.find_static(*request.group_instance_id);
    if (known == nullptr) return add_member(caller, request, group, new_id);
    cancel_session(group, known->id);
    fail_join(group, *known, known->id, ErrorCode::fenced_instance_id);
    answer_sync(group, *known, ErrorCode::fenced_instance_id);
    const std::string old_leader = group.leader().value_or("");
    Member& member = group.rename_static(known->id, new_id);
    set_session(group, member, request.session_timeout_ms);
    if (group.is(GroupState::stable)) {
      group.update(member, request);
      if (group.select_protocol() == group.protocol_name()) {
        return answer_known_static(caller, group, member, old_leader);
      }
    }
    return join_again_as_static(caller, request, group, member);
  }
  if (caller.version >= first_version_with_known_id) {
    if (group.pending_joins() >= static_cast<std::size_t>(core_.settings.max_group_size)) {
      return refuse_join(caller, "", ErrorCode::group_max_size_reached, &group);
    }
    group.add_pending_join(new_id);
    core_.set_timer({TimerKey::Kind::session, group.id(), new_id}, request.session_timeout_ms);
    return refuse_join(caller, new_id, ErrorCode::member_id_required, &group);
  }
  add_member(caller, request, group, new_id);
}

/// In Stable, when the selected protocol stays: the member takes up its old assignment under the
/// new id, and nobody rebalances (KIP-345).
void ClassicGroups::answer_known_static(const Caller& caller, Group& group, const Member& member,
                                        const std::string& old_leader) {
  write_group(group);
  wire::JoinGroupResponse response = joined(group, member);
  if (caller.version >= first_version_with_skipped_assignment) {
    response.skip_assignment = group.is_leader(member.id);
  } else {
    // An older client that saw itself as leader would compute an assignment that nobody waits
    // for: it is told the old name (KIP-814).
    response.leader = old_leader;
    response.members.clear();
  }
  core_.reply(caller.token, std::move(response), &group);
}

void ClassicGroups::join_again_as_static(const Caller& caller,
                                         const wire::JoinGroupRequest& request, Group& group,
                                         Member& member) {
  group.update(member, request);
  group.park_join(member, Parked{caller.token, caller.version});
  if (group.is(GroupState::preparing_rebalance)) {
    complete_join_if_all_joined(group);
  } else {
    prepare_rebalance(group);
  }
}

void ClassicGroups::join_existing(const Caller& caller, const wire::JoinGroupRequest& request,
                                  Group& group) {
  const std::string& id = request.member_id;
  if (!group.supports(request.protocol_type, request.protocols)) {
    return refuse_join(caller, id, ErrorCode::inconsistent_group_protocol, &group);
  }
  if (group.is_pending_join(id) && !request.group_instance_id) {
    return add_member(caller, request, group, id);
  }
  const ErrorCode error = group.check_member(id, request.group_instance_id);
  if (error != ErrorCode::none) return refuse_join(caller, id, error, &group);
  rejoin(caller, request, group, *group.find(id));
}

void ClassicGroups::rejoin(const Caller& caller, const wire::JoinGroupRequest& request,
                           Group& group, Member& member) {
  const bool same = member.offers(request.protocols);
  const bool leads = group.is_leader(member.id);
  if (group.is(GroupState::completing_rebalance) && same) {
    // It asks again for an answer that got lost.
    return core_.reply(caller.token, joined(group, member), &group);
  }
  if (group.is(GroupState::stable) && same && !leads) {
    wire::JoinGroupResponse response = joined(group, member);
    response.members.clear();
    return core_.reply(caller.token, std::move(response), &group);
  }
  // A leader that joins a stable group wants a rebalance: it saw new topics or partitions.
  update_member(caller, request, group, member);
}

void ClassicGroups::add_member(const Caller& caller, const wire::JoinGroupRequest& request,
                               Group& group, const std::string& member_id) {
  Member member;
  member.id = member_id;
  member.instance_id = request.group_instance_id;
  member.client_id = caller.client_id;
  member.client_host = caller.client_host;
  member.rebalance_timeout_ms = request.rebalance_timeout_ms;
  member.session_timeout_ms = request.session_timeout_ms;
  member.protocols = request.protocols;
  member.join = Parked{caller.token, caller.version};
  member.is_new = true;
  if (group.members().empty()) group.set_protocol_type(request.protocol_type);
  if (group.is(GroupState::preparing_rebalance) && group.previous_state() == GroupState::empty) {
    group.new_member_added = true;
  }
  set_session(group, member, new_member_join_timeout_ms);
  group.add(std::move(member));
  rebalance_or_complete(group);
}

void ClassicGroups::update_member(const Caller& caller, const wire::JoinGroupRequest& request,
                                  Group& group, Member& member) {
  group.update(member, request);
  if (member.join && member.join->token != caller.token) {
    // Its earlier request is still parked (it came over another connection): only the last one
    // is answered, the first is told to try again.
    fail_join(group, member, member.id, ErrorCode::rebalance_in_progress);
  }
  group.park_join(member, Parked{caller.token, caller.version});
  rebalance_or_complete(group);
}

}  // namespace horolog::coordinator
