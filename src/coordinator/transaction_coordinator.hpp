#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "coordinator/transaction_admin.hpp"
#include "coordinator/transaction_core.hpp"
#include "coordinator/transaction_effects.hpp"
#include "coordinator/transaction_endings.hpp"
#include "coordinator/transaction_openings.hpp"
#include "coordinator/transaction_settings.hpp"
#include "horolog/error.hpp"

namespace horolog::coordinator {

/// The transactional ids of one partition of __transaction_state, as a state machine: an input and
/// the time go in, effects come out. Nothing in here waits, locks, reads a clock or touches a file,
/// and the same inputs give the same effects. The partition of an id: partition_of_group(id, N).
///
/// What is persisted (TransactionMetadata) changes by replaying records only, live and at recovery
/// alike. A request may be parked: until the last transaction's markers are written, until the
/// transaction's partitions are durable, or until a producer id has come.
///
/// How a transaction ends: EndTxn(commit) → MakeDurable → PrepareCommit, and when that is durable
/// the reply and SendMarkers → when every marker is durable CompleteCommit. An abort begins with
/// PrepareAbort. A restart in between goes on from on_loaded().
///
/// Life: replay() the log in order, then on_loaded() once, then the rest. One thread at a time.
/// Every request is answered exactly once, in the effects of this or of a later input.
class TransactionCoordinator {
 public:
  explicit TransactionCoordinator(const TransactionSettings& settings);
  TransactionCoordinator(const TransactionCoordinator&) = delete;
  TransactionCoordinator& operator=(const TransactionCoordinator&) = delete;

  /// One record of the log. Errc::corrupt, Errc::unsupported: see decode_transaction_record().
  Status replay(ByteView key, std::optional<ByteView> value);
  /// Sends the markers of decided transactions again and restarts the clocks of open ones.
  /// `coordinator_epoch` is the partition's leader epoch; markers carry it.
  TransactionEffects on_loaded(std::int32_t coordinator_epoch, Now now);

  /// With a transactional id (without one there is no coordinator to ask). Answered with
  /// wire::InitProducerIdResponse. An open transaction of the id is aborted first.
  TransactionEffects init_producer_id(const Caller& caller,
                                      const wire::InitProducerIdRequest& request, Now now);

  /// Registers partitions with the open transaction, starting one if need be. For
  /// AddPartitionsToTxn and AddOffsetsToTxn (then the partition of __consumer_offsets) of
  /// `client_version` 0, and, with `client_version` 2, for what Produce 12 and TxnOffsetCommit 5
  /// add by themselves. The caller has seen to it that the partitions exist.
  ///
  /// Errors: INVALID_PRODUCER_ID_MAPPING, PRODUCER_FENCED (INVALID_PRODUCER_EPOCH for a `caller` of
  /// version 0 or 1 with `client_version` 0), CONCURRENT_TRANSACTIONS, INVALID_REQUEST.
  ///
  /// The write that the reply waits for must be appended before the batch it is asked for, and
  /// durable before that batch is acknowledged. A batch that survives a crash which its
  /// registration did not is what may_be_open() finds.
  TransactionEffects add_partitions(const Caller& caller, const TransactionalProducer& producer,
                                    const std::vector<TopicPartition>& partitions,
                                    TransactionVersion client_version, Now now);

  /// Are the partitions registered with this producer's open transaction? Kafka's VerifyOnly. Per
  /// partition NONE or TRANSACTION_ABORTABLE; for all of them the errors of add_partitions.
  TransactionEffects verify(const Caller& caller, const TransactionalProducer& producer,
                            const std::vector<TopicPartition>& partitions, Now now);

  /// EndTxn. `caller.version` 5 and later is a client of transaction version 2: each end brings a
  /// new epoch, an empty transaction may be aborted, and a retry is told by the epoch before.
  /// Errors: those of add_partitions, INVALID_TXN_STATE, COORDINATOR_NOT_AVAILABLE.
  TransactionEffects end(const Caller& caller, const TransactionalProducer& producer, bool commit,
                         Now now);

  /// Answered with TransactionDescriptions; TRANSACTIONAL_ID_NOT_FOUND per id.
  TransactionEffects describe(const Caller& caller, const std::vector<std::string>& ids, Now now);
  /// Answered with TransactionDescriptions, ordered by id.
  TransactionEffects list(const Caller& caller, const TransactionFilter& filter, Now now);

  /// Fresh ones, never given before: as many as wanted.
  TransactionEffects on_producer_ids(const std::vector<ProducerId>& ids, Now now);
  /// There are none to be had: whoever waits for one is told COORDINATOR_NOT_AVAILABLE.
  TransactionEffects on_no_producer_ids(Now now);
  /// `ok` false: some partition cannot be made durable. The transaction stays open, and its
  /// EndTxn is told COORDINATOR_NOT_AVAILABLE. A ticket of the past does nothing.
  TransactionEffects on_partitions_durable(TransactionTicket ticket, bool ok, Now now);
  /// A ticket of the past does nothing, nor does a partition reported twice.
  TransactionEffects on_marker_written(TransactionTicket ticket, const TopicPartition& partition,
                                       Now now);
  /// At or after the time that earlier effects asked for; too early does no harm.
  TransactionEffects on_time(Now now);
  /// From the next input on.
  void change_settings(const TransactionSettings& settings) { core_.settings = settings; }

  /// Whether a transaction that a partition has open, with batches of this producer and epoch, may
  /// be one that this coordinator will end there. When it is false for every coordinator of a
  /// loaded broker, the registration was lost in a crash before anything of it was acknowledged,
  /// and nothing but an abort marker can follow. The epoch matters: a decision that came with a new
  /// epoch does not concern what the next transaction has written with that already.
  bool may_be_open(ProducerId producer_id, ProducerEpoch epoch,
                   const TopicPartition& partition) const;
  /// nullptr for an id that is not known. Valid until the next input.
  const TransactionMetadata* find(std::string_view transactional_id) const;
  /// Calls back with the records that rebuild what is stored, ordered by id.
  void for_each_record(const std::function<void(const TransactionRecord&)>& visit) const;
  std::size_t size() const { return core_.transactions.size(); }

 private:
  void begin(Now now);
  TransactionEffects finish();

  TransactionCore core_;
  TransactionEndings endings_;
  TransactionOpenings openings_;
  TransactionAdmin admin_;
};

}  // namespace horolog::coordinator
