#include <gmock/gmock.h>

#include "rig.hpp"

namespace horolog::scheduler::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const Fields every_second{{"horolog-topic", "t"}, {"horolog-every", "1s"}};

Fields with(Fields fields, const std::string& name, const std::string& value) {
  fields.emplace_back(name, value);
  return fields;
}

TEST(FireTest, a_one_shot_fires_once_and_is_gone) {
  Rig rig;
  ASSERT_TRUE(rig.send("k", {{"horolog-topic", "t"}, {"horolog-delay", "15m"}}));
  rig.now += 15 * minute - 1;
  EXPECT_EQ(rig.tick(), 0U);
  rig.now += 1;
  EXPECT_EQ(rig.tick(), 1U);
  EXPECT_EQ(rig.state.find("k"), nullptr);
  EXPECT_EQ(rig.state.definitions(), 0U);
  rig.now += hour;
  EXPECT_EQ(rig.tick(), 0U);
}

TEST(FireTest, the_fired_record_carries_payload_and_headers) {
  Rig rig;
  rig.send("k", {{"horolog-topic", "t"},
                 {"traceparent", "00-1"},
                 {"horolog-at", std::to_string(noon + second)},
                 {"horolog-key", "eu"},
                 {"horolog-partition", "3"},
                 {"horolog-max-attempts", "5"},
                 {"horolog-labels", "a=b"}});
  rig.now += second + 5;
  ASSERT_EQ(rig.tick(), 1U);
  const Fire& fire = rig.fires[0];
  EXPECT_EQ(fire.topic, "t");
  EXPECT_EQ(fire.partition, 3);
  EXPECT_EQ(fire.record.key, "eu");
  EXPECT_EQ(fire.record.value, "payload");
  EXPECT_EQ(fire.record.headers.front(), (Header{"traceparent", "00-1"}));
  EXPECT_EQ(Rig::out(fire, "horolog-max-attempts"), "5");
  EXPECT_EQ(Rig::out(fire, "horolog-labels"), "(none)");
  EXPECT_EQ(Rig::out(fire, "horolog-topic"), "(none)");
  EXPECT_EQ(Rig::out(fire, "horolog-schedule"), "k");
  EXPECT_EQ(Rig::out(fire, "horolog-generation"), "0");
  EXPECT_EQ(Rig::out(fire, "horolog-nominal-time"), std::to_string(noon + second));
  EXPECT_EQ(Rig::out(fire, "horolog-fired-time"), std::to_string(rig.now));
  EXPECT_EQ(Rig::out(fire, "horolog-trigger"), "time");
  EXPECT_EQ(Rig::out(fire, "horolog-missed"), "0");
  EXPECT_EQ(Rig::out(fire, "horolog-attempt"), "1");
  EXPECT_EQ(Rig::out(fire, "horolog-fire-id"), fire_id("k", 0, noon + second));
  ASSERT_EQ(rig.runs_of(event::fired).size(), 1U);
  EXPECT_EQ(rig.runs_of(event::fired)[0].fire_id, fire_id("k", 0, noon + second));
}

