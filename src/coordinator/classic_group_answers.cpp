#include "coordinator/classic_groups.hpp"

namespace horolog::coordinator {

using wire::ErrorCode;

/// The answer to a join that succeeded; only the leader learns of the others.
wire::JoinGroupResponse ClassicGroups::joined(const Group& group, const Member& member,
                                              std::int16_t version) {
  wire::JoinGroupResponse response;
  response.member_id = member.id;
  response.generation_id = group.generation();
  if (version >= 7) response.protocol_type = group.protocol_type();
  response.protocol_name = group.protocol_name();
  if (!response.protocol_name && version < 7) response.protocol_name = "";
  response.leader = group.leader().value_or("");
  if (!group.is_leader(member.id) || !group.protocol_name()) return response;
  response.members.reserve(group.members().size());
  for (const auto& [id, other] : group.members()) {
    auto& listed = response.members.emplace_back();
    listed.member_id = id;
    if (version >= 5) listed.group_instance_id = other.instance_id;
    if (const ByteBuffer* metadata = other.metadata(*group.protocol_name())) {
      listed.metadata = *metadata;
    }
  }
  return response;
}

void ClassicGroups::answer_join(Group& group, Member& member, wire::JoinGroupResponse response) {
  const auto parked = group.unpark_join(member);
  if (parked && parked->version >= 7 && response.error_code != ErrorCode::none) {
    response.protocol_name.reset();
  }
  if (parked) core_.reply(parked->token, std::move(response), &group);
}

void ClassicGroups::fail_join(Group& group, Member& member, const std::string& member_id,
                              ErrorCode error) {
  wire::JoinGroupResponse response;
  response.error_code = error;
  response.member_id = member_id;
  answer_join(group, member, std::move(response));
}

void ClassicGroups::answer_sync(Group& group, Member& member, ErrorCode error) {
  const auto parked = std::exchange(member.sync, std::nullopt);
  if (!parked) return;
  wire::SyncGroupResponse response;
  response.error_code = error;
  if (error == ErrorCode::none) {
    if (parked->version >= 5) {
      response.protocol_type = group.protocol_type();
      response.protocol_name = group.protocol_name();
    }
    response.assignment = member.assignment;
  }
  core_.reply(parked->token, std::move(response), &group);
}

void ClassicGroups::write_group(Group& group) {
  core_.emit(GroupRecord{group.id(), group.to_record()}, &group);
}

}  // namespace horolog::coordinator
