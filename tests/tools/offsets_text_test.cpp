// Offsets as people and files write them: CSV and selections of partitions.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tools/offsets_csv.hpp"
#include "tools/partition_selection.hpp"

namespace horolog::command {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(OffsetsCsv, KafkasTwoFormsAndRpks) {
  const std::vector<CsvOffset> one{{"", {"orders", 0}, 5}, {"", {"a.b-c", 12}, 7}};
  EXPECT_EQ(*parse_offsets_csv("orders,0,5\na.b-c,12,7\n", "f"), one);
  EXPECT_EQ(*parse_offsets_csv("orders 0 5\r\na.b-c\t12\t7", "f"), one);
  EXPECT_EQ(*parse_offsets_csv("\"orders\",0,5\n# more\n\na.b-c,12,7", "f"), one);
  EXPECT_EQ(*parse_offsets_csv("topic,partition,offset\norders,0,5\na.b-c,12,7", "f"), one);
  const std::vector<CsvOffset> several{{"g", {"orders", 0}, 5}};
  EXPECT_EQ(*parse_offsets_csv("g,orders,0,5\n", "f"), several);
  EXPECT_EQ(format_offsets_csv(one), "orders,0,5\na.b-c,12,7\n");
  EXPECT_EQ(format_offsets_csv(several), "g,orders,0,5\n");
}

TEST(OffsetsCsv, MistakesNameTheLine) {
  for (const char* bad : {"orders,0,5\norders,x,5", "orders,0,5\norders,0", "a,0,1\nb,-1,5",
                          "a,0,1\nb,0,-5", "a,0,1\nb,99999999999,1", "a,0,1\n,0,1"}) {
    EXPECT_THAT(parse_offsets_csv(bad, "plan.csv").error().message(), HasSubstr("plan.csv:2:"))
        << bad;
  }
}

TEST(PartitionSelection, TopicsAndRanges) {
  EXPECT_EQ(parse_selection("orders")->topic, "orders");
  EXPECT_TRUE(parse_selection("orders")->contains(99));
  const auto some = parse_selection("orders:0,2-4,3");
  EXPECT_THAT(some->partitions, ElementsAre(0, 2, 3, 4));
  EXPECT_FALSE(some->contains(1));
  for (const char* bad : {"", ":0", "orders:", "orders:x", "orders:4-2", "orders:-1",
                          "orders:0-999999999"}) {
    EXPECT_FALSE(parse_selection(bad).ok()) << bad;
  }
}

}  // namespace
}  // namespace horolog::command
