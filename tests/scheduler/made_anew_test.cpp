#include <gmock/gmock.h>

#include "rig.hpp"
#include "scheduler/owner.hpp"
#include "scripted_port.hpp"

/// The scheduler's own topics deleted and made anew.
namespace horolog::scheduler::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

const Fields every_second{{"horolog-topic", "t"}, {"horolog-every", "1s"}};

struct Instance {
  explicit Instance(FakeCluster& cluster, TopicIdentity topics = {})
      : port(cluster),
        owner({.partition = 0,
               .partitions = 1,
               .check_target = [](const Definition&) { return Status(); }},
              port, {}, {.crossed = {}, .visible = {}},
              {.copy = {}, .topics = std::move(topics)}) {}

  Status take_over(TimestampMs now) {
    return owner.take_over([now] { return now; });
  }
  Ticked run(TimestampMs now) {
    Ticked ticked = Ticked::more;
    for (int i = 0; i < 100 && ticked == Ticked::more; ++i) ticked = owner.tick(now, {"m", 1});
    return ticked;
  }

  ScriptedPort port;
  Owner owner;
};

class MadeAnewTest : public ::testing::Test {
 protected:
  MadeAnewTest() {
    cluster.append(Feed::commands, noon, {"k", "v", headers_of(every_second)});
    EXPECT_TRUE(one.take_over(noon).ok());
    one.run(noon + second);
    EXPECT_EQ(cluster.fires.size(), 1U);
  }
  void make_state_anew(int records = 0) {
    cluster.topics.state = "state-2";
    cluster.logs[Feed::state] = {};
    for (int i = 0; i < records; ++i) cluster.marker(Feed::state);
  }
  /// Nobody takes the partition over, and nothing fires.
  void expect_refused(const std::string& why) {
    const auto fired = cluster.fires.size();
    for (Instance* each : {&one, &two}) {
      const Status taken = each->take_over(noon + 2 * second);
      ASSERT_FALSE(taken.ok());
      EXPECT_THAT(taken.error().message(), HasSubstr(why));
      each->run(noon + 2 * second);
    }
    EXPECT_EQ(cluster.fires.size(), fired);
  }

  FakeCluster cluster;
  Instance one{cluster}, two{cluster};
};

TEST_F(MadeAnewTest, a_state_that_is_another_topic_is_refused) {
  make_state_anew();
  expect_refused("horolog.schedules.state was deleted and made anew (its id was state-1 and is "
                 "state-2)");
}

