#include <gmock/gmock.h>

#include "rig.hpp"
#include "scheduler/transaction_batches.hpp"

/// Fires that their target never takes.
namespace horolog::scheduler::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// Payloads of "huge" are refused.
std::optional<std::string> refuse_huge(const Fire& fire) {
  if (fire.record.value != "huge") return std::nullopt;
  return "too large";
}

const Fields every_second{{"horolog-topic", "t"}, {"horolog-every", "1s"}};

TEST(RefusalTest, a_fire_that_is_refused_is_named_and_the_others_of_its_target_fire) {
  Rig rig;
  rig.context.refusal = refuse_huge;
  rig.send("a", every_second, "huge");
  rig.send("b", every_second);
  rig.run_until(noon + 2 * second);
  EXPECT_THAT(rig.nominal_times(), ElementsAre(noon + second, noon + 2 * second));
  const auto skipped = rig.runs_of(event::skipped);
  ASSERT_EQ(skipped.size(), 2U);
  EXPECT_EQ(skipped[0].schedule, "a");
  EXPECT_EQ(skipped[0].nominal_ms, noon + second);
  EXPECT_EQ(skipped[0].target, "t");
  EXPECT_EQ(skipped[0].reason, "too large");
  EXPECT_EQ(skipped[0].fire_id, fire_id("a", 0, noon + second));
  EXPECT_EQ(rig.runs_of(event::fired).size(), 2U);
}

TEST(RefusalTest, a_one_shot_is_over_and_a_limit_is_used_up) {
  Rig rig;
  rig.context.refusal = refuse_huge;
  rig.send("once", {{"horolog-topic", "t"}, {"horolog-delay", "1s"}}, "huge");
  auto limited = every_second;
  limited.emplace_back("horolog-limit", "3");
  rig.send("thrice", limited, "huge");
  rig.run_until(noon + 5 * second);
  EXPECT_EQ(rig.runs_of(event::skipped).size(), 4U);
  EXPECT_EQ(rig.state.definitions(), 0U);
}

TEST(RefusalTest, it_leaves_no_run_open) {
  Rig rig;
  rig.context.refusal = refuse_huge;
  auto fields = every_second;
  fields.emplace_back("horolog-overlap", "skip");
  rig.send("k", fields, "huge");
  rig.run_until(noon + second);
  EXPECT_EQ(rig.state.open_runs(), 0U);
  rig.send("k", fields, "small");
  rig.run_until(noon + 2 * second);
  EXPECT_EQ(rig.fires.size(), 1U);
}

TEST(RefusalTest, a_retry_that_is_refused_is_dead) {
  Rig rig;
  rig.context.refusal = refuse_huge;
  const std::string id = fire_id("k", 0, noon);
  rig.send("retry:" + id + ":2",
           {{"horolog-topic", "t"}, {"horolog-delay", "1s"}, {"horolog-fire-id", id},
            {"horolog-attempt", "2"}, {"horolog-schedule", "k"}}, "huge");
  rig.run_until(noon + second);
  const auto dead = rig.runs_of(event::dead);
  ASSERT_EQ(dead.size(), 1U);
  EXPECT_EQ(dead[0].schedule, "k");
  EXPECT_EQ(dead[0].fire_id, id);
  EXPECT_EQ(dead[0].attempt, 2);
}

TEST(RefusalTest, what_a_batch_of_one_record_takes_decides_to_the_byte) {
  const Fire fire{.topic = "t",
                  .partition = 0,
                  .record = {"k", std::string(300, 'x'), {{"h", "v"}, {"n", std::nullopt}}},
                  .schedule = "k"};
  const auto bytes = build_batch({1, {&fire.record}}, {.transactional = true}, noon);
  ASSERT_TRUE(bytes);
  ASSERT_LT(bytes->size(), batch_bytes_of(fire.record)) << "the estimate is not an upper bound";
  EXPECT_EQ(why_refused(fire, {1, bytes->size()}), std::nullopt);
  const auto why = why_refused(fire, {1, bytes->size() - 1});
  ASSERT_TRUE(why);
  EXPECT_THAT(*why, HasSubstr("too large"));
  EXPECT_THAT(*why, HasSubstr("max.message.bytes"));
}

TEST(RefusalTest, a_compacted_target_takes_no_records_without_keys) {
  Fire fire{.topic = "t", .partition = 0, .record = {{}, "v", {}}, .schedule = "k"};
  EXPECT_EQ(why_refused(fire, {1, 1'000}), std::nullopt);
  EXPECT_EQ(why_refused(fire, {1, 1'000, true}),
            "its record has no key (horolog-key), and t is compacted");
  fire.record.key = "";
  EXPECT_EQ(why_refused(fire, {1, 1'000, true}), std::nullopt);
}

TEST(RefusalTest, a_partition_that_is_not_there) {
  const Fire fire{.topic = "t", .partition = 3, .record = {"k", "v", {}}, .schedule = "k"};
  EXPECT_EQ(why_refused(fire, {4, 1'000}), std::nullopt);
  EXPECT_EQ(why_refused(fire, {3, 1'000}), "t has 3 partitions: there is no partition 3");
}

}  // namespace
}  // namespace horolog::scheduler::testing
