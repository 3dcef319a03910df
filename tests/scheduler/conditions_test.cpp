#include <gmock/gmock.h>

#include <set>

#include "rig.hpp"
#include "scheduler/owner.hpp"
#include "scripted_port.hpp"

/// Conditions from the command to the fire, with the owner and its scripted cluster.
namespace horolog::scheduler::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;
using Kind = Written::Kind;

struct Instance {
  explicit Instance(FakeCluster& cluster)
      : port(cluster),
        owner({.partition = 0,
               .partitions = 1,
               .check_target = [](const Definition&) { return Status(); }},
              port, {}, {.crossed = {}, .visible = {}}) {}

  void take_over(TimestampMs now) {
    ASSERT_TRUE(owner.take_over([now] { return now; }).ok());
  }
  Ticked run(TimestampMs now) {
    Ticked ticked = Ticked::more;
    for (int i = 0; i < 100 && ticked == Ticked::more; ++i) ticked = owner.tick(now, {"m", 1});
    return ticked;
  }

  ScriptedPort port;
  Owner owner;
};

class ConditionsTest : public ::testing::Test {
 protected:
  ConditionsTest() {
    cluster.watched.create("orders", 2);
    cluster.watched.create("beats");
    cluster.watched.create(std::string(topic::runs));
    one.take_over(noon);
  }
  void send(const std::string& key, Fields fields, TimestampMs at = noon,
            std::optional<std::string> value = "v") {
    if (value && fields.front().first != "horolog-action")
      fields.insert(fields.begin(), {"horolog-topic", "t"});
    cluster.append(Feed::commands, at, {key, std::move(value), headers_of(fields)});
  }
  Offset order(TimestampMs at, std::optional<std::string> key = {}, PartitionIndex partition = 0) {
    return cluster.watched.append("orders", at, std::move(key), {}, partition);
  }
  void ended(const std::string& schedule, const std::string& fire_id, std::string_view event,
             TimestampMs at) {
    RunRecord run;
    run.event = std::string(event);
    run.schedule = schedule;
    run.fire_id = fire_id;
    auto& log = cluster.watched.topics.at(std::string(topic::runs)).front();
    log.push_back({static_cast<Offset>(log.size()), at, run.to_record()});
  }
  std::vector<std::string> causes() const {
    std::vector<std::string> out;
    for (const Fire& fire : cluster.fires) out.push_back(Rig::out(fire, header::cause));
    return out;
  }
  void check_ids() const {
    std::set<std::string> ids;
    for (const Fire& fire : cluster.fires) ids.insert(Rig::out(fire, header::fire_id));
    EXPECT_EQ(ids.size(), cluster.fires.size()) << "a fire id occurs twice";
  }
  std::string last_reason() const {
    return cluster.runs.empty() ? "" : cluster.runs.back().reason.value_or("");
  }

  FakeCluster cluster;
  Instance one{cluster};
};

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
  Instance two(cluster);
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
      Instance owner(cluster);
      owner.take_over(noon);
      send("k", {{"horolog-when", "record orders"}});
      send("n", {{"horolog-when", "count orders 2"}});
      owner.run(noon);
      for (int i = 0; i < 4; ++i) order(noon + 1 + i);
      owner.port.script = {{kind, {}, "scripted"}};
      owner.port.unresolved_commits = happened;
      if (owner.run(noon + 10) == Ticked::dropped) owner.take_over(noon + 10);
      owner.run(noon + 20);
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
  Instance two(cluster);
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
  Instance two(cluster);
  two.take_over(noon + minute);
  two.run(noon + minute);
  EXPECT_THAT(causes(), UnorderedElementsAre("silence orders/1/2", "count orders/1/0 2",
                                             "count orders/1/1 2", "count orders/1/2 2",
                                             "count orders/1/3 2"));
  two.run(noon + 68 * second);
  EXPECT_THAT(causes(), ::testing::Contains("silence orders/0/4"));
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
  send("ending", {{"horolog-when", "record orders"}, {"horolog-end", std::to_string(noon + minute)}});
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
