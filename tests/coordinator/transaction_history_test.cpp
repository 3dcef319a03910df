#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <deque>
#include <map>
#include <memory>
#include <random>
#include <set>

#include "coordinator/transaction_coordinator.hpp"
#include "tests/coordinator/transaction_model.hpp"

// Random histories: producers that share ids, a shell that is slow, fails and crashes, and a simple
// model of the partitions. All or nothing, whatever happens.

namespace horolog::coordinator::testing {
namespace {

using wire::ErrorCode;
using State = TransactionState;

class History {
 public:
  explicit History(std::uint64_t seed) : random_(seed), clients_(5) {
    for (std::size_t i = 0; i < clients_.size(); ++i) {
      clients_[i].id = i < 3 ? "shared" : "own" + std::to_string(i);
      clients_[i].version = pick(2) == 0 ? 0 : 2;
    }
    start({});
  }

  void run(int steps) {
    for (int i = 0; i < steps; ++i) step();
    finish();
    check();
  }

 private:
  std::size_t pick(std::size_t below) { return random_() % below; }

  // The coordinator and its shell.

  void start(std::vector<std::pair<Record, WriteNumber>> log) {
    log_ = std::move(log);
    machine_ = std::make_unique<TransactionCoordinator>(settings_);
    for (auto& [record, write] : log_) {
      const auto value = record.value ? std::optional<ByteView>(*record.value) : std::nullopt;
      ASSERT_TRUE(machine_->replay(record.key, value).ok());
      write = 0;
    }
    replies_.clear();
    durable_asked_.clear();
    markers_.clear();
    wanted_ids_ = 0;
    writes_ = durable_ = 0;
    take(machine_->on_loaded(++coordinator_epoch_, now_));
    end_orphans();
  }

  void take(TransactionEffects effects) {
    if (!effects.records.empty()) writes_ = effects.write;
    for (Record& record : effects.records) log_.emplace_back(std::move(record), writes_);
    for (auto& reply : effects.replies) replies_.emplace(reply.token, reply);
    for (auto& durable : effects.make_durable) durable_asked_.push_back(durable);
    for (auto& sent : effects.markers) {
      for (const TopicPartition& partition : sent.partitions)
        markers_.emplace_back(sent, partition);
    }
    wanted_ids_ += effects.producer_ids_wanted;
    wake_at_ = effects.wake_at_ms;
  }

  /// A batch whose registration was lost.
  void end_orphans() {
    for (auto& [id, partition] : partitions_) {
      std::vector<ProducerId> orphans;
      for (const auto& [producer, labels] : partition.open) {
        const ProducerEpoch epoch = partition.epochs.at(producer);
        if (!machine_->may_be_open(producer, epoch, id)) orphans.push_back(producer);
      }
      for (const ProducerId producer : orphans) {
        const auto next = static_cast<ProducerEpoch>(partition.epochs.at(producer) + 1);
        partition.mark(producer, next, false, 0);
      }
    }
  }

  /// Loses what was not durable, or part of it.
  void crash() {
    const WriteNumber kept = durable_ + pick(writes_ - durable_ + 1);
    auto log = log_;
    std::erase_if(log, [&](const auto& entry) { return entry.second > kept; });
    start(std::move(log));
    for (Client& client : clients_) {
      if (client.asked == Client::Asked::nothing) continue;
      if (client.asked == Client::Asked::end && pick(3) != 0) {
        send_end(client);
      } else {
        forget(client);
      }
    }
  }

  void work() {
    switch (pick(6)) {
      case 0:
      case 1:
        durable_ = writes_;
        break;
      case 2:
        if (durable_asked_.empty()) return;
        take(machine_->on_partitions_durable(durable_asked_.front().ticket, pick(8) != 0, now_));
        durable_asked_.pop_front();
        break;
      case 3:
      case 4:
        write_marker();
        break;
      default:
        if (wanted_ids_ == 0) return;
        if (pick(6) == 0) {
          wanted_ids_ = 0;
          take(machine_->on_no_producer_ids(now_));
        } else {
          std::vector<ProducerId> ids;
          for (; wanted_ids_ > 0; --wanted_ids_) ids.push_back(++last_producer_id_);
          take(machine_->on_producer_ids(ids, now_));
        }
    }
  }

