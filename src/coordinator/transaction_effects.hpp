#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "coordinator/effects.hpp"
#include "coordinator/transaction_state.hpp"
#include "protocol/error_code.hpp"
#include "protocol/messages/init_producer_id.hpp"

/// What goes into a transaction coordinator and what comes out of it. As for groups, its shell
/// passes the time in, appends the records, sends the replies when they are due and calls again at
/// the wake-up time; it also supplies producer ids, makes partitions durable and writes markers.
namespace horolog::coordinator {

/// The producer that a request speaks for.
struct TransactionalProducer {
  std::string transactional_id;
  ProducerId producer_id = no_producer_id;
  ProducerEpoch producer_epoch = no_producer_epoch;
};

/// Names one end of one transaction between coordinator and shell; never 0. Unique within the life
/// of a coordinator: what was begun for an earlier one does not concern this one.
using TransactionTicket = std::uint64_t;

/// The answer to add_partitions: one error for all of them.
struct PartitionsAdded {
  wire::ErrorCode error = wire::ErrorCode::none;
};

/// The answer to verify: the same order as asked.
struct PartitionsVerified {
  std::vector<wire::ErrorCode> errors;
};

/// The answer to end. From EndTxn version 5 on the producer goes on with this id and epoch; on
/// errors, and below, they are -1.
struct TransactionEnded {
  wire::ErrorCode error = wire::ErrorCode::none;
  ProducerId producer_id = no_producer_id;
  ProducerEpoch producer_epoch = no_producer_epoch;
};

/// One transactional id as DescribeTransactions and ListTransactions show it.
struct TransactionDescription {
  wire::ErrorCode error = wire::ErrorCode::none;  ///< then only the id is given
  std::string transactional_id;
  TransactionMetadata metadata;
};
using TransactionDescriptions = std::vector<TransactionDescription>;

/// What ListTransactions asks for; everything that is empty or absent admits all.
struct TransactionFilter {
  std::vector<TransactionState> states{};
  std::vector<ProducerId> producer_ids{};
  std::optional<std::int64_t> longer_than_ms{};  ///< absent for a negative DurationFilter
  std::function<bool(std::string_view)> id_matches{};
};

using TransactionResponse =
    std::variant<wire::InitProducerIdResponse, PartitionsAdded, PartitionsVerified,
                 TransactionEnded, TransactionDescriptions>;

/// Leaves when the records of write `after`, and with them of all earlier ones, are durable (0 = at
/// once).
struct TransactionReply {
  Token token = 0;
  TransactionResponse response;
  WriteNumber after = 0;
};

/// Every partition's end as it is now is to become durable; then on_partitions_durable() wants to
/// hear of it. A partition that is gone counts as durable.
struct MakeDurable {
  TransactionTicket ticket = 0;
  std::string transactional_id;
  std::vector<TopicPartition> partitions;
};

/// To be written into each partition once write `after` is durable, never before: a marker is a
/// promise that the decision stands. on_marker_written() wants to hear of every partition when its
/// marker is durable; the shell tries again until it can tell that. A partition that is gone, or
/// that refuses the marker because it has seen a newer epoch of the producer, counts as written.
struct SendMarkers {
  TransactionTicket ticket = 0;
  std::string transactional_id;
  ProducerId producer_id = no_producer_id;
  ProducerEpoch producer_epoch = no_producer_epoch;
  std::int32_t coordinator_epoch = 0;
  bool commit = false;
  /// From 2 on a marker's epoch is above that of the records it ends (KIP-890).
  TransactionVersion transaction_version = first_transaction_version;
  std::vector<TopicPartition> partitions;
  WriteNumber after = 0;
};

struct TransactionEffects {
  /// To be appended in this order, before the records of any later effects. They have been replayed
  /// into the coordinator already: a shell that cannot append them must discard the coordinator
  /// and load a new one from the log.
  std::vector<Record> records;
  WriteNumber write = 0;  ///< the number of this write, when there are records
  std::vector<TransactionReply> replies;
  std::vector<MakeDurable> make_durable;
  std::vector<SendMarkers> markers;
  /// So many more producer ids are wanted, by on_producer_ids() or on_no_producer_ids().
  std::size_t producer_ids_wanted = 0;
  /// When on_time() wants to be called, on the steady clock; replaces the time asked for before.
  std::optional<std::int64_t> wake_at_ms;
};

}  // namespace horolog::coordinator
