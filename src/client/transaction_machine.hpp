#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "base/clock.hpp"
#include "client/backoff.hpp"
#include "horolog/error.hpp"
#include "horolog/group.hpp"
#include "horolog/producer_record.hpp"
#include "horolog/transaction.hpp"
#include "horolog/types.hpp"
#include "protocol/error_code.hpp"

namespace horolog::client {

/// What a transaction's machine wants sent. The numbers in a request are those of its producer.
namespace txn {
struct Init {
  ProducerId producer_id = no_producer_id;  ///< with the epoch: raise it (KIP-360); else take over
  ProducerEpoch epoch = -1;
};
struct AddPartitions {
  std::vector<TopicPartition> partitions;
};
struct AddOffsets {
  std::string group;
};
struct CommitOffsets {
  std::vector<OffsetToCommit> offsets;
  GroupMetadata group;
};
struct End {
  bool commit = false;
};
using Request = std::variant<Init, AddPartitions, AddOffsets, CommitOffsets, End>;
}  // namespace txn

/// A transactional producer's conversation with its coordinators (KIP-98, KIP-360, KIP-447), in
/// both versions of the protocol: the first registers partitions and groups before they are written
/// to, in the second (KIP-890) writing registers them and every end raises the epoch.
///
/// Pure: it is told what the caller wants, the answers and the time, and says what to send. One
/// request at a time. The caller's operations are done in order, one after the other; each waits
/// until the records that were sent before it are delivered. Belongs to one thread.
class TransactionMachine {
 public:
  struct Settings {
    Backoff backoff{100'000'000, 1'000'000'000};
    /// While the transaction before is still being ended (CONCURRENT_TRANSACTIONS).
    Backoff concurrent{5'000'000, 20'000'000};
  };
  struct Hooks {
    /// Whether the cluster has finalized the second version of the protocol.
    std::function<bool()> second_protocol;
    /// Marks the records sent so far, without lingering for more; whether all of them are answered.
    std::function<std::uint64_t()> mark;
    std::function<bool(std::uint64_t)> delivered;
    /// Whether any batch was sent in this transaction.
    std::function<bool()> sent_any;
    /// Send under this from now on.
    std::function<void(ProducerId, ProducerEpoch)> identity;
    /// Transaction `number` is open; its partitions have to be added() first, or not.
    std::function<void(std::uint64_t number, bool must_join)> opened;
    /// Nothing more of this transaction may be sent: fail what waits.
    std::function<void(const Error&)> refuse;
    std::function<void(const std::vector<TopicPartition>&)> added;
    std::function<double()> random;
  };

  TransactionMachine(Settings settings, Hooks hooks);

  // What the caller wants. `due`: when to give up.

  void init(MonoNs due, DoneCallback done);
  Status begin();
  void send_offsets(std::vector<OffsetToCommit> offsets, GroupMetadata group, MonoNs due,
                    DoneCallback done);
  void commit(MonoNs due, DoneCallback done);
  void abort(MonoNs due, DoneCallback done);
  /// Every operation that is not done ends with this error.
  void close(const Error& why);

  // What happens.

  void add(const std::vector<TopicPartition>& partitions);
  void records_failed(const Error& why, bool gap);

  /// The next request, if one is to be sent now. It must be answered() or lost() before the next.
  std::optional<txn::Request> next(MonoNs now);
  /// When next() has to be called even if nothing happens.
  std::optional<MonoNs> next_turn() const { return next_turn_; }
  /// How long the request that next() gave may take.
  MonoNs due() const { return request_due_; }

  struct Answer {
    wire::ErrorCode code = wire::ErrorCode::none;
    ProducerId producer_id = no_producer_id;  ///< of Init, and of End in the second protocol
    ProducerEpoch epoch = -1;
  };
  void answered(const Answer& answer, MonoNs now);
  /// There will be no answer; `sent`: it may have reached the coordinator.
  void lost(const Error& why, bool sent, MonoNs now);

  /// On any thread. It is the new one before a callback tells of what changed it.
  TransactionState state() const { return state_; }
  bool second_protocol() const { return second_; }
  ProducerId producer_id() const { return producer_id_; }
  ProducerEpoch epoch() const { return epoch_; }
  /// Why the transaction must be aborted, or the producer is done for.
  const std::optional<Error>& failure() const { return failure_; }

 private:
  enum class Kind : std::uint8_t { init, offsets, commit, abort };
  struct Operation {
    Kind kind;
    MonoNs due;
    DoneCallback done;
    std::uint64_t mark = 0;
    std::vector<OffsetToCommit> offsets{};
    GroupMetadata group{};
    bool group_added = false;
    bool ended = false;        ///< abort: the end is written, the epoch is still to be raised
    bool maybe_acted = false;  ///< an attempt to end may have reached the coordinator
  };

  void start_front();
  void finish_front(Status result);
  void fail_front(const Error& why);
  void give_up_late(MonoNs now);
  bool may_have_ended(const Operation& op) const;
  Error ended_badly(const Operation& op, const Error& why) const;
  std::optional<txn::Request> request_of(Operation& op);
  bool nothing_to_end() const;
  void must_abort(const Error& why);
  void done_for(const Error& why, TransactionState state);
  void refused(wire::ErrorCode code);
  void adding_refused(const Error& error, wire::ErrorCode code);
  void succeeded(const Answer& answer);
  void adopt(const Answer& answer);
  void transaction_over();
  void wait(const Backoff& backoff, MonoNs now);
  std::string what() const;

  const Settings settings_;
  const Hooks hooks_;
  std::atomic<TransactionState> state_{TransactionState::uninitialized};
  ProducerId producer_id_ = no_producer_id;
  ProducerEpoch epoch_ = -1;
  bool second_ = false;
  std::uint64_t number_ = 0;
  bool started_ = false;        ///< the coordinator knows of the open transaction
  bool maybe_started_ = false;  ///< it may know
  bool must_raise_ = false;     ///< sequences of this epoch have a gap
  std::optional<Error> failure_;

  std::deque<Operation> operations_;
  bool front_started_ = false;
  std::set<TopicPartition> to_add_;
  std::optional<txn::Request> in_flight_;
  bool in_flight_abandoned_ = false;  ///< its answer is for an operation that was given up
  MonoNs request_due_ = 0;
  MonoNs not_before_ = 0;
  std::uint32_t failures_ = 0;
  std::optional<MonoNs> next_turn_;
};

}  // namespace horolog::client
