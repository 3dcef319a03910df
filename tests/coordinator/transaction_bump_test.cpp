#include "tests/coordinator/transaction_rig.hpp"

// Transaction version 2 (KIP-890): an epoch per transaction.

namespace horolog::coordinator::testing {
namespace {

using State = TransactionState;

class EpochBumpTest : public ::testing::Test {
 protected:
  EpochBumpTest() { rig.eager = true; }

  TransactionEnded end(const TransactionalProducer& producer, bool commit) {
    return rig.end(producer, commit, end_version_2);
  }
  TransactionalProducer next(const TransactionEnded& ended) {
    EXPECT_EQ(ended.error, ErrorCode::none);
    return {"id", ended.producer_id, ended.producer_epoch};
  }
  /// A producer that has `epoch`.
  TransactionalProducer at_epoch(ProducerEpoch epoch) {
    TransactionMetadata metadata;
    metadata.producer_id = 500;
    metadata.previous_producer_id = 500;
    metadata.producer_epoch = epoch;
    metadata.timeout_ms = 60'000;
    metadata.last_update = rig.now.wall_ms;
    rig.log.push_back(encode_record(TransactionRecord{"id", metadata}, 2));
    const Record& record = rig.log.back();
    EXPECT_TRUE(rig.machine.replay(record.key, ByteView(*record.value)).ok());
    return {"id", 500, epoch};
  }

