#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "coordinator/transaction_coordinator.hpp"

namespace horolog::coordinator::testing {

using wire::ErrorCode;

inline const TopicPartition a0{"a", 0};
inline const TopicPartition a1{"a", 1};
inline const TopicPartition offsets0{"__consumer_offsets", 0};

inline constexpr std::int16_t end_version_1 = 4;  ///< the newest EndTxn without a bump
inline constexpr std::int16_t end_version_2 = 5;

/// A transaction coordinator, the time, and everything it said. What it asks of its shell waits
/// until a test does it, unless `eager`.
class TransactionRig {
 public:
  explicit TransactionRig(const TransactionSettings& settings = {},
                          const std::vector<Record>& found = {}, Now at = {1'700'000'000'000, 0},
                          std::int32_t coordinator_epoch = 7)
      : now(at), machine(settings) {
    for (const Record& record : found) {
      const auto value = record.value ? std::optional<ByteView>(*record.value) : std::nullopt;
      EXPECT_TRUE(machine.replay(record.key, value).ok());
    }
    log = found;
    take(machine.on_loaded(coordinator_epoch, now));
  }

  // Requests. Those that end in _token may stay unanswered.

  Token init_token(const std::string& id, ProducerId producer = no_producer_id,
                   ProducerEpoch epoch = no_producer_epoch, std::int32_t timeout_ms = 60'000,
                   std::int16_t version = 5) {
    wire::InitProducerIdRequest request;
    request.transactional_id = id;
    request.transaction_timeout_ms = timeout_ms;
    request.producer_id = producer;
    request.producer_epoch = epoch;
    const Caller caller = this->caller(version);
    take(machine.init_producer_id(caller, request, now));
    return caller.token;
  }
  wire::InitProducerIdResponse init(const std::string& id, ProducerId producer = no_producer_id,
                                    ProducerEpoch epoch = no_producer_epoch,
                                    std::int32_t timeout_ms = 60'000, std::int16_t version = 5) {
    return as<wire::InitProducerIdResponse>(init_token(id, producer, epoch, timeout_ms, version));
  }
  TransactionalProducer producer(const std::string& id) {
    const auto response = init(id);
    EXPECT_EQ(response.error_code, ErrorCode::none);
    return {id, response.producer_id, response.producer_epoch};
  }

  Token add_token(const TransactionalProducer& producer,
                  const std::vector<TopicPartition>& partitions,
                  TransactionVersion client_version = 0, std::int16_t version = 3) {
    const Caller caller = this->caller(version);
    take(machine.add_partitions(caller, producer, partitions, client_version, now));
    return caller.token;
  }
  ErrorCode add(const TransactionalProducer& producer,
                const std::vector<TopicPartition>& partitions,
                TransactionVersion client_version = 0, std::int16_t version = 3) {
    return as<PartitionsAdded>(add_token(producer, partitions, client_version, version)).error;
  }
  std::vector<ErrorCode> verify(const TransactionalProducer& producer,
                                const std::vector<TopicPartition>& partitions) {
    const Caller caller = this->caller(5);
    take(machine.verify(caller, producer, partitions, now));
    return as<PartitionsVerified>(caller.token).errors;
  }

  Token end_token(const TransactionalProducer& producer, bool commit,
                  std::int16_t version = end_version_1) {
    const Caller caller = this->caller(version);
    take(machine.end(caller, producer, commit, now));
    return caller.token;
  }
  TransactionEnded end(const TransactionalProducer& producer, bool commit,
                       std::int16_t version = end_version_1) {
    return as<TransactionEnded>(end_token(producer, commit, version));
  }

  TransactionDescription describe(const std::string& id) {
    const Caller caller = this->caller(0);
    take(machine.describe(caller, {id}, now));
    return as<TransactionDescriptions>(caller.token).at(0);
  }
  std::vector<std::string> list(const TransactionFilter& filter = {}) {
    const Caller caller = this->caller(2);
    take(machine.list(caller, filter, now));
    std::vector<std::string> ids;
    for (const auto& one : as<TransactionDescriptions>(caller.token)) {
      ids.push_back(one.transactional_id);
    }
    return ids;
  }

