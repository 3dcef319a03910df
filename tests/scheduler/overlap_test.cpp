#include <gmock/gmock.h>

#include "rig.hpp"

namespace horolog::scheduler::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Fields overlapping(const std::string& policy) {
  return {{"horolog-topic", "t"}, {"horolog-every", "1s"}, {"horolog-overlap", policy}};
}

std::string id_of(const Rig& rig, std::size_t fire) {
  return Rig::out(rig.fires.at(fire), header::fire_id);
}

TEST(OverlapTest, allow_fires_beside_open_runs) {
  Rig rig;
  rig.send("k", overlapping("allow"));
  rig.run_until(noon + 3 * second);
  EXPECT_EQ(rig.fires.size(), 3U);
}

TEST(OverlapTest, skip_drops_what_is_due_while_a_run_is_open) {
  Rig rig;
  rig.send("k", overlapping("skip"));
  rig.run_until(noon + 3 * second);
  EXPECT_EQ(rig.fires.size(), 1U);
  EXPECT_EQ(rig.runs_of(event::skipped).size(), 2U);
  rig.complete(id_of(rig, 0));
  rig.run_until(noon + 4 * second);
  EXPECT_THAT(rig.nominal_times(), ElementsAre(noon + second, noon + 4 * second));
}

TEST(OverlapTest, buffer_one_keeps_the_first_and_counts_the_others_as_overrun) {
  Rig rig;
  rig.send("k", overlapping("buffer-one"));
  rig.run_until(noon + 4 * second);
  EXPECT_EQ(rig.fires.size(), 1U);
  EXPECT_EQ(rig.runs_of(event::overrun).size(), 2U);
  rig.complete(id_of(rig, 0), event::dead);
  EXPECT_EQ(rig.tick(), 1U);
  EXPECT_THAT(rig.nominal_times(), ElementsAre(noon + second, noon + 2 * second));
}

TEST(OverlapTest, buffer_all_keeps_each_up_to_a_thousand) {
  Rig rig;
  rig.send("k", overlapping("buffer-all"));
  rig.run_until(noon + 1'003 * second);
  EXPECT_EQ(rig.fires.size(), 1U);
  EXPECT_EQ(rig.runs_of(event::overrun).size(), 2U);
  rig.complete(id_of(rig, 0));
  EXPECT_EQ(rig.tick(), 1U);
  rig.complete(id_of(rig, 1));
  EXPECT_EQ(rig.tick(), 1U);
  EXPECT_THAT(rig.nominal_times(),
              ElementsAre(noon + second, noon + 2 * second, noon + 3 * second));
}

TEST(OverlapTest, cancel_other_asks_the_open_one_to_stop_and_keeps_the_newest) {
  Rig rig;
  rig.send("k", overlapping("cancel-other"));
  rig.run_until(noon + 3 * second);
  EXPECT_EQ(rig.fires.size(), 1U);
  ASSERT_EQ(rig.runs_of(event::cancel_requested).size(), 1U);
  EXPECT_EQ(rig.runs_of(event::cancel_requested)[0].fire_id, id_of(rig, 0));
  EXPECT_EQ(rig.runs_of(event::skipped).size(), 1U);
  rig.complete(id_of(rig, 0), event::stopped);
  EXPECT_EQ(rig.tick(), 1U);
  EXPECT_THAT(rig.nominal_times(), ElementsAre(noon + second, noon + 3 * second));
}

TEST(OverlapTest, an_attempt_that_failed_does_not_end_the_run) {
  Rig rig;
  rig.send("k", overlapping("skip"));
  rig.run_until(noon + second);
  rig.complete(id_of(rig, 0), event::started);
  rig.complete(id_of(rig, 0), event::failed);
  rig.run_until(noon + 2 * second);
  EXPECT_EQ(rig.fires.size(), 1U);
}

TEST(OverlapTest, a_completion_counts_once_and_only_for_its_own_fire) {
  Rig rig;
  rig.send("k", overlapping("buffer-all"));
  rig.run_until(noon + 3 * second);
  rig.complete("somebody else's");
  rig.complete(id_of(rig, 0));
  rig.complete(id_of(rig, 0));
  EXPECT_EQ(rig.tick(), 1U);
}

TEST(OverlapTest, the_timeout_frees_the_place_of_a_lost_task) {
  Rig rig;
  auto fields = overlapping("skip");
  fields.emplace_back("horolog-timeout", "2500ms");
  rig.send("k", fields);
  rig.run_until(noon + 4 * second);
  EXPECT_EQ(rig.runs_of(event::timed_out).size(), 1U);
  EXPECT_THAT(rig.nominal_times(), ElementsAre(noon + second, noon + 4 * second));
}

TEST(OverlapTest, waiting_fires_of_a_replaced_definition_are_named) {
  Rig rig;
  rig.send("k", overlapping("buffer-all"));
  rig.run_until(noon + 3 * second);
  rig.send("k", overlapping("allow"));
  EXPECT_EQ(rig.runs_of(event::skipped).size(), 2U);
  rig.run_until(noon + 4 * second);
  EXPECT_THAT(rig.nominal_times(), ElementsAre(noon + second, noon + 4 * second));
}

TEST(OverlapTest, the_last_waiting_fire_of_an_ended_rule_still_fires) {
  Rig rig;
  auto fields = overlapping("buffer-all");
  fields.emplace_back("horolog-limit", "2");
  rig.send("k", fields);
  rig.run_until(noon + 9 * second);
  EXPECT_EQ(rig.fires.size(), 1U);
  rig.complete(id_of(rig, 0));
  EXPECT_EQ(rig.tick(), 1U);
  EXPECT_EQ(rig.state.definitions(), 0U);
}

}  // namespace
}  // namespace horolog::scheduler::testing