  void write_marker() {
    if (markers_.empty()) return;
    const std::size_t at = pick(markers_.size());
    const auto [sent, partition] = markers_[at];
    if (sent.after > durable_) return;
    partitions_[partition].mark(sent.producer_id, sent.producer_epoch, sent.commit,
                                sent.transaction_version);
    // The marker may be there and the shell not know it: then it is written again.
    if (pick(8) == 0) return;
    markers_.erase(markers_.begin() + static_cast<std::ptrdiff_t>(at));
    take(machine_->on_marker_written(sent.ticket, partition, now_));
  }

  void pass(std::int64_t ms) {
    now_.wall_ms += ms;
    now_.steady_ms += ms;
    if (wake_at_ && *wake_at_ <= now_.steady_ms) take(machine_->on_time(now_));
  }

  // The clients.

  Caller caller(std::int16_t version) { return {++last_token_, version, "client", "/127.0.0.1"}; }

  void forget(Client& client) {
    client.producer.reset();
    client.asked = Client::Asked::nothing;
    client.appended = false;
    client.label = 0;
  }

  void send_init(Client& client) {
    wire::InitProducerIdRequest request;
    request.transactional_id = client.id;
    request.transaction_timeout_ms = 5'000;
    const Caller from = caller(5);
    client.asked = Client::Asked::init;
    client.token = from.token;
    take(machine_->init_producer_id(from, request, now_));
  }

  void send_add(Client& client) {
    if (client.label == 0) {
      client.label = ++last_label_;
      client.written = 0;
    }
    client.adding = {"t", static_cast<PartitionIndex>(pick(3))};
    const Caller from = caller(3);
    client.asked = Client::Asked::add;
    client.token = from.token;
    take(machine_->add_partitions(from, *client.producer, {client.adding}, client.version, now_));
  }

  void send_end(Client& client) {
    const Caller from = caller(client.version == 2 ? 5 : 4);
    client.asked = Client::Asked::end;
    client.token = from.token;
    take(machine_->end(from, *client.producer, client.commit, now_));
  }

  void act(Client& client) {
    if (client.asked != Client::Asked::nothing) return collect(client);
    if (!client.producer) return send_init(client);
    if (client.label == 0 || pick(3) == 0) return send_add(client);
    client.commit = pick(4) != 0;
    send_end(client);
  }

  void collect(Client& client) {
    const auto found = replies_.find(client.token);
    if (found == replies_.end()) return;
    // Produce of the second protocol appends before the registration is durable, and is
    // acknowledged with it.
    const TransactionReply reply = found->second;
    const bool durable = reply.after <= durable_;
    if (client.asked == Client::Asked::add && (durable || client.version == 2)) {
      if (!append(client, std::get<PartitionsAdded>(reply.response).error)) return;
    }
    if (!durable) return;
    replies_.erase(client.token);
    const auto asked = std::exchange(client.asked, Client::Asked::nothing);
    switch (asked) {
      case Client::Asked::init: {
        const auto& response = std::get<wire::InitProducerIdResponse>(reply.response);
        if (response.error_code != ErrorCode::none) return;
        client.producer =
            TransactionalProducer{client.id, response.producer_id, response.producer_epoch};
        return;
      }
      case Client::Asked::add:
        client.appended = false;
        ++client.written;
        return;
      case Client::Asked::end:
        return ended(client, std::get<TransactionEnded>(reply.response));
      case Client::Asked::nothing:
        break;
    }
  }

  /// Writes the batch, once. False: the client has been told of an error.
  bool append(Client& client, ErrorCode error) {
    if (std::exchange(client.appended, true)) return true;
    if (error == ErrorCode::none) {
      if (partitions_[client.adding].append(client.producer->producer_id,
                                            client.producer->producer_epoch, client.label)) {
        return true;
      }
    } else if (error == ErrorCode::concurrent_transactions) {
      client.asked = Client::Asked::nothing;
      client.appended = false;
      return false;
    }
    forget(client);
    return false;
  }

  void ended(Client& client, const TransactionEnded& ended) {
    if (ended.error == ErrorCode::concurrent_transactions ||
        ended.error == ErrorCode::coordinator_not_available) {
      return send_end(client);
    }
    if (ended.error != ErrorCode::none) return forget(client);
    outcomes_[client.label] = {client.commit, client.written};
    client.label = 0;
    if (client.version == 2) {
      client.producer = TransactionalProducer{client.id, ended.producer_id, ended.producer_epoch};
    }
  }

