// Where consume starts and ends, and what it prints, as people write it.

#include "tools/offset_spec.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tools/consume_options.hpp"
#include "tools/parser.hpp"

namespace horolog::command {
namespace {

using Kind = OffsetPoint::Kind;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr TimestampMs now = 1'769'850'000'000;  // 2026-01-31T09:00:00Z
constexpr TimestampMs hour = 3'600'000;

TEST(OffsetSpec, EverySpelling) {
  const auto from = [](std::string_view text) { return parse_offset_range(text, now)->from; };
  EXPECT_EQ(from("start").kind, Kind::start);
  EXPECT_EQ(from("beginning").kind, Kind::start);
  EXPECT_EQ(from("end").kind, Kind::end);
  EXPECT_EQ(from("5").number, 5);
  EXPECT_EQ(from("+5").kind, Kind::from_start);
  EXPECT_EQ(from("-5").kind, Kind::from_end);
  EXPECT_EQ(from("-5").number, 5);
  EXPECT_EQ(from("@-1h").number, now - hour);
  EXPECT_EQ(from("@1h").number, now - hour);
  EXPECT_EQ(from("s@1769850000000").number, now);
}

TEST(OffsetSpec, Ranges) {
  const auto range = parse_offset_range("5:10", now);
  EXPECT_EQ(range->from.number, 5);
  EXPECT_EQ(range->to->number, 10);
  EXPECT_EQ(parse_offset_range(":10", now)->from.kind, Kind::start);
  EXPECT_EQ(parse_offset_range(":end", now)->to->kind, Kind::end);
  EXPECT_EQ(parse_offset_range("-10:-5", now)->to->kind, Kind::from_end);
  EXPECT_FALSE(parse_offset_range("5:", now)->to.has_value());
  for (const char* text : {"@2026-01-31T08:00Z:2026-01-31T09:00Z", "@-1h:now",
                           "@2026-01-31T08:00Z:@2026-01-31T09:00Z", "@1769846400:1769850000"}) {
    const auto times = parse_offset_range(text, now);
    ASSERT_TRUE(times.ok()) << text;
    EXPECT_EQ(times->from.number, now - hour) << text;
    ASSERT_TRUE(times->to.has_value()) << text;
    EXPECT_EQ(times->to->number, now) << text;
  }
  EXPECT_EQ(parse_offset_range("@:-1h", now)->to->number, now - hour);
  EXPECT_EQ(parse_offset_range("@-1h:end", now)->to->kind, Kind::end);
  EXPECT_TRUE(parse_offset_range("@2026-01-31T08:00", now)->zone_assumed);
  OffsetRange kcat = *parse_offset_range("s@1769850000000", now);
  ASSERT_TRUE(add_offset_range(kcat, "e@1769850001000", now));
  EXPECT_EQ(kcat.from.number, now);
  EXPECT_EQ(kcat.to->number, now + 1000);
}

TEST(OffsetSpec, ThatAreNone) {
  for (const char* bad : {"", ":", "x", "5:x", "@", "@:", "@x:@y", "s@", "e@x", "++5", "+-5",
                          "5:6:7", "strat"}) {
    const auto range = parse_offset_range(bad, now);
    ASSERT_FALSE(range.ok()) << bad;
    EXPECT_THAT(range.error().message(), HasSubstr("is no place in a topic")) << bad;
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
  EXPECT_EQ(at("250"), 250);
  EXPECT_EQ(at("+5"), 105);
  EXPECT_EQ(at("+500"), 200);
  EXPECT_EQ(at("-5"), 195);
  EXPECT_EQ(at("-500"), 100);
  EXPECT_EQ(at("@-1h", 130), 130);
  EXPECT_EQ(at("@-1h"), 200);
}

TEST(ConsumePrint, NamesAndKafkasProperties) {
  EXPECT_EQ(*template_for_print({"key,value"}), "%k\\t%v\\n");
  EXPECT_EQ(*template_for_print({"value", "offset"}), "%o\\t%v\\n");
  EXPECT_EQ(*template_for_print({"print.key=true"}), "%k\\t%v\\n");
  EXPECT_EQ(*template_for_print({"print.key=true", "key.separator={%"}), "%k%{%%%v\\n");
  EXPECT_EQ(*template_for_print({"print.value=false", "print.headers=true"}),
            "%h{%k=%v }\\n");
  EXPECT_THAT(template_for_print({"kye"}).error().message(), HasSubstr("did you mean 'key'?"));
  EXPECT_THAT(template_for_print({"print.key"}).error().message(), HasSubstr("neither true"));
}

TEST(StreamCommands, SpellingsOfOtherTools) {
  const Invocation consume = parse({"consume", "--topic", "t", "--from-beginning", "--max-messages",
                                    "5", "--property", "print.key=true", "--isolation-level",
                                    "read_committed", "-o", "-10"});
  EXPECT_EQ(consume.error, "");
  EXPECT_THAT(consume.args, ElementsAre("t"));
  EXPECT_THAT(consume.values.at("--offset"), ElementsAre("start", "-10"));
  EXPECT_THAT(consume.values.at("--max"), ElementsAre("5"));
  const Invocation produce = parse({"produce", "--topic", "t", "--request-required-acks", "-1",
                                    "--compression-codec", "zstd", "-p", "-1", "-H", "a=b"});
  EXPECT_EQ(produce.error, "");
  EXPECT_THAT(produce.values.at("--acks"), ElementsAre("-1"));
  EXPECT_THAT(parse({"consume"}).error, HasSubstr("needs TOPIC"));
  EXPECT_THAT(parse({"produce", "t", "-z", "zst"}).error, HasSubstr("did you mean 'zstd'?"));
}

}  // namespace
}  // namespace horolog::command
