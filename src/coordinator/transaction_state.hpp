#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string_view>

#include "horolog/types.hpp"

namespace horolog::coordinator {

/// Where a transactional id stands, with Kafka's numbers as `__transaction_state` stores them.
///
///     Empty ──▶ Ongoing ──▶ PrepareCommit ──▶ CompleteCommit ─┐
///       │          └─────▶ PrepareAbort ───▶ CompleteAbort ──┤
///       ▲──────────(InitProducerId)──────────────────────────┤
///                  ▲──────────(the next transaction)─────────┘
///
/// A client of transaction version 2 may also abort without having started: then Empty and both
/// Complete states go to PrepareAbort directly.
enum class TransactionState : std::int8_t {
  empty = 0,
  ongoing = 1,
  prepare_commit = 2,  ///< decided; markers are being written
  prepare_abort = 3,   ///< decided; markers are being written
  complete_commit = 4,
  complete_abort = 5,
  dead = 6,                 ///< Kafka's name for an id that is being removed; never stored
  prepare_epoch_fence = 7,  ///< Kafka's name for fencing before an abort; never stored
};

/// Kafka's spelling, as DescribeTransactions and ListTransactions show it.
std::string_view to_string(TransactionState state);
/// nullopt when it is no state's name (exact spelling, as Kafka compares).
std::optional<TransactionState> parse_transaction_state(std::string_view name);

/// How a client runs transactions (KIP-890): 0 for the first protocol, 2 where every end of a
/// transaction brings a new epoch and partitions are added by Produce and TxnOffsetCommit.
using TransactionVersion = std::int16_t;
inline constexpr TransactionVersion first_transaction_version = 0;
inline constexpr TransactionVersion epoch_bump_transaction_version = 2;

inline constexpr ProducerEpoch no_producer_epoch = -1;
/// Kept for fencing and for the last marker of a producer id: no client is given it.
inline constexpr ProducerEpoch last_producer_epoch = 32'767;
/// Nothing may be bumped from here on: the next epoch needs a new producer id.
inline constexpr ProducerEpoch exhausted_producer_epoch = last_producer_epoch - 1;

/// What `__transaction_state` says of one transactional id: exactly what survives a restart.
struct TransactionMetadata {
  ProducerId producer_id = no_producer_id;
  /// The producer id before the last transition; differs when that one changed it.
  ProducerId previous_producer_id = no_producer_id;
  /// In a Prepare state: the producer id that the end of this transaction brings.
  ProducerId next_producer_id = no_producer_id;
  ProducerEpoch producer_epoch = no_producer_epoch;
  std::int32_t timeout_ms = 0;
  TransactionState state = TransactionState::empty;
  std::set<TopicPartition> partitions;
  TimestampMs start = no_timestamp;
  TimestampMs last_update = no_timestamp;
  TransactionVersion client_version = first_transaction_version;

  bool operator==(const TransactionMetadata&) const = default;

  bool is(TransactionState other) const { return state == other; }
  bool is_decided() const {
    return state == TransactionState::prepare_commit || state == TransactionState::prepare_abort;
  }
  bool is_complete() const {
    return state == TransactionState::complete_commit || state == TransactionState::complete_abort;
  }
  /// Whether the end under way has promised its producer that it goes on under this id and epoch.
  bool will_be(ProducerId id, ProducerEpoch epoch) const {
    return is_decided() && next_producer_id != no_producer_id && next_producer_id == id &&
           epoch == 0;
  }
  bool is_exhausted() const { return producer_epoch >= exhausted_producer_epoch; }
};

}  // namespace horolog::coordinator
