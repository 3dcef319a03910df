#include "tests/client/membership_kit.hpp"

#include <gtest/gtest.h>

namespace horolog::client {
namespace {

class MembershipTest : public MembershipKit {};

TEST_F(MembershipTest, NothingIsSentBeforeTheFirstPoll) {
  make({"range"});
  member->subscribe({"t"}, now);
  EXPECT_FALSE(sent<wire::JoinGroupRequest>());
  member->polled(now);
  const auto join = sent<wire::JoinGroupRequest>();
  ASSERT_TRUE(join);
  EXPECT_EQ(join->group_id, "g");
  EXPECT_EQ(join->session_timeout_ms, 45'000);
  EXPECT_EQ(join->rebalance_timeout_ms, 300'000);
  EXPECT_EQ(join->protocols.size(), 1U);
}

TEST_F(MembershipTest, AMemberIdIsTakenAndUsedButOnlyOnce) {
  make({"range"});
  start();
  ASSERT_TRUE(sent<wire::JoinGroupRequest>());
  member->on_joined(attempt,
                    wire::JoinGroupResponse{.error_code = ErrorCode::member_id_required,
                                            .member_id = "me"}, now);
  EXPECT_EQ(sent<wire::JoinGroupRequest>().value().member_id, "me");
  member->on_joined(attempt,
                    wire::JoinGroupResponse{.error_code = ErrorCode::member_id_required,
                                            .member_id = "me2"}, now);
  EXPECT_FALSE(sent<wire::JoinGroupRequest>()) << "a broker that asks for ever is not hammered";
}

TEST_F(MembershipTest, AFollowerGetsItsAssignment) {
  make({"range"});
  settle("range", run_of_t(0, 3));
  EXPECT_EQ(member->owned().size(), 3U);
  const GroupMetadata who = member->identity();
  EXPECT_EQ(who.generation, 1);
  EXPECT_EQ(who.member_id, "me");
}

TEST_F(MembershipTest, TheLeaderAssignsForAll) {
  make({"range"});
  start();
  ASSERT_TRUE(sent<wire::JoinGroupRequest>());
  const auto range = range_assignor();
  joined(1, "me", "range",
         {{.member_id = "me", .group_instance_id = {},
           .metadata = encode_subscription(*range, {"t"}, {}, -1)},
          {.member_id = "you", .group_instance_id = {},
           .metadata = encode_subscription(*range, {"t", "u"}, {}, -1)}});
  const auto wanted = sent<Membership::LookUpCounts>();
  ASSERT_TRUE(wanted);
  EXPECT_EQ(wanted->topics, (std::set<std::string>{"t", "u"}));
  member->on_counts(attempt, PartitionCounts{{"t", 3}, {"u", 1}}, now);
  const auto sync = sent<wire::SyncGroupRequest>();
  ASSERT_TRUE(sync);
  ASSERT_EQ(sync->assignments.size(), 2U);
  EXPECT_EQ(*decode_assignment(sync->assignments[0].assignment), run_of_t(0, 2));
  synced(run_of_t(0, 2));
  EXPECT_EQ(told(), Told(Kind::assigned, run_of_t(0, 2)));
  member->on_topics({{"t", 3}, {"u", 1}}, now);
  EXPECT_FALSE(sent<wire::JoinGroupRequest>());
  member->on_topics({{"t", 4}, {"u", 1}}, now);
  EXPECT_EQ(told(), Told(Kind::revoked, run_of_t(0, 2)));
  EXPECT_TRUE(sent<wire::JoinGroupRequest>()) << "a topic grew";
}

TEST_F(MembershipTest, AMemberWhoseSubscriptionCannotBeReadFailsTheLeader) {
  make({"range"});
  start();
  ASSERT_TRUE(sent<wire::JoinGroupRequest>());
  joined(1, "me", "range",
         {{.member_id = "evil", .group_instance_id = {}, .metadata = ByteBuffer(3)}});
  ASSERT_TRUE(member->failure());
  EXPECT_NE(member->failure()->message().find("evil"), std::string::npos);
}

TEST_F(MembershipTest, EagerRebalancesWaitUntilAllIsGivenUp) {
  make({"range"});
  settle("range", run_of_t(0, 2));
  beat(ErrorCode::rebalance_in_progress);
  EXPECT_FALSE(sent<wire::JoinGroupRequest>()) << "the application has not given them up";
  EXPECT_EQ(member->identity().generation, 1) << "commits are still good";
  EXPECT_EQ(told(), Told(Kind::revoked, run_of_t(0, 2)));
  get("range", run_of_t(1, 2));
  EXPECT_EQ(told(), Told(Kind::assigned, run_of_t(1, 2)));
  EXPECT_TRUE(member->stable());
}

TEST_F(MembershipTest, CooperativeRebalancesKeepWhatStaysAndJoinAgainAfterARevocation) {
  make({"cooperative-sticky"});
  settle("cooperative-sticky", run_of_t(0, 4));
  beat(ErrorCode::rebalance_in_progress);
  const auto join = sent<wire::JoinGroupRequest>();
  ASSERT_TRUE(join) << "nothing is to be given up first";
  const auto self = decode_member({.member_id = "me", .group_instance_id = {},
                                   .metadata = join->protocols[0].metadata});
  EXPECT_EQ(self->owned, run_of_t(0, 4));
  EXPECT_EQ(self->generation, 1);
  joined(2, "other", "cooperative-sticky");
  ASSERT_TRUE(sent<wire::SyncGroupRequest>());
  synced(run_of_t(0, 2));
  EXPECT_EQ(told(), Told(Kind::revoked, run_of_t(2, 4)));
  EXPECT_EQ(told(), Told(Kind::assigned, {}));
  ASSERT_TRUE(sent<wire::JoinGroupRequest>()) << "the others wait for these";
  joined(3, "other", "cooperative-sticky");
  ASSERT_TRUE(sent<wire::SyncGroupRequest>());
  synced(run_of_t(0, 2));
  EXPECT_EQ(told(), Told(Kind::assigned, {}));
  EXPECT_TRUE(member->stable());
}

TEST_F(MembershipTest, OneEagerAssignorMakesTheMemberEager) {
  make({"range", "cooperative-sticky"});
  EXPECT_EQ(member->protocol(), RebalanceProtocol::eager);
  make({"cooperative-sticky"});
  EXPECT_EQ(member->protocol(), RebalanceProtocol::cooperative);
}

}  // namespace
}  // namespace horolog::client
