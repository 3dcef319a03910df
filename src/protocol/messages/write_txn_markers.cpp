#include "protocol/messages/write_txn_markers.hpp"

#include "protocol/visitor.hpp"

namespace horolog::wire {

void WriteTxnMarkersRequest::Topic::describe(Visitor& v) {
  v("name", name);
  v("partition_indexes", partition_indexes);
  v.end();
}

void WriteTxnMarkersRequest::Marker::describe(Visitor& v) {
  v("producer_id", producer_id);
  v("producer_epoch", producer_epoch);
  v("transaction_result", transaction_result);
  v("topics", topics);
  v("coordinator_epoch", coordinator_epoch);
  v("transaction_version", transaction_version, since(2).ignorable());
  v.end();
}

void WriteTxnMarkersRequest::describe(Visitor& v) {
  v("markers", markers);
  v.end();
}

void WriteTxnMarkersResponse::Partition::describe(Visitor& v) {
  v("partition_index", partition_index);
  v("error_code", error_code);
  v.end();
}

void WriteTxnMarkersResponse::Topic::describe(Visitor& v) {
  v("name", name);
  v("partitions", partitions);
  v.end();
}

void WriteTxnMarkersResponse::Marker::describe(Visitor& v) {
  v("producer_id", producer_id);
  v("topics", topics);
  v.end();
}

void WriteTxnMarkersResponse::describe(Visitor& v) {
  v("markers", markers);
  v.end();
}

}  // namespace horolog::wire
