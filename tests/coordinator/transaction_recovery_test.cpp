#include "tests/coordinator/transaction_rig.hpp"

// A coordinator that stops after any step is followed by one that reads its log.

namespace horolog::coordinator::testing {
namespace {

using State = TransactionState;

TransactionRig restart(const TransactionRig& stopped, std::int64_t later_ms = 0) {
  Now now = stopped.now;
  now.wall_ms += later_ms;
  now.steady_ms = 0;
  return TransactionRig({}, stopped.log, now, 8);
}

TransactionalProducer begin(TransactionRig& rig) {
  rig.eager = true;
  const auto producer = rig.producer("id");
  rig.add(producer, {a0, a1}, 2);
  rig.eager = false;
  return producer;
}

/// The new coordinator sends all markers again, and completes.
void expect_completes(TransactionRig& rig, bool commit) {
  ASSERT_EQ(rig.markers.size(), 1U);
  const SendMarkers& sent = rig.markers[0];
  EXPECT_EQ(sent.commit, commit);
  EXPECT_EQ(sent.producer_epoch, 1);
  EXPECT_EQ(sent.transaction_version, 2);
  EXPECT_EQ(sent.coordinator_epoch, 8);
  EXPECT_EQ(sent.after, 0U);
  EXPECT_EQ(sent.partitions, (std::vector<TopicPartition>{a0, a1}));
  rig.write_markers();
  EXPECT_EQ(rig.state("id"), commit ? State::complete_commit : State::complete_abort);
}

TEST(TransactionRecovery, StoppedBeforeTheDecision) {
  TransactionRig first;
  const auto producer = begin(first);
  first.end_token(producer, true, end_version_2);
  TransactionRig second = restart(first);
  EXPECT_EQ(second.state("id"), State::ongoing);
  EXPECT_TRUE(second.markers.empty());
  // The client's retry is the first that this coordinator hears of the end.
  const Token retry = second.end_token(producer, true, end_version_2);
  second.make_durable();
  EXPECT_EQ(second.as<TransactionEnded>(retry).producer_epoch, 1);
  EXPECT_EQ(second.state("id"), State::prepare_commit);
}

TEST(TransactionRecovery, StoppedAfterEveryStepOfAnEnd) {
  for (const bool commit : {true, false}) {
    // Markers written before the stop: none, the first, both.
    for (std::size_t written = 0; written <= 2; ++written) {
      SCOPED_TRACE(::testing::Message() << "commit " << commit << ", markers " << written);
      TransactionRig first;
      const auto producer = begin(first);
      first.end_token(producer, commit, end_version_2);
      if (commit) first.make_durable();
      const SendMarkers sent = first.markers.at(0);
      if (written > 0) first.write_marker(sent.ticket, a0);
      if (written > 1) first.write_marker(sent.ticket, a1);
      TransactionRig second = restart(first);
      if (written == 2) {
        EXPECT_TRUE(second.markers.empty());
        EXPECT_EQ(second.state("id"), commit ? State::complete_commit : State::complete_abort);
      } else {
        expect_completes(second, commit);
      }
      const TransactionEnded retry = second.end(producer, commit, end_version_2);
      EXPECT_EQ(retry.error, ErrorCode::none);
      EXPECT_EQ(retry.producer_epoch, 1);
      second.eager = true;
      EXPECT_EQ(second.add({"id", 1'000, 1}, {a0}, 2), ErrorCode::none);
    }
  }
}

TEST(TransactionRecovery, StoppedWithTheLastRecordLost) {
  // The decision never reached the disk; nobody has been told of it.
  TransactionRig first;
  const auto producer = begin(first);
  first.end_token(producer, true, end_version_2);
  first.make_durable();
  EXPECT_EQ(first.markers.at(0).after, first.writes);
  first.log.pop_back();
  TransactionRig second = restart(first);
  EXPECT_EQ(second.state("id"), State::ongoing);
  const TransactionEnded aborted = second.end(producer, false, end_version_2);
  EXPECT_EQ(aborted.error, ErrorCode::none);
  EXPECT_EQ(second.state("id"), State::prepare_abort);
}

TEST(TransactionRecovery, AnEmptyDecisionCompletesAtOnce) {
  TransactionRig first;
  first.eager = true;
  const auto producer = first.producer("id");
  first.end(producer, false, end_version_2);
  ASSERT_EQ(first.state("id"), State::complete_abort);
  first.log.pop_back();
  const TransactionRig second = restart(first);
  EXPECT_EQ(second.state("id"), State::complete_abort);
  EXPECT_EQ(second.log.size(), first.log.size() + 1);
}

TEST(TransactionRecovery, OpenTransactionsKeepTheirTime) {
  TransactionRig first;
  begin(first);
  first.pass(50'000);
  TransactionRig second = restart(first, 5'000);
  second.eager = true;
  second.pass(4'999);
  EXPECT_EQ(second.state("id"), State::ongoing);
  second.pass(1);
  EXPECT_EQ(second.state("id"), State::complete_abort);

  TransactionRig late = restart(first, 500'000);
  late.pass(0);
  EXPECT_EQ(late.state("id"), State::prepare_abort);

  // A date that went back does not keep it open for longer than a new one.
  TransactionRig early = restart(first, -1'000'000);
  early.pass(60'000);
  EXPECT_EQ(early.state("id"), State::prepare_abort);
}

TEST(TransactionRecovery, AFencedProducerStaysFenced) {
  TransactionRig first;
  const auto producer = begin(first);
  first.init_token("id");
  TransactionRig second = restart(first);
  ASSERT_EQ(second.markers.size(), 1U);
  EXPECT_EQ(second.markers[0].producer_epoch, 2);
  EXPECT_FALSE(second.markers[0].commit);
  EXPECT_EQ(second.end(producer, true, end_version_2).error, ErrorCode::producer_fenced);
  second.eager = true;
  second.settle();
  EXPECT_EQ(second.init("id").producer_epoch, 3);
}

TEST(TransactionRecovery, ANewProducerIdIsNotLost) {
  TransactionRig first;
  first.eager = true;
  first.producer("id");
  TransactionMetadata metadata = first.metadata("id");
  metadata.producer_epoch = exhausted_producer_epoch;
  const Record record = encode_record(TransactionRecord{"id", metadata}, 2);
  first.log.push_back(record);
  ASSERT_TRUE(first.machine.replay(record.key, ByteView(*record.value)).ok());
  const TransactionalProducer producer{"id", 1'000, exhausted_producer_epoch};
  first.add(producer, {a0}, 2);
  first.eager = false;
  const Token token = first.end_token(producer, true, end_version_2);
  first.give_producer_ids();
  first.make_durable();
  EXPECT_EQ(first.as<TransactionEnded>(token).producer_id, 1'001);
  TransactionRig second = restart(first);
  EXPECT_EQ(second.end(producer, true, end_version_2).producer_id, 1'001);
  second.write_markers();
  EXPECT_EQ(second.metadata("id").producer_id, 1'001);
  EXPECT_EQ(second.end(producer, true, end_version_2).producer_id, 1'001);
  EXPECT_EQ(second.add({"id", 1'001, 0}, {a0}, 2), ErrorCode::none);
}

TEST(TransactionRecovery, ABatchOfTheNextTransactionIsNotThisOnes) {
  // The second protocol: of the next transaction a batch got to the disk, its registration did not,
  // nor that the last transaction is complete.
  TransactionRig rig;
  const auto producer = begin(rig);
  EXPECT_TRUE(rig.machine.may_be_open(1'000, 0, a0));
  EXPECT_FALSE(rig.machine.may_be_open(1'000, 1, a0));
  rig.end_token(producer, true, end_version_2);
  rig.make_durable();
  TransactionRig second = restart(rig);
  EXPECT_TRUE(second.machine.may_be_open(1'000, 0, a0));
  EXPECT_FALSE(second.machine.may_be_open(1'000, 1, a0));
  // The first protocol has one epoch for both, and registers before it writes.
  TransactionRig old;
  old.eager = true;
  const auto steady = old.producer("id");
  old.add(steady, {a0});
  old.eager = false;
  old.end_token(steady, false);
  EXPECT_TRUE(old.machine.may_be_open(1'000, 0, a0));
}

TEST(TransactionRecovery, TicketsOfAnEndThatIsOverDoNothing) {
  TransactionRig rig;
  const auto producer = begin(rig);
  const Token failed = rig.end_token(producer, true, end_version_2);
  const TransactionTicket old = rig.to_make_durable.at(0).ticket;
  rig.make_durable(false);
  EXPECT_EQ(rig.as<TransactionEnded>(failed).error, ErrorCode::coordinator_not_available);
  rig.take(rig.machine.on_partitions_durable(old, true, rig.now));
  EXPECT_EQ(rig.state("id"), State::ongoing);
  rig.end_token(producer, false, end_version_2);
  const TransactionTicket aborting = rig.markers.at(0).ticket;
  rig.write_markers();
  rig.add({"id", 1'000, 1}, {a0}, 2);
  rig.end_token({"id", 1'000, 1}, false, end_version_2);
  rig.write_marker(aborting, a0);
  EXPECT_EQ(rig.state("id"), State::prepare_abort);
  rig.take(rig.machine.on_partitions_durable(rig.markers.at(0).ticket, true, rig.now));
  EXPECT_EQ(rig.state("id"), State::prepare_abort);
}

}  // namespace
}  // namespace horolog::coordinator::testing
