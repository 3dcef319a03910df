#include "protocol/messages/offset_for_leader_epoch.hpp"

#include "protocol/visitor.hpp"

namespace horolog::wire {

void OffsetForLeaderEpochRequest::Partition::describe(Visitor& v) {
  v("partition", partition);
  v("current_leader_epoch", current_leader_epoch, since(2).ignorable());
  v("leader_epoch", leader_epoch);
  v.end();
}

void OffsetForLeaderEpochRequest::Topic::describe(Visitor& v) {
  v("topic", topic);
  v("partitions", partitions);
  v.end();
}

void OffsetForLeaderEpochRequest::describe(Visitor& v) {
  v("replica_id", replica_id, since(3).ignorable());
  v("topics", topics);
  v.end();
}

void OffsetForLeaderEpochResponse::Partition::describe(Visitor& v) {
  v("error_code", error_code);
  v("partition", partition);
  v("leader_epoch", leader_epoch, since(1).ignorable());
  v("end_offset", end_offset);
  v.end();
}

void OffsetForLeaderEpochResponse::Topic::describe(Visitor& v) {
  v("topic", topic);
  v("partitions", partitions);
  v.end();
}

void OffsetForLeaderEpochResponse::describe(Visitor& v) {
  v("throttle_time_ms", throttle_time_ms, since(2).ignorable());
  v("topics", topics);
  v.end();
}

}  // namespace horolog::wire
