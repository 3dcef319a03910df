#include <future>
#include <thread>

#include "coordinator/transaction_records.hpp"
#include "group_requests.hpp"
#include "transaction_requests.hpp"

/// What a start makes of the state that a crash left behind: a second service on the same logs.
namespace horolog::broker {
namespace {

using Values = std::vector<std::string>;
using Protocol = TestProducer::Protocol;

void await_ready(const TransactionService& service) {
  while (!service.ready()) std::this_thread::yield();
}

void await_stable(TestBroker& broker, const std::string& topic, Offset end) {
  const auto partition = broker.context().partitions.find(topic, 0);
  while (partition->log().last_stable_offset() < end) std::this_thread::yield();
}

/// As if the broker had died when the decision was in its log and no marker was.
void append_decision(TestBroker& broker, const TestProducer& producer, bool commit,
                     std::set<TopicPartition> partitions) {
  coordinator::TransactionMetadata metadata;
  metadata.producer_id = metadata.previous_producer_id = producer.producer_id;
  metadata.producer_epoch = producer.epoch;
  metadata.timeout_ms = 60'000;
  metadata.state = commit ? coordinator::TransactionState::prepare_commit
                          : coordinator::TransactionState::prepare_abort;
  metadata.partitions = std::move(partitions);
  metadata.start = metadata.last_update = 1'000;
  const auto record = coordinator::encode_record({"tx", metadata}, 2);
  const auto partition = broker.context().partitions.find(
      transactions_topic, broker.context().transactions.partition_of("tx"));
  const auto batch = build_batches({record}, 1'000, {}).value();
  ASSERT_TRUE(partition->append(batch, storage::Origin::coordinator, 1'000, Urgency::now).ok());
}

class TransactionRecovery : public testing::TestWithParam<bool> {
 protected:
  TestBroker broker_;
};

TEST_P(TransactionRecovery, ADecisionWithoutMarkersIsCarriedOut) {
  const bool commits = GetParam();
  broker_.create("t");
  broker_.create("u");
  ASSERT_EQ(commit(broker_, "g", "t", 0, 1), ErrorCode::none);
  TestProducer producer(broker_, "tx", Protocol::first);
  ASSERT_EQ(producer.produce("t", "x"), ErrorCode::none);
  ASSERT_EQ(producer.produce("u", "y"), ErrorCode::none);
  ASSERT_EQ(producer.commit_offset("g", "t", 7), ErrorCode::none);
  const TopicPartition offsets{"__consumer_offsets", broker_.context().groups.partition_of("g")};
  broker_.context().transactions.stop();
  append_decision(broker_, producer, commits, {{"t", 0}, {"u", 0}, offsets});

  TransactionService again;
  again.start(broker_.context());
  await_stable(broker_, "t", 2);
  await_stable(broker_, "u", 2);
  EXPECT_EQ(consume(broker_, "t", true), commits ? Values{"x"} : Values{});
  EXPECT_EQ(consume(broker_, "u", true), commits ? Values{"y"} : Values{});
  const auto log = broker_.context().partitions.find(offsets.topic, offsets.partition);
  while (log->log().last_stable_offset() < log->log().log_end_offset()) std::this_thread::yield();
  EXPECT_EQ(committed(broker_, "g", "t", 0), commits ? 7 : 1);
  again.stop();
}

TEST_P(TransactionRecovery, TheLastMarkersAreWrittenWhenSomeWere) {
  const bool commits = GetParam();
  broker_.create("t");
  broker_.create("u");
  TestProducer producer(broker_, "tx", Protocol::first);
  ASSERT_EQ(producer.produce("t", "x"), ErrorCode::none);
  ASSERT_EQ(producer.produce("u", "y"), ErrorCode::none);
  broker_.context().transactions.stop();
  append_decision(broker_, producer, commits, {{"t", 0}, {"u", 0}});
  storage::TransactionMarker first;
  first.producer_id = producer.producer_id;
  first.producer_epoch = producer.epoch;
  first.coordinator_epoch = 0;
  first.commit = commits;
  ASSERT_TRUE(broker_.context().partitions.find("t", 0)->append_marker(first, 1'000).ok());

  TransactionService again;
  again.start(broker_.context());
  await_stable(broker_, "u", 2);
  EXPECT_EQ(consume(broker_, "t", true), commits ? Values{"x"} : Values{});
  EXPECT_EQ(consume(broker_, "u", true), commits ? Values{"y"} : Values{});
  again.stop();
}

INSTANTIATE_TEST_SUITE_P(Decisions, TransactionRecovery, testing::Bool(),
                         [](const auto& test) { return test.param ? "Commit" : "Abort"; });

TEST(TransactionOrphans, WhatNoCoordinatorKnowsIsAborted) {
  TestBroker broker;
  broker.create("t");
  await_ready(broker.context().transactions);
  record::BatchBuilder builder(
      {.producer_id = 4711, .producer_epoch = 3, .base_sequence = 0, .transactional = true});
  builder.add(std::nullopt, as_bytes("orphan"), 1'000);
  const ByteBuffer batch = builder.build().value();
  const auto partition = broker.context().partitions.find("t", 0);
  const auto token = partition->log().begin_verification(4711, 3, 0, true);
  ASSERT_EQ(partition->append(batch, storage::Origin::client, 1'000, Urgency::now, token)->error,
            ErrorCode::none);

  TransactionService again;
  again.start(broker.context());
  await_ready(again);
  await_stable(broker, "t", 2);
  EXPECT_EQ(consume(broker, "t", true), Values{});
  EXPECT_EQ(again.metrics().orphans.value(), 1U);
  // A retry of the batch is refused: it must not be taken for a duplicate that counts.
  const auto retry = partition->log().begin_verification(4711, 3, 0, true);
  EXPECT_EQ(partition->append(batch, storage::Origin::client, 1'000, Urgency::now, retry)->error,
            ErrorCode::invalid_producer_epoch);
  again.stop();
}

TEST(TransactionOrphans, AnOpenTransactionOfAKnownProducerStaysOpen) {
  TestBroker broker;
  broker.create("t");
  TestProducer producer(broker, "tx", Protocol::second);
  ASSERT_EQ(producer.produce("t", "x"), ErrorCode::none);
  broker.context().transactions.stop();
  TransactionService again;
  again.start(broker.context());
  await_ready(again);
  EXPECT_EQ(again.metrics().orphans.value(), 0U);
  EXPECT_EQ(broker.context().partitions.find("t", 0)->log().last_stable_offset(), 0);
  again.stop();
}

}  // namespace
}  // namespace horolog::broker
