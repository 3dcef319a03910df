#include "broker/flusher.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "base/limits.hpp"
#include "base/thread_pool.hpp"
#include "broker/partition_table.hpp"
#include "test_broker.hpp"

namespace horolog::broker {
namespace {

constexpr TimestampMs now = 1'700'000'000'000;

TEST(Flusher, TellsOfEachStretchThatBoundsARecovery) {
  TestBroker broker;
  broker.create("t");
  Context& context = broker.context();
  ThreadPool pool("flusher-test", 1);
  int told = 0;
  Flusher flusher(context.store, context.clock, pool);
  flusher.on_progress([&] { ++told; });
  PartitionTable partitions(context.store, flusher);
  partitions.refresh();
  const auto partition = partitions.find("t", 0);
  const ByteBuffer batch = batch_of({std::string(limits::MiB, 'v')}, now);
  const auto append = [&](std::size_t bytes) {
    for (std::size_t sent = 0; sent < bytes; sent += batch.size()) {
      ASSERT_TRUE(partition->append(batch, storage::Origin::client, now, Urgency::later).ok());
    }
    flusher.run_round();
  };
  append(limits::checkpoint_bytes / 2);
  EXPECT_EQ(told, 0);
  append(limits::checkpoint_bytes / 2);
  EXPECT_EQ(told, 1);
  append(limits::checkpoint_bytes / 2);
  EXPECT_EQ(told, 1) << "counted from the last time";
  append(limits::checkpoint_bytes / 2);
  EXPECT_EQ(told, 2);
  pool.stop();
}

/// Appends to several partitions before anybody asks for a sync, with the flusher running.
struct TogetherTest : testing::Test {
  TogetherTest() : pool("flusher-test", 1), flusher(context.store, context.clock, pool) {
    broker.create("t", 6);
    partitions.refresh();
    flusher.start();
  }
  ~TogetherTest() override {
    flusher.stop();
    pool.stop();
  }

  Offset append(PartitionIndex index, Urgency urgency) {
    const auto info = partitions.find("t", index)->append(batch_of({"v"}, now),
                                                          storage::Origin::client, now, urgency);
    return info.value().last_offset + 1;
  }
  /// Waits until all partitions are durable as far as they go now.
  void wait_for_all() {
    for (PartitionIndex index = 0; index < 6; ++index) {
      const auto partition = partitions.find("t", index);
      const Offset end = partition->log().log_end_offset();
      while (partition->log().durable_offset() < end) std::this_thread::yield();
    }
  }

  TestBroker broker;
  Context& context = broker.context();
  ThreadPool pool;
  Flusher flusher;
  PartitionTable partitions{context.store, flusher};
};

TEST_F(TogetherTest, AnnouncedAppendsShareTheRoundThatTheFirstOfThemAsksFor) {
  std::vector<Offset> ends;
  for (PartitionIndex index = 0; index < 6; ++index) {
    ends.push_back(append(index, Urgency::announced));
  }
  for (PartitionIndex index = 0; index < 6; ++index) {
    partitions.find("t", index)->hurry_to(ends[static_cast<std::size_t>(index)]);
  }
  wait_for_all();
  flusher.stop();
  EXPECT_EQ(flusher.counters().rounds.value(), 1U);
  EXPECT_EQ(flusher.counters().syncs.value(), 6U);
}

TEST_F(TogetherTest, AWaitThatTheRunningRoundServesBeginsNoOther) {
  const Offset end = append(0, Urgency::announced);
  flusher.hurry_all();
  wait_for_all();
  partitions.find("t", 0)->hurry_to(end);
  flusher.stop();
  EXPECT_EQ(flusher.counters().rounds.value(), 1U);
}

}  // namespace
}  // namespace horolog::broker
