#include "protocol/messages/describe_log_dirs.hpp"

#include "protocol/visitor.hpp"

namespace horolog::wire {

void DescribeLogDirsRequest::Topic::describe(Visitor& v) {
  v("topic", topic);
  v("partitions", partitions);
  v.end();
}

void DescribeLogDirsRequest::describe(Visitor& v) {
  v("topics", topics);
  v.end();
}

void DescribeLogDirsResponse::Partition::describe(Visitor& v) {
  v("partition_index", partition_index);
  v("partition_size", partition_size);
  v("offset_lag", offset_lag);
  v("is_future_key", is_future_key);
  v.end();
}

void DescribeLogDirsResponse::Topic::describe(Visitor& v) {
  v("name", name);
  v("partitions", partitions);
  v.end();
}

void DescribeLogDirsResponse::Directory::describe(Visitor& v) {
  v("error_code", error_code);
  v("log_dir", log_dir);
  v("topics", topics);
  v("total_bytes", total_bytes, since(4).ignorable());
  v("usable_bytes", usable_bytes, since(4).ignorable());
  v("is_cordoned", is_cordoned, since(5).ignorable());
  v.end();
}

void DescribeLogDirsResponse::describe(Visitor& v) {
  v("throttle_time_ms", throttle_time_ms);
  v("error_code", error_code, since(3).ignorable());
  v("results", results);
  v.end();
}

}  // namespace horolog::wire
