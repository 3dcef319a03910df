#include "protocol/records/group_metadata.hpp"

#include "protocol/visitor.hpp"

namespace horolog::wire {

void GroupMetadataKey::describe(Visitor& v) {
  v("group", group);
  v.end();
}

void GroupMetadataValue::Member::describe(Visitor& v) {
  v("member_id", member_id);
  v("group_instance_id", group_instance_id, since(3).ignorable());
  v("client_id", client_id);
  v("client_host", client_host);
  v("rebalance_timeout", rebalance_timeout, since(1).ignorable());
  v("session_timeout", session_timeout);
  v("subscription", subscription);
  v("assignment", assignment);
  v.end();
}

void GroupMetadataValue::describe(Visitor& v) {
  v("protocol_type", protocol_type);
  v("generation", generation);
  v("protocol", protocol);
  v("leader", leader);
  v("current_state_timestamp", current_state_timestamp, since(2).ignorable());
  v("members", members);
  v.end();
}

}  // namespace horolog::wire
