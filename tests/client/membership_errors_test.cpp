#include "tests/client/membership_kit.hpp"

#include <gtest/gtest.h>

namespace horolog::client {
namespace {

class MembershipErrorsTest : public MembershipKit {};

TEST_F(MembershipErrorsTest, ForgottenMembersLoseEverythingAndJoinAsNew) {
  make({"range"});
  settle("range", run_of_t(0, 2));
  beat(ErrorCode::unknown_member_id);
  EXPECT_EQ(member->identity().generation, -1);
  EXPECT_EQ(told(), Told(Kind::lost, run_of_t(0, 2)));
  EXPECT_EQ(sent<wire::JoinGroupRequest>().value().member_id, "");
}

TEST_F(MembershipErrorsTest, AnOldGenerationIsLostButTheMemberStays) {
  make({"cooperative-sticky"});
  settle("cooperative-sticky", run_of_t(0, 2));
  beat(ErrorCode::illegal_generation);
  EXPECT_EQ(told(), Told(Kind::lost, run_of_t(0, 2)));
  EXPECT_EQ(sent<wire::JoinGroupRequest>().value().member_id, "me");
}

TEST_F(MembershipErrorsTest, AFencedStaticMemberEnds) {
  make({"range"}, "instance");
  settle("range", run_of_t(0, 1));
  beat(ErrorCode::fenced_instance_id);
  EXPECT_EQ(told(), Told(Kind::lost, run_of_t(0, 1)));
  ASSERT_TRUE(member->failure());
  EXPECT_EQ(member->failure()->kafka_code(), 82);
  EXPECT_EQ(member->failure()->remedy(), Remedy::reopen);
  EXPECT_FALSE(sent<wire::JoinGroupRequest>());
}

TEST_F(MembershipErrorsTest, ASessionThatNobodyConfirmsIsLostHere) {
  make({"range"});
  settle("range", run_of_t(0, 2));
  now += 44 * second;
  member->on_time(now);
  EXPECT_TRUE(member->joined());
  now += 2 * second;
  member->on_time(now);
  EXPECT_FALSE(member->joined());
  EXPECT_EQ(told(), Told(Kind::lost, run_of_t(0, 2)));
}

TEST_F(MembershipErrorsTest, AnApplicationThatDoesNotPollLeavesAndComesBack) {
  make({"range"});
  settle("range", run_of_t(0, 2));
  for (MonoNs passed = 0; passed < 297 * second; passed += 3 * second) {
    beat(ErrorCode::none);
  }
  now += 3 * second;
  member->on_time(now);
  EXPECT_EQ(sent<wire::LeaveGroupRequest>().value().member_id, "me");
  EXPECT_EQ(told(), Told(Kind::lost, run_of_t(0, 2)));
  EXPECT_FALSE(sent<wire::JoinGroupRequest>());
  member->polled(now);
  EXPECT_TRUE(sent<wire::JoinGroupRequest>());
}

TEST_F(MembershipErrorsTest, CoordinatorsThatMoveOrLoadAreWaitedFor) {
  for (const ErrorCode code : {ErrorCode::not_coordinator, ErrorCode::coordinator_not_available,
                               ErrorCode::coordinator_load_in_progress}) {
    make({"range"});
    queue.clear();
    start();
    ASSERT_TRUE(sent<wire::JoinGroupRequest>());
    join_refused(code);
    EXPECT_EQ(sent<Membership::CoordinatorFailed>().has_value(),
              code != ErrorCode::coordinator_load_in_progress);
    member->on_time(now);
    EXPECT_FALSE(sent<wire::JoinGroupRequest>());
    now = member->next_wake();
    member->on_time(now);
    EXPECT_TRUE(sent<wire::JoinGroupRequest>());
  }
}

TEST_F(MembershipErrorsTest, WhatCannotPassFailsWithItsCode) {
  for (const ErrorCode code :
       {ErrorCode::inconsistent_group_protocol, ErrorCode::invalid_session_timeout,
        ErrorCode::group_authorization_failed, ErrorCode::group_max_size_reached}) {
    make({"range"});
    queue.clear();
    start();
    ASSERT_TRUE(sent<wire::JoinGroupRequest>());
    join_refused(code);
    ASSERT_TRUE(member->failure());
    EXPECT_EQ(member->failure()->kafka_code(), static_cast<std::int16_t>(code));
  }
}

TEST_F(MembershipErrorsTest, SyncsRefusedByARebalanceJoinAgain) {
  make({"range"});
  start();
  ASSERT_TRUE(sent<wire::JoinGroupRequest>());
  joined(1);
  ASSERT_TRUE(sent<wire::SyncGroupRequest>());
  member->on_synced(attempt,
                    wire::SyncGroupResponse{.error_code = ErrorCode::rebalance_in_progress}, now);
  EXPECT_TRUE(sent<wire::JoinGroupRequest>());
}

TEST_F(MembershipErrorsTest, HostileAnswersEndTheMembership) {
  make({"range"});
  start();
  ASSERT_TRUE(sent<wire::JoinGroupRequest>());
  joined(1, "other", "an assignor nobody has");
  EXPECT_TRUE(member->failure());

  make({"range"});
  queue.clear();
  start();
  ASSERT_TRUE(sent<wire::JoinGroupRequest>());
  joined(1);
  ASSERT_TRUE(sent<wire::SyncGroupRequest>());
  member->on_synced(attempt, wire::SyncGroupResponse{.assignment = ByteBuffer(5)}, now);
  EXPECT_TRUE(member->failure());
}

TEST_F(MembershipErrorsTest, PartitionsOfTopicsThatWereNotAskedForAreLeftOut) {
  make({"range"});
  start();
  get("range", {{"strange", 0}, {"t", 0}});
  EXPECT_EQ(told(), Told(Kind::assigned, run_of_t(0, 1)));
}

TEST_F(MembershipErrorsTest, AnswersToAnOlderAttemptAreIgnored) {
  make({"range"});
  start();
  ASSERT_TRUE(sent<wire::JoinGroupRequest>());
  const auto old = attempt;
  join_refused(ErrorCode::coordinator_load_in_progress);
  now = member->next_wake();
  member->on_time(now);
  ASSERT_TRUE(sent<wire::JoinGroupRequest>());
  attempt = old;
  joined(7);
  EXPECT_FALSE(member->joined());
}

TEST_F(MembershipErrorsTest, LeavingGivesUpFirstAndStaticMembersStay) {
  make({"range"});
  settle("range", run_of_t(0, 2));
  member->leave(now);
  EXPECT_FALSE(sent<wire::LeaveGroupRequest>());
  EXPECT_EQ(told(), Told(Kind::revoked, run_of_t(0, 2)));
  ASSERT_TRUE(sent<wire::LeaveGroupRequest>());
  EXPECT_FALSE(member->idle());
  member->on_left(attempt, now);
  EXPECT_TRUE(member->idle());

  make({"range"}, "instance");
  queue.clear();
  settle("range", run_of_t(0, 2));
  member->leave(now);
  EXPECT_EQ(told(), Told(Kind::revoked, run_of_t(0, 2)));
  EXPECT_FALSE(sent<wire::LeaveGroupRequest>());
  EXPECT_TRUE(member->idle());
}

TEST_F(MembershipErrorsTest, ARefusedCommitOfThisGenerationCountsAndOneOfAnOlderDoesNot) {
  make({"range"});
  settle("range", run_of_t(0, 2));
  GroupMetadata old = member->identity();
  old.generation -= 1;
  member->on_commit_refused(ErrorCode::illegal_generation, old, now);
  EXPECT_TRUE(member->stable());
  member->on_commit_refused(ErrorCode::illegal_generation, member->identity(), now);
  EXPECT_EQ(told(), Told(Kind::lost, run_of_t(0, 2)));
}

TEST_F(MembershipErrorsTest, ACommitThatTheNextGenerationOvertookLosesNothing) {
  make({"cooperative-sticky"});
  settle("cooperative-sticky", run_of_t(0, 2));
  const GroupMetadata who = member->identity();
  EXPECT_FALSE(member->overtaken(ErrorCode::illegal_generation, who));
  beat(ErrorCode::rebalance_in_progress);
  ASSERT_TRUE(sent<wire::JoinGroupRequest>());
  // The coordinator has begun the next generation, and we have not heard of it yet.
  EXPECT_TRUE(member->overtaken(ErrorCode::illegal_generation, who));
  member->on_commit_refused(ErrorCode::illegal_generation, who, now);
  joined(++generation, "other", "cooperative-sticky");
  EXPECT_TRUE(member->overtaken(ErrorCode::illegal_generation, who));
  EXPECT_FALSE(member->overtaken(ErrorCode::unknown_member_id, who));
  ASSERT_TRUE(sent<wire::SyncGroupRequest>());
  synced(run_of_t(0, 2));
  EXPECT_EQ(told(), Told(Kind::assigned, {}));
  EXPECT_EQ(member->owned().size(), 2U);
}

TEST_F(MembershipErrorsTest, LossWhileTheApplicationHandlesAnEventComesAfterIt) {
  make({"range"});
  start();
  get("range", run_of_t(0, 2));
  ASSERT_TRUE(member->next_event(now));
  beat(ErrorCode::unknown_member_id);
  EXPECT_FALSE(member->next_event(now)) << "one at a time";
  member->event_done(now);
  EXPECT_EQ(told(), Told(Kind::lost, run_of_t(0, 2)));
  EXPECT_TRUE(sent<wire::JoinGroupRequest>());
}

TEST_F(MembershipErrorsTest, OtherTopicsMeanAnotherRebalance) {
  make({"cooperative-sticky"});
  settle("cooperative-sticky", run_of_t(0, 2));
  member->subscribe({"u"}, now);
  EXPECT_EQ(told(), Told(Kind::revoked, run_of_t(0, 2))) << "not subscribed any more";
  EXPECT_TRUE(sent<wire::JoinGroupRequest>());
}

}  // namespace
}  // namespace horolog::client
