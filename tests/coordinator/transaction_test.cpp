#include "tests/coordinator/transaction_rig.hpp"

namespace horolog::coordinator::testing {
namespace {

using State = TransactionState;

class TransactionTest : public ::testing::Test {
 protected:
  TransactionTest() { rig.eager = true; }
  TransactionRig rig;
};

TEST_F(TransactionTest, CommitOfTheFirstProtocolStepByStep) {
  const auto producer = rig.producer("id");
  EXPECT_EQ(producer.producer_id, 1'000);
  EXPECT_EQ(producer.producer_epoch, 0);
  EXPECT_EQ(rig.state("id"), State::empty);
  EXPECT_EQ(rig.add(producer, {a0}), ErrorCode::none);
  EXPECT_EQ(rig.add(producer, {a1, offsets0}), ErrorCode::none);
  EXPECT_EQ(rig.state("id"), State::ongoing);
  EXPECT_EQ(rig.metadata("id").start, rig.now.wall_ms);

  rig.eager = false;
  const Token end = rig.end_token(producer, true);
  // First the data.
  EXPECT_FALSE(rig.answered(end));
  EXPECT_EQ(rig.state("id"), State::ongoing);
  ASSERT_EQ(rig.to_make_durable.size(), 1U);
  EXPECT_EQ(rig.to_make_durable[0].partitions, (std::vector<TopicPartition>{offsets0, a0, a1}));
  EXPECT_TRUE(rig.markers.empty());
  rig.make_durable();
  // Then the decision, which reply and markers wait for.
  EXPECT_EQ(rig.state("id"), State::prepare_commit);
  EXPECT_EQ(rig.as<TransactionEnded>(end).error, ErrorCode::none);
  EXPECT_EQ(rig.as<TransactionEnded>(end).producer_id, no_producer_id);
  EXPECT_EQ(rig.after(end), rig.writes);
  ASSERT_EQ(rig.markers.size(), 1U);
  const SendMarkers sent = rig.markers[0];
  EXPECT_EQ(sent.after, rig.writes);
  EXPECT_TRUE(sent.commit);
  EXPECT_EQ(sent.producer_id, producer.producer_id);
  EXPECT_EQ(sent.producer_epoch, 0);
  EXPECT_EQ(sent.coordinator_epoch, 7);
  EXPECT_EQ(sent.transaction_version, 0);
  EXPECT_EQ(sent.partitions, (std::vector<TopicPartition>{offsets0, a0, a1}));
  // Then every marker, in any order, and some of them twice.
  rig.write_marker(sent.ticket, a1);
  rig.write_marker(sent.ticket, a1);
  rig.write_marker(sent.ticket, offsets0);
  rig.write_marker(sent.ticket, {"other", 0});
  EXPECT_EQ(rig.state("id"), State::prepare_commit);
  rig.write_marker(sent.ticket, a0);
  EXPECT_EQ(rig.state("id"), State::complete_commit);
  EXPECT_TRUE(rig.metadata("id").partitions.empty());
  EXPECT_EQ(rig.metadata("id").producer_epoch, 0);
  rig.write_marker(sent.ticket, a0);
  EXPECT_EQ(rig.state("id"), State::complete_commit);
}

TEST_F(TransactionTest, AbortNeedsNothingDurableFirst) {
  const auto producer = rig.producer("id");
  rig.add(producer, {a0});
  rig.eager = false;
  const TransactionEnded ended = rig.end(producer, false);
  EXPECT_EQ(ended.error, ErrorCode::none);
  EXPECT_TRUE(rig.to_make_durable.empty());
  EXPECT_EQ(rig.state("id"), State::prepare_abort);
  EXPECT_FALSE(rig.markers.at(0).commit);
  rig.write_markers();
  EXPECT_EQ(rig.state("id"), State::complete_abort);
}

TEST_F(TransactionTest, PartitionsThatCannotBecomeDurableLeaveItOpen) {
  const auto producer = rig.producer("id");
  rig.add(producer, {a0});
  rig.eager = false;
  const Token end = rig.end_token(producer, true);
  const Token retry = rig.end_token(producer, true);
  rig.make_durable(false);
  EXPECT_EQ(rig.as<TransactionEnded>(end).error, ErrorCode::coordinator_not_available);
  EXPECT_EQ(rig.state("id"), State::ongoing);
  // The retry that came meanwhile tries itself.
  EXPECT_FALSE(rig.answered(retry));
  ASSERT_EQ(rig.to_make_durable.size(), 1U);
  rig.make_durable();
  EXPECT_EQ(rig.as<TransactionEnded>(retry).error, ErrorCode::none);
  EXPECT_EQ(rig.state("id"), State::prepare_commit);
}

TEST_F(TransactionTest, EndsOfTheFirstProtocolThatDoNotFit) {
  const auto producer = rig.producer("id");
  EXPECT_EQ(rig.end(producer, true).error, ErrorCode::invalid_txn_state);
  EXPECT_EQ(rig.end(producer, false).error, ErrorCode::invalid_txn_state);
  rig.add(producer, {a0});
  EXPECT_EQ(rig.end(producer, true).error, ErrorCode::none);
  EXPECT_EQ(rig.state("id"), State::complete_commit);
  EXPECT_EQ(rig.end(producer, true).error, ErrorCode::none);
  EXPECT_EQ(rig.end(producer, false).error, ErrorCode::invalid_txn_state);
  rig.add(producer, {a0});
  rig.end(producer, false);
  EXPECT_EQ(rig.end(producer, false).error, ErrorCode::none);
  EXPECT_EQ(rig.end(producer, true).error, ErrorCode::invalid_txn_state);

  TransactionalProducer zombie = producer;
  zombie.producer_epoch = -1;
  EXPECT_EQ(rig.end(zombie, true, 2).error, ErrorCode::producer_fenced);
  EXPECT_EQ(rig.end(zombie, true, 1).error, ErrorCode::invalid_producer_epoch);
  zombie.producer_epoch = 1;
  EXPECT_EQ(rig.end(zombie, true).error, ErrorCode::producer_fenced);
  EXPECT_EQ(rig.end({"id", 77, 0}, true).error, ErrorCode::invalid_producer_id_mapping);
  EXPECT_EQ(rig.end({"unknown", 1'000, 0}, true).error, ErrorCode::invalid_producer_id_mapping);
  EXPECT_EQ(rig.end({"", 1'000, 0}, true).error, ErrorCode::invalid_request);
}

TEST_F(TransactionTest, ARetriedEndIsAnsweredWhenTheDecisionIsDurable) {
  const auto producer = rig.producer("id");
  rig.add(producer, {a0});
  rig.eager = false;
  const Token end = rig.end_token(producer, true);
  rig.make_durable();
  const Token retry = rig.end_token(producer, true);
  EXPECT_EQ(rig.as<TransactionEnded>(retry).error, ErrorCode::none);
  EXPECT_EQ(rig.after(retry), rig.after(end));
  EXPECT_GT(rig.after(retry), 0U);
  EXPECT_EQ(rig.end(producer, false).error, ErrorCode::invalid_txn_state);
  EXPECT_EQ(rig.markers.size(), 1U);
}

TEST_F(TransactionTest, TheNextTransactionWaitsForTheMarkersOfTheLast) {
  const auto producer = rig.producer("id");
  rig.add(producer, {a0});
  rig.eager = false;
  rig.end_token(producer, true);
  const Token early = rig.add_token(producer, {a1});
  rig.make_durable();
  const Token later = rig.add_token(producer, {a0});
  EXPECT_FALSE(rig.answered(early));
  EXPECT_FALSE(rig.answered(later));
  const WriteNumber before = rig.writes;
  rig.write_markers();
  EXPECT_EQ(rig.as<PartitionsAdded>(early).error, ErrorCode::none);
  EXPECT_EQ(rig.as<PartitionsAdded>(later).error, ErrorCode::none);
  EXPECT_EQ(rig.state("id"), State::ongoing);
  EXPECT_EQ(rig.metadata("id").partitions, (std::set<TopicPartition>{a0, a1}));
  // The end of one and the start of the next are one write.
  EXPECT_EQ(rig.writes, before + 1);
}

TEST_F(TransactionTest, WhoWaitsTooLongIsToldToComeAgain) {
  const auto producer = rig.producer("id");
  rig.add(producer, {a0});
  rig.eager = false;
  rig.end_token(producer, false);
  const Token first = rig.add_token(producer, {a1});
  rig.pass(200);
  const Token second = rig.init_token("id");
  rig.pass(299);
  EXPECT_FALSE(rig.answered(first));
  rig.pass(1);
  EXPECT_EQ(rig.as<PartitionsAdded>(first).error, ErrorCode::concurrent_transactions);
  EXPECT_FALSE(rig.answered(second));
  rig.pass(200);
  EXPECT_EQ(rig.as<wire::InitProducerIdResponse>(second).error_code,
            ErrorCode::concurrent_transactions);
  rig.write_markers();
  EXPECT_EQ(rig.state("id"), State::complete_abort);
}

TEST_F(TransactionTest, AddedPartitionsAreStoredOnce) {
  const auto producer = rig.producer("id");
  rig.add(producer, {a0, a0});
  const WriteNumber writes = rig.writes;
  EXPECT_EQ(rig.add(producer, {a0}), ErrorCode::none);
  EXPECT_EQ(rig.writes, writes);
  // And the second answer is not ahead of the first one's sync.
  EXPECT_EQ(rig.replies.rbegin()->second.after, writes);
  EXPECT_EQ(rig.add({"id", 1, 0}, {a0}), ErrorCode::invalid_producer_id_mapping);
  EXPECT_EQ(rig.add({"id", 1'000, 3}, {a0}), ErrorCode::producer_fenced);
  EXPECT_EQ(rig.add({"id", 1'000, 3}, {a0}, 0, 1), ErrorCode::invalid_producer_epoch);
  EXPECT_EQ(rig.add({"id", 1'000, 3}, {a0}, 2, 0), ErrorCode::producer_fenced);
  EXPECT_EQ(rig.add({"unknown", 1, 0}, {a0}), ErrorCode::invalid_producer_id_mapping);
  EXPECT_EQ(rig.add({"", 1, 0}, {a0}), ErrorCode::invalid_request);
}

TEST_F(TransactionTest, Verification) {
  using Errors = std::vector<ErrorCode>;
  const auto producer = rig.producer("id");
  EXPECT_EQ(rig.verify(producer, {a0}), Errors{ErrorCode::transaction_abortable});
  rig.add(producer, {a0});
  EXPECT_EQ(rig.verify(producer, {a0, a1}),
            (Errors{ErrorCode::none, ErrorCode::transaction_abortable}));
  EXPECT_EQ(rig.verify({"id", 1'000, 9}, {a0}), Errors{ErrorCode::producer_fenced});
  EXPECT_EQ(rig.verify({"id", 9, 0}, {a0, a1}), Errors(2, ErrorCode::invalid_producer_id_mapping));
  EXPECT_EQ(rig.verify({"", 9, 0}, {a0}), Errors{ErrorCode::invalid_request});
  EXPECT_TRUE(rig.machine.may_be_open(1'000, 0, a0));
  EXPECT_FALSE(rig.machine.may_be_open(1'000, 0, a1));
  EXPECT_FALSE(rig.machine.may_be_open(1'001, 0, a0));
  rig.eager = false;
  rig.end_token(producer, false);
  EXPECT_EQ(rig.verify(producer, {a0}), Errors{ErrorCode::concurrent_transactions});
  EXPECT_TRUE(rig.machine.may_be_open(1'000, 0, a0));
  rig.write_markers();
  EXPECT_EQ(rig.verify(producer, {a0}), Errors{ErrorCode::transaction_abortable});
  EXPECT_FALSE(rig.machine.may_be_open(1'000, 0, a0));
}

TEST(TransactionStates, Names) {
  for (std::int8_t number = 0; number < 8; ++number) {
    const auto state = static_cast<State>(number);
    EXPECT_EQ(parse_transaction_state(to_string(state)), state);
  }
  EXPECT_EQ(to_string(State::prepare_epoch_fence), "PrepareEpochFence");
  EXPECT_FALSE(parse_transaction_state("ongoing").has_value());
}

}  // namespace
}  // namespace horolog::coordinator::testing
