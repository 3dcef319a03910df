#include "client/offsets_commit.hpp"

#include <gtest/gtest.h>

namespace horolog::client {
namespace {

using wire::ErrorCode;
using wire::OffsetCommitResponse;
constexpr MonoNs second = 1'000'000'000;

class CommitQueueTest : public testing::Test {
 protected:
  void add(Offset offset, std::int32_t generation = 4) {
    queue.add({.offsets = {{{"t", 0}, {offset, "note", 2}}},
               .who = {.group = "g", .generation = generation, .member_id = "me",
                       .instance_id = std::nullopt},
               .due = now + 10 * second,
               .done = {}});
  }
  std::optional<CommitQueue::Finished> answer(ErrorCode code) {
    return queue.on_answer(
        OffsetCommitResponse{.topics = {{.name = "t",
                                         .partitions = {{.partition_index = 0,
                                                         .error_code = code}}}}},
        now, 0.5, moved);
  }
  Offset next() {
    const auto request = queue.next(now);
    return request ? request->topics[0].partitions[0].committed_offset : -1;
  }

  CommitQueue queue{{100'000'000, second}};
  MonoNs now = second;
  bool moved = false;
};

TEST_F(CommitQueueTest, OneAtATimeInOrderWithMetadata) {
  add(1);
  add(2);
  const auto request = queue.next(now);
  ASSERT_TRUE(request);
  EXPECT_EQ(request->group_id, "g");
  EXPECT_EQ(request->generation_id_or_member_epoch, 4);
  EXPECT_EQ(request->topics[0].partitions[0].committed_metadata, "note");
  EXPECT_EQ(request->topics[0].partitions[0].committed_leader_epoch, 2);
  EXPECT_EQ(next(), -1);
  EXPECT_TRUE(answer(ErrorCode::none).value().status.ok());
  EXPECT_EQ(next(), 2);
}

TEST_F(CommitQueueTest, ErrorsThatPassAreWaitedForAndNothingOvertakes) {
  add(1);
  add(2);
  EXPECT_EQ(next(), 1);
  EXPECT_FALSE(answer(ErrorCode::coordinator_load_in_progress));
  EXPECT_FALSE(moved);
  EXPECT_EQ(next(), -1);
  now = queue.next_wake();
  EXPECT_EQ(next(), 1);
  EXPECT_FALSE(answer(ErrorCode::not_coordinator));
  EXPECT_TRUE(moved);
  now = queue.next_wake();
  EXPECT_EQ(next(), 1);
  EXPECT_TRUE(answer(ErrorCode::none));
  EXPECT_EQ(next(), 2);
}

TEST_F(CommitQueueTest, ARebalanceAndAnOldGenerationAreTheCallersToKnow) {
  add(1);
  next();
  auto done = answer(ErrorCode::rebalance_in_progress);
  ASSERT_TRUE(done);
  EXPECT_TRUE(done->status.error().retriable());
  add(2, 3);
  next();
  done = answer(ErrorCode::illegal_generation);
  ASSERT_TRUE(done);
  EXPECT_EQ(done->code, ErrorCode::illegal_generation);
  EXPECT_EQ(done->commit.who.generation, 3);
  EXPECT_EQ(done->status.error().kafka_code(), 22);
}

TEST_F(CommitQueueTest, IsGivenUpWhenItsTimeIsOver) {
  add(1);
  for (int tries = 0; tries < 100; ++tries) {
    ASSERT_EQ(next(), 1);
    const auto done = answer(ErrorCode::coordinator_load_in_progress);
    if (done) {
      EXPECT_EQ(done->status.error().code(), Errc::timed_out);
      return;
    }
    now = queue.next_wake();
  }
  FAIL() << "never given up";
}

TEST_F(CommitQueueTest, AnswersAboutOtherPartitionsOrNoneAreCorrupt) {
  add(1);
  next();
  auto done = queue.on_answer(OffsetCommitResponse{}, now, 0.5, moved);
  ASSERT_TRUE(done);
  EXPECT_EQ(done->status.error().code(), Errc::corrupt);
  add(2);
  next();
  done = queue.on_answer(
      OffsetCommitResponse{.topics = {{.name = "t", .partitions = {{.partition_index = 5}}}}},
      now, 0.5, moved);
  EXPECT_EQ(done.value().status.error().code(), Errc::corrupt);
}

}  // namespace
}  // namespace horolog::client
