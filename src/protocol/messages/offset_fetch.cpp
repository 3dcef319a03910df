#include "protocol/messages/offset_fetch.hpp"

#include "protocol/visitor.hpp"

namespace horolog::wire {

void OffsetFetchRequest::Topic::describe(Visitor& v) {
  v("name", name, until(7));
  v("partition_indexes", partition_indexes, until(7));
  v.end();
}

void OffsetFetchRequest::GroupTopic::describe(Visitor& v) {
  v("name", name, between(8, 9).ignorable());
  v("topic_id", topic_id, since(10).ignorable());
  v("partition_indexes", partition_indexes, since(8));
  v.end();
}

void OffsetFetchRequest::Group::describe(Visitor& v) {
  v("group_id", group_id, since(8));
  v("member_id", member_id, since(9).ignorable());
  v("member_epoch", member_epoch, since(9).ignorable());
  v("topics", topics, since(8));
  v.end();
}

void OffsetFetchRequest::describe(Visitor& v) {
  v("group_id", group_id, until(7));
  v("topics", topics, until(7).nullable_since(2));
  v("groups", groups, since(8));
  v("require_stable", require_stable, since(7));
  v.end();
}

void OffsetFetchResponse::Partition::describe(Visitor& v) {
  v("partition_index", partition_index, until(7));
  v("committed_offset", committed_offset, until(7));
  v("committed_leader_epoch", committed_leader_epoch, between(5, 7).ignorable());
  v("metadata", metadata, until(7));
  v("error_code", error_code, until(7));
  v.end();
}

void OffsetFetchResponse::Topic::describe(Visitor& v) {
  v("name", name, until(7));
  v("partitions", partitions, until(7));
  v.end();
}

void OffsetFetchResponse::GroupPartition::describe(Visitor& v) {
  v("partition_index", partition_index, since(8));
  v("committed_offset", committed_offset, since(8));
  v("committed_leader_epoch", committed_leader_epoch, since(8).ignorable());
  v("metadata", metadata, since(8));
  v("error_code", error_code, since(8));
  v.end();
}

void OffsetFetchResponse::GroupTopic::describe(Visitor& v) {
  v("name", name, between(8, 9).ignorable());
  v("topic_id", topic_id, since(10).ignorable());
  v("partitions", partitions, since(8));
  v.end();
}

void OffsetFetchResponse::Group::describe(Visitor& v) {
  v("group_id", group_id, since(8));
  v("topics", topics, since(8));
  v("error_code", error_code, since(8));
  v.end();
}

void OffsetFetchResponse::describe(Visitor& v) {
  v("throttle_time_ms", throttle_time_ms, since(3).ignorable());
  v("topics", topics, until(7));
  v("error_code", error_code, between(2, 7).ignorable());
  v("groups", groups, since(8));
  v.end();
}

}  // namespace horolog::wire
