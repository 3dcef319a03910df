#include "protocol/messages/delete_records.hpp"

#include "protocol/visitor.hpp"

namespace horolog::wire {

void DeleteRecordsRequest::Partition::describe(Visitor& v) {
  v("partition_index", partition_index);
  v("offset", offset);
  v.end();
}

void DeleteRecordsRequest::Topic::describe(Visitor& v) {
  v("name", name);
  v("partitions", partitions);
  v.end();
}

void DeleteRecordsRequest::describe(Visitor& v) {
  v("topics", topics);
  v("timeout_ms", timeout_ms);
  v.end();
}

void DeleteRecordsResponse::Partition::describe(Visitor& v) {
  v("partition_index", partition_index);
  v("low_watermark", low_watermark);
  v("error_code", error_code);
  v.end();
}

void DeleteRecordsResponse::Topic::describe(Visitor& v) {
  v("name", name);
  v("partitions", partitions);
  v.end();
}

void DeleteRecordsResponse::describe(Visitor& v) {
  v("throttle_time_ms", throttle_time_ms);
  v("topics", topics);
  v.end();
}

}  // namespace horolog::wire
