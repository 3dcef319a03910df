#include "protocol/messages/txn_offset_commit.hpp"

#include "protocol/visitor.hpp"

namespace horolog::wire {

void TxnOffsetCommitRequest::Partition::describe(Visitor& v) {
  v("partition_index", partition_index);
  v("committed_offset", committed_offset);
  v("committed_leader_epoch", committed_leader_epoch, since(2).ignorable());
  v("committed_metadata", committed_metadata);
  v.end();
}

void TxnOffsetCommitRequest::Topic::describe(Visitor& v) {
  v("name", name);
  v("partitions", partitions);
  v.end();
}

void TxnOffsetCommitRequest::describe(Visitor& v) {
  v("transactional_id", transactional_id);
  v("group_id", group_id);
  v("producer_id", producer_id);
  v("producer_epoch", producer_epoch);
  v("generation_id", generation_id, since(3));
  v("member_id", member_id, since(3));
  v("group_instance_id", group_instance_id, since(3));
  v("topics", topics);
  v.end();
}

void TxnOffsetCommitResponse::Partition::describe(Visitor& v) {
  v("partition_index", partition_index);
  v("error_code", error_code);
  v.end();
}

void TxnOffsetCommitResponse::Topic::describe(Visitor& v) {
  v("name", name);
  v("partitions", partitions);
  v.end();
}

void TxnOffsetCommitResponse::describe(Visitor& v) {
  v("throttle_time_ms", throttle_time_ms);
  v("topics", topics);
  v.end();
}

}  // namespace horolog::wire
