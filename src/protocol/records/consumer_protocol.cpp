#include "protocol/records/consumer_protocol.hpp"

#include "protocol/visitor.hpp"

namespace horolog::wire {

void ConsumerProtocolSubscription::TopicPartitions::describe(Visitor& v) {
  v("topic", topic, since(1));
  v("partitions", partitions, since(1));
  v.end();
}

void ConsumerProtocolSubscription::describe(Visitor& v) {
  v("topics", topics);
  v("user_data", user_data);
  v("owned_partitions", owned_partitions, since(1).ignorable());
  v("generation_id", generation_id, since(2).ignorable());
  v("rack_id", rack_id, since(3).ignorable());
  v.end();
}

void ConsumerProtocolAssignment::TopicPartitions::describe(Visitor& v) {
  v("topic", topic);
  v("partitions", partitions);
  v.end();
}

void ConsumerProtocolAssignment::describe(Visitor& v) {
  v("assigned_partitions", assigned_partitions);
  v("user_data", user_data);
  v.end();
}

}  // namespace horolog::wire
