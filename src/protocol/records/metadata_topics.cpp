#include "protocol/records/metadata_topics.hpp"

#include "protocol/visitor.hpp"

namespace horolog::wire {

void TopicRecord::describe(Visitor& v) {
  v("name", name);
  v("topic_id", topic_id);
  v.end();
}

void RemoveTopicRecord::describe(Visitor& v) {
  v("topic_id", topic_id);
  v.end();
}

void PartitionRecord::describe(Visitor& v) {
  v("partition_id", partition_id);
  v("topic_id", topic_id);
  v("replicas", replicas);
  v("isr", isr);
  v("removing_replicas", removing_replicas);
  v("adding_replicas", adding_replicas);
  v("leader", leader);
  v("leader_epoch", leader_epoch);
  v("partition_epoch", partition_epoch);
  v("directories", directories, since(1));
  v.end(tag(0, "leader_recovery_state", leader_recovery_state),
        tag(1, "eligible_leader_replicas", eligible_leader_replicas, since(2)),
        tag(2, "last_known_elr", last_known_elr, since(2)));
}

void PartitionChangeRecord::describe(Visitor& v) {
  v("partition_id", partition_id);
  v("topic_id", topic_id);
  v.end(tag(0, "isr", isr),
        tag(1, "leader", leader),
        tag(2, "replicas", replicas),
        tag(3, "removing_replicas", removing_replicas),
        tag(4, "adding_replicas", adding_replicas),
        tag(5, "leader_recovery_state", leader_recovery_state),
        tag(6, "eligible_leader_replicas", eligible_leader_replicas, since(2)),
        tag(7, "last_known_elr", last_known_elr, since(2)),
        tag(8, "directories", directories, since(1)));
}

void ConfigRecord::describe(Visitor& v) {
  v("resource_type", resource_type);
  v("resource_name", resource_name);
  v("name", name);
  v("value", value);
  v.end();
}

}  // namespace horolog::wire
