#include "protocol/messages/describe_transactions.hpp"

#include "protocol/visitor.hpp"

namespace horolog::wire {

void DescribeTransactionsRequest::describe(Visitor& v) {
  v("transactional_ids", transactional_ids);
  v.end();
}

void DescribeTransactionsResponse::Topic::describe(Visitor& v) {
  v("topic", topic);
  v("partitions", partitions);
  v.end();
}

void DescribeTransactionsResponse::Transaction::describe(Visitor& v) {
  v("error_code", error_code);
  v("transactional_id", transactional_id);
  v("transaction_state", transaction_state);
  v("transaction_timeout_ms", transaction_timeout_ms);
  v("transaction_start_time_ms", transaction_start_time_ms);
  v("producer_id", producer_id);
  v("producer_epoch", producer_epoch);
  v("topics", topics);
  v.end();
}

void DescribeTransactionsResponse::describe(Visitor& v) {
  v("throttle_time_ms", throttle_time_ms);
  v("transaction_states", transaction_states);
  v.end();
}

}  // namespace horolog::wire
