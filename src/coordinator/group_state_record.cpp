#include "base/assert.hpp"
#include "coordinator/group_state.hpp"

namespace horolog::coordinator {

Group Group::from_record(std::string id, const wire::GroupMetadataValue& value) {
  Group group(std::move(id));
  group.generation_ = value.generation;
  if (!value.protocol_type.empty()) group.protocol_type_ = value.protocol_type;
  group.protocol_name_ = value.protocol;
  group.state_since_ = value.current_state_timestamp;
  for (const auto& stored : value.members) {
    // Bytes from a disk: what no coordinator would write must not stop this one.
    if (group.find(stored.member_id) != nullptr) continue;
    if (stored.group_instance_id && group.find_static(*stored.group_instance_id)) continue;
    Member member;
    member.id = stored.member_id;
    member.instance_id = stored.group_instance_id;
    member.client_id = stored.client_id;
    member.client_host = stored.client_host;
    member.session_timeout_ms = stored.session_timeout;
    member.rebalance_timeout_ms =
        stored.rebalance_timeout == -1 ? stored.session_timeout : stored.rebalance_timeout;
    // Of what a member offered only the selected protocol is kept; the next join brings the rest.
    member.protocols.emplace_back();
    member.protocols.back().name = value.protocol.value_or("");
    member.protocols.back().metadata = stored.subscription;
    member.assignment = stored.assignment;
    group.add(std::move(member));
  }
  if (value.leader && group.find(*value.leader) != nullptr) group.leader_ = value.leader;
  if (!value.members.empty()) {
    group.state_ = GroupState::stable;
    if (!group.protocol_name_) group.protocol_name_ = "";
  }
  group.compute_topics();
  return group;
}

wire::GroupMetadataValue Group::to_record() const {
  wire::GroupMetadataValue value;
  value.protocol_type = protocol_type_.value_or("");
  value.generation = generation_;
  value.protocol = protocol_name_;
  value.leader = leader_;
  value.current_state_timestamp = state_since_;
  value.members.reserve(members_.size());
  for (const auto& [id, member] : members_) {
    const ByteBuffer* metadata = protocol_name_ ? member.metadata(*protocol_name_) : nullptr;
    HOROLOG_ASSERT(metadata != nullptr);
    auto& stored = value.members.emplace_back();
    stored.member_id = id;
    stored.group_instance_id = member.instance_id;
    stored.client_id = member.client_id;
    stored.client_host = member.client_host;
    stored.rebalance_timeout = member.rebalance_timeout_ms;
    stored.session_timeout = member.session_timeout_ms;
    stored.subscription = *metadata;
    stored.assignment = member.assignment;
  }
  return value;
}

}  // namespace horolog::coordinator
