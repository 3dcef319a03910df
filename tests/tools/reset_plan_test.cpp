#include "tools/reset_plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace horolog::command {
namespace {

using testing::HasSubstr;
using Kind = ResetTarget::Kind;

constexpr TimestampMs now = 1'769'850'000'000;

PartitionState state(std::optional<Offset> committed, Offset start = 100, Offset end = 200,
                     std::optional<Offset> at_time = std::nullopt) {
  return {{"orders", 0}, committed, start, end, at_time};
}

PlannedMove plan(std::string_view to, const PartitionState& at) {
  return plan_reset(*parse_reset_target(to, now), {at}, {}).value().at(0);
}

TEST(ResetTarget, EverySpelling) {
  EXPECT_EQ(parse_reset_target("earliest", now)->kind, Kind::earliest);
  EXPECT_EQ(parse_reset_target("latest", now)->kind, Kind::latest);
  EXPECT_EQ(parse_reset_target("current", now)->kind, Kind::current);
  EXPECT_EQ(parse_reset_target("1234", now)->number, 1234);
  EXPECT_EQ(parse_reset_target("1234", now)->kind, Kind::offset);
  EXPECT_EQ(parse_reset_target("+100", now)->number, 100);
  EXPECT_EQ(parse_reset_target("-100", now)->number, -100);
  EXPECT_EQ(parse_reset_target("-100", now)->kind, Kind::shift);
  EXPECT_EQ(parse_reset_target("@-2h", now)->time, now - 7'200'000);
  EXPECT_EQ(parse_reset_target("@2026-01-31T10:00:00+01:00", now)->time, now);
  EXPECT_TRUE(parse_reset_target("@2026-01-31T10:00", now)->zone_assumed);
  for (const char* bad : {"", "soon", "@", "@yesterday", "1.5", "++1"}) {
    EXPECT_FALSE(parse_reset_target(bad, now).ok()) << bad;
  }
}

TEST(ResetPlan, WhereToAndWhatItMeans) {
  EXPECT_EQ(plan("earliest", state(150)).target, 100);
  EXPECT_EQ(plan("earliest", state(150)).effect(), "replays 50 records");
  EXPECT_EQ(plan("latest", state(150)).effect(), "skips 50 records");
  EXPECT_EQ(plan("current", state(150)).effect(), "stays");
  EXPECT_EQ(plan("-10", state(150)).target, 140);
  EXPECT_EQ(plan("-10", state(150)).delta(), -10);
  EXPECT_EQ(plan("+10", state(150)).target, 160);
  EXPECT_EQ(plan("170", state(150)).target, 170);
  EXPECT_EQ(plan("170", state(std::nullopt)).effect(), "starts 30 records before the end");
  EXPECT_EQ(plan("170", state(std::nullopt)).delta(), std::nullopt);
  // What retention removed is not skipped: nobody could have read it.
  EXPECT_EQ(plan("110", state(50)).effect(), "skips 10 records");
}

TEST(ResetPlan, ClampsToTheLogAndSaysSo) {
  EXPECT_EQ(plan("5", state(150)).target, 100);
  EXPECT_TRUE(plan("5", state(150)).clamped);
  EXPECT_EQ(plan("+1000", state(150)).target, 200);
  EXPECT_FALSE(plan("200", state(150)).clamped);
  const std::string most = std::to_string(std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(plan("+" + most, state(150)).target, 200);
  const auto refused = plan_reset(*parse_reset_target("5", now), {state(150)}, {.clamp = false});
  EXPECT_EQ(refused.error().code(), Errc::out_of_range);
  EXPECT_THAT(refused.error().message(), HasSubstr("has 100 to 200"));
}

TEST(ResetPlan, ByTime) {
  EXPECT_EQ(plan("@-2h", state(150, 100, 200, 120)).target, 120);
  const PlannedMove late = plan("@now", state(150));
  EXPECT_EQ(late.target, 200);
  EXPECT_TRUE(late.no_later_record);
}

TEST(ResetPlan, AShiftNeedsACommittedOffset) {
  for (const char* to : {"+1", "-1", "current"}) {
    const auto refused = plan_reset(*parse_reset_target(to, now), {state(std::nullopt)}, {});
    ASSERT_FALSE(refused.ok()) << to;
    EXPECT_THAT(refused.error().message(), HasSubstr("orders-0"));
  }
}

TEST(ResetPlan, ExplicitOffsetsMoveWhatTheyName) {
  ResetTarget target{.kind = Kind::explicit_offsets, .offsets = {{{"orders", 1}, 150}}};
  PartitionState other = state(120);
  other.id.partition = 1;
  const auto moves = plan_reset(target, {state(110), other}, {}).value();
  ASSERT_EQ(moves.size(), 1U);
  EXPECT_EQ(moves[0].id.partition, 1);
  EXPECT_EQ(moves[0].target, 150);
}

}  // namespace
}  // namespace horolog::command
