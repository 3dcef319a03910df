#include "protocol/messages/init_producer_id.hpp"

#include "protocol/visitor.hpp"

namespace horolog::wire {

void InitProducerIdRequest::describe(Visitor& v) {
  v("transactional_id", transactional_id);
  v("transaction_timeout_ms", transaction_timeout_ms);
  v("producer_id", producer_id, since(3));
  v("producer_epoch", producer_epoch, since(3));
  v("enable_2pc", enable_2pc, since(6));
  v("keep_prepared_txn", keep_prepared_txn, since(6));
  v.end();
}

void InitProducerIdResponse::describe(Visitor& v) {
  v("throttle_time_ms", throttle_time_ms, always.ignorable());
  v("error_code", error_code);
  v("producer_id", producer_id);
  v("producer_epoch", producer_epoch);
  v("ongoing_txn_producer_id", ongoing_txn_producer_id, since(6));
  v("ongoing_txn_producer_epoch", ongoing_txn_producer_epoch, since(6));
  v.end();
}

}  // namespace horolog::wire
