#include "protocol/messages/alter_replica_log_dirs.hpp"

#include "protocol/visitor.hpp"

namespace horolog::wire {

void AlterReplicaLogDirsRequest::Topic::describe(Visitor& v) {
  v("name", name);
  v("partitions", partitions);
  v.end();
}

void AlterReplicaLogDirsRequest::Directory::describe(Visitor& v) {
  v("path", path);
  v("topics", topics);
  v.end();
}

void AlterReplicaLogDirsRequest::describe(Visitor& v) {
  v("dirs", dirs);
  v.end();
}

void AlterReplicaLogDirsResponse::Partition::describe(Visitor& v) {
  v("partition_index", partition_index);
  v("error_code", error_code);
  v.end();
}

void AlterReplicaLogDirsResponse::Topic::describe(Visitor& v) {
  v("topic_name", topic_name);
  v("partitions", partitions);
  v.end();
}

void AlterReplicaLogDirsResponse::describe(Visitor& v) {
  v("throttle_time_ms", throttle_time_ms);
  v("results", results);
  v.end();
}

}  // namespace horolog::wire
