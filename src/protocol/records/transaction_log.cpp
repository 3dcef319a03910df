#include "protocol/records/transaction_log.hpp"

#include "protocol/visitor.hpp"

namespace horolog::wire {

void TransactionLogKey::describe(Visitor& v) {
  v("transactional_id", transactional_id);
  v.end();
}

void TransactionLogValue::TopicPartitions::describe(Visitor& v) {
  v("topic", topic);
  v("partition_ids", partition_ids);
  v.end();
}

void TransactionLogValue::describe(Visitor& v) {
  v("producer_id", producer_id);
  v("producer_epoch", producer_epoch);
  v("transaction_timeout_ms", transaction_timeout_ms);
  v("transaction_status", transaction_status);
  v("transaction_partitions", transaction_partitions);
  v("transaction_last_update_timestamp_ms", transaction_last_update_timestamp_ms);
  v("transaction_start_timestamp_ms", transaction_start_timestamp_ms);
  v.end(tag(0, "previous_producer_id", previous_producer_id, since(1)),
        tag(1, "next_producer_id", next_producer_id, since(1)),
        tag(2, "client_transaction_version", client_transaction_version, since(1)),
        tag(3, "next_producer_epoch", next_producer_epoch, since(1)));
}

}  // namespace horolog::wire
