#include <gmock/gmock.h>

#include "rig.hpp"
#include "scheduler/owner.hpp"
#include "scripted_port.hpp"

namespace horolog::scheduler::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Kind = Written::Kind;

const Fields every_second{{"horolog-topic", "t"}, {"horolog-every", "1s"}};

/// An owner with a port of its own to the cluster it shares with others.
struct Instance {
  explicit Instance(FakeCluster& cluster)
      : port(cluster),
        owner({.partition = 0,
               .partitions = 1,
               .check_target = [this](const Definition&) { return target; }},
              port, {},
              {.crossed = [this](std::string_view step) { crossed.emplace_back(step); },
               .visible = {}}) {}

  Status take_over(TimestampMs now) {
    return owner.take_over([now] { return now; });
  }
  /// Ticks until there is nothing more to do at `now`.
  Ticked run(TimestampMs now, std::int32_t generation = 1) {
    Ticked ticked = Ticked::more;
    for (int i = 0; i < 100 && ticked == Ticked::more; ++i)
      ticked = owner.tick(now, {"m", generation});
    return ticked;
  }

  Status target;
  ScriptedPort port;
  std::vector<std::string> crossed;
  Owner owner;
};

class OwnerTest : public ::testing::Test {
 protected:
  void send(const std::string& key, const Fields& fields, TimestampMs at = noon,
            std::optional<std::string> value = "v") {
    cluster.append(Feed::commands, at, {key, std::move(value), headers_of(fields)});
  }
  std::vector<TimestampMs> nominal_times() const {
    std::vector<TimestampMs> times;
    for (const Fire& fire : cluster.fires)
      times.push_back(std::stoll(Rig::out(fire, header::nominal_time)));
    return times;
  }

  FakeCluster cluster;
};

TEST_F(OwnerTest, the_six_steps_in_their_order_and_no_fire_before_them) {
  send("k", every_second);
  Instance one(cluster);
  EXPECT_EQ(one.owner.tick(noon, {"m", 1}), Ticked::dropped);
  ASSERT_TRUE(one.take_over(noon).ok());
  one.run(noon + second);
  Instance two(cluster);
  ASSERT_TRUE(two.take_over(noon + second).ok());
  EXPECT_THAT(two.port.calls, ElementsAre("init", "topics", "committed", "end", "replay", "end"));
  EXPECT_THAT(two.crossed, ElementsAre("takeover-1", "takeover-2", "takeover-3", "takeover-4",
                                       "takeover-5"));
  EXPECT_EQ(two.owner.state().definitions(), 1U);
  EXPECT_THAT(nominal_times(), ElementsAre(noon + second));
}

TEST_F(OwnerTest, replay_waits_for_the_markers_of_the_owner_before) {
  send("k", every_second);
  Instance one(cluster);
  ASSERT_TRUE(one.take_over(noon).ok());
  one.run(noon + second);
  // The last fire is decided, but its marker has not reached the state yet.
  cluster.logs[Feed::state].stable_end -= 3;
  Instance two(cluster);
  two.port.late_markers = 3;
  ASSERT_TRUE(two.take_over(noon + second).ok());
  two.run(noon + second);
  EXPECT_THAT(nominal_times(), ElementsAre(noon + second));
}

TEST_F(OwnerTest, a_takeover_that_fails_owns_nothing) {
  Instance one(cluster);
  one.port.fail_init = true;
  EXPECT_FALSE(one.take_over(noon).ok());
  EXPECT_FALSE(one.owner.owned());
  EXPECT_EQ(one.run(noon), Ticked::dropped);
}

TEST_F(OwnerTest, the_position_is_the_states_not_the_groups) {
  send("k", every_second);
  Instance one(cluster);
  ASSERT_TRUE(one.take_over(noon).ok());
  one.run(noon);
  cluster.committed = 0;  // somebody reset the group's offset
  Instance two(cluster);
  ASSERT_TRUE(two.take_over(noon).ok());
  EXPECT_EQ(two.owner.next_command(), 1);
  cluster.committed = no_offset;  // or it expired
  ASSERT_TRUE(two.take_over(noon).ok());
  EXPECT_EQ(two.owner.next_command(), 1);
}