TEST_F(MadeAnewTest, also_when_it_is_as_long_as_what_was_read_of_the_first) {
  make_state_anew(1'000);
  expect_refused("horolog.schedules.state was deleted and made anew");
}

TEST_F(MadeAnewTest, commands_that_are_another_topic_are_refused) {
  cluster.topics.commands = "commands-2";
  expect_refused("horolog.schedules was deleted and made anew (its id was commands-1");
}

TEST_F(MadeAnewTest, the_owner_notices_while_it_fires) {
  make_state_anew(1'000);
  Ticked last = Ticked::idle;
  for (int i = 2; i < 12 && last != Ticked::dropped; ++i) last = one.run(noon + i * second);
  EXPECT_EQ(last, Ticked::dropped);
  EXPECT_FALSE(one.take_over(noon + 12 * second).ok());
}

TEST_F(MadeAnewTest, at_once_when_a_transaction_failed) {
  make_state_anew(1'000);
  one.port.script.push_back({Written::Kind::failed, {}, "scripted"});
  EXPECT_EQ(one.run(noon + 2 * second), Ticked::idle);
  EXPECT_EQ(one.run(noon + 3 * second), Ticked::dropped);
}

TEST_F(MadeAnewTest, a_topic_that_is_gone_drops_the_partition_and_no_answer_does_not) {
  one.port.fail_topics = Error(Errc::timed_out, "scripted");
  one.run(noon + 10 * second);
  const auto fired = cluster.fires.size();
  EXPECT_GT(fired, 1U);
  one.port.fail_topics = Error(Errc::not_found, "scripted");
  EXPECT_EQ(one.run(noon + 20 * second), Ticked::dropped);
  EXPECT_EQ(cluster.fires.size(), fired);
}

TEST_F(MadeAnewTest, a_group_that_was_deleted_begins_with_what_is_there) {
  make_state_anew();
  cluster.committed = no_offset;
  cluster.metadata.clear();
  EXPECT_TRUE(two.take_over(noon + 2 * second).ok());
}

TEST_F(MadeAnewTest, a_process_that_began_with_another_topic_has_to_start_again) {
  Instance old(cluster, {"c", "commands-1", "state-0"});
  const Status taken = old.take_over(noon + 2 * second);
  ASSERT_FALSE(taken.ok());
  EXPECT_THAT(taken.error().message(), HasSubstr("state-0"));
}

TEST_F(MadeAnewTest, a_copy_in_another_cluster_goes_on) {
  cluster.topics = {"d", "commands-2", "state-2"};
  EXPECT_TRUE(two.take_over(noon + 2 * second).ok());
}

TEST_F(MadeAnewTest, without_ids_a_position_without_a_state_is_refused) {
  cluster.topics = {"c", "", ""};
  cluster.logs[Feed::state] = {};
  expect_refused("the group's position in horolog.schedules-0 is 1, but "
                 "horolog.schedules.state-0 is empty");
  cluster.committed = 0;  // somebody's reset of what was never used
  EXPECT_TRUE(two.take_over(noon + 2 * second).ok());
}

TEST_F(MadeAnewTest, commands_that_are_shorter_than_what_was_read_are_refused) {
  cluster.topics = {"c", "", ""};
  cluster.logs[Feed::commands] = {};
  EXPECT_EQ(one.run(noon + 2 * second), Ticked::dropped);
  expect_refused("horolog.schedules-0 ends at 0, but the next command to be read is 1");
}

TEST_F(MadeAnewTest, a_history_that_is_made_anew_is_read_from_its_beginning) {
  cluster.append(Feed::commands, noon, {"o", "v", headers_of({{"horolog-topic", "t"},
                                                              {"horolog-every", "1s"},
                                                              {"horolog-overlap", "skip"}})});
  one.run(noon + 2 * second);
  ASSERT_EQ(one.owner.state().open_runs(), 1U);
  one.run(noon + 3 * second);  // reads the history
  const auto open = std::find_if(cluster.fires.begin(), cluster.fires.end(), [](const Fire& fire) {
    return fire.schedule == "o";
  });
  ASSERT_NE(open, cluster.fires.end());
  cluster.logs[Feed::runs] = {};
  RunRecord done;
  done.event = std::string(event::succeeded);
  done.fire_id = Rig::out(*open, header::fire_id);
  cluster.append(Feed::runs, noon + 3 * second, done.to_record());
  const auto fires_of_o = [&] {
    return std::count_if(cluster.fires.begin(), cluster.fires.end(),
                         [](const Fire& fire) { return fire.schedule == "o"; });
  };
  one.run(noon + 4 * second);
  one.run(noon + 5 * second);
  EXPECT_EQ(fires_of_o(), 2);
}

TEST(TopicIdentityTest, it_travels_in_the_metadata_of_a_position) {
  const TopicIdentity one{"c", "x", "y"};
  EXPECT_EQ(TopicIdentity::parse(one.to_text()), one);
  EXPECT_EQ(TopicIdentity::parse(""), TopicIdentity{});
  EXPECT_EQ(TopicIdentity::parse("somebody's note"), TopicIdentity{});
  EXPECT_EQ(TopicIdentity::of("c", {}, {}), (TopicIdentity{"c", "", ""}));
}

}  // namespace
}  // namespace horolog::scheduler::testing
