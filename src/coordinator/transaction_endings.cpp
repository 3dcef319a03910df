#include "coordinator/transaction_endings.hpp"

#include "base/assert.hpp"

namespace horolog::coordinator {

using wire::ErrorCode;
using Kind = TransactionTimerKey::Kind;

namespace {

constexpr std::int16_t first_version_that_bumps = 5;
constexpr std::int16_t first_version_with_fenced = 2;

ProducerEpoch bumped(ProducerEpoch epoch) {
  // Only fencing at the very end of a producer id finds nothing left to bump.
  return epoch == last_producer_epoch ? epoch : static_cast<ProducerEpoch>(epoch + 1);
}

bool is_bump(ProducerEpoch from, ProducerEpoch to) { return to == from + 1; }

/// A retry of the end that used up the last epoch of the producer id before this one.
bool is_retry_over_ids(const TransactionMetadata& now, const TransactionalProducer& producer) {
  return now.previous_producer_id == producer.producer_id &&
         now.producer_id != producer.producer_id &&
         producer.producer_epoch == exhausted_producer_epoch && now.producer_epoch == 0;
}

}  // namespace

TransactionEndings::Verdict TransactionEndings::judge(const Transaction& transaction,
                                                      const TransactionalProducer& producer,
                                                      bool commit, bool bumps) const {
  const TransactionMetadata& now = transaction.metadata;
  // It has been told how it goes on, and is ahead of the markers with its next transaction's end.
  const bool same_id = now.producer_id == producer.producer_id;
  const bool same_epoch = same_id && now.producer_epoch == producer.producer_epoch;
  if (bumps && now.is_decided() && same_epoch) return Verdict::wait;
  if (bumps && now.will_be(producer.producer_id, producer.producer_epoch)) return Verdict::wait;
  const bool over_ids = bumps && now.is_complete() && is_retry_over_ids(now, producer);
  if (!same_id && !over_ids) return Verdict::wrong_producer;
  // With an epoch per transaction the epoch alone tells a retry from the next transaction's end.
  const bool may_retry = bumps && (now.is_decided() || now.is_complete());
  const bool retry =
      over_ids || (may_retry && is_bump(producer.producer_epoch, now.producer_epoch));
  if (!same_epoch && !retry) return Verdict::fenced;
  if (transaction.pending_commit) return Verdict::wait;

  const bool committed =
      now.is(TransactionState::prepare_commit) || now.is(TransactionState::complete_commit);
  switch (now.state) {
    case TransactionState::ongoing:
      return Verdict::go;
    case TransactionState::prepare_commit:
    case TransactionState::prepare_abort:
      return commit == committed ? Verdict::done_before : Verdict::wrong_state;
    case TransactionState::complete_commit:
    case TransactionState::complete_abort:
      if (!bumps || retry) return commit == committed ? Verdict::done_before : Verdict::wrong_state;
      return commit ? Verdict::wrong_state : Verdict::go;
    case TransactionState::empty:
      return bumps && !commit ? Verdict::go : Verdict::wrong_state;
    case TransactionState::dead:
    case TransactionState::prepare_epoch_fence:
      break;
  }
  HOROLOG_ASSERT(false);
  return Verdict::wrong_state;
}

void TransactionEndings::end(const Caller& caller, const TransactionalProducer& producer,
                             bool commit) {
  const std::string& id = producer.transactional_id;
  const auto refuse = [&](ErrorCode error, const Transaction* from) {
    core_.reply(caller.token, TransactionEnded{.error = error}, from);
  };
  if (id.empty()) return refuse(ErrorCode::invalid_request, nullptr);
  Transaction* transaction = core_.find(id);
  if (transaction == nullptr) return refuse(ErrorCode::invalid_producer_id_mapping, nullptr);
  const bool bumps = caller.version >= first_version_that_bumps;
  switch (judge(*transaction, producer, commit, bumps)) {
    case Verdict::go:
      return begin(id, *transaction, caller, producer, commit);
    case Verdict::done_before:
      return reply_ended(caller, *transaction, bumps);
    case Verdict::wait:
      return core_.park(id, *transaction,
                        {[this, caller, producer, commit] { end(caller, producer, commit); },
                         [this, caller](ErrorCode error) {
                           core_.reply_after(caller.token, TransactionEnded{.error = error}, 0);
                         }});
    case Verdict::fenced:
      return refuse(fenced(caller.version, first_version_with_fenced), transaction);
    case Verdict::wrong_producer:
      return refuse(ErrorCode::invalid_producer_id_mapping, transaction);
    case Verdict::wrong_state:
      return refuse(ErrorCode::invalid_txn_state, transaction);
  }
}

void TransactionEndings::begin(const std::string& id, Transaction& transaction,
                               const Caller& caller, const TransactionalProducer& producer,
                               bool commit) {
  const bool bumps = caller.version >= first_version_that_bumps;
  const TransactionVersion version =
      bumps ? epoch_bump_transaction_version : first_transaction_version;
  ProducerId next = no_producer_id;
  if (bumps && transaction.metadata.is_exhausted()) {
    const auto taken = core_.take_producer_id(
        {[this, caller, producer, commit] { end(caller, producer, commit); },
         [this, caller](ErrorCode error) {
           core_.reply_after(caller.token, TransactionEnded{.error = error}, 0);
         }});
    if (!taken) return;
    next = *taken;
  }
  if (!commit) {
    return decide(id, transaction.metadata, {false, version, next}, &caller);
  }
  transaction.pending_commit = PendingCommit{caller, version, next};
  MakeDurable& durable = core_.effects.make_durable.emplace_back();
  durable.ticket = core_.issue_ticket(id, transaction);
  durable.transactional_id = id;
  durable.partitions = {transaction.metadata.partitions.begin(),
                        transaction.metadata.partitions.end()};
}

void TransactionEndings::on_partitions_durable(TransactionTicket ticket, bool ok) {
  Transaction* transaction = core_.find(ticket);
  if (transaction == nullptr || !transaction->pending_commit) return;
  const std::string id = core_.tickets.at(ticket);
  const PendingCommit pending = *std::exchange(transaction->pending_commit, std::nullopt);
  if (ok) {
    return decide(id, transaction->metadata,
                  {true, pending.client_version, pending.next_producer_id}, &pending.caller);
  }
  if (pending.next_producer_id != no_producer_id) {
    core_.spare_ids.push_back(pending.next_producer_id);
  }
  core_.reply(pending.caller.token, TransactionEnded{.error = ErrorCode::coordinator_not_available},
              transaction);
  // The clock may have run out meanwhile, with nobody to hear it.
  start_clock(id, *transaction);
  release_parked(id, *transaction);
}

void TransactionEndings::decide(const std::string& id, TransactionMetadata metadata,
                                const Decision& decision, const Caller* caller) {
  const bool bumps = decision.client_version >= epoch_bump_transaction_version;
  const ProducerEpoch before = metadata.producer_epoch;
  // An empty transaction that is aborted has no beginning of its own.
  if (!metadata.is(TransactionState::ongoing)) metadata.start = core_.now.wall_ms;
  metadata.state =
      decision.commit ? TransactionState::prepare_commit : TransactionState::prepare_abort;
  metadata.previous_producer_id = metadata.producer_id;
  metadata.next_producer_id = decision.next_producer_id;
  if (bumps) metadata.producer_epoch = bumped(before);
  metadata.last_update = core_.now.wall_ms;
  metadata.client_version = decision.client_version;
  Transaction& transaction = core_.store(id, std::move(metadata));
  if (bumps) transaction.last_epoch = before;
  core_.cancel_timer(Kind::timeout, id);
  core_.issue_ticket(id, transaction);
  // Before the markers: with none to write the next transaction may begin right here.
  if (caller != nullptr) reply_ended(*caller, transaction, bumps);
  send_markers(id, transaction, core_.writes);
}

void TransactionEndings::send_markers(const std::string& id, Transaction& transaction,
                                      WriteNumber after) {
  const TransactionMetadata& metadata = transaction.metadata;
  if (metadata.partitions.empty()) return complete(id, transaction);
  transaction.markers_left = metadata.partitions;
  SendMarkers& markers = core_.effects.markers.emplace_back();
  markers.ticket = transaction.ticket;
  markers.transactional_id = id;
  markers.producer_id = metadata.producer_id;
  markers.producer_epoch = metadata.producer_epoch;
  markers.coordinator_epoch = core_.coordinator_epoch;
  markers.commit = metadata.is(TransactionState::prepare_commit);
  markers.transaction_version = metadata.client_version;
  markers.partitions = {metadata.partitions.begin(), metadata.partitions.end()};
  markers.after = after;
}

void TransactionEndings::on_marker_written(TransactionTicket ticket,
                                           const TopicPartition& partition) {
  Transaction* transaction = core_.find(ticket);
  if (transaction == nullptr || transaction->markers_left.erase(partition) == 0) return;
  if (!transaction->markers_left.empty()) return;
  const std::string id = core_.tickets.at(ticket);
  complete(id, *transaction);
}

void TransactionEndings::complete(const std::string& id, const Transaction& transaction) {
  TransactionMetadata metadata = transaction.metadata;
  metadata.state = metadata.is(TransactionState::prepare_commit) ? TransactionState::complete_commit
                                                                 : TransactionState::complete_abort;
  metadata.previous_producer_id = metadata.producer_id;
  if (metadata.next_producer_id != no_producer_id) {
    // The last epoch that the producer knows of stays what it was, one below the marker's.
    metadata.producer_id = metadata.next_producer_id;
    metadata.producer_epoch = 0;
  }
  metadata.next_producer_id = no_producer_id;
  metadata.partitions.clear();
  metadata.last_update = core_.now.wall_ms;
  Transaction& completed = core_.store(id, std::move(metadata));
  core_.tickets.erase(completed.ticket);
  completed.ticket = 0;
  release_parked(id, completed);
}

void TransactionEndings::release_parked(const std::string& id, Transaction& transaction) {
  core_.cancel_timer(Kind::parked, id);
  const auto parked = std::exchange(transaction.parked, {});
  for (const ParkedRequest& request : parked) request.retry();
}

void TransactionEndings::give_up_parked(const std::string& id) {
  Transaction* transaction = core_.find(id);
  if (transaction == nullptr) return;
  auto& parked = transaction->parked;
  while (!parked.empty() && parked.front().deadline_ms <= core_.now.steady_ms) {
    const ParkedRequest request = std::move(parked.front());
    parked.pop_front();
    request.refuse(ErrorCode::concurrent_transactions);
  }
  if (!parked.empty()) {
    core_.set_timer(Kind::parked, id, parked.front().deadline_ms - core_.now.steady_ms);
  }
}

void TransactionEndings::reply_ended(const Caller& caller, const Transaction& transaction,
                                     bool bumps) {
  TransactionEnded ended;
  if (bumps) {
    // While the markers are written the new id is on its way only; the producer may have it.
    const TransactionMetadata& metadata = transaction.metadata;
    const bool renewed = metadata.next_producer_id != no_producer_id;
    ended.producer_id = renewed ? metadata.next_producer_id : metadata.producer_id;
    ended.producer_epoch = renewed ? ProducerEpoch{0} : metadata.producer_epoch;
  }
  core_.reply(caller.token, ended, &transaction);
}

void TransactionEndings::abort_by_broker(const std::string& id) {
  TransactionMetadata metadata = core_.transactions.at(id).metadata;
  HOROLOG_ASSERT(metadata.is(TransactionState::ongoing));
  metadata.producer_epoch = bumped(metadata.producer_epoch);
  const TransactionVersion version =
      core_.settings.finalised_version >= epoch_bump_transaction_version
          ? epoch_bump_transaction_version
          : first_transaction_version;
  core_.transactions.at(id).last_epoch = no_producer_epoch;
  decide(id, std::move(metadata), {false, version, no_producer_id}, nullptr);
}

void TransactionEndings::start_clock(const std::string& id, const Transaction& transaction) {
  const TransactionMetadata& metadata = transaction.metadata;
  // By the date, because a restart knows nothing else; a date that was set back gives no more time
  // than a new transaction has.
  const std::int64_t spent = std::max<std::int64_t>(core_.now.wall_ms - metadata.start, 0);
  core_.set_timer(Kind::timeout, id, metadata.timeout_ms - spent);
}

void TransactionEndings::on_timeout(const std::string& id) {
  const Transaction* transaction = core_.find(id);
  // A commit that is under way wins.
  if (transaction == nullptr || transaction->is_ending()) return;
  if (transaction->metadata.is(TransactionState::ongoing)) abort_by_broker(id);
}

void TransactionEndings::resume(const std::string& id) {
  Transaction& transaction = core_.transactions.at(id);
  if (transaction.metadata.is(TransactionState::ongoing)) start_clock(id, transaction);
  if (!transaction.metadata.is_decided()) return;
  core_.issue_ticket(id, transaction);
  send_markers(id, transaction, 0);
}

}  // namespace horolog::coordinator
