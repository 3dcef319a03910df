#include <gmock/gmock.h>

#include "conditions_rig.hpp"

/// Each kind of condition, from the command to the fire, with an owner and its scripted cluster.
namespace horolog::scheduler::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;
using Kind = Written::Kind;

TEST_F(ConditionsTest, each_record_fires_once_and_is_named) {
  order(noon - 1);  // before the schedule
  send("k", {{"horolog-when", "record orders"}});
  one.run(noon);
  EXPECT_THAT(cluster.fires, IsEmpty());
  order(noon + 5);
  order(noon + 6, {}, 1);
  one.run(noon + 10);
  EXPECT_THAT(causes(), UnorderedElementsAre("record orders/0/1", "record orders/1/0"));
  one.run(noon + second);
  EXPECT_EQ(cluster.fires.size(), 2U);
  const Fire& fire = cluster.fires.front();
  EXPECT_EQ(Rig::out(fire, header::trigger), "condition");
  EXPECT_EQ(Rig::out(fire, header::nominal_time), std::to_string(noon + 5));
  EXPECT_EQ(Rig::out(fire, header::fire_id), condition_fire_id("k", 0, "record orders/0/1"));
  check_ids();
}

TEST_F(ConditionsTest, a_record_that_came_with_the_command_is_not_lost) {
  send("first", {{"horolog-when", "record orders key=x"}});
  one.run(noon);
  // Both are there when the owner looks: the command was sent before the record.
  send("second", {{"horolog-when", "record orders"}}, noon + 1);
  order(noon + 2);
  one.run(noon + 10);
  EXPECT_THAT(causes(), ElementsAre("record orders/0/0"));
}

TEST_F(ConditionsTest, another_owner_goes_on_where_the_last_transaction_ended) {
  send("k", {{"horolog-when", "record orders"}});
  one.run(noon);
  for (int i = 0; i < 3; ++i) order(noon + i);
  one.run(noon + 5);
  for (int i = 0; i < 2; ++i) order(noon + 10 + i);
  Watcher two(cluster);
  two.take_over(noon + 20);
  EXPECT_EQ(one.run(noon + 20), Ticked::dropped);
  two.run(noon + 20);
  EXPECT_EQ(cluster.fires.size(), 5U);
  check_ids();
}

TEST_F(ConditionsTest, no_outcome_of_a_transaction_loses_or_doubles_an_occurrence) {
  for (const Kind kind : {Kind::failed, Kind::unresolved, Kind::lost}) {
    for (const bool happened : {true, false}) {
      cluster = {};
      cluster.watched.create("orders", 2);
      Watcher owner(cluster);
      owner.take_over(noon);
      send("k", {{"horolog-when", "record orders"}});
      send("n", {{"horolog-when", "count orders 2"}});
      owner.run(noon);
      for (int i = 0; i < 4; ++i) order(noon + 1 + i);
      owner.port.script = {{kind, {}, "scripted"}};
      owner.port.unresolved_commits = happened;
      if (owner.run(noon + 10) == Ticked::dropped) owner.take_over(noon + 10);
      owner.run(noon + second);
      EXPECT_EQ(cluster.fires.size(), 6U) << static_cast<int>(kind) << happened;
      check_ids();
    }
  }
}

TEST_F(ConditionsTest, positions_without_consequences_are_not_written_at_once) {
  send("k", {{"horolog-when", "record orders key=x"}});
  one.run(noon);
  const auto writes = std::count(one.port.calls.begin(), one.port.calls.end(), "write");
  order(noon + 1, "y");
  one.run(noon + 10);
  EXPECT_EQ(std::count(one.port.calls.begin(), one.port.calls.end(), "write"), writes);
  one.run(noon + 10 * second);
  EXPECT_EQ(one.owner.state().watches().at({"orders", 0}), 1);
  EXPECT_EQ(one.owner.state().watches().at({"orders", 1}), 0);
}

TEST_F(ConditionsTest, what_nobody_watches_any_more_is_forgotten) {
  send("k", {{"horolog-when", "record orders"}});
  one.run(noon);
  EXPECT_EQ(one.owner.state().watches().size(), 2U);
  send("k", {}, noon + 1, std::nullopt);
  one.run(noon + 1);
  one.run(noon + 2);
  EXPECT_THAT(one.owner.state().watches(), IsEmpty());
  one.run(noon + 3);
  EXPECT_THAT(one.port.watch.following(), IsEmpty());
}

TEST_F(ConditionsTest, a_record_with_a_delay_and_as_a_debounce) {
  send("later", {{"horolog-when", "record orders"}, {"horolog-delay", "10s"}});
  send("quiet", {{"horolog-when", "record orders restart"}, {"horolog-delay", "10s"}});
  one.run(noon);
  for (int i = 0; i < 3; ++i) {
    order(noon + i * 4 * second);
    one.run(noon + i * 4 * second);
  }
  EXPECT_EQ(one.owner.wake(), noon + 10 * second);
  for (int i = 9; i <= 18; ++i) one.run(noon + i * second);
  EXPECT_THAT(causes(), ElementsAre("record orders/0/0", "record orders/0/1",
                                    "record orders/0/2", "record orders/0/2"));
  check_ids();
}

