// Offsets as people and files write them: CSV, selections of partitions, places in a topic.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tools/offset_spec.hpp"
#include "tools/offsets_csv.hpp"
#include "tools/partition_selection.hpp"

namespace horolog::command {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Kind = OffsetPoint::Kind;

constexpr TimestampMs now = 1'769'850'000'000;

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

TEST(OffsetSpec, EverySpelling) {
  const auto from = [](std::string_view text) { return parse_offset_range(text, now)->from; };
  EXPECT_EQ(from("start").kind, Kind::start);
  EXPECT_EQ(from("beginning").kind, Kind::start);
  EXPECT_EQ(from("end").kind, Kind::end);
  EXPECT_EQ(from("5").number, 5);
  EXPECT_EQ(from("+5").kind, Kind::from_start);
  EXPECT_EQ(from("-5").kind, Kind::from_end);
  EXPECT_EQ(from("-5").number, 5);
  EXPECT_EQ(from("@-1h").number, now - 3'600'000);
  EXPECT_EQ(from("s@1769850000000").number, now);
}

TEST(OffsetSpec, Ranges) {
  const auto range = parse_offset_range("5:10", now);
  EXPECT_EQ(range->from.number, 5);
  EXPECT_EQ(range->to->number, 10);
  EXPECT_EQ(parse_offset_range(":10", now)->from.kind, Kind::start);
  EXPECT_FALSE(parse_offset_range("5:", now)->to.has_value());
  const auto times = parse_offset_range("@2026-01-31T08:00Z:@2026-01-31T09:00Z", now);
  EXPECT_EQ(times->from.number, now - 3'600'000);
  EXPECT_EQ(times->to->number, now);
  OffsetRange kcat = *parse_offset_range("s@1769850000000", now);
  ASSERT_TRUE(add_offset_range(kcat, "e@1769850001000", now));
  EXPECT_EQ(kcat.to->number, now + 1000);
  for (const char* bad : {"", "x", "5:x", "@", "@x:@y"}) {
    EXPECT_FALSE(parse_offset_range(bad, now).ok()) << bad;
  }
}

TEST(OffsetSpec, InALog) {
  const auto at = [](std::string_view text, std::optional<Offset> time = std::nullopt) {
    return resolve(parse_offset_range(text, now)->from, 100, 200, time);
  };
  EXPECT_EQ(at("start"), 100);
  EXPECT_EQ(at("end"), 200);
  EXPECT_EQ(at("5"), 100);
  EXPECT_EQ(at("150"), 150);
  EXPECT_EQ(at("+5"), 105);
  EXPECT_EQ(at("+500"), 200);
  EXPECT_EQ(at("-5"), 195);
  EXPECT_EQ(at("-500"), 100);
  EXPECT_EQ(at("@-1h", 130), 130);
  EXPECT_EQ(at("@-1h"), 200);
}

}  // namespace
}  // namespace horolog::command
