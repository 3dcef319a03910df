#include "protocol/records/offset_commit.hpp"

#include "protocol/visitor.hpp"

namespace horolog::wire {

void OffsetCommitKey::describe(Visitor& v) {
  v("group", group);
  v("topic", topic);
  v("partition", partition);
  v.end();
}

void OffsetCommitValue::describe(Visitor& v) {
  v("offset", offset);
  v("leader_epoch", leader_epoch, since(3).ignorable());
  v("metadata", metadata);
  v("commit_timestamp", commit_timestamp);
  v("expire_timestamp", expire_timestamp, between(1, 1).ignorable());
  v.end(tag(0, "topic_id", topic_id, since(4).ignorable()));
}

}  // namespace horolog::wire
