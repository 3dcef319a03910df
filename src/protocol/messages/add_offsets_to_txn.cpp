#include "protocol/messages/add_offsets_to_txn.hpp"

#include "protocol/visitor.hpp"

namespace horolog::wire {

void AddOffsetsToTxnRequest::describe(Visitor& v) {
  v("transactional_id", transactional_id);
  v("producer_id", producer_id);
  v("producer_epoch", producer_epoch);
  v("group_id", group_id);
  v.end();
}

void AddOffsetsToTxnResponse::describe(Visitor& v) {
  v("throttle_time_ms", throttle_time_ms);
  v("error_code", error_code);
  v.end();
}

}  // namespace horolog::wire
