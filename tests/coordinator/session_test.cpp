#include "tests/coordinator/rig.hpp"

namespace horolog::coordinator::testing {
namespace {

TEST(Session, SilentMemberIsRemovedExactlyWhenItsSessionEnds) {
  Rig rig;
  const std::string a = rig.stable_single("g", {.session_ms = 10'000});
  rig.pass(9'999);
  EXPECT_EQ(rig.state("g"), GroupState::stable);
  rig.pass(1);
  EXPECT_EQ(rig.state("g"), GroupState::empty);
  EXPECT_EQ(rig.group("g").generation(), 2);
  EXPECT_EQ(rig.heartbeat("g", a, 1), ErrorCode::unknown_member_id);
}

TEST(Session, HeartbeatsAndCommitsKeepAMember) {
  Rig rig;
  const std::string a = rig.stable_single("g", {.session_ms = 10'000});
  for (int i = 0; i < 5; ++i) {
    rig.pass(9'000);
    EXPECT_EQ(rig.heartbeat("g", a, 1), ErrorCode::none);
    rig.pass(9'000);
    EXPECT_EQ(rig.commit("g", "t", 0, i, {.member = a, .generation = 1}), ErrorCode::none);
  }
  EXPECT_EQ(rig.state("g"), GroupState::stable);
}

TEST(Session, AStepOfTheDateExpelsNobody) {
  Rig rig;
  const std::string a = rig.stable_single("g");
  rig.now.wall_ms += 365LL * 86'400'000;
  rig.pass(1);
  EXPECT_EQ(rig.heartbeat("g", a, 1), ErrorCode::none);
}

TEST(Session, OneDeadMemberMakesTheOthersRebalance) {
  Rig rig;
  const std::string a = rig.stable_single("g", {.session_ms = 30'000});
  rig.join_fresh("g", {.session_ms = 10'000});
  const std::string b = rig.last_member;
  rig.join("g", {.member = a, .session_ms = 30'000});
  rig.sync("g", b, 2);
  rig.sync("g", a, 2);
  rig.pass(10'000);
  EXPECT_EQ(rig.heartbeat("g", a, 2), ErrorCode::rebalance_in_progress);
  const auto joined = rig.joined(rig.join("g", {.member = a, .session_ms = 30'000}));
  EXPECT_EQ(joined.generation_id, 3);
  EXPECT_EQ(joined.members.size(), 1U);
}

TEST(Session, AnIdThatIsNeverUsedIsForgotten) {
  Rig rig;
  const auto answer = rig.joined(rig.join("g", {.session_ms = 6'000}));
  rig.pass(6'000);
  EXPECT_EQ(rig.joined(rig.join("g", {.member = answer.member_id})).error_code,
            ErrorCode::unknown_member_id);
}

TEST(Session, PendingJoinHoldsUpTheRebalanceUntilItExpires) {
  Rig rig;
  const std::string a = rig.stable_single("g", {.session_ms = 60'000});
  rig.join("g", {.session_ms = 6'000});
  const Token again = rig.join("g", {.member = a, .session_ms = 60'000});
  EXPECT_FALSE(rig.answered(again));
  rig.pass(6'000);
  EXPECT_EQ(rig.joined(again).generation_id, 2);
}

TEST(Session, MembersThatMissTheRebalanceTimeoutAreLeftBehind) {
  Rig rig;
  const std::string a =
      rig.stable_single("g", {.session_ms = 100'000, .rebalance_ms = 20'000});
  const Token b = rig.join_fresh("g", {.session_ms = 100'000, .rebalance_ms = 10'000});
  rig.pass(19'999);
  EXPECT_FALSE(rig.answered(b));
  rig.pass(1);
  EXPECT_EQ(rig.joined(b).generation_id, 2);
  EXPECT_EQ(rig.joined(b).leader, rig.last_member);
  EXPECT_EQ(rig.heartbeat("g", a, 1), ErrorCode::unknown_member_id);
}

TEST(Session, MembersThatNeverSyncAreRemoved) {
  Rig rig;
  const std::string a =
      rig.stable_single("g", {.session_ms = 100'000, .rebalance_ms = 20'000});
  rig.join_fresh("g", {.session_ms = 100'000, .rebalance_ms = 20'000});
  const std::string b = rig.last_member;
  rig.join("g", {.member = a, .session_ms = 100'000, .rebalance_ms = 20'000});
  rig.sync("g", a, 2);
  EXPECT_EQ(rig.state("g"), GroupState::stable);
  rig.pass(20'000);
  EXPECT_EQ(rig.heartbeat("g", b, 2), ErrorCode::unknown_member_id);
  EXPECT_EQ(rig.state("g"), GroupState::preparing_rebalance);
}

TEST(Session, AParkedNewMemberIsGivenUpAfterFiveMinutes) {
  Rig rig;
  const std::string a =
      rig.stable_single("g", {.session_ms = 1'000'000, .rebalance_ms = 1'000'000});
  const Token b = rig.join_fresh("g", {.rebalance_ms = 1'000'000});
  rig.pass(299'999);
  EXPECT_FALSE(rig.answered(b));
  rig.pass(1);
  EXPECT_EQ(rig.joined(b).error_code, ErrorCode::unknown_member_id);
  EXPECT_EQ(rig.joined(b).member_id, "");
  EXPECT_EQ(rig.group("g").members().size(), 1U);
}

TEST(Session, HeartbeatErrors) {
  Rig rig;
  EXPECT_EQ(rig.heartbeat("", "m", 1), ErrorCode::invalid_group_id);
  EXPECT_EQ(rig.heartbeat("none", "m", 1), ErrorCode::unknown_member_id);
  const std::string a = rig.stable_single("g");
  EXPECT_EQ(rig.heartbeat("g", "ghost", 1), ErrorCode::unknown_member_id);
  EXPECT_EQ(rig.heartbeat("g", a, 2), ErrorCode::illegal_generation);
  EXPECT_EQ(rig.heartbeat("g", a, 0), ErrorCode::illegal_generation);
}

TEST(Leave, LastMemberLeavesAnEmptyGroup) {
  Rig rig;
  const std::string a = rig.stable_single("g");
  const auto response = rig.leave("g", a);
  EXPECT_EQ(response.error_code, ErrorCode::none);
  EXPECT_EQ(response.members.at(0).error_code, ErrorCode::none);
  EXPECT_EQ(rig.state("g"), GroupState::empty);
  EXPECT_FALSE(rig.group("g").leader().has_value());
}

TEST(Leave, Errors) {
  Rig rig;
  EXPECT_EQ(rig.leave("", "m").error_code, ErrorCode::invalid_group_id);
  EXPECT_EQ(rig.leave("none", "m").members.at(0).error_code, ErrorCode::unknown_member_id);
  EXPECT_EQ(rig.leave("none", "m", {}, 2).error_code, ErrorCode::unknown_member_id);
  rig.stable_single("g");
  EXPECT_EQ(rig.leave("g", "ghost").members.at(0).error_code, ErrorCode::unknown_member_id);
  EXPECT_EQ(rig.leave("g", "", "nobody").members.at(0).error_code, ErrorCode::unknown_member_id);
  EXPECT_EQ(rig.state("g"), GroupState::stable);
}

TEST(Leave, PendingAndParkedMembersMayLeave) {
  Rig rig;
  const std::string a = rig.stable_single("g");
  const auto pending = rig.joined(rig.join("g"));
  EXPECT_EQ(rig.leave("g", pending.member_id).members.at(0).error_code, ErrorCode::none);
  const Token parked = rig.join_fresh("g");
  const std::string b = rig.last_member;
  EXPECT_EQ(rig.leave("g", b).members.at(0).error_code, ErrorCode::none);
  EXPECT_EQ(rig.joined(parked).error_code, ErrorCode::unknown_member_id);
  EXPECT_EQ(rig.joined(rig.join("g", {.member = a})).generation_id, 2);
}

TEST(Leave, LeaderLeavingHandsOverAndRebalances) {
  Rig rig;
  const std::string a = rig.stable_single("g");
  rig.join_fresh("g");
  const std::string b = rig.last_member;
  rig.join("g", {.member = a});
  rig.sync("g", b, 2);
  rig.sync("g", a, 2);
  rig.leave("g", a);
  EXPECT_EQ(rig.state("g"), GroupState::preparing_rebalance);
  const auto joined = rig.joined(rig.join("g", {.member = b}));
  EXPECT_EQ(joined.leader, b);
  EXPECT_EQ(joined.generation_id, 3);
}

}  // namespace
}  // namespace horolog::coordinator::testing
