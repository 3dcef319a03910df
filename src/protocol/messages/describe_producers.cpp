#include "protocol/messages/describe_producers.hpp"

#include "protocol/visitor.hpp"

namespace horolog::wire {

void DescribeProducersRequest::Topic::describe(Visitor& v) {
  v("name", name);
  v("partition_indexes", partition_indexes);
  v.end();
}

void DescribeProducersRequest::describe(Visitor& v) {
  v("topics", topics);
  v.end();
}

void DescribeProducersResponse::Producer::describe(Visitor& v) {
  v("producer_id", producer_id);
  v("producer_epoch", producer_epoch);
  v("last_sequence", last_sequence);
  v("last_timestamp", last_timestamp);
  v("coordinator_epoch", coordinator_epoch);
  v("current_txn_start_offset", current_txn_start_offset);
  v.end();
}

void DescribeProducersResponse::Partition::describe(Visitor& v) {
  v("partition_index", partition_index);
  v("error_code", error_code);
  v("error_message", error_message);
  v("active_producers", active_producers);
  v.end();
}

void DescribeProducersResponse::Topic::describe(Visitor& v) {
  v("name", name);
  v("partitions", partitions);
  v.end();
}

void DescribeProducersResponse::describe(Visitor& v) {
  v("throttle_time_ms", throttle_time_ms);
  v("topics", topics);
  v.end();
}

}  // namespace horolog::wire
