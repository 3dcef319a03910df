#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "client/accumulator.hpp"
#include "client/backoff.hpp"
#include "client/call.hpp"
#include "client/producer_flow.hpp"
#include "horolog/error.hpp"
#include "protocol/error_code.hpp"

namespace horolog::client {

/// Batches for one broker, at most one of each partition: one Produce request.
struct ProduceBundle {
  struct Part {
    PartitionFlow* flow;
    ProducerBatch* batch;
  };
  NodeId node = no_node;
  std::vector<Part> parts;
  /// How long it may take: the first of its batches is given up then.
  MonoNs due = 0;
};

/// Decides what is sent when, and what an answer means: which batches go into which request, in
/// which order, under which sequences, when again, and when no more. Pure: it is told the time and
/// the answers, and says what to send. Belongs to one thread.
class ProducerSender {
 public:
  struct Settings {
    record::Codec codec = record::Codec::none;
    int level = record::default_level;
    bool idempotent = true;
    bool transactional = false;
    /// Requests without an answer, for each broker. A broker remembers five batches of a producer.
    std::size_t in_flight_max = 5;
    std::size_t request_bytes_max = 1024 * 1024;
    MonoNs delivery_timeout_ns = 120'000'000'000;
    Backoff backoff{100'000'000, 1'000'000'000};
  };
  struct Hooks {
    /// The leader of a partition; no_node when it is not known (the owner then looks it up).
    std::function<NodeId(const PartitionQueue&)> leader;
    /// What was believed of the partition's leader is wrong.
    std::function<void(const PartitionQueue&)> leader_failed;
    /// From [0, 1).
    std::function<double()> random;
    /// Of a transactional producer: a batch failed, so the transaction cannot commit. `gap`: it had
    /// been sent, so that the sequences of this epoch cannot go on.
    std::function<void(const Error&, bool gap)> transaction_failed;
  };

  ProducerSender(Settings settings, Accumulator& accumulator, Hooks hooks);

  /// Under which id and epoch batches are sent from now on. Sequences start at 0.
  void set_identity(ProducerId id, ProducerEpoch epoch);
  /// There is something to send, and no id to send it under.
  bool wants_identity() const { return wants_identity_; }

  /// Transactions: partitions are sent to only after joined(), when `must_join`.
  void start_transaction(std::uint64_t number, bool must_join);
  /// Partitions that have something to send and were not asked to join yet.
  std::vector<TopicPartition> take_joining();
  void joined(const TopicPartition& partition);
  /// Whether anything was sent in the current transaction.
  bool sent_any() const { return sent_any_; }

  /// From now on nothing is sent: what waits fails with `why`, and so does what is yet to come.
  void refuse(const Error& why);
  void accept() { refusing_.reset(); }

  /// Appends the requests that shall be sent now, in this order. The batches in them stay as they
  /// are until they are answered() or lost().
  void turn(MonoNs now, std::vector<ProduceBundle>& out);
  /// When turn() has to be called even if nothing happens.
  std::optional<MonoNs> next_turn() const { return next_turn_; }
  /// Topics with partitions whose leader is not known.
  const std::set<std::string>& leaderless() const { return leaderless_; }

  struct Answer {
    wire::ErrorCode code = wire::ErrorCode::none;
    Offset base_offset = no_offset;
    TimestampMs append_time = no_timestamp;
    std::optional<std::string> text{};
  };
  /// What the broker said about one batch of a bundle.
  void answered(const ProduceBundle::Part& part, const Answer& answer, MonoNs now);
  /// The request came to nothing; `sent`: it may have reached the broker.
  void lost(const ProduceBundle::Part& part, const Error& why, bool sent, MonoNs now);
  /// The request is done with: every part of it was answered or lost.
  void finished(NodeId node);

  /// Tells every record that is left that it failed. Batches in flight stay where they are (their
  /// bytes may be being written), and nothing of them may be answered() or lost() any more.
  void abandon(const Error& why);

  /// Counted by this thread, read by any.
  struct Counts {
    std::atomic<std::uint64_t> records_delivered{0};
    std::atomic<std::uint64_t> records_failed{0};
    std::atomic<std::uint64_t> bytes_delivered{0};
    std::atomic<std::uint64_t> batches_sent{0};
    std::atomic<std::uint64_t> batches_retried{0};
  };
  const Counts& counts() const { return counts_; }

 private:
  enum class Verdict : std::uint8_t { done, retry, restart, split, fail, fail_for_good };
  Verdict judge(const PartitionFlow& flow, const ProduceBundle::Part& part,
                wire::ErrorCode code) const;

  PartitionFlow& flow_of(PartitionQueue& queue);
  void activate(PartitionFlow& flow);
  bool round(MonoNs now, std::vector<ProduceBundle>& out);
  ProducerBatch* next_batch(PartitionFlow& flow, MonoNs now);
  NodeId leader_of(PartitionFlow& flow);
  bool ready_to_send(PartitionFlow& flow, MonoNs now);
  bool settle_identity(PartitionFlow& flow);
  void renumber(PartitionFlow& flow);
  void identify(PartitionFlow& flow, ProducerBatch& batch);
  void expire(PartitionFlow& flow, MonoNs now);
  void fail_all(PartitionFlow& flow, const Error& why);
  void wait_to_resend(PartitionFlow& flow, std::size_t index);
  void back_off(PartitionFlow& flow, MonoNs now);
  void split(PartitionFlow& flow, std::size_t index);
  void succeed(PartitionFlow& flow, std::size_t index, const Answer& answer);
  void fail(PartitionFlow& flow, ProducerBatch* batch, const Error& why);
  Error late(const PartitionFlow& flow, const ProducerBatch& batch) const;
  void wake_at(MonoNs when);

  const Settings settings_;
  Accumulator& accumulator_;
  const Hooks hooks_;
  std::vector<std::unique_ptr<PartitionFlow>> flows_;
  std::vector<PartitionFlow*> active_;
  std::vector<PartitionQueue*> announced_;
  std::map<NodeId, std::size_t> in_flight_;

  ProducerId producer_id_ = no_producer_id;
  ProducerEpoch epoch_ = -1;
  std::uint64_t identity_serial_ = 0;
  bool wants_identity_ = false;

  std::uint64_t transaction_ = 0;
  bool must_join_ = false;
  bool sent_any_ = false;
  std::vector<TopicPartition> joining_;

  Counts counts_;
  std::optional<Error> refusing_;
  std::optional<MonoNs> next_turn_;
  MonoNs next_expiry_ = 0;
  std::set<std::string> leaderless_;
};

}  // namespace horolog::client
