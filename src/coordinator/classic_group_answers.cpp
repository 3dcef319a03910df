#include "coordinator/classic_groups.hpp"

namespace horolog::coordinator {

using wire::ErrorCode;

namespace {

constexpr std::int16_t first_version_with_null_protocol = 7;

}  // namespace

/// The answer to a join that succeeded; only the leader learns of the others.
wire::JoinGroupResponse ClassicGroups::joined(const Group& group, const Member& member) {
  wire::JoinGroupResponse response;
  response.member_id = member.id;
  response.generation_id = group.generation();
  response.protocol_type = group.protocol_type();
  response.protocol_name = group.protocol_name();
  response.leader = group.leader().value_or("");
  if (!group.is_leader(member.id)) return response;
  response.members.reserve(group.members().size());
  for (const auto& [id, other] : group.members()) {
    auto& listed = response.members.emplace_back();
    listed.member_id = id;
    listed.group_instance_id = other.instance_id;
    if (const ByteBuffer* metadata = other.metadata(*group.protocol_name())) {
      listed.metadata = *metadata;
    }
  }
  return response;
}

wire::JoinGroupResponse refused_join(const std::string& member_id, ErrorCode error,
                                     std::int16_t version) {
  wire::JoinGroupResponse response;
  response.error_code = error;
  response.member_id = member_id;
  if (version >= first_version_with_null_protocol) response.protocol_name.reset();
  return response;
}

void ClassicGroups::answer_join(Group& group, Member& member, wire::JoinGroupResponse response) {
  const auto parked = group.unpark_join(member);
  if (parked) core_.reply(parked->token, std::move(response), &group);
}

void ClassicGroups::fail_join(Group& group, Member& member, const std::string& member_id,
                              ErrorCode error) {
  if (!member.join) return;
  answer_join(group, member, refused_join(member_id, error, member.join->version));
}

void ClassicGroups::answer_sync(Group& group, Member& member, ErrorCode error) {
  const auto parked = std::exchange(member.sync, std::nullopt);
  if (!parked) return;
  wire::SyncGroupResponse response;
  response.error_code = error;
  if (error == ErrorCode::none) {
    response.protocol_type = group.protocol_type();
    response.protocol_name = group.protocol_name();
    response.assignment = member.assignment;
  }
  core_.reply(parked->token, std::move(response), &group);
}

void ClassicGroups::write_group(Group& group) {
  core_.emit(GroupRecord{group.id(), group.to_record()}, &group);
}

}  // namespace horolog::coordinator
