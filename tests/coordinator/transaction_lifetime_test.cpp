#include "tests/coordinator/transaction_rig.hpp"

// Timeouts, expiry, and what an administrator sees.

namespace horolog::coordinator::testing {
namespace {

using State = TransactionState;

class TransactionLifetime : public ::testing::Test {
 protected:
  TransactionLifetime() { rig.eager = true; }
  TransactionRig rig;
};

TEST_F(TransactionLifetime, TimedOutTransactionsAreAbortedAndFenced) {
  rig.init("id", no_producer_id, no_producer_epoch, 5'000);
  const TransactionalProducer producer{"id", 1'000, 0};
  rig.add(producer, {a0});
  rig.pass(4'000);
  // More partitions give no more time.
  rig.add(producer, {a1});
  rig.pass(999);
  EXPECT_EQ(rig.state("id"), State::ongoing);
  rig.pass(1);
  EXPECT_EQ(rig.state("id"), State::complete_abort);
  EXPECT_EQ(rig.metadata("id").producer_epoch, 2);
  EXPECT_EQ(rig.end(producer, true).error, ErrorCode::producer_fenced);
  EXPECT_EQ(rig.end(producer, false, end_version_2).error, ErrorCode::producer_fenced);
  EXPECT_EQ(rig.add(producer, {a0}), ErrorCode::producer_fenced);
}

TEST_F(TransactionLifetime, TimedOutBeforeTransactionVersionTwo) {
  TransactionRig old({.finalised_version = 1});
  old.eager = true;
  const auto producer = old.producer("id");
  old.add(producer, {a0});
  old.pass(60'000);
  EXPECT_EQ(old.state("id"), State::complete_abort);
  EXPECT_EQ(old.metadata("id").producer_epoch, 1);
  EXPECT_EQ(old.metadata("id").client_version, 0);
}

TEST_F(TransactionLifetime, ACommitUnderWayOutlivesTheTimeout) {
  const auto producer = rig.producer("id");
  rig.add(producer, {a0});
  rig.eager = false;
  const Token end = rig.end_token(producer, true);
  rig.pass(70'000);
  EXPECT_EQ(rig.state("id"), State::ongoing);
  EXPECT_FALSE(rig.answered(end));
  rig.make_durable();
  EXPECT_EQ(rig.as<TransactionEnded>(end).error, ErrorCode::none);
  EXPECT_EQ(rig.state("id"), State::prepare_commit);
}

TEST_F(TransactionLifetime, ACommitThatFailedAfterTheTimeoutIsAborted) {
  const auto producer = rig.producer("id");
  rig.add(producer, {a0});
  rig.eager = false;
  rig.end_token(producer, true);
  rig.pass(70'000);
  rig.make_durable(false);
  rig.pass(0);
  EXPECT_EQ(rig.state("id"), State::prepare_abort);
}

TEST_F(TransactionLifetime, TimeoutsStopWithTheTransaction) {
  const auto producer = rig.producer("id");
  rig.add(producer, {a0});
  rig.pass(59'000);
  rig.end(producer, true);
  rig.pass(100'000);
  EXPECT_EQ(rig.state("id"), State::complete_commit);
  rig.add(producer, {a0});
  rig.pass(59'999);
  EXPECT_EQ(rig.state("id"), State::ongoing);
}

TEST_F(TransactionLifetime, UnusedIdsExpire) {
  constexpr std::int64_t week = 7LL * 86'400'000;
  constexpr std::int64_t hour = 3'600'000;
  rig.producer("empty");
  rig.init("long", no_producer_id, no_producer_epoch, 900'000);
  const auto producer = rig.producer("used");
  rig.pass(week - hour);
  rig.add(producer, {a0});
  rig.end(producer, true);
  rig.pass(hour);
  EXPECT_EQ(rig.list(), std::vector<std::string>{"used"});
  EXPECT_FALSE(rig.log.back().value.has_value());
  // What is not there any more waits for the removal to be durable.
  const Token token = rig.end_token({"empty", 1'000, 0}, true);
  EXPECT_EQ(rig.as<TransactionEnded>(token).error, ErrorCode::invalid_producer_id_mapping);
  EXPECT_EQ(rig.after(token), rig.writes);
  rig.pass(week);
  EXPECT_TRUE(rig.list().empty());
}

TEST_F(TransactionLifetime, IdsInATransactionDoNotExpire) {
  TransactionRig slow({.id_expiration_ms = 1'000, .expiration_interval_ms = 100});
  const Token token = slow.init_token("id");
  slow.give_producer_ids();
  EXPECT_TRUE(slow.answered(token));
  const TransactionalProducer producer{"id", 1'000, 0};
  slow.add(producer, {a0});
  slow.pass(5'000);
  EXPECT_EQ(slow.state("id"), State::ongoing);
  slow.end_token(producer, false);
  slow.pass(5'000);
  EXPECT_EQ(slow.state("id"), State::prepare_abort);
  slow.write_markers();
  slow.pass(5'000);
  EXPECT_TRUE(slow.list().empty());
}

TEST_F(TransactionLifetime, DescribeAndList) {
  const auto open = rig.producer("open");
  rig.add(open, {a1, a0});
  rig.pass(10'000);
  rig.producer("empty");
  const auto described = rig.describe("open");
  EXPECT_EQ(described.error, ErrorCode::none);
  EXPECT_EQ(described.metadata.partitions, (std::set<TopicPartition>{a0, a1}));
  EXPECT_EQ(described.metadata.timeout_ms, 60'000);
  EXPECT_EQ(rig.describe("none").error, ErrorCode::transactional_id_not_found);
  EXPECT_EQ(rig.describe("").error, ErrorCode::invalid_request);

  using Ids = std::vector<std::string>;
  EXPECT_EQ(rig.list(), (Ids{"empty", "open"}));
  EXPECT_EQ(rig.list({.states = {State::ongoing, State::dead}}), Ids{"open"});
  EXPECT_EQ(rig.list({.producer_ids = {1'001}}), Ids{"empty"});
  EXPECT_EQ(rig.list({.states = {State::ongoing}, .longer_than_ms = 9'999}), Ids{"open"});
  EXPECT_EQ(rig.list({.states = {State::ongoing}, .longer_than_ms = 10'000}), Ids{});
  EXPECT_EQ(rig.list({.id_matches = [](std::string_view id) { return id == "empty"; }}),
            Ids{"empty"});
}

}  // namespace
}  // namespace horolog::coordinator::testing
