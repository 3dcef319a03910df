#include "protocol/messages/offset_commit.hpp"

#include "protocol/visitor.hpp"

namespace horolog::wire {

void OffsetCommitRequest::Partition::describe(Visitor& v) {
  v("partition_index", partition_index);
  v("committed_offset", committed_offset);
  v("committed_leader_epoch", committed_leader_epoch, since(6).ignorable());
  v("committed_metadata", committed_metadata);
  v.end();
}

void OffsetCommitRequest::Topic::describe(Visitor& v) {
  v("name", name, until(9).ignorable());
  v("topic_id", topic_id, since(10).ignorable());
  v("partitions", partitions);
  v.end();
}

void OffsetCommitRequest::describe(Visitor& v) {
  v("group_id", group_id);
  v("generation_id_or_member_epoch", generation_id_or_member_epoch, since(1).ignorable());
  v("member_id", member_id, since(1).ignorable());
  v("group_instance_id", group_instance_id, since(7));
  v("retention_time_ms", retention_time_ms, between(2, 4).ignorable());
  v("topics", topics);
  v.end();
}

void OffsetCommitResponse::Partition::describe(Visitor& v) {
  v("partition_index", partition_index);
  v("error_code", error_code);
  v.end();
}

void OffsetCommitResponse::Topic::describe(Visitor& v) {
  v("name", name, until(9).ignorable());
  v("topic_id", topic_id, since(10).ignorable());
  v("partitions", partitions);
  v.end();
}

void OffsetCommitResponse::describe(Visitor& v) {
  v("throttle_time_ms", throttle_time_ms, since(3).ignorable());
  v("topics", topics);
  v.end();
}

}  // namespace horolog::wire
