#include "tests/coordinator/transaction_rig.hpp"

namespace horolog::coordinator::testing {
namespace {

using State = TransactionState;

class InitProducerIdTest : public ::testing::Test {
 protected:
  InitProducerIdTest() { rig.eager = true; }

  void expect_init(const wire::InitProducerIdResponse& response, ProducerId id,
                   ProducerEpoch epoch) {
    EXPECT_EQ(response.error_code, ErrorCode::none);
    EXPECT_EQ(response.producer_id, id);
    EXPECT_EQ(response.producer_epoch, epoch);
  }

  TransactionRig rig;
};

TEST_F(InitProducerIdTest, EachCallFencesTheOneBefore) {
  expect_init(rig.init("id"), 1'000, 0);
  expect_init(rig.init("id"), 1'000, 1);
  expect_init(rig.init("other"), 1'001, 0);
  EXPECT_EQ(rig.add({"id", 1'000, 0}, {a0}), ErrorCode::producer_fenced);
  EXPECT_EQ(rig.add({"id", 1'000, 1}, {a0}), ErrorCode::none);
}

TEST_F(InitProducerIdTest, AnswersWaitForTheirWrite) {
  const Token token = rig.init_token("id");
  EXPECT_EQ(rig.after(token), rig.writes);
  EXPECT_EQ(rig.writes, 1U);
}

TEST_F(InitProducerIdTest, BadRequests) {
  EXPECT_EQ(rig.init("").error_code, ErrorCode::invalid_request);
  EXPECT_EQ(rig.init(std::string(32'768, 'x')).error_code, ErrorCode::invalid_request);
  EXPECT_EQ(rig.init("id", 5, no_producer_epoch).error_code, ErrorCode::invalid_request);
  EXPECT_EQ(rig.init("id", no_producer_id, 5).error_code, ErrorCode::invalid_request);
  for (const std::int32_t timeout : {-1, 0, 900'001}) {
    EXPECT_EQ(rig.init("id", no_producer_id, no_producer_epoch, timeout).error_code,
              ErrorCode::invalid_transaction_timeout);
  }
  EXPECT_TRUE(rig.log.empty());
  expect_init(rig.init("id", no_producer_id, no_producer_epoch, 900'000), 1'000, 0);
  expect_init(rig.init(std::string(32'767, 'x')), 1'001, 0);
}

TEST_F(InitProducerIdTest, TooManyIds) {
  TransactionRig small({.max_transactional_ids = 1});
  small.eager = true;
  EXPECT_EQ(small.init("one").error_code, ErrorCode::none);
  EXPECT_EQ(small.init("two").error_code, ErrorCode::policy_violation);
  EXPECT_EQ(small.init("one").error_code, ErrorCode::none);
}

TEST_F(InitProducerIdTest, WithoutProducerIds) {
  rig.eager = false;
  const Token first = rig.init_token("id");
  const Token second = rig.init_token("id");
  EXPECT_EQ(rig.producer_ids_wanted, 2U);
  rig.producer_ids_wanted = 0;
  rig.take(rig.machine.on_no_producer_ids(rig.now));
  for (const Token token : {first, second}) {
    EXPECT_EQ(rig.as<wire::InitProducerIdResponse>(token).error_code,
              ErrorCode::coordinator_not_available);
  }
  EXPECT_EQ(rig.machine.size(), 0U);
}

TEST_F(InitProducerIdTest, TwoAtOnceForANewId) {
  rig.eager = false;
  const Token first = rig.init_token("id");
  const Token second = rig.init_token("id");
  rig.give_producer_ids();
  expect_init(rig.as<wire::InitProducerIdResponse>(first), 1'000, 0);
  expect_init(rig.as<wire::InitProducerIdResponse>(second), 1'000, 1);
}

TEST_F(InitProducerIdTest, AProducerMayGoOnAfterAnError) {
  // KIP-360: it names its id and epoch; a retry gets the same answer.
  expect_init(rig.init("id"), 1'000, 0);
  expect_init(rig.init("id", 1'000, 0), 1'000, 1);
  expect_init(rig.init("id", 1'000, 0), 1'000, 1);
  expect_init(rig.init("id", 1'000, 1), 1'000, 2);
  EXPECT_EQ(rig.init("id", 1'000, 0).error_code, ErrorCode::producer_fenced);
  // A new producer has come: who was there before is fenced, a retry included.
  expect_init(rig.init("id"), 1'000, 3);
  EXPECT_EQ(rig.init("id", 1'000, 2).error_code, ErrorCode::producer_fenced);
  EXPECT_EQ(rig.init("id", 1'000, 2, 60'000, 3).error_code, ErrorCode::invalid_producer_epoch);
  EXPECT_EQ(rig.init("id", 77, 3).error_code, ErrorCode::producer_fenced);
  expect_init(rig.init("id", 1'000, 3), 1'000, 4);
  // An id that has expired is made anew for whoever names an old one.
  expect_init(rig.init("gone", 9, 9), 1'001, 0);
}

TEST_F(InitProducerIdTest, ARetryOfABumpingEndGetsTheBumpedEpoch) {
  const auto producer = rig.producer("id");
  rig.add(producer, {a0}, 2);
  rig.end(producer, true, end_version_2);
  expect_init(rig.init("id", 1'000, 0), 1'000, 1);
}

TEST_F(InitProducerIdTest, AnOpenTransactionIsAbortedFirst) {
  const auto producer = rig.producer("id");
  rig.add(producer, {a0});
  rig.eager = false;
  const Token token = rig.init_token("id");
  EXPECT_FALSE(rig.answered(token));
  EXPECT_EQ(rig.state("id"), State::prepare_abort);
  EXPECT_EQ(rig.markers.at(0).producer_epoch, 2);
  EXPECT_EQ(rig.markers.at(0).transaction_version, 2);
  EXPECT_EQ(rig.add(producer, {a1}), ErrorCode::producer_fenced);
  EXPECT_EQ(rig.end(producer, true).error, ErrorCode::producer_fenced);
  rig.write_markers();
  expect_init(rig.as<wire::InitProducerIdResponse>(token), 1'000, 3);
  EXPECT_EQ(rig.state("id"), State::empty);
  EXPECT_EQ(rig.metadata("id").start, no_timestamp);
}

TEST_F(InitProducerIdTest, ACommitUnderWayIsNotAborted) {
  const auto producer = rig.producer("id");
  rig.add(producer, {a0});
  rig.eager = false;
  const Token end = rig.end_token(producer, true);
  const Token init = rig.init_token("id");
  rig.make_durable();
  rig.write_markers();
  EXPECT_EQ(rig.as<TransactionEnded>(end).error, ErrorCode::none);
  expect_init(rig.as<wire::InitProducerIdResponse>(init), 1'000, 1);
}

TEST_F(InitProducerIdTest, AZombieCannotAbortItsSuccessor) {
  rig.producer("id");
  const auto successor = rig.producer("id");
  rig.add(successor, {a0});
  EXPECT_EQ(rig.init("id", 1'000, 0).error_code, ErrorCode::producer_fenced);
  EXPECT_EQ(rig.state("id"), State::ongoing);
  EXPECT_EQ(rig.end(successor, true).error, ErrorCode::none);
}

TEST_F(InitProducerIdTest, TwoProducersWithOneId) {
  const auto first = rig.producer("id");
  rig.add(first, {a0});
  const auto second = rig.producer("id");
  EXPECT_EQ(rig.end(first, true).error, ErrorCode::producer_fenced);
  EXPECT_EQ(rig.add(second, {a0}), ErrorCode::none);
  EXPECT_EQ(rig.end(first, false).error, ErrorCode::producer_fenced);
  EXPECT_EQ(rig.end(second, true).error, ErrorCode::none);
  EXPECT_EQ(rig.state("id"), State::complete_commit);
}

TEST_F(InitProducerIdTest, EpochsRunOut) {
  TransactionMetadata metadata;
  metadata.producer_id = 500;
  metadata.producer_epoch = exhausted_producer_epoch - 1;
  metadata.timeout_ms = 1'000;
  const Record record = encode_record(TransactionRecord{"id", metadata}, 2);
  ASSERT_TRUE(rig.machine.replay(record.key, ByteView(*record.value)).ok());
  expect_init(rig.init("id"), 500, exhausted_producer_epoch);
  // The producer that had the last one goes on, and may ask twice.
  expect_init(rig.init("id", 500, exhausted_producer_epoch), 1'000, 0);
  expect_init(rig.init("id", 500, exhausted_producer_epoch), 1'000, 0);
  expect_init(rig.init("id", 500, exhausted_producer_epoch), 1'000, 0);
  expect_init(rig.init("id"), 1'000, 1);
  EXPECT_EQ(rig.init("id", 500, exhausted_producer_epoch).error_code, ErrorCode::producer_fenced);
}

}  // namespace
}  // namespace horolog::coordinator::testing
