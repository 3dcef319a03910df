#include "scheduler/kafka_port.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <deque>
#include <future>
#include <thread>

#include "protocol/api_table.hpp"
#include "protocol/messages/add_offsets_to_txn.hpp"
#include "protocol/messages/add_partitions_to_txn.hpp"
#include "protocol/messages/api_versions.hpp"
#include "protocol/messages/end_txn.hpp"
#include "protocol/messages/find_coordinator.hpp"
#include "protocol/messages/init_producer_id.hpp"
#include "protocol/messages/metadata.hpp"
#include "protocol/messages/produce.hpp"
#include "protocol/messages/txn_offset_commit.hpp"
#include "record/batch.hpp"
#include "scheduler/names.hpp"
#include "scheduler/target_table.hpp"
#include "tests/client/scripted_broker.hpp"

/// What KafkaPort sends for a transaction in both versions of the protocol, to a scripted broker.
namespace horolog::scheduler::testing {
namespace {

using client::test::ScriptedBroker;
using client::test::Stage;
using wire::ErrorCode;
using Words = std::vector<std::string>;

class KafkaPortTest : public ::testing::Test {
 protected:
  KafkaPortTest() : broker_(stage_.modern(9001)) {
    serve_lookups();
    serve_transactions();
  }

  /// Runs what blocks on a thread of its own, and the broker meanwhile.
  template <typename Work>
  auto beside(Work work) {
    auto done = std::async(std::launch::async, std::move(work));
    while (done.wait_for(std::chrono::milliseconds(0)) != std::future_status::ready) {
      stage_.run();
      std::this_thread::yield();
    }
    return done.get();
  }

  void open() {
    stage_.open({.bootstrap = "broker:9001"});
    targets_.emplace(stage_.cluster, std::vector<std::string>{"*"}, clock_);
    const Status ready = beside([&] {
      port_.emplace(stage_.cluster, *targets_, KafkaPort::Settings{.group = "g"}, clock_);
      return port_->init_producer();
    });
    ASSERT_TRUE(ready) << ready.error().message();
  }
  void TearDown() override {
    if (port_) port_->stop();
  }

  Written write() {
    Transaction transaction;
    transaction.state.push_back({"a", "state of a", {}});
    transaction.next_command = 5;
    return beside([&] { return port_->write(transaction, {"member", 4}); });
  }

  Words told() { return std::exchange(told_, {}); }

  template <typename R, typename Answer>
  void on(Answer answer) {
    broker_.handlers[R::api.key] = [answer](ScriptedBroker::Connection& connection,
                                            const wire::RequestFrame& request) {
      const auto message = wire::decode<R>(request.body, request.header.api_version);
      if (!message) std::abort();
      ScriptedBroker::send(connection, request, answer(*message, request.header.api_version));
    };
  }

  void only_the_first_protocol() {
    on<wire::ApiVersionsRequest>([](const auto&, std::int16_t) {
      wire::ApiVersionsResponse answer;
      for (const wire::ApiRow& row : wire::served_apis()) {
        answer.api_keys.push_back({static_cast<std::int16_t>(row.key), row.advertised.min,
                                   row.advertised.max});
      }
      return answer;
    });
  }

  void serve_lookups() {
    on<wire::MetadataRequest>([](const wire::MetadataRequest& asked, std::int16_t) {
      wire::MetadataResponse answer{.cluster_id = "stage", .controller_id = 1};
      answer.brokers.push_back({.node_id = 1, .host = "broker", .port = 9001});
      if (!asked.topics) return answer;
      for (const auto& topic : *asked.topics) {
        answer.topics.push_back({.name = topic.name});
        answer.topics.back().partitions.push_back({.partition_index = 0, .leader_id = 1});
      }
      return answer;
    });
    on<wire::FindCoordinatorRequest>([](const wire::FindCoordinatorRequest& asked, std::int16_t) {
      wire::FindCoordinatorResponse answer;
      answer.coordinators.push_back({.key = asked.coordinator_keys.at(0),
                                     .node_id = 1,
                                     .host = "broker",
                                     .port = 9001});
      return answer;
    });
  }

  void serve_transactions() {
    on<wire::InitProducerIdRequest>([this](const auto&, std::int16_t) {
      return wire::InitProducerIdResponse{.producer_id = 7, .producer_epoch = epoch_};
    });
    on<wire::AddPartitionsToTxnRequest>([this](const auto& asked, std::int16_t version) {
      told_.push_back(fmt::format("AddPartitionsToTxn {}", version));
      wire::AddPartitionsToTxnResponse answer;
      for (const auto& topic : asked.v3_and_below_topics) {
        answer.results_by_topic_v3_and_below.push_back({topic.name, {{0, ErrorCode::none}}});
      }
      return answer;
    });
    on<wire::ProduceRequest>([this](const wire::ProduceRequest& asked, std::int16_t version) {
      const auto& topic = asked.topic_data.at(0);
      const auto batch = record::parse_batch(topic.partition_data.at(0).records.bytes);
      told_.push_back(fmt::format("Produce {} epoch {} sequence {}", version,
                                  batch->producer_epoch(), batch->base_sequence()));
      ErrorCode code = ErrorCode::none;
      if (!produce_errors_.empty()) {
        code = produce_errors_.front();
        produce_errors_.pop_front();
      }
      wire::ProduceResponse answer;
      answer.responses.push_back({.name = topic.name});
      answer.responses.back().partition_responses.push_back({.error_code = code,
                                                             .base_offset = 40});
      return answer;
    });
    on<wire::AddOffsetsToTxnRequest>([this](const auto&, std::int16_t version) {
      told_.push_back(fmt::format("AddOffsetsToTxn {}", version));
      return wire::AddOffsetsToTxnResponse{};
    });
    on<wire::TxnOffsetCommitRequest>([this](const auto& asked, std::int16_t version) {
      told_.push_back(fmt::format("TxnOffsetCommit {} epoch {} generation {}", version,
                                  asked.producer_epoch, asked.generation_id));
      const auto& metadata = asked.topics.at(0).partitions.at(0).committed_metadata;
      const bool fits = metadata.value_or("").size() <= most_metadata_;
      if (metadata.value_or("") != "") told_.back() += " with metadata";
      wire::TxnOffsetCommitResponse answer;
      answer.topics.push_back({asked.topics.at(0).name,
                               {{0, fits ? ErrorCode::none
                                         : ErrorCode::offset_metadata_too_large}}});
      return answer;
    });
    on<wire::EndTxnRequest>([this](const auto& asked, std::int16_t version) {
      told_.push_back(fmt::format("EndTxn {} epoch {} {}", version, asked.producer_epoch,
                                  asked.committed ? "commit" : "abort"));
      wire::EndTxnResponse answer;
      if (version >= 5) answer = {.producer_id = 7, .producer_epoch = ++epoch_};
      return answer;
    });
  }

