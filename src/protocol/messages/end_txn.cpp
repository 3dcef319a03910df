#include "protocol/messages/end_txn.hpp"

#include "protocol/visitor.hpp"

namespace horolog::wire {

void EndTxnRequest::describe(Visitor& v) {
  v("transactional_id", transactional_id);
  v("producer_id", producer_id);
  v("producer_epoch", producer_epoch);
  v("committed", committed);
  v.end();
}

void EndTxnResponse::describe(Visitor& v) {
  v("throttle_time_ms", throttle_time_ms);
  v("error_code", error_code);
  v("producer_id", producer_id, since(5).ignorable());
  v("producer_epoch", producer_epoch, since(5).ignorable());
  v.end();
}

}  // namespace horolog::wire