  void step() {
    switch (pick(12)) {
      case 0:
        if (pick(8) == 0) crash();
        return;
      case 1:
        return pass(static_cast<std::int64_t>(pick(800)));
      case 2:
        if (pick(10) == 0) forget(clients_[pick(clients_.size())]);
        return;
      case 3:
      case 4:
      case 5:
      case 6:
        return act(clients_[pick(clients_.size())]);
      default:
        return work();
    }
  }

  /// Lets everything come to its end, the timeouts of what is open included.
  void finish() {
    for (int i = 0; i < 3'000; ++i) {
      work();
      if (i % 10 == 0) pass(100);
    }
  }

  void check() {
    std::map<Label, std::pair<int, int>> counted;
    for (const auto& [id, partition] : partitions_) {
      for (const auto& [producer, labels] : partition.open) {
        EXPECT_TRUE(labels.empty()) << id.to_string() << ": open after the timeout";
      }
      for (const Label label : partition.committed) ++counted[label].first;
      for (const Label label : partition.aborted) ++counted[label].second;
    }
    for (const auto& [label, counts] : counted) {
      EXPECT_TRUE(counts.first == 0 || counts.second == 0)
          << "transaction " << label << ": " << counts.first << " committed, " << counts.second
          << " aborted";
    }
    for (const auto& [label, outcome] : outcomes_) {
      const auto& [committed, aborted] = counted[label];
      if (*outcome.committed) {
        EXPECT_GE(committed, outcome.written) << "transaction " << label;
        EXPECT_EQ(aborted, 0) << "transaction " << label << " was said to be committed";
      } else {
        EXPECT_EQ(committed, 0) << "transaction " << label << " was said to be aborted";
      }
    }
    TransactionCoordinator replayed(settings_);
    for (const auto& [record, write] : log_) {
      const auto value = record.value ? std::optional<ByteView>(*record.value) : std::nullopt;
      ASSERT_TRUE(replayed.replay(record.key, value).ok());
    }
    EXPECT_EQ(replayed.size(), machine_->size());
    machine_->for_each_record([&](const TransactionRecord& record) {
      ASSERT_NE(replayed.find(record.transactional_id), nullptr);
      EXPECT_EQ(*replayed.find(record.transactional_id), *record.value);
      EXPECT_FALSE(record.value->is_decided()) << record.transactional_id;
    });
  }

 public:
  std::size_t told() const { return outcomes_.size(); }

 private:
  std::mt19937_64 random_;
  TransactionSettings settings_;
  std::unique_ptr<TransactionCoordinator> machine_;
  Now now_{1'700'000'000'000, 0};
  std::int32_t coordinator_epoch_ = 0;
  std::vector<std::pair<Record, WriteNumber>> log_;
  std::map<Token, TransactionReply> replies_;
  std::deque<MakeDurable> durable_asked_;
  std::vector<std::pair<SendMarkers, TopicPartition>> markers_;
  std::size_t wanted_ids_ = 0;
  WriteNumber writes_ = 0;
  WriteNumber durable_ = 0;
  std::optional<std::int64_t> wake_at_;
  std::vector<Client> clients_;
  std::map<TopicPartition, ModelPartition> partitions_;
  std::map<Label, Outcome> outcomes_;
  Token last_token_ = 0;
  Label last_label_ = 0;
  ProducerId last_producer_id_ = 0;
};

TEST(TransactionHistory, AllOrNothing) {
  const char* given = std::getenv("HOROLOG_SEED");
  const std::uint64_t first =
      given ? std::strtoull(given, nullptr, 10) : std::random_device()() % 1'000'000'007;
  std::size_t told = 0;
  for (std::uint64_t seed = first; seed < first + 60 && !::testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("HOROLOG_SEED=" + std::to_string(seed));
    History history(seed);
    history.run(4'000);
    told += history.told();
  }
  std::printf("seeds from %llu, %zu transactions ended\n", static_cast<unsigned long long>(first),
              told);
  EXPECT_GT(told, 0U);
}

}  // namespace
}  // namespace horolog::coordinator::testing
