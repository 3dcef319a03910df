#include "protocol/group_partition.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace horolog::wire {
namespace {

// The expected values were printed by Java.
TEST(GroupPartition, JavaStringHash) {
  EXPECT_EQ(java_string_hash(""), 0);
  EXPECT_EQ(java_string_hash("a"), 97);
  EXPECT_EQ(java_string_hash("my-group"), -1906497762);
  EXPECT_EQ(java_string_hash("console-consumer-1"), 35782224);
  EXPECT_EQ(java_string_hash("größe"), 98762257);
  EXPECT_EQ(java_string_hash("グループ"), 383750870);
  EXPECT_EQ(java_string_hash("🕐 clock"), 1138649697);
  EXPECT_EQ(java_string_hash("polygenelubricants"), std::numeric_limits<std::int32_t>::min());
}

TEST(GroupPartition, AbsoluteValueModuloPartitions) {
  EXPECT_EQ(partition_of_group("a", 4), 1);
  EXPECT_EQ(partition_of_group("polygenelubricants", 4), 0);
  // -1331544349: its absolute value gives 1; its lower 31 bits would give 3.
  EXPECT_EQ(partition_of_group("x-group-99", 4), 1);
}

}  // namespace
}  // namespace horolog::wire