TEST_F(OwnerTest, commands_deleted_before_they_were_read_are_an_alarm) {
  send("k", every_second);
  Instance one(cluster);
  ASSERT_TRUE(one.take_over(noon).ok());
  one.run(noon);
  cluster.logs[Feed::commands].start = 5;
  const Status taken = one.take_over(noon);
  ASSERT_FALSE(taken.ok());
  EXPECT_THAT(taken.error().message(), HasSubstr("deleted before they were read"));
}

TEST_F(OwnerTest, the_old_owner_is_fenced) {
  send("k", every_second);
  Instance one(cluster), two(cluster);
  ASSERT_TRUE(one.take_over(noon).ok());
  one.run(noon);
  ASSERT_TRUE(two.take_over(noon).ok());
  EXPECT_EQ(one.run(noon + second), Ticked::dropped);
  EXPECT_FALSE(one.owner.owned());
  two.run(noon + second);
  EXPECT_THAT(nominal_times(), ElementsAre(noon + second));
}

TEST_F(OwnerTest, a_new_generation_is_waited_for_and_firing_goes_on) {
  send("k", every_second);
  Instance one(cluster);
  ASSERT_TRUE(one.take_over(noon).ok());
  one.run(noon);
  cluster.generation = 2;
  EXPECT_EQ(one.run(noon + second), Ticked::wait_for_group);
  EXPECT_THAT(nominal_times(), IsEmpty());
  EXPECT_TRUE(one.owner.rejoined());
  one.run(noon + second, 2);
  EXPECT_THAT(nominal_times(), ElementsAre(noon + second));
}

TEST_F(OwnerTest, a_partition_that_moved_meanwhile_is_dropped) {
  send("k", every_second);
  Instance one(cluster), two(cluster);
  ASSERT_TRUE(one.take_over(noon).ok());
  one.run(noon);
  cluster.generation = 2;
  EXPECT_EQ(one.run(noon + second), Ticked::wait_for_group);
  ASSERT_TRUE(two.take_over(noon).ok());
  two.run(noon + second, 2);
  EXPECT_FALSE(one.owner.rejoined());
  EXPECT_FALSE(one.owner.owned());
}

TEST_F(OwnerTest, a_commit_of_unknown_outcome_means_a_takeover_and_nothing_twice) {
  for (const bool happened : {true, false}) {
    cluster = {};
    send("k", every_second);
    Instance one(cluster);
    ASSERT_TRUE(one.take_over(noon).ok());
    one.run(noon);
    one.port.script = {{Kind::unresolved, {}, "no answer"}};
    one.port.unresolved_commits = happened;
    EXPECT_EQ(one.run(noon + second), Ticked::dropped);
    ASSERT_TRUE(one.take_over(noon + second).ok());
    one.run(noon + second);
    EXPECT_THAT(nominal_times(), ElementsAre(noon + second)) << happened;
  }
}

TEST_F(OwnerTest, an_aborted_transaction_changes_nothing_in_memory) {
  send("k", every_second);
  Instance one(cluster);
  ASSERT_TRUE(one.take_over(noon).ok());
  one.port.script = {{Kind::failed, {}, "scripted"}};
  EXPECT_EQ(one.owner.tick(noon, {"m", 1}), Ticked::idle);
  EXPECT_EQ(one.owner.state().definitions(), 0U);
  EXPECT_EQ(one.owner.next_command(), 0);
  one.run(noon + second);
  EXPECT_EQ(one.owner.state().definitions(), 1U);
}

TEST_F(OwnerTest, a_command_committed_before_the_due_time_wins) {
  send("k", {{"horolog-topic", "t"}, {"horolog-delay", "1s"}});
  Instance one(cluster);
  ASSERT_TRUE(one.take_over(noon).ok());
  one.run(noon);
  send("k", {}, noon + second - 1, std::nullopt);
  one.run(noon + second);
  EXPECT_THAT(cluster.fires, IsEmpty());
}

TEST_F(OwnerTest, an_open_transaction_of_somebody_else_does_not_stop_the_clock) {
  send("k", every_second);
  Instance one(cluster);
  ASSERT_TRUE(one.take_over(noon).ok());
  one.run(noon);
  send("later", every_second);
  cluster.logs[Feed::commands].stable_end = 1;
  one.run(noon + second);
  EXPECT_THAT(nominal_times(), ElementsAre(noon + second));
}

