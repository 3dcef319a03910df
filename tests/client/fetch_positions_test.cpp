#include "client/fetch_positions.hpp"

#include <gtest/gtest.h>

#include "tests/client/fetch_kit.hpp"

namespace horolog::client {
namespace {

using Stage = FetchPositions::Stage;
const TopicPartition t0{"t", 0};
const TopicPartition t1{"t", 1};

class FetchPositionsTest : public testing::Test {
 protected:
  void make(OffsetReset reset, bool group = false) {
    positions.emplace(FetchPositions::Settings{.cursor = {},
                                               .reset = reset,
                                               .use_committed = group,
                                               .buffered_bytes = 1000,
                                               .partition_bytes = 400});
    positions->add({t0, t1});
  }
  FetchPositions::Partition& at(const TopicPartition& tp) { return *positions->find(tp); }
  void fetched(const TopicPartition& tp, const FetchKit& kit) {
    positions->fetched(tp, at(tp).ticket, at(tp).next_fetch, kit.part(), pool);
  }
  std::vector<std::string> take(std::size_t max = 100) {
    storage.clear();
    status = positions->hand_out(max, storage);
    return values_of(storage);
  }

  std::optional<FetchPositions> positions;
  std::shared_ptr<BatchPool> pool = std::make_shared<BatchPool>();
  BatchStorage storage;
  Status status;
};

TEST_F(FetchPositionsTest, StartsAtTheCommittedOffsetElseByThePolicy) {
  make(OffsetReset::earliest, true);
  EXPECT_EQ(at(t0).stage, Stage::committed);
  positions->found_committed(t0, at(t0).ticket, CommittedOffset{12, "", 3});
  EXPECT_EQ(at(t0).position, 12);
  EXPECT_EQ(at(t0).epoch, 3);
  EXPECT_TRUE(positions->may_fetch(at(t0), 0));
  positions->found_committed(t1, at(t1).ticket, std::nullopt);
  EXPECT_EQ(at(t1).stage, Stage::reset);
  EXPECT_EQ(at(t1).reset_time, -2);
  positions->found_reset(t1, at(t1).ticket, 4, 0);
  EXPECT_EQ(at(t1).position, 4);
}

TEST_F(FetchPositionsTest, WithoutAPolicyTheApplicationIsAskedUntilItSeeks) {
  make(OffsetReset::none);
  take();
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code(), Errc::out_of_range);
  EXPECT_NE(status.error().message().find("t-0"), std::string::npos);
  positions->seek(t0, 0, -1);
  positions->seek(t1, 0, -1);
  take();
  EXPECT_TRUE(status.ok());
}

TEST_F(FetchPositionsTest, WhatWasFetchedForAnOlderPositionIsDropped) {
  make(OffsetReset::earliest);
  positions->seek(t0, 0, -1);
  const auto old = at(t0).ticket;
  FetchKit kit;
  kit.batch({"a", "b"});
  fetched(t0, kit);
  positions->seek(t0, 1, -1);
  EXPECT_TRUE(take().empty());
  positions->fetched(t0, old, 0, kit.part(), pool);
  EXPECT_TRUE(take().empty());
  positions->found_reset(t0, old, 77, 0);
  EXPECT_EQ(at(t0).position, 1);
  fetched(t0, kit);
  EXPECT_EQ(take(), (std::vector<std::string>{"b"}));
  EXPECT_EQ(at(t0).position, 2);
}

TEST_F(FetchPositionsTest, PrefetchGoesOnFromWhatIsBufferedAndStopsWhenItIsFull) {
  make(OffsetReset::earliest);
  positions->seek(t0, 0, -1);
  FetchKit kit;
  kit.batch({std::string(300, 'a')});
  fetched(t0, kit);
  EXPECT_EQ(at(t0).position, 0);
  EXPECT_EQ(at(t0).next_fetch, 1);
  EXPECT_TRUE(positions->is_full(at(t0)));
  EXPECT_LT(positions->room(), 400U);
  EXPECT_EQ(take().size(), 1U);
  EXPECT_TRUE(positions->take_made_room());
  EXPECT_FALSE(positions->is_full(at(t0)));
  EXPECT_EQ(positions->room(), 1000U);
}

TEST_F(FetchPositionsTest, PausedPartitionsKeepTheirBuffer) {
  make(OffsetReset::earliest);
  positions->seek(t0, 0, -1);
  FetchKit kit;
  kit.batch({"a", "b"});
  fetched(t0, kit);
  EXPECT_EQ(take(1), (std::vector<std::string>{"a"}));
  positions->pause(t0, true);
  EXPECT_FALSE(positions->ready());
  EXPECT_TRUE(take().empty());
  positions->pause(t0, false);
  EXPECT_TRUE(positions->ready());
  EXPECT_EQ(take(), (std::vector<std::string>{"b"}));
}

TEST_F(FetchPositionsTest, DamageStopsItsPartitionOnlyAndIsSaidAgainUntilSoughtPast) {
  make(OffsetReset::earliest);
  positions->seek(t0, 0, -1);
  positions->seek(t1, 0, -1);
  FetchKit bad;
  bad.batch({"a"}).batch({"b"});
  bad.bytes().back() ^= std::byte{1};
  fetched(t0, bad);
  EXPECT_EQ(take(), (std::vector<std::string>{"a"}));
  ASSERT_EQ(storage.parts.size(), 1U);
  EXPECT_EQ(storage.parts[0].next, 1);
  FetchKit good;
  good.batch({"c"});
  fetched(t1, good);
  EXPECT_EQ(take(), (std::vector<std::string>{"c"}));
  for (int again = 0; again < 2; ++again) {
    EXPECT_TRUE(take().empty());
    EXPECT_EQ(status.error().code(), Errc::corrupt);
  }
  EXPECT_FALSE(positions->may_fetch(at(t0), 0));
  positions->seek(t0, 2, -1);
  EXPECT_TRUE(take().empty());
  EXPECT_TRUE(status.ok());
  EXPECT_TRUE(positions->may_fetch(at(t0), 0));
}

TEST_F(FetchPositionsTest, OutOfRangeGoesByThePolicyOnceTheBufferIsHandedOut) {
  make(OffsetReset::latest);
  positions->seek(t0, 0, -1);
  FetchKit kit;
  kit.batch({"a"});
  fetched(t0, kit);
  positions->out_of_range(t0, at(t0).ticket, 1);
  EXPECT_EQ(take(), (std::vector<std::string>{"a"})) << "what is here is good";
  positions->out_of_range(t0, at(t0).ticket, 0);
  EXPECT_EQ(at(t0).stage, Stage::fetching) << "an answer to an older position";
  positions->out_of_range(t0, at(t0).ticket, 1);
  EXPECT_EQ(at(t0).stage, Stage::reset);
  EXPECT_EQ(at(t0).reset_time, -1);
}

TEST_F(FetchPositionsTest, ALogThatWasCutMovesThePositionBack) {
  make(OffsetReset::latest);
  positions->seek(t0, 50, 3);
  at(t0).stage = Stage::validation;
  positions->found_epoch_end(t0, at(t0).ticket, 60, 4);
  EXPECT_EQ(at(t0).position, 50);
  EXPECT_EQ(at(t0).validated, 4);
  at(t0).stage = Stage::validation;
  positions->found_epoch_end(t0, at(t0).ticket, 40, 5);
  EXPECT_EQ(at(t0).position, 40);

  make(OffsetReset::none);
  positions->seek(t0, 50, 3);
  at(t0).stage = Stage::validation;
  positions->found_epoch_end(t0, at(t0).ticket, 40, 5);
  EXPECT_EQ(at(t0).stage, Stage::failed);
}

TEST_F(FetchPositionsTest, ANewAssignmentKeepsWhatStays) {
  make(OffsetReset::earliest);
  positions->seek(t0, 7, -1);
  const auto ticket = at(t0).ticket;
  positions->set({t0, {"t", 2}});
  EXPECT_EQ(at(t0).ticket, ticket);
  EXPECT_EQ(at(t0).position, 7);
  EXPECT_EQ(positions->assigned(), (std::set<TopicPartition>{t0, {"t", 2}}));
}

}  // namespace
}  // namespace horolog::client
