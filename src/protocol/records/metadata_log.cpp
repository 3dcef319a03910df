#include "protocol/records/metadata_log.hpp"

#include "protocol/visitor.hpp"

namespace horolog::wire {

void FeatureLevelRecord::describe(Visitor& v) {
  v("name", name);
  v("feature_level", feature_level);
  v.end();
}

void ProducerIdsRecord::describe(Visitor& v) {
  v("broker_id", broker_id);
  v("broker_epoch", broker_epoch);
  v("next_producer_id", next_producer_id);
  v.end();
}

void NoOpRecord::describe(Visitor& v) {
  v.end();
}

void BeginTransactionRecord::describe(Visitor& v) {
  v.end(tag(0, "name", name));
}

void EndTransactionRecord::describe(Visitor& v) {
  v.end();
}

void AbortTransactionRecord::describe(Visitor& v) {
  v.end(tag(0, "reason", reason));
}

}  // namespace horolog::wire
