#include "protocol/messages/list_transactions.hpp"

#include "protocol/visitor.hpp"

namespace horolog::wire {

void ListTransactionsRequest::describe(Visitor& v) {
  v("state_filters", state_filters);
  v("producer_id_filters", producer_id_filters);
  v("duration_filter", duration_filter, since(1));
  v("transactional_id_pattern", transactional_id_pattern, since(2));
  v.end();
}

void ListTransactionsResponse::Transaction::describe(Visitor& v) {
  v("transactional_id", transactional_id);
  v("producer_id", producer_id);
  v("transaction_state", transaction_state);
  v.end();
}

void ListTransactionsResponse::describe(Visitor& v) {
  v("throttle_time_ms", throttle_time_ms);
  v("error_code", error_code);
  v("unknown_state_filters", unknown_state_filters);
  v("transaction_states", transaction_states);
  v.end();
}

}  // namespace horolog::wire
