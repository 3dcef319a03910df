#include "protocol/records/control.hpp"

#include "protocol/visitor.hpp"

namespace horolog::wire {

void LeaderChangeMessage::Voter::describe(Visitor& v) {
  v("voter_id", voter_id);
  v("voter_directory_id", voter_directory_id, since(1));
  v.end();
}

void LeaderChangeMessage::describe(Visitor& v) {
  v("version", version);
  v("leader_id", leader_id);
  v("voters", voters);
  v("granting_voters", granting_voters);
  v.end();
}

void SnapshotHeaderRecord::describe(Visitor& v) {
  v("version", version);
  v("last_contained_log_timestamp", last_contained_log_timestamp);
  v.end();
}

void SnapshotFooterRecord::describe(Visitor& v) {
  v("version", version);
  v.end();
}

void KRaftVersionRecord::describe(Visitor& v) {
  v("version", version);
  v("kraft_version", kraft_version);
  v.end();
}

void VotersRecord::Endpoint::describe(Visitor& v) {
  v("name", name);
  v("host", host);
  v("port", port);
  v.end();
}

void VotersRecord::KRaftVersionFeature::describe(Visitor& v) {
  v("min_supported_version", min_supported_version);
  v("max_supported_version", max_supported_version);
  v.end();
}

void VotersRecord::Voter::describe(Visitor& v) {
  v("voter_id", voter_id);
  v("voter_directory_id", voter_directory_id);
  v("endpoints", endpoints);
  v("kraft_version_feature", kraft_version_feature);
  v.end();
}

void VotersRecord::describe(Visitor& v) {
  v("version", version);
  v("voters", voters);
  v.end();
}

void EndTxnMarker::describe(Visitor& v) {
  v("coordinator_epoch", coordinator_epoch);
  v.end();
}

void ControlRecordTypeSchema::describe(Visitor& v) {
  v("type", type);
  v.end();
}

}  // namespace horolog::wire
