#include "protocol/messages/consumer_group_describe.hpp"

#include "protocol/visitor.hpp"

namespace horolog::wire {

void ConsumerGroupDescribeRequest::describe(Visitor& v) {
  v("group_ids", group_ids);
  v("include_authorized_operations", include_authorized_operations);
  v.end();
}

void ConsumerGroupDescribeResponse::TopicPartitions::describe(Visitor& v) {
  v("topic_id", topic_id);
  v("topic_name", topic_name);
  v("partitions", partitions);
  v.end();
}

void ConsumerGroupDescribeResponse::Assignment::describe(Visitor& v) {
  v("topic_partitions", topic_partitions);
  v.end();
}

void ConsumerGroupDescribeResponse::Member::describe(Visitor& v) {
  v("member_id", member_id);
  v("instance_id", instance_id);
  v("rack_id", rack_id);
  v("member_epoch", member_epoch);
  v("client_id", client_id);
  v("client_host", client_host);
  v("subscribed_topic_names", subscribed_topic_names);
  v("subscribed_topic_regex", subscribed_topic_regex);
  v("assignment", assignment);
  v("target_assignment", target_assignment);
  v("member_type", member_type, since(1).ignorable());
  v.end();
}

void ConsumerGroupDescribeResponse::Group::describe(Visitor& v) {
  v("error_code", error_code);
  v("error_message", error_message);
  v("group_id", group_id);
  v("group_state", group_state);
  v("group_epoch", group_epoch);
  v("assignment_epoch", assignment_epoch);
  v("assignor_name", assignor_name);
  v("members", members);
  v("authorized_operations", authorized_operations);
  v.end();
}

void ConsumerGroupDescribeResponse::describe(Visitor& v) {
  v("throttle_time_ms", throttle_time_ms);
  v("groups", groups);
  v.end();
}

}  // namespace horolog::wire
