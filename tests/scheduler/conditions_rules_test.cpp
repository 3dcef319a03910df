#include <gmock/gmock.h>

#include "conditions_rig.hpp"

/// Conditions together with times, limits, pauses, replacements and trouble.
namespace horolog::scheduler::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST_F(ConditionsTest, a_time_waits_for_its_conditions) {
  send("k", {{"horolog-when", "record orders"}, {"horolog-every", "1m"}});
  one.run(noon);
  for (int i = 1; i <= 3; ++i) one.run(noon + i * minute);
  EXPECT_THAT(cluster.fires, IsEmpty());
  order(noon + 3 * minute + second);
  one.run(noon + 3 * minute + second);
  ASSERT_EQ(cluster.fires.size(), 1U);
  EXPECT_EQ(Rig::out(cluster.fires[0], header::nominal_time), std::to_string(noon + 3 * minute));
  EXPECT_EQ(Rig::out(cluster.fires[0], header::missed), "2");
  EXPECT_EQ(Rig::out(cluster.fires[0], header::trigger), "time");
  EXPECT_EQ(causes()[0], "record orders/0/0");
  EXPECT_TRUE(std::any_of(cluster.runs.begin(), cluster.runs.end(), [](const RunRecord& run) {
    return run.event == event::skipped && run.count == 2;
  }));
  one.run(noon + 4 * minute);
  EXPECT_EQ(cluster.fires.size(), 1U) << "the record is used up";
  order(noon + 4 * minute + second);
  one.run(noon + 4 * minute + second);
  EXPECT_EQ(cluster.fires.size(), 2U);
}

TEST_F(ConditionsTest, a_level_gates_each_time) {
  cluster.watched.lags[{"g", "orders"}] = 50;
  send("k", {{"horolog-when", "lag g orders above 10"}, {"horolog-every", "1m"}});
  one.run(noon);
  for (int i = 1; i <= 3; ++i) one.run(noon + i * minute);
  EXPECT_EQ(cluster.fires.size(), 3U);
  cluster.watched.lags[{"g", "orders"}] = 0;
  one.run(noon + 3 * minute + 2 * second);
  one.run(noon + 4 * minute);
  EXPECT_EQ(cluster.fires.size(), 3U);
}

TEST_F(ConditionsTest, or_fires_at_either_and_a_single_time_only_once) {
  send("every", {{"horolog-when", "record orders key=a"}, {"horolog-every", "1m"},
                 {"horolog-when-mode", "or"}});
  send("once", {{"horolog-when", "record orders key=b"}, {"horolog-at", std::to_string(noon + day)},
                {"horolog-when-mode", "or"}});
  one.run(noon);
  order(noon + second, "a");
  one.run(noon + second);
  one.run(noon + minute);
  EXPECT_EQ(cluster.fires.size(), 2U);
  order(noon + minute + second, "b");
  order(noon + minute + second, "b");
  one.run(noon + minute + second);
  EXPECT_EQ(cluster.fires.size(), 3U);
  EXPECT_EQ(one.owner.state().definitions(), 1U);
}

TEST_F(ConditionsTest, limit_end_and_pause) {
  send("limited", {{"horolog-when", "record orders"}, {"horolog-limit", "2"}});
  send("ending", {{"horolog-when", "record orders"},
                  {"horolog-end", std::to_string(noon + minute)}});
  send("paused", {{"horolog-when", "record orders"}});
  one.run(noon);
  send("paused", {{"horolog-action", "pause"}});
  one.run(noon);
  for (int i = 0; i < 3; ++i) order(noon + i);
  one.run(noon + second);
  EXPECT_EQ(cluster.fires.size(), 5U);
  one.run(noon + minute + 1);
  EXPECT_EQ(one.owner.state().definitions(), 1U);
  send("paused", {{"horolog-action", "resume"}}, noon + minute + 2);
  one.run(noon + minute + 2);
  EXPECT_EQ(last_reason(), "fell in a pause");
  EXPECT_EQ(cluster.runs.back().count, 3);
  order(noon + minute + 3);
  one.run(noon + minute + 3);
  EXPECT_EQ(cluster.fires.size(), 6U);
}

TEST_F(ConditionsTest, a_replacement_keeps_what_its_conditions_have_seen) {
  send("k", {{"horolog-when", "count orders 3"}});
  one.run(noon);
  order(noon + 1);
  order(noon + 2);
  one.run(noon + 2);
  send("k", {{"horolog-when", "count orders 3"}, {"horolog-key", "new"}}, noon + 3);
  one.run(noon + 3);
  order(noon + 4);
  one.run(noon + 4);
  EXPECT_THAT(causes(), ElementsAre("count orders/0/2 3"));
}

TEST_F(ConditionsTest, a_topic_that_is_not_there) {
  send("k", {{"horolog-when", "silence  gone for 5s"}});
  one.run(noon);
  EXPECT_EQ(cluster.runs.back().event, event::rejected);
  EXPECT_EQ(cluster.runs.back().column, 10);
  EXPECT_THAT(last_reason(), HasSubstr("no topic gone: create it first"));
  one.port.watch.fail_starts = Error(Errc::timed_out, "no broker");
  send("k", {{"horolog-when", "record orders"}});
  EXPECT_EQ(one.owner.tick(noon, {"m", 1}), Ticked::idle);
  EXPECT_EQ(one.owner.next_command(), 1) << "postponed";
  one.port.watch.fail_starts.reset();
  one.run(noon);
  EXPECT_EQ(one.owner.state().definitions(), 1U);
}

