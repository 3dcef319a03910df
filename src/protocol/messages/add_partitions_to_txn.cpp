#include "protocol/messages/add_partitions_to_txn.hpp"

#include "protocol/visitor.hpp"

namespace horolog::wire {

void AddPartitionsToTxnTopic::describe(Visitor& v) {
  v("name", name);
  v("partitions", partitions);
  v.end();
}

void AddPartitionsToTxnRequest::Transaction::describe(Visitor& v) {
  v("transactional_id", transactional_id, since(4));
  v("producer_id", producer_id, since(4));
  v("producer_epoch", producer_epoch, since(4));
  v("verify_only", verify_only, since(4));
  v("topics", topics, since(4));
  v.end();
}

void AddPartitionsToTxnRequest::describe(Visitor& v) {
  v("transactions", transactions, since(4));
  v("v3_and_below_transactional_id", v3_and_below_transactional_id, until(3));
  v("v3_and_below_producer_id", v3_and_below_producer_id, until(3));
  v("v3_and_below_producer_epoch", v3_and_below_producer_epoch, until(3));
  v("v3_and_below_topics", v3_and_below_topics, until(3));
  v.end();
}

void AddPartitionsToTxnPartitionResult::describe(Visitor& v) {
  v("partition_index", partition_index);
  v("partition_error_code", partition_error_code);
  v.end();
}

void AddPartitionsToTxnTopicResult::describe(Visitor& v) {
  v("name", name);
  v("results_by_partition", results_by_partition);
  v.end();
}

void AddPartitionsToTxnResponse::Result::describe(Visitor& v) {
  v("transactional_id", transactional_id, since(4));
  v("topic_results", topic_results, since(4));
  v.end();
}

void AddPartitionsToTxnResponse::describe(Visitor& v) {
  v("throttle_time_ms", throttle_time_ms);
  v("error_code", error_code, since(4).ignorable());
  v("results_by_transaction", results_by_transaction, since(4));
  v("results_by_topic_v3_and_below", results_by_topic_v3_and_below, until(3));
  v.end();
}

}  // namespace horolog::wire
