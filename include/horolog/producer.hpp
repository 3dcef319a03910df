#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "horolog/error.hpp"
#include "horolog/group.hpp"
#include "horolog/options.hpp"
#include "horolog/producer_record.hpp"
#include "horolog/record.hpp"
#include "horolog/transaction.hpp"

namespace horolog {

namespace client {
class Cluster;
class ProducerCore;
}  // namespace client

/// What an answer from the broker means.
enum class Acks : std::int8_t {
  none = 0,    ///< there is none: records are gone when they have been written to the socket
  leader = 1,  ///< the leader has appended them
  all = -1,    ///< as durable as the topic makes them (Horolog: synced to disk; Kafka: replicated)
};

/// The names in Kafka's documentation stand beside each field; the defaults are those of Kafka 4.
struct ProducerOptions {
  ClientOptions client{};

  /// acks. Idempotence and transactions need `all`.
  Acks acks = Acks::all;
  /// enable.idempotence: every record is stored once and in order, whatever is sent again.
  bool idempotent = true;
  /// max.in.flight.requests.per.connection: 1 to 5 when idempotent. Without idempotence, records
  /// keep their order through failures only with 1.
  std::size_t max_in_flight = 5;

  /// linger.ms: how long an open batch waits for more records.
  std::chrono::milliseconds linger{5};
  /// batch.size: memory of one batch, before compression.
  std::size_t batch_bytes = std::size_t{16} * 1024;
  /// max.request.size: of one record with its batch's header, and, about, of one request.
  std::size_t max_request_bytes = std::size_t{1024} * 1024;
  /// buffer.memory: what batches that are not yet answered may take.
  std::size_t buffer_memory = std::size_t{32} * 1024 * 1024;
  /// max.block.ms: how long send() waits for that memory, and for a topic's partitions.
  std::chrono::milliseconds max_block{60'000};
  /// delivery.timeout.ms: from when its batch was begun, after this time a record has failed.
  std::chrono::milliseconds delivery_timeout{120'000};

  /// compression.type, and the codec's level (0: its own default).
  Compression compression = Compression::none;
  int compression_level = 0;
  /// For records that name no partition; without it keys are hashed as Java's producer does it, and
  /// records without key stay together for a batch (KIP-794).
  Partitioner partitioner{};
  /// Whether the broker may create a topic that is written to (auto.create.topics.enable).
  bool create_topics = true;

  /// transactional.id: of all producers with the same one, only the last initialised may write.
  std::string transactional_id{};
  /// transaction.timeout.ms: after this time the coordinator aborts an open transaction.
  std::chrono::milliseconds transaction_timeout{60'000};
};

/// What a producer did since it was opened; a reader sees each value whole.
struct ProducerMetrics {
  std::uint64_t records_delivered = 0;
  std::uint64_t records_failed = 0;  ///< with or without a callback that was told
  std::uint64_t bytes_delivered = 0;  ///< of batches, as they were sent
  std::uint64_t batches_sent = 0;     ///< every attempt
  std::uint64_t batches_retried = 0;
  std::uint64_t requests_sent = 0;
  std::size_t buffered_bytes = 0;  ///< now, against buffer_memory
};

/// Sends records.
///
///     HOROLOG_ASSIGN(Producer producer,
///                    Producer::open({.client = {.bootstrap = "localhost:9092"}}));
///     HOROLOG_TRY(producer.send({.topic = "orders", .key = id, .value = body},
///                               [](const Result<Position>& at) { … }));
///     HOROLOG_TRY(producer.flush(10s));
///
/// Delivery: send() copies the record into its partition's batch and returns; what became of it is
/// told to its callback, exactly once, on the client's thread. Records of one partition are stored
/// in the order of their send() calls, once (idempotent), through lost connections, restarts and
/// changes of leader, until delivery_timeout. When buffer_memory is used up, send() waits: a record
/// is taken or refused, never dropped. An Error with code timed_out says in its text whether the
/// broker may have the record all the same.
///
/// Threads: every function may be called on any thread, and not while the Producer is moved. In the
/// client's own thread (that is, in callbacks) nothing waits: send() returns Errc::busy where it
/// would, and so do the forms of the other functions that wait; use those with a callback there.
///
/// Transactions: init_transactions() once, then begin_transaction(), send() and send_offsets(), and
/// commit_transaction() or abort_transaction(), again and again. Operations are done in the order
/// of their calls, each when the records before it are delivered, so that send(), send_offsets()
/// and commit_transaction() may be called without waiting between them: the offsets are the last
/// that is written before the commit. Error::remedy() says what is left to do: abort_transaction,
/// or reopen (init_transactions() again, or another Producer). Second version of the protocol
/// (KIP-890) where the cluster has finalized it, else the first.
class Producer {
 public:
  /// Errc::invalid_argument names the option. Nothing is connected yet.
  static Result<Producer> open(ProducerOptions options);
  /// On the connections and the thread of `cluster`; options.client is not used. Any number of
  /// producers may share one.
  static Result<Producer> open(ProducerOptions options, std::shared_ptr<client::Cluster> cluster);

  /// Closes at once: what is not delivered fails (Errc::cancelled) before this returns. An open
  /// transaction is left to time out. No callback is called afterwards.
  ~Producer();
  Producer(Producer&&) noexcept;
  Producer& operator=(Producer&&) noexcept;

  /// Takes the record, or returns why not; the callback is then never called.
  /// Errc::too_large (max_request_bytes), timed_out (max_block), busy (see above), closed,
  /// invalid_argument (a partition that is not there, no open transaction), or the error of the
  /// transaction that must be aborted.
  Status send(const OutgoingRecord& record, DeliveryCallback callback = {});
  /// As send(), but returns Errc::busy where that would wait.
  Status try_send(const OutgoingRecord& record, DeliveryCallback callback = {});
  /// As send(), for one who waits for the record: the error of either ends up in the future.
  std::future<Result<Position>> submit(const OutgoingRecord& record);

  /// Sends what waits, without lingering, and returns when everything that was taken before is
  /// delivered or has failed (its callbacks were told). Errc::timed_out: some of it is still under
  /// way, and stays so.
  Status flush(std::chrono::milliseconds timeout);
  void flush(std::chrono::milliseconds timeout, DoneCallback done);

  /// Fences older producers with the same transactional id, ends what they left open, and makes
  /// this one ready. Also the way back from fenced and unknown_outcome, and from most failures.
  Status init_transactions(std::chrono::milliseconds timeout);
  void init_transactions(std::chrono::milliseconds timeout, DoneCallback done);
  /// Never waits for a broker.
  Status begin_transaction();
  /// Commits offsets for a group with the open transaction; `group` is what the group's consumer
  /// gives out (Consumer::group_metadata()), and the group's coordinator checks it: a member that
  /// has gone or a generation that has passed is refused (KIP-447), and the transaction must be
  /// aborted. Also in a transaction that wrote and consumed nothing else.
  Status send_offsets(std::vector<OffsetToCommit> offsets, const GroupMetadata& group,
                      std::chrono::milliseconds timeout);
  void send_offsets(std::vector<OffsetToCommit> offsets, const GroupMetadata& group,
                    std::chrono::milliseconds timeout, DoneCallback done);
  /// All or nothing. A lost answer is asked for again, never turned into an abort; if it does not
  /// come within `timeout`, the error says so and transaction_state() is unknown_outcome.
  Status commit_transaction(std::chrono::milliseconds timeout);
  void commit_transaction(std::chrono::milliseconds timeout, DoneCallback done);
  /// Records that wait fail (Errc::cancelled). Errors with remedy retry: call it again.
  Status abort_transaction(std::chrono::milliseconds timeout);
  void abort_transaction(std::chrono::milliseconds timeout, DoneCallback done);
  TransactionState transaction_state() const;

  ProducerMetrics metrics() const;

  /// Takes no more records, aborts an open transaction, flushes, and closes. What is not delivered
  /// within `timeout` fails, which is this function's error too. Idempotent.
  Status close(std::chrono::milliseconds timeout);

 private:
  explicit Producer(std::shared_ptr<client::ProducerCore> core);
  std::shared_ptr<client::ProducerCore> core_;
};

}  // namespace horolog