TEST_F(ConditionsTest, a_topic_that_is_deleted_stalls_and_is_read_anew_when_it_is_back) {
  send("k", {{"horolog-when", "record orders"}});
  one.run(noon);
  order(noon + 1);
  one.run(noon + 1);
  cluster.watched.topics.erase("orders");
  one.run(noon + 10 * second);
  EXPECT_EQ(cluster.runs.back().event, event::stalled);
  EXPECT_THAT(last_reason(), HasSubstr("conditions on orders wait: no topic orders"));
  const auto stalled = cluster.runs.size();
  one.run(noon + 20 * second);
  EXPECT_EQ(cluster.runs.size(), stalled) << "said once";
  cluster.watched.create("orders", 1);
  one.run(noon + 30 * second);
  order(noon + 31 * second);
  order(noon + 31 * second);
  one.run(noon + 31 * second);
  EXPECT_EQ(cluster.fires.size(), 3U);
}

TEST_F(ConditionsTest, a_topic_that_is_made_anew_is_read_from_its_beginning_however_long_it_is) {
  cluster.watched.ids["orders"].bytes[0] = 1;
  send("k", {{"horolog-when", "record orders"}});
  one.run(noon);
  order(noon + 1);
  for (int i = 1; i < 11; ++i) one.run(noon + i * second);
  cluster.watched.make_anew("orders");
  order(noon + 11 * second);
  order(noon + 11 * second);
  one.port.script.push_back({Written::Kind::failed, {}, "scripted"});
  for (int i = 0; i < 30; ++i) one.run(noon + (16 + i) * second);
  EXPECT_EQ(cluster.fires.size(), 3U) << "one of the first topic, two of the second";
  EXPECT_EQ(std::count_if(cluster.runs.begin(), cluster.runs.end(), [](const RunRecord& run) {
    return run.event == event::stalled && run.reason == "conditions on orders wait: orders was "
                                                        "deleted and made anew";
  }), 1);
}

TEST_F(ConditionsTest, also_when_that_happened_while_nobody_owned_the_partition) {
  cluster.watched.ids["orders"].bytes[0] = 1;
  send("k", {{"horolog-when", "record orders"}});
  one.run(noon);
  order(noon + 1);
  for (int i = 1; i < 10; ++i) one.run(noon + i * second);
  EXPECT_EQ(cluster.fires.size(), 1U);
  cluster.watched.make_anew("orders");
  for (int i = 0; i < 3; ++i) order(noon + 11 * second);
  Watcher two(cluster);
  two.take_over(noon + 20 * second);
  for (int i = 20; i < 35; ++i) two.run(noon + i * second);
  EXPECT_EQ(cluster.fires.size(), 1U + 3U);
}

TEST_F(ConditionsTest, records_that_were_deleted_unseen_are_named) {
  send("k", {{"horolog-when", "record orders"}});
  one.run(noon);
  for (int i = 0; i < 5; ++i) order(noon + 1);
  cluster.watched.starts[{"orders", 0}] = 3;
  Watcher two(cluster);
  two.take_over(noon + second);
  two.run(noon + second);
  EXPECT_EQ(cluster.fires.size(), 2U);
  EXPECT_TRUE(std::any_of(cluster.runs.begin(), cluster.runs.end(), [](const RunRecord& run) {
    return run.event == event::missed &&
           run.reason == "records 0 to 2 of orders-0 were deleted before conditions saw them";
  }));
}

TEST_F(ConditionsTest, new_partitions_are_read_from_their_beginning) {
  send("k", {{"horolog-when", "record orders"}});
  one.run(noon);
  cluster.watched.create("orders", 3);
  order(noon + 1, {}, 2);
  one.run(noon + 10 * second);
  one.run(noon + 11 * second);
  EXPECT_THAT(causes(), ElementsAre("record orders/2/0"));
}

TEST_F(ConditionsTest, a_stalled_target_keeps_the_occurrences) {
  send("k", {{"horolog-when", "record orders"}});
  one.run(noon);
  one.port.broken_target = "t";
  order(noon + 1);
  one.run(noon + 1);
  order(noon + 2);
  one.run(noon + 2);
  EXPECT_THAT(cluster.fires, IsEmpty());
  one.port.broken_target.clear();
  for (int i = 3; i < 10; ++i) one.run(noon + i * second);
  EXPECT_THAT(causes(), ElementsAre("record orders/0/0", "record orders/0/1"));
}

TEST_F(ConditionsTest, many_at_once_take_several_transactions) {
  send("k", {{"horolog-when", "record orders"}});
  one.run(noon);
  for (int i = 0; i < 5'000; ++i) order(noon + 1, {}, i % 2);
  one.run(noon + 10);
  EXPECT_EQ(cluster.fires.size(), 5'000U);
  EXPECT_TRUE(std::none_of(cluster.runs.begin(), cluster.runs.end(),
                           [](const RunRecord& r) { return r.event == event::overrun; }));
  check_ids();
}

}  // namespace
}  // namespace horolog::scheduler::testing
