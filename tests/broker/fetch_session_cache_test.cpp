#include "broker/fetch_session_cache.hpp"

#include <gtest/gtest.h>

#include "protocol/messages/fetch.hpp"

namespace horolog::broker {
namespace {

constexpr MonoNs second = 1'000'000'000;

wire::FetchRequest of_partitions(int count) {
  wire::FetchRequest request;
  auto& topic = request.topics.emplace_back();
  topic.topic = "t";
  for (int i = 0; i < count; ++i) topic.partitions.emplace_back().partition = i;
  return request;
}

TEST(FetchSessionCache, AFullCacheRefusesUntilSomebodyIsIdle) {
  FetchSessionCache cache(2);
  const auto first = cache.create(1, false, 0);
  const auto other = cache.create(1, false, 1 * second);
  first->update(of_partitions(5));
  other->update(of_partitions(5));
  EXPECT_EQ(cache.create(9, false, 100 * second), nullptr);
  first->last_used.store(100 * second);
  EXPECT_EQ(cache.create(1, false, 121 * second), nullptr);
  EXPECT_NE(cache.create(1, false, 122 * second), nullptr);
  EXPECT_TRUE(other->closed.load());
  EXPECT_EQ(cache.find(other->id()), nullptr);
  EXPECT_EQ(cache.find(first->id()), first);
}

TEST(FetchSessionCache, AnOldSmallSessionGivesWayToALargerOne) {
  FetchSessionCache cache(2);
  const auto small = cache.create(1, false, 0);
  const auto large = cache.create(1, false, 0);
  small->update(of_partitions(3));
  large->update(of_partitions(9));
  const MonoNs now = 121 * second;
  small->last_used.store(now);
  large->last_used.store(now);
  EXPECT_EQ(cache.create(2, false, now), nullptr);
  EXPECT_NE(cache.create(4, false, now), nullptr);
  EXPECT_TRUE(small->closed.load());
  EXPECT_FALSE(large->closed.load());
}

TEST(FetchSessionCache, WithoutSlotsThereAreNoSessions) {
  FetchSessionCache cache(0);
  EXPECT_EQ(cache.create(1, false, 0), nullptr);
}

}  // namespace
}  // namespace horolog::broker