  TransactionRig rig;
};

TEST_F(EpochBumpTest, EveryEndBringsAnEpoch) {
  auto producer = rig.producer("id");
  for (ProducerEpoch epoch = 0; epoch < 6; ++epoch) {
    EXPECT_EQ(producer.producer_epoch, epoch);
    EXPECT_EQ(rig.add(producer, {a0}, 2), ErrorCode::none);
    EXPECT_EQ(rig.metadata("id").client_version, 2);
    producer = next(end(producer, epoch % 2 == 0));
  }
  EXPECT_EQ(producer.producer_id, 1'000);
}

TEST_F(EpochBumpTest, MarkersCarryTheNewEpoch) {
  const auto producer = rig.producer("id");
  rig.add(producer, {a0}, 2);
  rig.eager = false;
  const Token token = rig.end_token(producer, true, end_version_2);
  rig.make_durable();
  EXPECT_EQ(rig.markers.at(0).producer_epoch, 1);
  EXPECT_EQ(rig.markers.at(0).transaction_version, 2);
  EXPECT_EQ(rig.as<TransactionEnded>(token).producer_epoch, 1);
  // The old epoch is fenced everywhere from the decision on.
  EXPECT_EQ(rig.add(producer, {a0}, 2), ErrorCode::producer_fenced);
  EXPECT_EQ(rig.verify(producer, {a0}), std::vector<ErrorCode>{ErrorCode::producer_fenced});
}

TEST_F(EpochBumpTest, RetriesAreTheEpochBefore) {
  const auto first = rig.producer("id");
  rig.add(first, {a0}, 2);
  rig.eager = false;
  const Token token = rig.end_token(first, true, end_version_2);
  const Token while_syncing = rig.end_token(first, true, end_version_2);
  rig.make_durable();
  const Token while_marking = rig.end_token(first, true, end_version_2);
  const TransactionEnded ended = rig.as<TransactionEnded>(token);
  EXPECT_EQ(rig.after(while_marking), rig.after(token));
  EXPECT_EQ(rig.end(first, false, end_version_2).error, ErrorCode::invalid_txn_state);
  rig.write_markers();
  for (const Token retry : {while_syncing, while_marking, rig.end_token(first, true, 5)}) {
    EXPECT_EQ(rig.as<TransactionEnded>(retry).error, ErrorCode::none);
    EXPECT_EQ(rig.as<TransactionEnded>(retry).producer_id, ended.producer_id);
    EXPECT_EQ(rig.as<TransactionEnded>(retry).producer_epoch, ended.producer_epoch);
  }
  // The other way round it is no retry.
  EXPECT_EQ(end(first, false).error, ErrorCode::invalid_txn_state);
  // Two epochs later it is a zombie's.
  rig.eager = true;
  const auto second = next(ended);
  rig.add(second, {a0}, 2);
  EXPECT_EQ(end(first, true).error, ErrorCode::producer_fenced);
  end(second, true);
  EXPECT_EQ(end(first, true).error, ErrorCode::producer_fenced);
}

TEST_F(EpochBumpTest, EmptyTransactionsMayBeAbortedNotCommitted) {
  auto producer = rig.producer("id");
  EXPECT_EQ(end(producer, true).error, ErrorCode::invalid_txn_state);
  const auto initial = producer;
  producer = next(end(producer, false));
  EXPECT_EQ(producer.producer_epoch, 1);
  EXPECT_EQ(rig.state("id"), State::complete_abort);
  EXPECT_EQ(rig.metadata("id").start, rig.now.wall_ms);
  // Its retry, which an abort of the next one is not.
  EXPECT_EQ(end(initial, false).producer_epoch, 1);
  EXPECT_EQ(end(initial, true).error, ErrorCode::invalid_txn_state);
  EXPECT_EQ(end(producer, true).error, ErrorCode::invalid_txn_state);
  producer = next(end(producer, false));
  EXPECT_EQ(producer.producer_epoch, 2);
  rig.add(producer, {a0}, 2);
  producer = next(end(producer, true));
  producer = next(end(producer, false));
  EXPECT_EQ(producer.producer_epoch, 4);
  EXPECT_TRUE(rig.markers.empty());
}

TEST_F(EpochBumpTest, TheNextTransactionMayRunAheadOfTheMarkers) {
  const auto first = rig.producer("id");
  rig.add(first, {a0}, 2);
  rig.eager = false;
  const Token token = rig.end_token(first, true, end_version_2);
  rig.make_durable();
  const auto second = next(rig.as<TransactionEnded>(token));
  const Token added = rig.add_token(second, {a1}, 2);
  rig.write_markers();
  EXPECT_EQ(rig.as<PartitionsAdded>(added).error, ErrorCode::none);
  EXPECT_EQ(rig.state("id"), State::ongoing);

  const Token aborted = rig.end_token(second, false, end_version_2);
  const auto third = next(rig.as<TransactionEnded>(aborted));
  const Token empty = rig.end_token(third, false, end_version_2);
  EXPECT_FALSE(rig.answered(empty));
  rig.write_markers();
  EXPECT_EQ(rig.as<TransactionEnded>(empty).producer_epoch, 3);
}

TEST_F(EpochBumpTest, TheLastEpochLeadsToANewProducerId) {
  auto producer = at_epoch(exhausted_producer_epoch);
  rig.add(producer, {a0}, 2);
  rig.eager = false;
  const Token token = rig.end_token(producer, true, end_version_2);
  EXPECT_EQ(rig.producer_ids_wanted, 1U);
  EXPECT_TRUE(rig.to_make_durable.empty());
  rig.give_producer_ids();
  rig.make_durable();
  EXPECT_EQ(rig.markers.at(0).producer_id, 500);
  EXPECT_EQ(rig.markers.at(0).producer_epoch, last_producer_epoch);
  EXPECT_EQ(rig.metadata("id").next_producer_id, 1'000);
  EXPECT_EQ(rig.metadata("id").producer_id, 500);
  const auto renewed = next(rig.as<TransactionEnded>(token));
  EXPECT_EQ(renewed.producer_id, 1'000);
  EXPECT_EQ(renewed.producer_epoch, 0);
  // Retries while the markers are written, and a transaction ahead of them.
  EXPECT_EQ(rig.end(producer, true, end_version_2).producer_id, 1'000);
  const Token ahead = rig.add_token(renewed, {a1}, 2);
  const Token asked = rig.init_token("id", 1'000, 0);
  EXPECT_FALSE(rig.answered(ahead));
  rig.write_markers();
  EXPECT_EQ(rig.as<PartitionsAdded>(ahead).error, ErrorCode::none);
  // That one came after a transaction was begun, and ends it.
  EXPECT_EQ(rig.state("id"), State::prepare_abort);
  rig.write_markers();
  EXPECT_EQ(rig.as<wire::InitProducerIdResponse>(asked).error_code, ErrorCode::producer_fenced);
}

TEST_F(EpochBumpTest, ARetryAcrossProducerIds) {
  const auto producer = at_epoch(exhausted_producer_epoch);
  rig.add(producer, {a0}, 2);
  const auto renewed = next(end(producer, true));
  EXPECT_EQ(rig.metadata("id").previous_producer_id, 500);
  const TransactionEnded again = end(producer, true);
  EXPECT_EQ(again.error, ErrorCode::none);
  EXPECT_EQ(again.producer_id, 1'000);
  EXPECT_EQ(again.producer_epoch, 0);
  EXPECT_EQ(end(producer, false).error, ErrorCode::invalid_txn_state);
  // InitProducerId knows that retry too.
  const auto init = rig.init("id", 500, exhausted_producer_epoch);
  EXPECT_EQ(init.error_code, ErrorCode::none);
  EXPECT_EQ(init.producer_id, 1'000);
  EXPECT_EQ(init.producer_epoch, 0);
  EXPECT_EQ(rig.add(renewed, {a0}, 2), ErrorCode::none);
  EXPECT_EQ(end(producer, true).error, ErrorCode::invalid_producer_id_mapping);
}

TEST_F(EpochBumpTest, AnAbortByTimeoutAtTheLastEpochStillFences) {
  const auto producer = at_epoch(exhausted_producer_epoch);
  rig.add(producer, {a0}, 2);
  rig.pass(60'000);
  EXPECT_EQ(rig.state("id"), State::complete_abort);
  EXPECT_EQ(rig.metadata("id").producer_epoch, last_producer_epoch);
  EXPECT_EQ(rig.add(producer, {a0}, 2), ErrorCode::producer_fenced);
  const auto fresh = rig.init("id");
  EXPECT_EQ(fresh.producer_id, 1'000);
  EXPECT_EQ(fresh.producer_epoch, 0);
}

TEST_F(EpochBumpTest, WithoutProducerIdsTheTransactionStaysOpen) {
  const auto producer = at_epoch(exhausted_producer_epoch);
  rig.add(producer, {a0}, 2);
  rig.eager = false;
  const Token token = rig.end_token(producer, false, end_version_2);
  const Token same = rig.end_token(producer, false, end_version_2);
  rig.producer_ids_wanted = 0;
  rig.take(rig.machine.on_no_producer_ids(rig.now));
  EXPECT_EQ(rig.as<TransactionEnded>(token).error, ErrorCode::coordinator_not_available);
  EXPECT_EQ(rig.as<TransactionEnded>(same).error, ErrorCode::coordinator_not_available);
  EXPECT_EQ(rig.state("id"), State::ongoing);
}

TEST_F(EpochBumpTest, AProducerIdThatWasNotNeededServesTheNext) {
  const auto producer = at_epoch(exhausted_producer_epoch);
  rig.add(producer, {a0}, 2);
  rig.eager = false;
  rig.end_token(producer, true, end_version_2);
  rig.give_producer_ids();
  rig.make_durable(false);
  const Token again = rig.end_token(producer, true, end_version_2);
  EXPECT_EQ(rig.producer_ids_wanted, 0U);
  rig.make_durable();
  EXPECT_EQ(rig.as<TransactionEnded>(again).producer_id, 1'000);
}

}  // namespace
}  // namespace horolog::coordinator::testing
