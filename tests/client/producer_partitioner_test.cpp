#include <array>
#include <map>
#include <random>
#include <string_view>

#include "client/partitioner.hpp"

namespace horolog::client {
namespace {

TEST(Murmur2, AgreesWithJava) {
  // What Kafka's own client answers for these keys, as Java's signed integers.
  const std::map<std::string_view, std::int32_t> known{
      {"21", -973932308},
      {"foobar", -790332482},
      {"a-little-bit-long-string", -985981536},
      {"a-little-bit-longer-string", -1486304829},
      {"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971},
      {"abc", 479470107},
  };
  for (const auto& [key, hash] : known) {
    EXPECT_EQ(static_cast<std::int32_t>(murmur2(as_bytes(key))), hash) << key;
  }
}

TEST(Murmur2, NegativeHashesChooseAPartitionToo) {
  // -973932308 without its sign bit is 1173551340.
  EXPECT_EQ(partition_of_key(as_bytes("21"), 7), 1173551340 % 7);
  EXPECT_EQ(partition_of_key(as_bytes("abc"), 16), 479470107 % 16);
  EXPECT_EQ(partition_of_key({}, 1), 0);
}

TEST(StickyPartition, StaysUntilItsShareIsFullThenLeaves) {
  StickyPartition sticky;
  const PartitionIndex first = sticky.current(3, 1);
  EXPECT_EQ(first, 1);
  sticky.appended(60, 100);
  EXPECT_EQ(sticky.current(3, 2), first);
  sticky.appended(60, 100);
  EXPECT_TRUE(sticky.must_choose());
  EXPECT_NE(sticky.current(3, 2), first);
}

TEST(StickyPartition, AnEndedBatchOfAnotherPartitionChangesNothing) {
  StickyPartition sticky;
  ASSERT_EQ(sticky.current(4, 2), 2);
  sticky.batch_ended(3);
  EXPECT_FALSE(sticky.must_choose());
  sticky.batch_ended(2);
  EXPECT_TRUE(sticky.must_choose());
}

TEST(StickyPartition, EveryPartitionIsChosenAsOften) {
  StickyPartition sticky;
  std::array<int, 4> chosen{};
  std::mt19937_64 random(20260726);
  for (int i = 0; i < 40'000; ++i) {
    ++chosen[static_cast<std::size_t>(sticky.current(4, random()))];
    sticky.appended(100, 100);
  }
  for (int times : chosen) EXPECT_NEAR(times, 10'000, 300);
}

TEST(StickyPartition, OnePartitionIsEnoughAndMoreMayCome) {
  StickyPartition sticky;
  EXPECT_EQ(sticky.current(1, 5), 0);
  sticky.batch_ended(0);
  EXPECT_EQ(sticky.current(1, 5), 0);
  sticky.batch_ended(0);
  EXPECT_EQ(sticky.current(2, 5), 1);
}

}  // namespace
}  // namespace horolog::client
