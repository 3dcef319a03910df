#include "consumer_kit.hpp"

namespace horolog::client::test {
namespace {

using namespace std::chrono_literals;
using wire::ErrorCode;
using Values = std::vector<std::string>;

class ConsumerGroupTest : public ConsumerKit {
 protected:
  ConsumerGroupTest() {
    logs.resize(2);
    logs[0].records.batch({"a", "b"});
    logs[1].records.batch({"c"});
  }
};

TEST_F(ConsumerGroupTest, StartsWhereItsGroupHadCommitted) {
  committed[0] = 1;
  assignment = {{"t", 0}, {"t", 1}};
  open(usual());
  ASSERT_TRUE(consumer->subscribe({"t"}));
  EXPECT_EQ(poll(), (Values{"b", "c"}));
  EXPECT_EQ(consumer->group_metadata().generation, 1);
  EXPECT_EQ(consumer->group_metadata().member_id, "m1");
}

TEST_F(ConsumerGroupTest, ARebalanceGivesUpAndComesBack) {
  open(usual());
  join();
  beat_errors.push_back(ErrorCode::rebalance_in_progress);
  assignment = {{"t", 1}};
  poll(4s);
  EXPECT_EQ(told(), (Values{"revoked 0", "assigned 1"}));
  EXPECT_EQ(joins.size(), 2U);
  EXPECT_EQ(joins[1].member_id, "m1");
  EXPECT_EQ(consumer->assignment(), (std::set<TopicPartition>{{"t", 1}}));
}

TEST_F(ConsumerGroupTest, ACooperativeRebalanceKeepsWhatStays) {
  protocol = "cooperative-sticky";
  assignment = {{"t", 0}, {"t", 1}};
  ConsumerOptions options = usual();
  options.assignors = {"cooperative-sticky"};
  open(options);
  join();
  beat_errors.push_back(ErrorCode::rebalance_in_progress);
  assignment = {{"t", 0}};
  poll(4s);
  EXPECT_EQ(told(), (Values{"revoked 1", "assigned", "assigned"}));
  EXPECT_EQ(joins.size(), 3U) << "once more, so that others get what was given up";
  logs[0].records.batch({"later"});
  EXPECT_EQ(poll(), Values{"later"}) << "from where it was, not from the commit";
}

TEST_F(ConsumerGroupTest, AForgottenMemberLosesAllAndJoinsAsNew) {
  open(usual());
  join();
  beat_errors.push_back(ErrorCode::unknown_member_id);
  poll(4s);
  EXPECT_EQ(told(), (Values{"lost 0", "assigned 0"}));
  EXPECT_EQ(joins.at(1).member_id, "");
}

TEST_F(ConsumerGroupTest, AnOldGenerationIsLostButTheMemberIsKept) {
  open(usual());
  join();
  beat_errors.push_back(ErrorCode::illegal_generation);
  poll(4s);
  EXPECT_EQ(told(), (Values{"lost 0", "assigned 0"}));
  EXPECT_EQ(joins.at(1).member_id, "m1");
}

TEST_F(ConsumerGroupTest, AFencedInstanceIsAnErrorThatStays) {
  ConsumerOptions options = usual();
  options.instance_id = "i";
  open(options);
  join();
  EXPECT_EQ(joins[0].group_instance_id, "i");
  beat_errors.push_back(ErrorCode::fenced_instance_id);
  poll(4s);
  EXPECT_EQ(told(), Values{"lost 0"});
  ASSERT_TRUE(error);
  EXPECT_EQ(error->kafka_code(), 82);
  EXPECT_EQ(error->remedy(), Remedy::reopen);
  poll(10s);
  EXPECT_EQ(joins.size(), 1U) << "another has its place";
}

TEST_F(ConsumerGroupTest, RefusedJoinsGoOn) {
  join_errors = {ErrorCode::coordinator_load_in_progress, ErrorCode::not_coordinator,
                 ErrorCode::unknown_member_id, ErrorCode::rebalance_in_progress};
  open(usual());
  ASSERT_TRUE(consumer->subscribe({"t"}));
  EXPECT_EQ(poll(5s), (Values{"a", "b"}));
  EXPECT_EQ(joins.size(), 5U);
  EXPECT_FALSE(error);
}

TEST_F(ConsumerGroupTest, ACoordinatorThatMovesIsFollowed) {
  open(usual());
  join();
  coordinator = 2;
  beat_errors.push_back(ErrorCode::not_coordinator);
  commit_errors = {ErrorCode::none, ErrorCode::not_coordinator};
  ASSERT_TRUE(beside([&] { return consumer->commit(5s); }));
  EXPECT_EQ(commits.back().node, 1);
  ASSERT_TRUE(beside([&] { return consumer->commit(5s); }));
  EXPECT_EQ(commits.back().node, 2);
  poll(4s);
  EXPECT_EQ(told(), Values{}) << "the group did not notice";
}

TEST_F(ConsumerGroupTest, CommitsAreRetriedInOrder) {
  open(usual());
  join();
  commit_errors = {ErrorCode::coordinator_load_in_progress, ErrorCode::coordinator_not_available,
                   ErrorCode::request_timed_out};
  Values done;
  for (const Offset offset : {1, 2}) {
    consumer->commit_async({{{"t", 0}, {offset, "", -1}}}, [&done, offset](const Status& status) {
      done.push_back(std::to_string(offset) + (status ? " done" : " failed"));
    });
  }
  poll(3s);
  EXPECT_EQ(done, (Values{"1 done", "2 done"}));
  ASSERT_EQ(commits.size(), 5U);
  EXPECT_EQ(commits[3].offsets.at(0), 1);
  EXPECT_EQ(commits[4].offsets.at(0), 2);
  EXPECT_EQ(committed.at(0), 2);
}

TEST_F(ConsumerGroupTest, CommitsThatCannotPassSayWhy) {
  for (const auto& [code, remedy, story] :
       std::vector<std::tuple<ErrorCode, Remedy, Values>>{
           {ErrorCode::rebalance_in_progress, Remedy::retry, {"revoked 0", "assigned 0"}},
           {ErrorCode::illegal_generation, Remedy::none, {"lost 0", "assigned 0"}},
           {ErrorCode::unknown_member_id, Remedy::none, {"lost 0", "assigned 0"}},
           {ErrorCode::offset_metadata_too_large, Remedy::none, {}}}) {
    consumer.reset();
    stage.cluster.reset();
    open(usual());
    join();
    commit_errors.push_back(code);
    const Status status = beside([&] { return consumer->commit(5s); });
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().kafka_code(), static_cast<std::int16_t>(code));
    EXPECT_EQ(status.error().retriable(), remedy == Remedy::retry) << status.error().message();
    poll(2s);
    EXPECT_EQ(told(), story) << wire::to_string(code);
  }
}

TEST_F(ConsumerGroupTest, ACommitThatTheNextGenerationOvertookCanBeMadeAgain) {
  protocol = "cooperative-sticky";
  ConsumerOptions options = usual();
  options.assignors = {"cooperative-sticky"};
  open(options);
  join();
  auto& handler = stage.broker(9001).handlers[wire::ApiKey::join_group];
  const auto answers = std::exchange(handler, [](auto&, const auto&) {});
  beat_errors.push_back(ErrorCode::rebalance_in_progress);
  pass(4s);
  commit_errors.push_back(ErrorCode::illegal_generation);
  const Status status = beside([&] { return consumer->commit(5s); });
  ASSERT_FALSE(status);
  EXPECT_TRUE(status.error().retriable()) << status.error().message();
  handler = answers;
  for (const auto& connection : stage.broker(9001).connections) {
    ScriptedBroker::hang_up(*connection);
  }
  poll(4s);
  EXPECT_EQ(told(), Values{"assigned"}) << "nothing was lost";
  ASSERT_TRUE(beside([&] { return consumer->commit(5s); }));
  EXPECT_EQ(committed.at(0), 2);
}

TEST_F(ConsumerGroupTest, RevocationCommitsFirstWhenCommitsAreAutomatic) {
  ConsumerOptions options = usual();
  options.auto_commit = true;
  open(options);
  join();
  EXPECT_TRUE(commits.empty());
  beat_errors.push_back(ErrorCode::rebalance_in_progress);
  pass(4s);
  static_cast<void>(beside([&] { return consumer->poll(100ms); }));
  ASSERT_FALSE(commits.empty());
  EXPECT_EQ(commits[0], (SeenCommit{1, 1, {{0, 2}}})) << "in the generation that ends";
}

TEST_F(ConsumerGroupTest, AutomaticCommitsFollowThePolls) {
  ConsumerOptions options = usual();
  options.auto_commit = true;
  options.auto_commit_interval = 1s;
  open(options);
  join();
  poll(1500ms);
  ASSERT_EQ(commits.size(), 1U);
  EXPECT_EQ(commits[0].offsets.at(0), 2);
  poll(3s);
  EXPECT_EQ(commits.size(), 1U) << "nothing new";
  logs[0].records.batch({"x"});
  poll(2500ms);
  ASSERT_EQ(commits.size(), 2U);
  EXPECT_EQ(commits[1].offsets.at(0), 3);
  logs[0].records.batch({"y"});
  commit_errors.push_back(ErrorCode::unknown_server_error);
  poll(3500ms);
  EXPECT_EQ(committed.at(0), 4) << "what was refused is committed in the next interval";
}

TEST_F(ConsumerGroupTest, UnsubscribingLeaves) {
  open(usual());
  join();
  ASSERT_TRUE(consumer->unsubscribe());
  pass(100ms);
  EXPECT_EQ(told(), Values{"revoked 0"});
  EXPECT_EQ(leaves, 1);
  EXPECT_TRUE(consumer->assignment().empty());
  const int before = beats;
  pass(10s);
  EXPECT_EQ(beats, before);
}

TEST_F(ConsumerGroupTest, AGroupOfOldBrokersWorks) {
  use_2_1();
  open(usual());
  join();
  ASSERT_TRUE(beside([&] { return consumer->commit(5s); }));
  EXPECT_EQ(committed.at(0), 2);
  EXPECT_EQ(beside([&] { return consumer->committed({{"t", 0}}, 5s); })->at({"t", 0}).offset, 2);
  beat_errors.push_back(ErrorCode::rebalance_in_progress);
  poll(4s);
  EXPECT_EQ(told(), (Values{"revoked 0", "assigned 0"}));
  ASSERT_TRUE(consumer->unsubscribe());
  pass(100ms);
  EXPECT_EQ(leaves, 1);
}

TEST_F(ConsumerGroupTest, StaticMembersNeedABrokerThatHasThem) {
  use_2_1();
  ConsumerOptions options = usual();
  options.instance_id = "i";
  open(options);
  ASSERT_TRUE(consumer->subscribe({"t"}));
  poll(1s);
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), Errc::unsupported);
  EXPECT_TRUE(joins.empty());
}

TEST_F(ConsumerGroupTest, APatternFindsTopicsThatComeLater) {
  open(usual());
  ASSERT_TRUE(consumer->subscribe_pattern("t|new-.*"));
  EXPECT_EQ(poll(), (Values{"a", "b"}));
  EXPECT_EQ(consumer->subscription(), std::set<std::string>{"t"});
}

}  // namespace
}  // namespace horolog::client::test