TEST_F(OwnerTest, a_broken_target_is_stalled_alone_and_tried_again) {
  send("good", every_second);
  send("bad", {{"horolog-topic", "u"}, {"horolog-every", "1s"}});
  Instance one(cluster);
  one.port.broken_target = "u";
  ASSERT_TRUE(one.take_over(noon).ok());
  one.run(noon + second);
  EXPECT_EQ(cluster.fires.size(), 1U);
  EXPECT_EQ(one.owner.stalls().size(), 1U);
  one.run(noon + 2 * second);
  EXPECT_EQ(cluster.fires.size(), 2U);
  EXPECT_EQ(std::count_if(cluster.runs.begin(), cluster.runs.end(),
                          [](const RunRecord& r) { return r.event == event::stalled; }), 1);
  one.port.broken_target.clear();
  for (int i = 3; i < 10; ++i) one.run(noon + i * second);
  EXPECT_TRUE(one.owner.stalls().empty());
  EXPECT_TRUE(std::any_of(cluster.fires.begin(), cluster.fires.end(),
                          [](const Fire& fire) { return fire.topic == "u"; }));
}

TEST_F(OwnerTest, after_a_failure_that_passes_it_is_tried_less_and_less_often) {
  send("k", every_second);
  Instance one(cluster);
  ASSERT_TRUE(one.take_over(noon).ok());
  one.run(noon);
  for (int i = 0; i < 100; ++i) one.port.script.push_back({Kind::failed, {}, "a full disk"});
  for (TimestampMs at = noon + second; at < noon + minute; at += 100) one.run(at);
  EXPECT_LT(one.owner.counts().aborted, 25U);
  EXPECT_GT(one.owner.counts().aborted, 10U);
  one.port.script.clear();
  one.run(noon + minute + 5 * second);
  EXPECT_EQ(nominal_times().front(), noon + second);
  EXPECT_EQ(nominal_times().back(), noon + minute + 5 * second);
  one.run(noon + minute + 6 * second);
  EXPECT_EQ(cluster.fires.size(), 66U) << "none is lost or doubled";
}

TEST_F(OwnerTest, a_target_that_cannot_be_looked_up_now_postpones_the_command) {
  send("k", every_second);
  Instance one(cluster);
  ASSERT_TRUE(one.take_over(noon).ok());
  one.target = Error(Errc::timed_out, "no broker");
  EXPECT_EQ(one.owner.tick(noon, {"m", 1}), Ticked::idle);
  EXPECT_EQ(one.owner.next_command(), 0);
  one.target = {};
  one.run(noon);
  EXPECT_EQ(one.owner.state().definitions(), 1U);
  EXPECT_THAT(cluster.runs, IsEmpty());
}

TEST_F(OwnerTest, completions_are_read_while_runs_are_open) {
  auto fields = every_second;
  fields.emplace_back("horolog-overlap", "skip");
  send("k", fields);
  Instance one(cluster);
  ASSERT_TRUE(one.take_over(noon).ok());
  one.run(noon + second);
  one.run(noon + 2 * second);
  EXPECT_EQ(cluster.fires.size(), 1U);
  RunRecord done;
  done.event = std::string(event::succeeded);
  done.fire_id = Rig::out(cluster.fires[0], header::fire_id);
  cluster.append(Feed::runs, noon + 2 * second, done.to_record());
  one.run(noon + 3 * second);
  EXPECT_EQ(cluster.fires.size(), 2U);
}

TEST_F(OwnerTest, a_held_clock_fires_nothing_and_still_reads_commands) {
  send("k", every_second);
  Instance one(cluster);
  ASSERT_TRUE(one.take_over(noon).ok());
  one.owner.hold(true);
  one.run(noon + day);
  EXPECT_THAT(cluster.fires, IsEmpty());
  EXPECT_EQ(one.owner.state().definitions(), 1U);
  EXPECT_EQ(one.owner.wake(), std::nullopt);
}

TEST_F(OwnerTest, wake_is_when_the_next_fire_is_due) {
  Instance one(cluster);
  ASSERT_TRUE(one.take_over(noon).ok());
  EXPECT_EQ(one.owner.wake(), std::nullopt);
  send("k", {{"horolog-topic", "t"}, {"horolog-delay", "15m"}});
  one.run(noon);
  EXPECT_EQ(one.owner.wake(), noon + 15 * minute);
}

}  // namespace
}  // namespace horolog::scheduler::testing
