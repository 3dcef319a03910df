#include <gtest/gtest.h>

#include "tests/support/log_kit.hpp"
#include "tests/support/memory_file.hpp"

// The partition's side of transactions: what is accepted, and how far readers of committed records
// see (KIP-98, KIP-890).
namespace horolog {
namespace {

using namespace storage;
using test::LogKit;
using wire::ErrorCode;

using Aborted = std::vector<AbortedTransaction>;

class TransactionTest : public ::testing::Test {
 protected:
  void SetUp() override { kit_.open(); }

  PartitionLog& log() { return kit_.log(); }
  /// A batch of one record in the producer's transaction.
  AppendInfo send(ProducerId id, std::int32_t sequence, ProducerEpoch epoch = 0) {
    return kit_.append_verified({.producer_id = id, .producer_epoch = epoch, .sequence = sequence});
  }
  AppendInfo end(ProducerId id, bool commit, ProducerEpoch epoch = 0, std::int32_t coordinator = 0,
                 std::int16_t version = 0) {
    return kit_.end_transaction({.producer_id = id,
                                 .producer_epoch = epoch,
                                 .coordinator_epoch = coordinator,
                                 .commit = commit,
                                 .transaction_version = version});
  }
  void commit_log() { ASSERT_TRUE(log().commit().ok()); }
  Aborted aborted(Offset from, Offset to) { return log().aborted_transactions(from, to).value(); }
  std::size_t stable_records() {
    return test::read_records(log(), 0, Visibility::last_stable).size();
  }

