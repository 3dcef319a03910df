#include "protocol/messages/list_offsets.hpp"

#include "protocol/visitor.hpp"

namespace horolog::wire {

void ListOffsetsRequest::Partition::describe(Visitor& v) {
  v("partition_index", partition_index);
  v("current_leader_epoch", current_leader_epoch, since(4).ignorable());
  v("timestamp", timestamp);
  v.end();
}

void ListOffsetsRequest::Topic::describe(Visitor& v) {
  v("name", name);
  v("partitions", partitions);
  v.end();
}

void ListOffsetsRequest::describe(Visitor& v) {
  v("replica_id", replica_id);
  v("isolation_level", isolation_level, since(2));
  v("topics", topics);
  v("timeout_ms", timeout_ms, since(10).ignorable());
  v.end();
}

void ListOffsetsResponse::Partition::describe(Visitor& v) {
  v("partition_index", partition_index);
  v("error_code", error_code);
  v("timestamp", timestamp, since(1));
  v("offset", offset, since(1));
  v("leader_epoch", leader_epoch, since(4));
  v.end();
}

void ListOffsetsResponse::Topic::describe(Visitor& v) {
  v("name", name);
  v("partitions", partitions);
  v.end();
}

void ListOffsetsResponse::describe(Visitor& v) {
  v("throttle_time_ms", throttle_time_ms, since(2).ignorable());
  v("topics", topics);
  v.end();
}

}  // namespace horolog::wire
