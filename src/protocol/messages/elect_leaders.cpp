#include "protocol/messages/elect_leaders.hpp"

#include "protocol/visitor.hpp"

namespace horolog::wire {

void ElectLeadersRequest::Topic::describe(Visitor& v) {
  v("topic", topic);
  v("partitions", partitions);
  v.end();
}

void ElectLeadersRequest::describe(Visitor& v) {
  v("election_type", election_type, since(1));
  v("topic_partitions", topic_partitions);
  v("timeout_ms", timeout_ms);
  v.end();
}

void ElectLeadersResponse::Partition::describe(Visitor& v) {
  v("partition_id", partition_id);
  v("error_code", error_code);
  v("error_message", error_message);
  v.end();
}

void ElectLeadersResponse::Topic::describe(Visitor& v) {
  v("topic", topic);
  v("partition_result", partition_result);
  v.end();
}

void ElectLeadersResponse::describe(Visitor& v) {
  v("throttle_time_ms", throttle_time_ms);
  v("error_code", error_code, since(1));
  v("replica_election_results", replica_election_results);
  v.end();
}

}  // namespace horolog::wire
