#include <gmock/gmock.h>

#include "rig.hpp"
#include "scheduler/assignment.hpp"
#include "scheduler/clock_watch.hpp"
#include "base/json_fields.hpp"
#include "scheduler/run_record.hpp"
#include "scheduler/stalls.hpp"
#include "scheduler/target_table.hpp"
#include "scheduler/transaction_batches.hpp"

namespace horolog::scheduler::testing {
namespace {

using ::testing::HasSubstr;

constexpr MonoNs ms = 1'000'000;

TEST(AssignmentTest, it_is_even_and_keeps_what_a_member_has) {
  const auto first = assign({{"a", {}}}, 8);
  EXPECT_EQ(first.at("a").size(), 8U);
  const auto second = assign({{"a", first.at("a")}, {"b", {}}}, 8);
  EXPECT_EQ(second.at("a"), (Partitions{0, 1, 2, 3}));
  EXPECT_EQ(second.at("b"), (Partitions{4, 5, 6, 7}));
  const auto third = assign({{"a", second.at("a")}, {"b", second.at("b")}, {"c", {}}}, 8);
  Partitions all;
  for (const auto& [member, partitions] : third) {
    EXPECT_GE(partitions.size(), 2U);
    EXPECT_LE(partitions.size(), 3U);
    for (const PartitionIndex p : partitions) EXPECT_TRUE(all.insert(p).second);
  }
  EXPECT_EQ(all.size(), 8U);
}

TEST(AssignmentTest, what_two_members_claim_one_gets) {
  const auto both = assign({{"a", {0, 1, 2, 3}}, {"b", {0, 1, 2, 3}}}, 4);
  EXPECT_EQ(both.at("a"), (Partitions{0, 1}));
  EXPECT_EQ(both.at("b"), (Partitions{2, 3}));
}

TEST(AssignmentTest, it_travels_in_the_consumer_protocol) {
  const Partitions some{1, 5};
  EXPECT_EQ(*decode_subscription(encode_subscription(some)), some);
  EXPECT_EQ(*decode_assignment(encode_assignment(some)), some);
  EXPECT_TRUE(decode_assignment({})->empty());
  EXPECT_FALSE(decode_subscription(as_bytes("\1")).ok());
}

TEST(ClockWatchTest, a_leap_forward_holds_until_it_is_confirmed) {
  ClockWatch watch;
  EXPECT_FALSE(watch.read(noon, 0).held);
  EXPECT_FALSE(watch.read(noon + second, second * ms).held);
  EXPECT_TRUE(watch.read(noon + day, 2 * second * ms).held);
  EXPECT_TRUE(watch.read(noon + day + 4 * second, 6 * second * ms).held);
  const auto seen = watch.read(noon + day + 6 * second, 8 * second * ms);
  EXPECT_FALSE(seen.held);
  EXPECT_TRUE(seen.asleep);
}

TEST(ClockWatchTest, a_glitch_that_goes_away_fires_nothing) {
  ClockWatch watch;
  watch.read(noon, 0);
  EXPECT_TRUE(watch.read(noon + day, second * ms).held);
  EXPECT_FALSE(watch.read(noon + 2 * second, 2 * second * ms).held);
}

TEST(ClockWatchTest, a_small_step_and_a_step_back_hold_nothing) {
  ClockWatch watch;
  watch.read(noon, 0);
  EXPECT_FALSE(watch.read(noon + 9 * minute, second * ms).held);
  EXPECT_FALSE(watch.read(noon - day, 2 * second * ms).held);
}

TEST(ClockWatchTest, a_stopped_process_notices_that_it_slept) {
  ClockWatch watch;
  watch.read(noon, 0);
  EXPECT_FALSE(watch.read(noon + second, second * ms).asleep);
  EXPECT_TRUE(watch.read(noon + hour, hour * ms).asleep);
}

TEST(StallsTest, the_backoff_doubles_to_a_minute) {
  Stalls stalls;
  EXPECT_TRUE(stalls.failed("t", noon));
  EXPECT_EQ(stalls.ready(noon + 999), std::nullopt);
  EXPECT_EQ(stalls.ready(noon + 1'000), "t");
  EXPECT_FALSE(stalls.failed("t", noon));
  EXPECT_EQ(stalls.next_try(), noon + 2'000);
  for (int i = 0; i < 20; ++i) stalls.failed("t", noon);
  EXPECT_EQ(stalls.next_try(), noon + minute);
  stalls.recovered("t");
  EXPECT_TRUE(stalls.empty());
}

TEST(PatternTest, a_star_is_any_text) {
  EXPECT_TRUE(matches_pattern("*", "anything"));
  EXPECT_TRUE(matches_pattern("mail.*", "mail.out"));
  EXPECT_TRUE(matches_pattern("*.eu.*", "a.eu.eu.b"));
  EXPECT_FALSE(matches_pattern("mail.*", "email.out"));
  EXPECT_FALSE(matches_pattern("mail", "mails"));
}

TEST(JsonTest, unknown_fields_are_kept_as_they_came) {
  const std::string text =
      R"({"event":"fired","x":[1,{"y":"\u00fc\"z"}],"n":-5,"f":1.5e3,"t":true,)"
      R"("schedule":"a\n\u20ac"})";
  auto run = RunRecord::parse(text);
  ASSERT_TRUE(run.ok()) << run.error().message();
  EXPECT_EQ(run->schedule, "a\n€");
  const std::string again = *run->to_record().value;
  EXPECT_THAT(again, HasSubstr(R"("x":[1,{"y":"\u00fc\"z"}],"n":-5,"f":1.5e3,"t":true)"));
}

TEST(JsonTest, damage_is_refused_with_the_column) {
  for (const char* text : {"", "{", "{\"a\":}", "{\"a\":1,}", "[]", "{\"a\":1} x", "{a:1}",
                           "{\"a\":\"\\u12\"}", "{\"a\":01x}", "{\"a\":nul}",
                           "{\"a\":\"\\ud800\"}"}) {
    const auto fields = JsonFields::parse(text);
    ASSERT_FALSE(fields.ok()) << text;
    EXPECT_THAT(fields.error().message(), HasSubstr("column"));
  }
  EXPECT_FALSE(JsonFields::parse("{\"a\":" + std::string(100, '[') + "1").ok());
}

TEST(JsonTest, a_cursor_comes_back_whole) {
  Cursor cursor;
  cursor.generation = 7;
  cursor.nominal_ms = noon;
  cursor.base_ms = -5;
  cursor.fired = 3;
  cursor.paused_ms = 9;
  cursor.open = {{"id", 4}};
  cursor.waiting = {{noon, 7, "time", 2}};
  cursor.backfills = {{8, 1, 2}};
  cursor.others.set("future", std::int64_t{1});
  const auto again = Cursor::parse(cursor.to_text());
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->to_text(), cursor.to_text());
  EXPECT_EQ(again->open, cursor.open);
  EXPECT_EQ(again->waiting, cursor.waiting);
  EXPECT_EQ(again->backfills, cursor.backfills);
}