  // The shell's part.

  void give_producer_ids() {
    std::vector<ProducerId> ids;
    for (; producer_ids_wanted > 0; --producer_ids_wanted) ids.push_back(next_producer_id++);
    take(machine.on_producer_ids(ids, now));
  }
  /// The oldest one that waits.
  void make_durable(bool ok = true) {
    ASSERT_FALSE(to_make_durable.empty());
    const MakeDurable durable = to_make_durable.front();
    to_make_durable.pop_front();
    take(machine.on_partitions_durable(durable.ticket, ok, now));
  }
  void write_marker(TransactionTicket ticket, const TopicPartition& partition) {
    take(machine.on_marker_written(ticket, partition, now));
  }
  /// All of the oldest end that waits.
  void write_markers() {
    ASSERT_FALSE(markers.empty());
    const SendMarkers sent = markers.front();
    markers.pop_front();
    for (const TopicPartition& partition : sent.partitions) write_marker(sent.ticket, partition);
  }
  /// Everything that is asked of the shell, until nothing is.
  void settle() {
    while (producer_ids_wanted > 0 || !to_make_durable.empty() || !markers.empty()) {
      if (producer_ids_wanted > 0) {
        give_producer_ids();
      } else if (!to_make_durable.empty()) {
        make_durable();
      } else {
        write_markers();
      }
    }
  }

  /// Lets time pass in the steps the coordinator asks for.
  void pass(std::int64_t ms) {
    const std::int64_t end = now.steady_ms + ms;
    while (wake_at && *wake_at <= end) {
      const std::int64_t step = std::max<std::int64_t>(*wake_at - now.steady_ms, 0);
      now.steady_ms += step;
      now.wall_ms += step;
      take(machine.on_time(now));
    }
    now.wall_ms += end - now.steady_ms;
    now.steady_ms = end;
  }

  bool answered(Token token) const { return replies.contains(token); }
  template <typename T>
  const T& as(Token token) const {
    const auto found = replies.find(token);
    if (found == replies.end()) throw std::runtime_error("no reply");
    return std::get<T>(found->second.response);
  }
  WriteNumber after(Token token) const { return replies.at(token).after; }
  const TransactionMetadata& metadata(const std::string& id) const { return *machine.find(id); }
  TransactionState state(const std::string& id) const { return metadata(id).state; }

  Caller caller(std::int16_t version) { return {++last_token_, version, "client", "/127.0.0.1"}; }
  void take(TransactionEffects effects) {
    if (!effects.records.empty()) {
      EXPECT_EQ(effects.write, writes + 1);
      writes = effects.write;
    }
    for (Record& record : effects.records) log.push_back(std::move(record));
    for (TransactionReply& reply : effects.replies) {
      const Token token = reply.token;
      EXPECT_LE(reply.after, writes);
      EXPECT_TRUE(replies.emplace(token, std::move(reply)).second) << "answered twice: " << token;
    }
    for (MakeDurable& durable : effects.make_durable) to_make_durable.push_back(durable);
    for (SendMarkers& sent : effects.markers) {
      EXPECT_LE(sent.after, writes);
      markers.push_back(sent);
    }
    producer_ids_wanted += effects.producer_ids_wanted;
    wake_at = effects.wake_at_ms;
    if (eager) settle();
  }

  Now now;
  bool eager = false;
  ProducerId next_producer_id = 1'000;
  std::map<Token, TransactionReply> replies;
  std::vector<Record> log;
  std::deque<MakeDurable> to_make_durable;
  std::deque<SendMarkers> markers;
  std::size_t producer_ids_wanted = 0;
  std::optional<std::int64_t> wake_at;
  WriteNumber writes = 0;

 private:
  Token last_token_ = 0;

 public:
  TransactionCoordinator machine;
};

}  // namespace horolog::coordinator::testing