TEST_F(ConditionsTest, after_a_run_and_after_several) {
  send("next", {{"horolog-when", "after import"}});
  send("both", {{"horolog-when", "after import"}, {"horolog-when", "after \"check it\" failed"}});
  one.run(noon);
  ended("import", "id-1", event::failed, noon + 1);  // it is tried again
  ended("other", "id-2", event::succeeded, noon + 1);
  one.run(noon + 1);
  EXPECT_THAT(cluster.fires, IsEmpty());
  ended("import", "id-1", event::succeeded, noon + 2);
  one.run(noon + 2);
  EXPECT_THAT(causes(), ElementsAre("run id-1"));
  ended("import", "id-3", event::succeeded, noon + 3);
  ended("check it", "id-4", event::dead, noon + 3);
  one.run(noon + 3);
  EXPECT_THAT(causes(), UnorderedElementsAre("run id-1", "run id-3", "run id-3; run id-4"));
  check_ids();
}

TEST_F(ConditionsTest, a_count_is_never_short) {
  send("k", {{"horolog-when", "count orders 3"}});
  send("d", {{"horolog-when", "count orders 3 or 10s"}});
  one.run(noon);
  for (int i = 1; i <= 7; ++i) order(noon + i, {}, i % 2);
  one.run(noon + 10);
  EXPECT_EQ(cluster.fires.size(), 4U);
  one.run(noon + 11 * second);
  ASSERT_EQ(cluster.fires.size(), 5U) << "one was left, and its time is over";
  EXPECT_EQ(Rig::out(cluster.fires.back(), header::schedule), "d");
  EXPECT_THAT(causes().back(), HasSubstr(" 1"));
  check_ids();
}

TEST_F(ConditionsTest, a_count_waits_for_what_is_there_and_not_read) {
  send("d", {{"horolog-when", "count orders 2 or 10s"}});
  one.run(noon);
  order(noon + second);
  one.run(noon + second);
  order(noon + 9 * second);
  cluster.watched.hidden[{"orders", 0}] = 1;
  one.run(noon + 12 * second);
  EXPECT_THAT(cluster.fires, IsEmpty()) << "the second was committed in time";
  cluster.watched.hidden.clear();
  one.run(noon + 13 * second);
  EXPECT_THAT(causes(), ElementsAre("count orders/0/1 2"));
}

TEST_F(ConditionsTest, a_silence_fires_once_and_again_after_the_next_record) {
  send("k", {{"horolog-when", "silence beats for 10s"}});
  one.run(noon);
  for (int i = 1; i < 8; ++i) {
    cluster.watched.append("beats", noon + i * 5 * second);
    one.run(noon + i * 5 * second);
  }
  EXPECT_THAT(cluster.fires, IsEmpty());
  for (int i = 36; i < 60; ++i) one.run(noon + i * second);
  EXPECT_THAT(causes(), ElementsAre("silence beats/0/6"));
  EXPECT_EQ(Rig::out(cluster.fires[0], header::nominal_time), std::to_string(noon + 45 * second));
  Watcher two(cluster);
  two.take_over(noon + 60 * second);
  two.run(noon + 61 * second);
  EXPECT_EQ(cluster.fires.size(), 1U);
  cluster.watched.append("beats", noon + 62 * second);
  two.run(noon + 62 * second);
  two.run(noon + 73 * second);
  EXPECT_THAT(causes(), ElementsAre("silence beats/0/6", "silence beats/0/7"));
}

TEST_F(ConditionsTest, a_silence_is_not_concluded_from_what_was_not_read) {
  send("k", {{"horolog-when", "silence beats for 10s"}});
  one.run(noon);
  cluster.watched.append("beats", noon + 9 * second);
  cluster.watched.hidden[{"beats", 0}] = 0;
  one.run(noon + 12 * second);
  EXPECT_THAT(cluster.fires, IsEmpty());
  cluster.watched.hidden.clear();
  one.run(noon + 13 * second);
  EXPECT_THAT(cluster.fires, IsEmpty());
  one.run(noon + 20 * second);
  EXPECT_THAT(causes(), ElementsAre("silence beats/0/0"));
}

TEST_F(ConditionsTest, a_silence_that_began_and_ended_while_nobody_looked) {
  send("k", {{"horolog-when", "silence orders for 10s"}});
  send("n", {{"horolog-when", "count orders 2 or 10s"}});
  one.run(noon);
  // By partition the records stand in another order than that in which they came.
  for (const int at : {1, 9, 17, 40, 57}) order(noon + at * second, {}, 0);
  for (const int at : {5, 13, 21, 48}) order(noon + at * second, {}, 1);
  Watcher two(cluster);
  two.take_over(noon + minute);
  two.run(noon + minute);
  EXPECT_THAT(causes(), UnorderedElementsAre("silence orders/1/2", "count orders/1/0 2",
                                             "count orders/1/1 2", "count orders/1/2 2",
                                             "count orders/1/3 2"));
  two.run(noon + 68 * second);
  EXPECT_THAT(causes(), Contains("silence orders/0/4"));
  EXPECT_EQ(cluster.fires.size(), 7U) << "the last count's time is over too";
  check_ids();
}

TEST_F(ConditionsTest, a_lag_fires_once_per_crossing) {
  std::int64_t& lag = cluster.watched.lags[{"g", "orders"}];
  send("k", {{"horolog-when", "lag g orders above 10 for 3s"}});
  one.run(noon);
  TimestampMs now = noon;
  const auto pass = [&](std::int64_t value, int seconds) {
    lag = value;
    for (int i = 0; i < seconds; ++i) one.run(now += second);
  };
  pass(10, 5);
  pass(11, 2);
  pass(3, 2);
  EXPECT_THAT(cluster.fires, IsEmpty()) << "not for long enough";
  pass(11, 20);
  EXPECT_THAT(causes(), ElementsAre("lag g orders #1"));
  pass(0, 3);
  pass(50, 10);
  EXPECT_THAT(causes(), ElementsAre("lag g orders #1", "lag g orders #2"));
  check_ids();
}

}  // namespace
}  // namespace horolog::scheduler::testing