  test::MemoryFileSystem fs_;
  LogKit kit_{fs_};
};

TEST_F(TransactionTest, AnOpenTransactionHoldsTheLastStableOffset) {
  kit_.append({.records = 3});
  EXPECT_EQ(send(1, 0).base_offset, 3);
  kit_.append({});
  commit_log();
  EXPECT_EQ(log().high_watermark(), 5);
  EXPECT_EQ(log().last_stable_offset(), 3);
  EXPECT_EQ(stable_records(), 3U);
  const auto read = log().read(0, 1 << 20, Visibility::last_stable);
  EXPECT_EQ(read->next_offset, 3);
  EXPECT_EQ(read->last_stable_offset, 3);
  EXPECT_EQ(log().read(3, 1 << 20, Visibility::last_stable)->bytes, 0U);
  EXPECT_EQ(test::read_records(log(), 0, Visibility::high_watermark).size(), 5U);
}

TEST_F(TransactionTest, ADecisionShowsWhenItsMarkerIsDurable) {
  send(1, 0);
  commit_log();
  EXPECT_EQ(end(1, true).base_offset, 1);
  EXPECT_EQ(log().last_stable_offset(), 0) << "a power cut could still take the marker";
  commit_log();
  EXPECT_EQ(log().last_stable_offset(), 2);
}

TEST_F(TransactionTest, WithDurabilityOfTheSystemItShowsAtOnce) {
  kit_.config.durability = Durability::os;
  kit_.open();
  send(1, 0);
  EXPECT_EQ(log().high_watermark(), 1);
  EXPECT_EQ(log().last_stable_offset(), 0);
  end(1, true);
  EXPECT_EQ(log().last_stable_offset(), 2);
}

TEST_F(TransactionTest, TheOldestOfSeveralCounts) {
  send(1, 0);  // 0
  send(2, 0);  // 1
  send(3, 0);  // 2
  end(2, true);
  commit_log();
  EXPECT_EQ(log().last_stable_offset(), 0);
  end(1, false);  // 4
  commit_log();
  EXPECT_EQ(log().last_stable_offset(), 2);
  send(1, 1);  // 5
  end(3, false);
  EXPECT_EQ(log().last_stable_offset(), 2);
  commit_log();
  EXPECT_EQ(log().last_stable_offset(), 5);
}

TEST_F(TransactionTest, AbortedTransactionsAreListedWhereTheyOverlap) {
  send(1, 0);      // 0
  send(2, 0);      // 1
  send(1, 1);      // 2
  end(2, false);   // 3
  end(1, false);   // 4
  send(3, 0);      // 5
  end(3, true);    // 6
  send(2, 1);      // 7
  end(2, false);   // 8
  commit_log();
  const AbortedTransaction first{.producer_id = 2, .first_offset = 1};
  const AbortedTransaction second{.producer_id = 1, .first_offset = 0};
  const AbortedTransaction third{.producer_id = 2, .first_offset = 7};
  EXPECT_EQ(aborted(0, 9), (Aborted{first, second, third}));
  EXPECT_EQ(aborted(0, 1), Aborted{second});
  EXPECT_EQ(aborted(0, 2), (Aborted{first, second}));
  EXPECT_EQ(aborted(4, 7), Aborted{second}) << "its marker is part of it";
  EXPECT_EQ(aborted(5, 7), Aborted{}) << "committed ones have no entry";
  EXPECT_EQ(aborted(5, 8), Aborted{third});
  EXPECT_EQ(aborted(9, 20), Aborted{});
}

TEST_F(TransactionTest, EmptyTransactionsWriteAMarkerAndNoEntry) {
  EXPECT_EQ(end(1, false).base_offset, 0);
  EXPECT_EQ(end(1, false).base_offset, 1);
  commit_log();
  EXPECT_EQ(log().last_stable_offset(), 2);
  EXPECT_EQ(aborted(0, 2), Aborted{});
  EXPECT_EQ(stable_records(), 2U) << "readers skip control batches, the log does not";
}

TEST_F(TransactionTest, ABatchWithoutTokenDoesNotBeginATransaction) {
  const test::BatchSpec spec{.producer_id = 1, .transactional = true};
  EXPECT_EQ(kit_.append(spec).error, ErrorCode::invalid_txn_state);
  EXPECT_EQ(log().log_end_offset(), 0);
  const auto token = log().begin_verification(1, 0);
  ASSERT_TRUE(token.has_value());
  const auto with = [&](const test::BatchSpec& batch) {
    return log().append(test::make_batch(batch), Origin::client, 1, token)->error;
  };
  EXPECT_EQ(with({.producer_id = 2, .transactional = true}), ErrorCode::invalid_txn_state)
      << "another producer's token";
  EXPECT_EQ(with({.producer_id = 1, .producer_epoch = 1, .transactional = true}),
            ErrorCode::invalid_txn_state)
      << "another epoch's";
  EXPECT_EQ(with(spec), ErrorCode::none);
  EXPECT_EQ(log().begin_verification(1, 0), std::nullopt) << "its transaction is open";
  EXPECT_EQ(kit_.append({.producer_id = 1, .sequence = 1, .transactional = true}).error,
            ErrorCode::none);
}

TEST_F(TransactionTest, AMarkerMakesATokenStale) {
  const auto token = log().begin_verification(1, 0);
  EXPECT_EQ(end(1, false).error, ErrorCode::none);
  const ByteBuffer late = test::make_batch({.producer_id = 1, .transactional = true});
  EXPECT_EQ(log().append(late, Origin::client, 1, token)->error, ErrorCode::invalid_txn_state);
  EXPECT_NE(log().begin_verification(1, 0), token);
}

TEST_F(TransactionTest, ANewerEpochMakesATokenStale) {
  const auto old = log().begin_verification(1, 0);
  const auto young = log().begin_verification(1, 1);
  EXPECT_NE(old, young);
  EXPECT_NE(log().begin_verification(1, 0), old) << "and the old epoch gets no good one any more";
  EXPECT_EQ(log().begin_verification(1, 1), young) << "requests of one epoch share a token";
  const ByteBuffer late = test::make_batch({.producer_id = 1, .transactional = true});
  EXPECT_EQ(log().append(late, Origin::client, 1, old)->error, ErrorCode::invalid_txn_state);
  const ByteBuffer good =
      test::make_batch({.producer_id = 1, .producer_epoch = 1, .transactional = true});
  EXPECT_EQ(log().append(good, Origin::client, 1, young)->error, ErrorCode::none);
}

TEST_F(TransactionTest, ABatchThatWasVerifiedSoonerWaitsForTheOneBefore) {
  const auto token = log().begin_verification(1, 0, 10);
  EXPECT_EQ(log().begin_verification(1, 0, 11), token);
  const auto send_verified = [&](std::int32_t sequence) {
    const ByteBuffer batch =
        test::make_batch({.producer_id = 1, .sequence = sequence, .transactional = true});
    return log().append(batch, Origin::client, 1, token)->error;
  };
  EXPECT_EQ(send_verified(11), ErrorCode::out_of_order_sequence_number);
  EXPECT_EQ(send_verified(10), ErrorCode::none);
  EXPECT_EQ(send_verified(11), ErrorCode::none);
}

TEST_F(TransactionTest, WithRisingEpochsAnUnknownProducerStartsAtZero) {
  const auto token = log().begin_verification(1, 0, 4, true);
  const auto send_verified = [&](std::int32_t sequence) {
    const ByteBuffer batch =
        test::make_batch({.producer_id = 1, .sequence = sequence, .transactional = true});
    return log().append(batch, Origin::client, 1, token)->error;
  };
  EXPECT_EQ(send_verified(4), ErrorCode::out_of_order_sequence_number);
  EXPECT_EQ(send_verified(0), ErrorCode::none);
}

TEST_F(TransactionTest, TokensThatLeadToNothingAreForgotten) {
  const auto token = log().begin_verification(1, 0);
  log().expire_producers(1'000, 500);
  EXPECT_EQ(log().begin_verification(1, 0), token);
  log().expire_producers(1'500, 500);
  EXPECT_NE(log().begin_verification(1, 0), token);
}

TEST_F(TransactionTest, OtherBatchesOfTheProducerDoNotFitIntoItsTransaction) {
  send(1, 0);
  EXPECT_EQ(kit_.append({.producer_id = 1, .sequence = 1}).error, ErrorCode::invalid_txn_state);
  EXPECT_EQ(send(1, 0, 1).error, ErrorCode::invalid_txn_state)
      << "what epoch 0 has open is not ended";
  EXPECT_EQ(send(1, 1).error, ErrorCode::none);
  end(1, true);
  EXPECT_EQ(kit_.append({.producer_id = 1, .sequence = 2}).error, ErrorCode::none);
}

TEST_F(TransactionTest, ARetryIsAnsweredAsBeforeAlsoWhenItsTransactionHasEnded) {
  send(1, 0);
  end(1, true);
  const AppendInfo again = kit_.append({.producer_id = 1, .transactional = true});
  EXPECT_EQ(again.error, ErrorCode::none);
  EXPECT_TRUE(again.duplicate);
  EXPECT_EQ(again.base_offset, 0);
}

TEST_F(TransactionTest, AMarkerOfAHigherEpochFencesWhatIsLate) {
  send(1, 0, 4);
  send(1, 1, 4);
  EXPECT_EQ(end(1, true, 5, 0, 2).error, ErrorCode::none);
  EXPECT_EQ(send(1, 2, 4).error, ErrorCode::invalid_producer_epoch);
  EXPECT_EQ(send(1, 2, 5).error, ErrorCode::out_of_order_sequence_number);
  EXPECT_EQ(send(1, 0, 5).error, ErrorCode::none) << "sequences start anew";
}

TEST_F(TransactionTest, MarkersAreFenced) {
  send(1, 0, 4);
  EXPECT_EQ(end(1, true, 3).error, ErrorCode::invalid_producer_epoch);
  EXPECT_EQ(log().log_end_offset(), 1);
  EXPECT_EQ(end(1, true, 4, 7).error, ErrorCode::none);
  EXPECT_EQ(end(1, true, 4, 6).error, ErrorCode::transaction_coordinator_fenced);
  EXPECT_EQ(end(1, true, 4, 7).error, ErrorCode::none) << "sent once more after a crash";
  EXPECT_EQ(end(1, true, 4, 8).error, ErrorCode::none);
}

TEST_F(TransactionTest, WithRisingEpochsALateMarkerDoesNotEndTheNextTransaction) {
  send(1, 0, 4);
  EXPECT_EQ(end(1, true, 5, 0, 2).error, ErrorCode::none);
  EXPECT_EQ(end(1, true, 5, 0, 2).error, ErrorCode::none) << "nothing is open: sent once more";
  EXPECT_EQ(send(1, 0, 5).error, ErrorCode::none);
  EXPECT_EQ(end(1, true, 5, 0, 2).error, ErrorCode::invalid_producer_epoch);
  EXPECT_EQ(end(1, false, 5).error, ErrorCode::none) << "an administrator may";
}

TEST_F(TransactionTest, TheCoordinatorWritesInAProducersName) {
  const auto write = [&](ProducerEpoch epoch, bool transactional) {
    record::BatchBuilder builder(
        {.producer_id = 1, .producer_epoch = epoch, .transactional = transactional});
    builder.add(as_bytes("key"), as_bytes("value"), 1);
    return log().append(builder.build().value(), Origin::coordinator, 1)->error;
  };
  EXPECT_EQ(write(2, true), ErrorCode::none);
  EXPECT_EQ(write(2, true), ErrorCode::none) << "without sequence there are no duplicates";
  EXPECT_EQ(write(1, true), ErrorCode::invalid_producer_epoch);
  EXPECT_EQ(write(2, false), ErrorCode::invalid_txn_state);
  commit_log();
  EXPECT_EQ(log().last_stable_offset(), 0);
  end(1, false, 2);
  commit_log();
  EXPECT_EQ(log().last_stable_offset(), 3);
  EXPECT_EQ(aborted(0, 3), (Aborted{{.producer_id = 1, .first_offset = 0}}));
}

TEST_F(TransactionTest, ACoordinatorsTokenIsChecked) {
  const auto token = log().begin_verification(1, 0);
  end(1, false);
  record::BatchBuilder builder({.producer_id = 1, .producer_epoch = 0, .transactional = true});
  builder.add(as_bytes("key"), as_bytes("value"), 1);
  const ByteBuffer late = builder.build().value();
  EXPECT_EQ(log().append(late, Origin::coordinator, 1, token)->error, ErrorCode::invalid_txn_state);
  const auto young = log().begin_verification(1, 0);
  EXPECT_EQ(log().append(late, Origin::coordinator, 1, young)->error, ErrorCode::none);
}

TEST_F(TransactionTest, ProducersWithOpenTransactionsDoNotExpire) {
  send(1, 0);
  kit_.append({.producer_id = 2});
  log().expire_producers(1'000'000, 1);
  ASSERT_EQ(log().active_producers().size(), 1U);
  EXPECT_EQ(log().active_producers().front().id, 1);
  end(1, true);
  log().expire_producers(1'000'000, 1);
  EXPECT_TRUE(log().active_producers().empty());
}

TEST_F(TransactionTest, ActiveProducersAreDescribed) {
  kit_.append({.records = 2, .timestamp = 50, .producer_id = 9, .producer_epoch = 3});
  send(4, 7, 1);
  end(5, true, 6, 8);
  const auto active = log().active_producers();
  ASSERT_EQ(active.size(), 3U);
  EXPECT_EQ(active[0].id, 4);
  EXPECT_EQ(active[0].current_transaction_start, 2);
  EXPECT_EQ(active[0].last_sequence, 7);
  EXPECT_EQ(active[1].id, 5);
  EXPECT_EQ(active[1].epoch, 6);
  EXPECT_EQ(active[1].coordinator_epoch, 8);
  EXPECT_EQ(active[1].last_sequence, -1);
  EXPECT_EQ(active[1].last_timestamp, 1'000);
  EXPECT_EQ(active[2].id, 9);
  EXPECT_EQ(active[2].last_sequence, 1);
  EXPECT_EQ(active[2].last_timestamp, 50);
  EXPECT_EQ(active[2].coordinator_epoch, -1);
  EXPECT_EQ(active[2].current_transaction_start, no_offset);
}

TEST_F(TransactionTest, LookUpsByTimeStopAtTheLastStableOffset) {
  kit_.append({.timestamp = 100});
  kit_.append_verified({.timestamp = 300, .producer_id = 1});
  kit_.append({.timestamp = 200});
  commit_log();
  EXPECT_EQ(log().find_by_time(150)->offset, 1);
  EXPECT_EQ(log().find_by_time(150, Visibility::last_stable)->offset, no_offset);
  EXPECT_EQ(log().find_by_time(50, Visibility::last_stable)->offset, 0);
  EXPECT_EQ(log().find_max_timestamp()->offset, 1);
  EXPECT_EQ(log().find_max_timestamp(Visibility::last_stable)->offset, 0);
}

TEST_F(TransactionTest, DeletedRecordsOfAnOpenTransactionLeaveNothingVisible) {
  send(1, 0);
  kit_.append({.records = 4});
  commit_log();
  ASSERT_EQ(*log().delete_records(3, 1'000), 3);
  EXPECT_EQ(log().last_stable_offset(), 3);
  EXPECT_EQ(log().read(3, 1'000, Visibility::last_stable)->bytes, 0U);
  EXPECT_EQ(log().find_by_time(0, Visibility::last_stable)->offset, no_offset);
  EXPECT_EQ(log().find_max_timestamp(Visibility::last_stable)->offset, no_offset);
  end(1, false);
  commit_log();
  EXPECT_EQ(log().last_stable_offset(), 6);
  EXPECT_EQ(aborted(3, 6), (Aborted{{.producer_id = 1, .first_offset = 0}}));
}

TEST_F(TransactionTest, RetentionGoesByTheHighWatermark) {
  send(1, 0);
  kit_.config.segment_bytes = 200;
  log().set_config(std::make_shared<LogConfig>(kit_.config));
  for (int i = 0; i < 10; ++i) kit_.append({.value_bytes = 100});
  commit_log();
  kit_.config.retention_bytes = 300;
  log().set_config(std::make_shared<LogConfig>(kit_.config));
  ASSERT_GT(*log().apply_retention(1'000), 0U);
  EXPECT_GT(log().log_start_offset(), 0);
  EXPECT_EQ(log().last_stable_offset(), log().log_start_offset());
  end(1, true);
  commit_log();
  EXPECT_EQ(log().last_stable_offset(), 12);
}

}  // namespace
}  // namespace horolog
