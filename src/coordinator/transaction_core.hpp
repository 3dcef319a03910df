#pragma once

#include <algorithm>
#include <compare>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "coordinator/persisted_state.hpp"
#include "coordinator/timers.hpp"
#include "coordinator/transaction_effects.hpp"
#include "coordinator/transaction_records.hpp"
#include "coordinator/transaction_settings.hpp"

namespace horolog::coordinator {

/// A request that cannot be answered yet.
struct ParkedRequest {
  /// Does it over; may park again.
  std::function<void()> retry;
  /// Answers it with an error.
  std::function<void(wire::ErrorCode)> refuse;
  std::int64_t deadline_ms = 0;
};

/// EndTxn(commit) while the transaction's partitions become durable.
struct PendingCommit {
  Caller caller;
  TransactionVersion client_version = first_transaction_version;
  ProducerId next_producer_id = no_producer_id;
};

/// A transactional id: what is stored of it, and what a restart forgets.
struct Transaction {
  TransactionMetadata metadata;
  /// The epoch before the last bump by the producer itself: asking again with it is a retry
  /// (KIP-360). Not stored, as in Kafka: after a restart such a retry is fenced.
  ProducerEpoch last_epoch = no_producer_epoch;
  WriteNumber last_write = 0;
  /// Of the end under way.
  TransactionTicket ticket = 0;
  std::optional<PendingCommit> pending_commit;
  std::set<TopicPartition> markers_left;
  /// In the order they came; the deadlines are in that order too.
  std::deque<ParkedRequest> parked;

  /// Whether the end of a transaction is under way: nothing else may begin before it is done.
  bool is_ending() const { return pending_commit.has_value() || metadata.is_decided(); }
};

/// What a deadline of a transaction is for.
struct TransactionTimerKey {
  enum class Kind : std::uint8_t {
    timeout,     ///< the transaction has been open for as long as its producer allows
    parked,      ///< the first parked request has waited long enough
    expiration,  ///< time to look for unused ids
  };
  Kind kind = Kind::timeout;
  std::string transactional_id;

  auto operator<=>(const TransactionTimerKey&) const = default;
};

/// What the parts of one transaction coordinator share, and the effects of the input being worked
/// on. Plain data with a few helpers; the TransactionCoordinator owns it.
struct TransactionCore {
  using Transactions = std::unordered_map<std::string, Transaction, TextHash, std::equal_to<>>;

  TransactionSettings settings;
  Transactions transactions;
  std::unordered_map<TransactionTicket, std::string> tickets;
  Deadlines<TransactionTimerKey> timers;
  std::deque<ProducerId> spare_ids;
  std::deque<ParkedRequest> waiting_for_ids;
  std::int32_t coordinator_epoch = 0;
  TransactionTicket last_ticket = 0;
  /// The last write that removed something: an answer about what is not there depends on it.
  WriteNumber last_removal = 0;
  WriteNumber writes = 0;
  Now now;
  TransactionEffects effects;

  Transaction* find(std::string_view id) {
    const auto found = transactions.find(id);
    return found == transactions.end() ? nullptr : &found->second;
  }
  Transaction* find(TransactionTicket ticket) {
    const auto found = tickets.find(ticket);
    return found == tickets.end() ? nullptr : find(found->second);
  }

  /// The only thing that changes what is stored.
  void replay(const TransactionRecord& record) {
    if (record.value) {
      transactions[record.transactional_id].metadata = *record.value;
    } else {
      transactions.erase(record.transactional_id);
    }
  }

  /// Replays the new state and adds its record to the effects.
  Transaction& store(const std::string& id, TransactionMetadata metadata) {
    add_record({id, std::move(metadata)});
    Transaction& transaction = transactions.at(id);
    transaction.last_write = writes;
    return transaction;
  }
  void remove(const std::string& id) {
    add_record({id, std::nullopt});
    last_removal = writes;
  }

  /// Answers from the state of a transactional id (nullptr: from the fact that it is not there).
  template <typename T>
  void reply(Token token, T response, const Transaction* transaction) {
    const WriteNumber after = transaction == nullptr ? last_removal : transaction->last_write;
    reply_after(token, std::move(response), after);
  }
  template <typename T>
  void reply_after(Token token, T response, WriteNumber after) {
    effects.replies.push_back(
        TransactionReply{token, TransactionResponse(std::move(response)), after});
  }

  void set_timer(TransactionTimerKey::Kind kind, const std::string& id, std::int64_t delay_ms) {
    timers.set({kind, id}, now.steady_ms + std::max<std::int64_t>(delay_ms, 0));
  }
  void cancel_timer(TransactionTimerKey::Kind kind, const std::string& id) {
    timers.cancel({kind, id});
  }

  TransactionTicket issue_ticket(const std::string& id, Transaction& transaction) {
    tickets.erase(transaction.ticket);
    transaction.ticket = ++last_ticket;
    tickets.emplace(transaction.ticket, id);
    return transaction.ticket;
  }

  /// Until the end under way is done, or the wait is over.
  void park(const std::string& id, Transaction& transaction, ParkedRequest request) {
    request.deadline_ms = now.steady_ms + settings.completion_wait_ms;
    if (transaction.parked.empty()) {
      set_timer(TransactionTimerKey::Kind::parked, id, settings.completion_wait_ms);
    }
    transaction.parked.push_back(std::move(request));
  }
  /// nullopt when there is none: then the request is parked until one has come.
  std::optional<ProducerId> take_producer_id(ParkedRequest request) {
    if (spare_ids.empty()) {
      waiting_for_ids.push_back(std::move(request));
      ++effects.producer_ids_wanted;
      return std::nullopt;
    }
    const ProducerId id = spare_ids.front();
    spare_ids.pop_front();
    return id;
  }

 private:
  void add_record(const TransactionRecord& record) {
    if (effects.records.empty()) effects.write = ++writes;
    effects.records.push_back(encode_record(record, settings.finalised_version));
    replay(record);
  }
};

/// PRODUCER_FENCED, in the word that clients of before KIP-588 know. `since` is the first version
/// of the API that knows the new one.
inline wire::ErrorCode fenced(std::int16_t version, std::int16_t since) {
  return version >= since ? wire::ErrorCode::producer_fenced
                          : wire::ErrorCode::invalid_producer_epoch;
}

}  // namespace horolog::coordinator
