#pragma once

#include <memory>
#include <optional>
#include <string>

#include "broker/batch_rules.hpp"
#include "broker/context.hpp"
#include "broker/partition.hpp"
#include "protocol/messages/produce.hpp"

/// What Produce does to one partition.
namespace horolog::broker {

/// A batch that may begin a transaction here: its coordinator has to be asked before the append.
struct UnverifiedBatch {
  AcceptedBatch accepted;
  storage::VerificationToken token;
};

/// What became of one partition's records, so far.
struct Produced {
  wire::ProduceResponse::Partition answer;
  std::shared_ptr<Partition> partition;  ///< null when there is none
  /// The answer must wait for the log to be durable up to here.
  std::optional<Offset> durable_end;
  /// Nothing is appended yet, and `answer` means nothing.
  std::optional<UnverifiedBatch> unverified;
};

wire::ProduceResponse::Partition refuse_produce(PartitionIndex index, wire::ErrorCode error,
                                                std::string message = {});

/// Appends the batches of one produce request. Lives on the connection's shard.
class ProduceAppender {
 public:
  ProduceAppender(Context& context, std::int16_t version, std::int16_t acks,
                  bool has_transactional_id);

  /// Checks and appends, unless the batch has to be verified first.
  Produced append(const std::string& topic, const wire::ProduceRequest::Partition& data);
  /// The rest, with what the coordinator has said. It may have to be asked once more: when the
  /// marker of the producer's last transaction came in between (`may_ask_again`).
  Produced append_verified(const std::shared_ptr<Partition>& partition, UnverifiedBatch batch,
                           wire::ErrorCode verdict, bool may_ask_again);

 private:
  Produced append_accepted(const std::shared_ptr<Partition>& partition,
                           const record::BatchView& batch,
                           std::optional<storage::VerificationToken> token);
  /// Appends if the batch's transaction is open here, else it has to be verified.
  Produced append_or_verify(const std::shared_ptr<Partition>& partition, AcceptedBatch accepted);
  wire::ProduceResponse::Partition missing(const std::string& topic, PartitionIndex index) const;
  /// The error of a transactional batch in the words that the client's version knows.
  wire::ErrorCode spelled(wire::ErrorCode error) const;

  Context& context_;
  std::int16_t version_;
  std::int16_t acks_;
  bool has_transactional_id_;
  TimestampMs now_;
  bool has_room_;
};

}  // namespace horolog::broker