  const SystemClock clock_;
  Stage stage_;
  ScriptedBroker& broker_;
  ProducerEpoch epoch_ = 3;
  std::deque<ErrorCode> produce_errors_;
  std::size_t most_metadata_ = 4'096;
  Words told_;
  std::optional<TargetTable> targets_;
  std::optional<KafkaPort> port_;
};

// Each end raises the epoch: a request of one transaction that arrives in the next is refused, on
// whatever connection it was.
TEST_F(KafkaPortTest, TheSecondProtocolWhereTheClusterHasIt) {
  open();
  EXPECT_EQ(write().kind, Written::Kind::committed);
  EXPECT_EQ(told(), (Words{"Produce 12 epoch 3 sequence 0",
                           "TxnOffsetCommit 5 epoch 3 generation 4", "EndTxn 5 epoch 3 commit"}));
  const Written second = write();
  EXPECT_EQ(second.kind, Written::Kind::committed);
  EXPECT_EQ(second.state_next, 41);
  EXPECT_EQ(told(), (Words{"Produce 12 epoch 4 sequence 0",
                           "TxnOffsetCommit 5 epoch 4 generation 4", "EndTxn 5 epoch 4 commit"}));
}

TEST_F(KafkaPortTest, TheFirstProtocolOtherwise) {
  only_the_first_protocol();
  open();
  EXPECT_EQ(write().kind, Written::Kind::committed);
  EXPECT_EQ(told(), (Words{"AddPartitionsToTxn 3", "Produce 11 epoch 3 sequence 0",
                           "AddOffsetsToTxn 3", "TxnOffsetCommit 4 epoch 3 generation 4",
                           "EndTxn 4 epoch 3 commit"}));
  EXPECT_EQ(write().kind, Written::Kind::committed);
  EXPECT_EQ(told().at(1), "Produce 11 epoch 3 sequence 1");
}

TEST_F(KafkaPortTest, WaitsForTheMarkersOfTheTransactionBefore) {
  open();
  produce_errors_ = {ErrorCode::concurrent_transactions, ErrorCode::not_enough_replicas};
  EXPECT_EQ(write().kind, Written::Kind::committed);
  const Words all = told();
  ASSERT_EQ(all.size(), 5U);
  for (int n = 0; n < 3; ++n) EXPECT_EQ(all[n], "Produce 12 epoch 3 sequence 0");
}

TEST_F(KafkaPortTest, AnAbortedTransactionEndsItsEpochToo) {
  open();
  produce_errors_ = {ErrorCode::transaction_abortable};
  EXPECT_EQ(write().kind, Written::Kind::failed);
  EXPECT_EQ(told(), (Words{"Produce 12 epoch 3 sequence 0", "EndTxn 5 epoch 3 abort"}));
  EXPECT_EQ(write().kind, Written::Kind::committed);
  EXPECT_EQ(told().at(0), "Produce 12 epoch 4 sequence 0");
}

TEST_F(KafkaPortTest, LeavesOutTheTopicsIdsWhereTheClusterTakesNoTextOfThatLength) {
  open();
  ASSERT_TRUE(beside([&] { return port_->topics(); }));
  EXPECT_EQ(write().kind, Written::Kind::committed);
  EXPECT_EQ(told().at(1), "TxnOffsetCommit 5 epoch 3 generation 4 with metadata");
  most_metadata_ = 32;
  EXPECT_EQ(write().kind, Written::Kind::committed);
  EXPECT_EQ(told(), (Words{"Produce 12 epoch 4 sequence 0",
                           "TxnOffsetCommit 5 epoch 4 generation 4 with metadata",
                           "TxnOffsetCommit 5 epoch 4 generation 4", "EndTxn 5 epoch 4 commit"}));
  ASSERT_TRUE(beside([&] { return port_->topics(); }));
  EXPECT_EQ(write().kind, Written::Kind::committed);
  EXPECT_EQ(told().at(1), "TxnOffsetCommit 5 epoch 5 generation 4");
}

TEST_F(KafkaPortTest, WhoIsFencedAbortsNothing) {
  open();
  produce_errors_ = {ErrorCode::invalid_producer_epoch};
  EXPECT_EQ(write().kind, Written::Kind::lost);
  EXPECT_EQ(told(), (Words{"Produce 12 epoch 3 sequence 0"}));
}

}  // namespace
}  // namespace horolog::scheduler::testing