TEST(StateTest, what_a_newer_program_wrote_is_not_fired_blindly) {
  State state;
  EXPECT_FALSE(state.replay({"future:k", "x", {}}).ok());
  EXPECT_FALSE(state.replay({"definition:k", "x", {}}).ok());
  EXPECT_FALSE(state.replay({"meta", "{}", {}}).ok());
}

TEST(TransactionBatchesTest, a_target_gets_no_larger_batch_than_it_takes) {
  Transaction transaction;
  for (int n = 0; n < 40; ++n)
    transaction.fires.push_back({.topic = "t",
                                 .partition = 0,
                                 .record = {"k", std::string(300, 'x'), {}},
                                 .schedule = "k"});
  std::vector<OutRecord> runs;
  std::optional<BadTarget> bad;
  constexpr std::size_t limit = 2'000;
  const auto plan = plan_batches(
      transaction, 0, [&](const std::string&) { return TopicRoom{1, limit}; }, runs, bad);
  ASSERT_TRUE(plan);
  std::int32_t records = 0;
  for (const auto& batch : plan->at({"t", 0}).batches) {
    const auto bytes = build_batch(batch, {}, noon);
    ASSERT_TRUE(bytes);
    EXPECT_LE(bytes->size(), limit);
    records += batch.records;
  }
  EXPECT_EQ(records, 40);
  EXPECT_LT(plan->at({"t", 0}).batches.size(), 12U) << "records are not put together";
}

}  // namespace
}  // namespace horolog::scheduler::testing