TEST(FireTest, slow_ticks_lose_no_nominal_time) {
  Rig rig;
  rig.send("k", every_second);
  rig.run_until(noon + 10 * second, 3'500);
  EXPECT_EQ(rig.fires.size(), 10U);
  EXPECT_THAT(rig.runs_of(event::missed), IsEmpty());
}

TEST(FireTest, a_clock_that_steps_back_repeats_nothing) {
  Rig rig;
  rig.send("k", every_second);
  rig.run_until(noon + 3 * second);
  rig.now -= hour;
  rig.run_until(noon + 4 * second, 10 * minute);
  EXPECT_THAT(rig.nominal_times(), ElementsAre(noon + second, noon + 2 * second,
                                               noon + 3 * second, noon + 4 * second));
}

TEST(FireTest, a_replacement_keeps_the_cursor) {
  Rig rig;
  rig.send("k", every_second);
  rig.run_until(noon + 2 * second);
  rig.send("k", every_second, "other");
  rig.run_until(noon + 3 * second);
  EXPECT_THAT(rig.nominal_times(),
              ElementsAre(noon + second, noon + 2 * second, noon + 3 * second));
  EXPECT_EQ(Rig::out(rig.fires.back(), header::generation), "1");
  EXPECT_EQ(rig.fires.back().record.value, "other");
}

TEST(FireTest, a_cancel_ends_it_and_a_new_one_has_a_new_generation) {
  Rig rig;
  rig.send("k", every_second);
  rig.run_until(noon + second);
  rig.cancel("k");
  rig.run_until(noon + 3 * second);
  EXPECT_EQ(rig.fires.size(), 1U);
  rig.send("k", every_second);
  rig.run_until(noon + 4 * second);
  EXPECT_EQ(Rig::out(rig.fires.back(), header::generation), "2");
}

TEST(FireTest, what_a_cancel_or_replacement_came_before_is_named) {
  Rig rig;
  rig.send("k", every_second);
  rig.now += 3 * second + 1;
  rig.cancel("k");
  ASSERT_EQ(rig.runs_of(event::skipped).size(), 1U);
  const RunRecord run = rig.runs_of(event::skipped)[0];
  EXPECT_EQ(run.nominal_ms, noon + second);
  EXPECT_EQ(run.until_ms, noon + 3 * second);
  EXPECT_EQ(run.count, 3);
  EXPECT_EQ(rig.tick(), 0U);
}

TEST(FireTest, what_is_due_at_the_instant_of_a_replacement_is_named) {
  Rig rig;
  rig.send("k", every_second);
  rig.run_until(noon + second);
  rig.now += second;
  rig.send("k", every_second, "other");
  ASSERT_EQ(rig.runs_of(event::skipped).size(), 1U);
  EXPECT_EQ(rig.runs_of(event::skipped)[0].nominal_ms, noon + 2 * second);
  rig.run_until(noon + 3 * second);
  EXPECT_THAT(rig.nominal_times(), ElementsAre(noon + second, noon + 3 * second));
}

TEST(FireTest, what_jitter_holds_back_is_named_when_it_is_replaced) {
  Rig rig;
  // A key whose jitter at that time is not zero.
  rig.send("k", with({{"horolog-topic", "t"}, {"horolog-every", "1h"}}, "horolog-jitter", "50m"));
  rig.now += hour;
  ASSERT_EQ(rig.tick(), 0U);
  rig.send("k", {{"horolog-topic", "t"}, {"horolog-every", "1h"}});
  ASSERT_EQ(rig.runs_of(event::skipped).size(), 1U);
  EXPECT_EQ(rig.runs_of(event::skipped)[0].nominal_ms, noon + hour);
}

TEST(FireTest, what_fell_in_a_pause_is_named_also_by_a_cancel_or_a_replacement) {
  for (const bool cancelled : {true, false}) {
    Rig rig;
    rig.send("k", every_second);
    rig.run_until(noon + second);
    rig.send("k", {{"horolog-action", "pause"}});
    rig.run_until(noon + 3 * second);
    cancelled ? rig.cancel("k") : rig.send("k", every_second, "other");
    ASSERT_EQ(rig.runs_of(event::skipped).size(), 1U) << cancelled;
    EXPECT_EQ(rig.runs_of(event::skipped)[0].nominal_ms, noon + 2 * second);
    EXPECT_EQ(rig.runs_of(event::skipped)[0].until_ms, noon + 3 * second);
  }
}

TEST(FireTest, limit_and_end_end_it) {
  Rig rig;
  rig.send("limit", with(every_second, "horolog-limit", "2"));
  rig.send("end", with(every_second, "horolog-end", std::to_string(noon + 3 * second)));
  rig.run_until(noon + 9 * second);
  EXPECT_EQ(rig.fires.size(), 5U);
  EXPECT_EQ(rig.state.definitions(), 0U);
}

TEST(FireTest, a_rule_that_never_fires_is_rejected) {
  Rig rig;
  EXPECT_FALSE(rig.send("k", with(every_second, "horolog-end", "5")));
  EXPECT_THAT(rig.last_reason(), HasSubstr("never fires"));
  EXPECT_EQ(rig.runs.back().event, event::rejected);
  EXPECT_EQ(rig.runs.back().origin, (Origin{0, 0, noon}));
}

TEST(FireTest, an_at_in_the_past_fires_within_the_window_only) {
  Rig rig;
  EXPECT_TRUE(rig.send("near", {{"horolog-topic", "t"},
                                {"horolog-at", std::to_string(noon - hour)}}));
  EXPECT_FALSE(rig.send("far", {{"horolog-topic", "t"},
                                {"horolog-at", std::to_string(noon - 25 * hour)}}));
  EXPECT_THAT(rig.last_reason(), HasSubstr("catch-up window"));
  EXPECT_EQ(rig.tick(), 1U);
  EXPECT_EQ(Rig::out(rig.fires[0], header::trigger), "catch-up");
}

TEST(CatchUpTest, latest_fires_one_that_carries_the_missed_count) {
  Rig rig;
  rig.send("k", every_second);
  rig.down_until(noon + 10 * second);
  EXPECT_EQ(rig.tick(), 1U);
  EXPECT_THAT(rig.nominal_times(), ElementsAre(noon + 10 * second));
  EXPECT_EQ(Rig::out(rig.fires[0], header::missed), "9");
  EXPECT_EQ(Rig::out(rig.fires[0], header::trigger), "catch-up");
  const RunRecord missed = rig.runs_of(event::missed).at(0);
  EXPECT_EQ(missed.nominal_ms, noon + second);
  EXPECT_EQ(missed.until_ms, noon + 9 * second);
  EXPECT_EQ(missed.count, 9);
  rig.run_until(noon + 11 * second);
  EXPECT_EQ(Rig::out(rig.fires.back(), header::trigger), "time");
  EXPECT_EQ(Rig::out(rig.fires.back(), header::missed), "0");
}

TEST(CatchUpTest, latest_counts_more_times_than_one_step_looks_at) {
  Rig rig;
  rig.send("k", every_second);
  rig.down_until(noon + 12 * hour);
  EXPECT_EQ(rig.tick(), 1U);
  EXPECT_EQ(Rig::out(rig.fires[0], header::missed), std::to_string(12 * 3600 - 1));
  EXPECT_EQ(rig.nominal_times().back(), noon + 12 * hour);
}

TEST(CatchUpTest, none_fires_none) {
  Rig rig;
  rig.send("k", with(every_second, "horolog-catch-up", "none"));
  rig.down_until(noon + 10 * second);
  EXPECT_EQ(rig.tick(), 0U);
  EXPECT_EQ(rig.runs_of(event::missed).at(0).count, 10);
  rig.run_until(noon + 11 * second);
  EXPECT_THAT(rig.nominal_times(), ElementsAre(noon + 11 * second));
}

TEST(CatchUpTest, all_fires_each_oldest_first_across_schedules) {
  Rig rig;
  rig.most_fires = 4;
  rig.send("a", with(every_second, "horolog-catch-up", "all"));
  rig.send("b", with(every_second, "horolog-catch-up", "all"));
  rig.down_until(noon + 5 * second);
  EXPECT_EQ(rig.tick(), 10U);
  const auto times = rig.nominal_times();
  EXPECT_TRUE(std::is_sorted(times.begin(), times.end()));
}

TEST(CatchUpTest, the_window_bounds_it) {
  Rig rig;
  auto fields = with(every_second, "horolog-catch-up", "all");
  rig.send("k", with(fields, "horolog-catch-up-window", "3s"));
  rig.down_until(noon + 10 * second);
  rig.tick();
  EXPECT_THAT(rig.nominal_times(), ElementsAre(noon + 7 * second, noon + 8 * second,
                                               noon + 9 * second, noon + 10 * second));
  EXPECT_EQ(rig.runs_of(event::missed).at(0).count, 6);
}

TEST(PauseTest, what_fell_in_the_pause_is_not_caught_up) {
  Rig rig;
  rig.send("k", every_second);
  rig.run_until(noon + second);
  EXPECT_TRUE(rig.send("k", {{"horolog-action", "pause"}}));
  rig.run_until(noon + 5 * second);
  rig.send("k", {{"horolog-action", "resume"}});
  rig.run_until(noon + 6 * second);
  EXPECT_THAT(rig.nominal_times(), ElementsAre(noon + second, noon + 6 * second));
  EXPECT_EQ(rig.runs_of(event::skipped).at(0).count, 4);
  EXPECT_THAT(*rig.runs_of(event::skipped).at(0).reason, HasSubstr("pause"));
}

TEST(PauseTest, it_is_caught_up_on_resume_when_asked_for) {
  Rig rig;
  rig.send("k", with(every_second, "horolog-catch-up-on-resume", "true"));
  rig.run_until(noon + second);
  rig.send("k", {{"horolog-action", "pause"}});
  rig.run_until(noon + 5 * second);
  rig.send("k", {{"horolog-action", "resume"}});
  rig.run_until(noon + 6 * second);
  EXPECT_THAT(rig.nominal_times(),
              ElementsAre(noon + second, noon + 5 * second, noon + 6 * second));
  EXPECT_EQ(Rig::out(rig.fires[1], header::missed), "3");
}

TEST(PauseTest, a_one_shot_that_fell_in_it_is_over) {
  Rig rig;
  rig.send("k", {{"horolog-topic", "t"}, {"horolog-delay", "1s"}});
  rig.send("k", {{"horolog-action", "pause"}});
  rig.run_until(noon + 5 * second);
  rig.send("k", {{"horolog-action", "resume"}});
  rig.run_until(noon + 6 * second);
  EXPECT_THAT(rig.fires, IsEmpty());
  EXPECT_EQ(rig.state.definitions(), 0U);
}

TEST(ActionTest, a_trigger_fires_at_once_beside_the_rule) {
  Rig rig;
  rig.send("k", {{"horolog-topic", "t"}, {"horolog-every", "1h"}});
  rig.now += second;
  rig.send("k", {{"horolog-action", "trigger"}});
  rig.send("k", {{"horolog-action", "trigger"}});
  EXPECT_EQ(rig.tick(), 2U);
  EXPECT_EQ(Rig::out(rig.fires[0], header::trigger), "manual");
  EXPECT_NE(Rig::out(rig.fires[0], header::fire_id), Rig::out(rig.fires[1], header::fire_id));
  rig.run_until(noon + hour, minute);
  EXPECT_EQ(rig.nominal_times().back(), noon + hour);
}

TEST(ActionTest, a_backfill_fires_the_range_with_both_ends_and_is_paced) {
  Rig rig;
  rig.send("k", {{"horolog-topic", "t"}, {"horolog-every", "1h"}});
  rig.send("k", {{"horolog-action", "backfill"},
                 {"horolog-from", std::to_string(noon - 300 * hour)},
                 {"horolog-to", std::to_string(noon)}});
  Planner planner(rig.state, rig.context);
  EXPECT_TRUE(planner.due(rig.tick_at()));
  EXPECT_EQ(std::move(planner).finish().fires.size(), 100U);
  EXPECT_EQ(rig.tick(), 301U);
  EXPECT_EQ(rig.nominal_times().front(), noon - 300 * hour);
  EXPECT_EQ(rig.nominal_times().back(), noon);
  EXPECT_EQ(Rig::out(rig.fires[0], header::trigger), "backfill");
  EXPECT_TRUE(rig.state.backfilling().empty());
}

TEST(ActionTest, a_backfill_of_the_future_is_rejected) {
  Rig rig;
  rig.send("k", every_second);
  EXPECT_FALSE(rig.send("k", {{"horolog-action", "backfill"},
                              {"horolog-from", std::to_string(noon)},
                              {"horolog-to", std::to_string(noon + 1)}}));
  EXPECT_THAT(rig.last_reason(), HasSubstr("future"));
}

TEST(ActionTest, an_action_on_nothing_is_rejected) {
  Rig rig;
  for (const char* action : {"pause", "resume", "trigger"}) {
    EXPECT_FALSE(rig.send("k", {{"horolog-action", action}}));
    EXPECT_THAT(rig.last_reason(), HasSubstr("no such schedule"));
  }
}

TEST(GenerationTest, compare_and_set) {
  Rig rig;
  EXPECT_TRUE(rig.send("k", with(every_second, "horolog-if-generation", "-1")));
  EXPECT_FALSE(rig.send("k", with(every_second, "horolog-if-generation", "-1")));
  EXPECT_THAT(rig.last_reason(), HasSubstr("generation is 0"));
  EXPECT_TRUE(rig.send("k", with(every_second, "horolog-if-generation", "0")));
  EXPECT_FALSE(rig.cancel("k", {{"horolog-if-generation", "0"}}));
  EXPECT_TRUE(rig.cancel("k", {{"horolog-if-generation", "2"}}));
}

TEST(TargetTest, a_target_that_is_refused_rejects_the_command_and_keeps_what_was) {
  Rig rig;
  rig.send("k", every_second);
  rig.missing_targets["u"] = "topic 'u' does not exist";
  EXPECT_FALSE(rig.send("k", {{"horolog-topic", "u"}, {"horolog-every", "1s"}}));
  EXPECT_EQ(rig.last_reason(), "topic 'u' does not exist");
  rig.run_until(noon + second);
  EXPECT_EQ(rig.fires.at(0).topic, "t");
}

TEST(TargetTest, a_stalled_target_stalls_no_other) {
  Rig rig;
  rig.send("a", every_second);
  rig.send("b", {{"horolog-topic", "u"}, {"horolog-every", "1s"}});
  rig.stalled = [](const std::string& target) { return target == "u"; };
  rig.run_until(noon + 3 * second);
  EXPECT_EQ(rig.fires.size(), 3U);
  Tick tick = rig.tick_at();
  tick.only_target = "u";
  tick.live_since = rig.now;
  Planner planner(rig.state, rig.context);
  planner.due(tick);
  const Transaction alone = std::move(planner).finish();
  ASSERT_EQ(alone.fires.size(), 1U);
  EXPECT_EQ(alone.fires[0].topic, "u");
  EXPECT_EQ(Rig::out(alone.fires[0], header::missed), "2");
}

TEST(RetryTest, it_keeps_the_fire_it_repeats) {
  Rig rig;
  rig.send("retry:f:2", {{"horolog-topic", "t"},
                         {"horolog-delay", "1s"},
                         {"horolog-fire-id", "f"},
                         {"horolog-attempt", "2"},
                         {"horolog-schedule", "k"},
                         {"horolog-generation", "4"},
                         {"horolog-nominal-time", "17"}});
  rig.down_until(noon + 48 * hour);
  ASSERT_EQ(rig.tick(), 1U);
  EXPECT_EQ(Rig::out(rig.fires[0], header::fire_id), "f");
  EXPECT_EQ(Rig::out(rig.fires[0], header::attempt), "2");
  EXPECT_EQ(Rig::out(rig.fires[0], header::schedule), "k");
  EXPECT_EQ(Rig::out(rig.fires[0], header::nominal_time), "17");
  EXPECT_EQ(Rig::out(rig.fires[0], header::trigger), "retry");
}

TEST(RecoveryTest, the_state_records_alone_give_the_state_again) {
  Rig rig;
  rig.send("k", with(every_second, "horolog-overlap", "buffer-all"));
  rig.send("at", {{"horolog-topic", "t"}, {"horolog-delay", "1h"}, {"x", "y"}});
  rig.run_until(noon + 5 * second);
  const State fresh = rig.recovered();
  ASSERT_EQ(fresh.definitions(), 2U);
  const Status walked = rig.state.for_each([&](const std::string& key, const Entry& entry) {
    const Entry* found = fresh.find(key);
    ASSERT_NE(found, nullptr);
    EXPECT_EQ(found->cursor.to_text(), entry.cursor.to_text());
    EXPECT_EQ(definition_record(*found->definition), definition_record(*entry.definition));
    EXPECT_EQ(found->wake(), entry.wake());
  });
  EXPECT_TRUE(walked.ok());
  EXPECT_EQ(fresh.meta().to_text(), rig.state.meta().to_text());
}

}  // namespace
}  // namespace horolog::scheduler::testing
