#include "protocol/messages/offset_delete.hpp"

#include "protocol/visitor.hpp"

namespace horolog::wire {

void OffsetDeleteRequest::Partition::describe(Visitor& v) {
  v("partition_index", partition_index);
  v.end();
}

void OffsetDeleteRequest::Topic::describe(Visitor& v) {
  v("name", name);
  v("partitions", partitions);
  v.end();
}

void OffsetDeleteRequest::describe(Visitor& v) {
  v("group_id", group_id);
  v("topics", topics);
  v.end();
}

void OffsetDeleteResponse::Partition::describe(Visitor& v) {
  v("partition_index", partition_index);
  v("error_code", error_code);
  v.end();
}

void OffsetDeleteResponse::Topic::describe(Visitor& v) {
  v("name", name);
  v("partitions", partitions);
  v.end();
}

void OffsetDeleteResponse::describe(Visitor& v) {
  v("error_code", error_code);
  v("throttle_time_ms", throttle_time_ms, always.ignorable());
  v("topics", topics);
  v.end();
}

}  // namespace horolog::wire
