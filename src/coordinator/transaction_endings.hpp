#pragma once

#include <string>

#include "coordinator/transaction_core.hpp"

namespace horolog::coordinator {

/// How transactions end: by EndTxn, by the broker (timeouts, a new producer with the same id), and
/// after a restart. Decision, markers, completion.
class TransactionEndings {
 public:
  explicit TransactionEndings(TransactionCore& core) : core_(core) {}

  void end(const Caller& caller, const TransactionalProducer& producer, bool commit);
  void on_partitions_durable(TransactionTicket ticket, bool ok);
  void on_marker_written(TransactionTicket ticket, const TopicPartition& partition);
  /// Fences the producer of an open transaction and aborts it. Not while a commit is under way.
  void abort_by_broker(const std::string& id);
  /// After loading: markers of decided transactions again, clocks of open ones from their start.
  void resume(const std::string& id);
  void on_timeout(const std::string& id);
  /// Answers the parked requests that have waited for long enough.
  void give_up_parked(const std::string& id);
  /// Starts the clock of a transaction that has just begun, or was loaded.
  void start_clock(const std::string& id, const Transaction& transaction);

 private:
  /// What an EndTxn means for the transaction as it is.
  enum class Verdict : std::uint8_t { go, done_before, wait, fenced, wrong_producer, wrong_state };

  struct Decision {
    bool commit = false;
    TransactionVersion client_version = first_transaction_version;
    ProducerId next_producer_id = no_producer_id;
  };

  Verdict judge(const Transaction& transaction, const TransactionalProducer& producer, bool commit,
                bool bumps) const;
  void begin(const std::string& id, Transaction& transaction, const Caller& caller,
             const TransactionalProducer& producer, bool commit);
  /// `metadata` is the state before; `caller`, if any, is told.
  void decide(const std::string& id, TransactionMetadata metadata, const Decision& decision,
              const Caller* caller);
  void send_markers(const std::string& id, Transaction& transaction, WriteNumber after);
  void complete(const std::string& id, const Transaction& transaction);
  void release_parked(const std::string& id, Transaction& transaction);
  void reply_ended(const Caller& caller, const Transaction& transaction, bool bumps);

  TransactionCore& core_;
};

}  // namespace horolog::coordinator
