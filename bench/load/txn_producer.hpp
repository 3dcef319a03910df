#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "horolog/types.hpp"
#include "protocol/error_code.hpp"

namespace horolog::bench {

/// What every transaction of a load does.
struct TxnPlan {
  /// 1: partitions are added by requests of their own (as clients up to Kafka 3.9 and librdkafka
  /// do). 2: Produce 12 adds them and EndTxn 5 raises the epoch (KIP-890).
  int protocol = 2;
  std::string topic;
  std::vector<PartitionIndex> partitions;  ///< each gets one batch
  std::int32_t records_per_batch = 10;
  /// A group that gets an offset for the first partition in every transaction; empty: none.
  std::string group;
};

/// The requests of one transactional producer, in order, and what their answers mean: a state
/// machine without I/O.
class TxnProducer {
 public:
  /// `batch` is a transactional batch of records_per_batch records.
  TxnProducer(const TxnPlan& plan, std::string transactional_id, ByteBuffer batch, ProducerId id,
              ProducerEpoch epoch);

  /// The request that is due, as a whole frame.
  ByteBuffer request();

  enum class Outcome : std::uint8_t {
    next,       ///< another request of this transaction is due
    committed,  ///< the transaction is done; the next request begins another
    retry,      ///< the same request again, after a moment: the broker is busy with the last one
    failed,     ///< error() says why
  };
  /// `frame` is the answer without its size.
  Outcome on_response(ByteView frame);
  wire::ErrorCode error() const { return error_; }
  /// Where it is, for messages.
  const char* step_name() const;
  /// True when the next request is a transaction's first.
  bool begins() const { return step_ == first_step(); }

 private:
  enum class Step : std::uint8_t { add_partitions, produce, add_offsets, commit_offsets, end };
  Step first_step() const { return plan_.protocol == 1 ? Step::add_partitions : Step::produce; }
  Step following(Step step) const;
  ByteBuffer produce_request();
  ByteBuffer commit_offsets_request() const;
  wire::ErrorCode read(ByteView frame);

  const TxnPlan& plan_;
  std::string transactional_id_;
  std::vector<ByteBuffer> batches_;  ///< one per partition
  ProducerId id_;
  ProducerEpoch epoch_;
  std::vector<std::int32_t> sequences_;
  std::int64_t offset_ = 0;
  Step step_;
  wire::ErrorCode error_ = wire::ErrorCode::none;
};

}  // namespace horolog::bench
