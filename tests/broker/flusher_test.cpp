#include "broker/flusher.hpp"

#include <gtest/gtest.h>

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
      ASSERT_TRUE(partition->append(batch, storage::Origin::client, now, false).ok());
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

}  // namespace
}  // namespace horolog::broker
