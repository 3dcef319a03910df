#include "tests/coordinator/rig.hpp"

namespace horolog::coordinator::testing {
namespace {

/// A stable group with static members "i1" (leader) and "i2"; their ids.
std::pair<std::string, std::string> stable_pair(Rig& rig) {
  const Token one = rig.join("g", {.instance = "i1"});
  const std::string a = rig.joined(one).member_id;
  const Token two = rig.join("g", {.instance = "i2"});
  rig.join("g", {.member = a, .instance = "i1"});
  const std::string b = rig.joined(two).member_id;
  rig.sync("g", b, 2, {}, "i2");
  rig.sync("g", a, 2, {{a, "for a"}, {b, "for b"}}, "i1");
  EXPECT_EQ(rig.state("g"), GroupState::stable);
  return {a, b};
}

TEST(StaticMember, JoinsAtOnceWithAnIdFromItsInstance) {
  Rig rig;
  const auto joined = rig.joined(rig.join("g", {.instance = "i1"}));
  EXPECT_EQ(joined.error_code, ErrorCode::none);
  EXPECT_EQ(joined.member_id.substr(0, 3), "i1-");
  EXPECT_EQ(joined.members.at(0).group_instance_id, "i1");
}

TEST(StaticMember, ComesBackToItsAssignmentWithoutARebalance) {
  Rig rig;
  const auto [a, b] = stable_pair(rig);
  const auto back = rig.joined(rig.join("g", {.instance = "i2"}));
  EXPECT_EQ(back.error_code, ErrorCode::none);
  EXPECT_NE(back.member_id, b);
  EXPECT_EQ(back.generation_id, 2);
  EXPECT_FALSE(back.skip_assignment);
  EXPECT_EQ(rig.state("g"), GroupState::stable);
  EXPECT_EQ(text(rig.synced(rig.sync("g", back.member_id, 2, {}, "i2")).assignment), "for b");
  // The old id is fenced everywhere.
  EXPECT_EQ(rig.heartbeat("g", b, 2, "i2"), ErrorCode::fenced_instance_id);
  EXPECT_EQ(rig.synced(rig.sync("g", b, 2, {}, "i2")).error_code, ErrorCode::fenced_instance_id);
  EXPECT_EQ(rig.joined(rig.join("g", {.member = b, .instance = "i2"})).error_code,
            ErrorCode::fenced_instance_id);
  EXPECT_EQ(rig.commit("g", "t", 0, 1, {.member = b, .generation = 2, .instance = "i2"}),
            ErrorCode::fenced_instance_id);
  EXPECT_EQ(rig.leave("g", b, "i2").members.at(0).error_code, ErrorCode::fenced_instance_id);
  // The new id survives a restart: it was written, and the answer waits for that.
  Rig restarted({}, rig.log, rig.now);
  EXPECT_EQ(restarted.heartbeat("g", back.member_id, 2, "i2"), ErrorCode::none);
}

TEST(StaticMember, ReturningLeaderSkipsTheAssignmentFromVersionNine) {
  Rig rig;
  const auto [a, b] = stable_pair(rig);
  const auto back = rig.joined(rig.join("g", {.instance = "i1", .version = 9}));
  EXPECT_TRUE(back.skip_assignment);
  EXPECT_EQ(back.leader, back.member_id);
  EXPECT_EQ(back.members.size(), 2U);
}

TEST(StaticMember, ReturningLeaderOfAnOldVersionIsToldTheOldLeader) {
  Rig rig;
  const auto [a, b] = stable_pair(rig);
  const auto back = rig.joined(rig.join("g", {.instance = "i1", .version = 8}));
  EXPECT_FALSE(back.skip_assignment);
  EXPECT_EQ(back.leader, a);
  EXPECT_TRUE(back.members.empty());
  EXPECT_TRUE(rig.group("g").is_leader(back.member_id));
}

TEST(StaticMember, ComingBackWithAnotherProtocolChoiceRebalances) {
  Rig rig;
  const auto p = [](std::string n) { return std::pair{n, bytes(n)}; };
  const std::string a =
      rig.joined(rig.join("g", {.instance = "i1", .protocols = {p("range"), p("sticky")}}))
          .member_id;
  rig.sync("g", a, 1, {{a, "x"}}, "i1");
  const Token back =
      rig.join("g", {.instance = "i1", .protocols = {p("sticky"), p("range")}});
  EXPECT_EQ(rig.joined(back).generation_id, 2);
  EXPECT_EQ(rig.joined(back).protocol_name, "sticky");
}

TEST(StaticMember, ReturnDuringCompletingRebalances) {
  Rig rig;
  const auto [a, b] = stable_pair(rig);
  const Token again = rig.join("g", {.member = a, .instance = "i1"});
  rig.join("g", {.member = b, .instance = "i2"});
  ASSERT_TRUE(rig.answered(again));
  const Token waiting = rig.sync("g", b, 3, {}, "i2");
  const Token back = rig.join("g", {.instance = "i2"});
  EXPECT_EQ(rig.synced(waiting).error_code, ErrorCode::fenced_instance_id);
  EXPECT_FALSE(rig.answered(back));
  EXPECT_EQ(rig.state("g"), GroupState::preparing_rebalance);
  rig.join("g", {.member = a, .instance = "i1"});
  EXPECT_EQ(rig.joined(back).generation_id, 4);
}

TEST(StaticMember, AParkedDuplicateIsFencedAtOnce) {
  Rig rig;
  stable_pair(rig);
  const Token dynamic = rig.join_fresh("g");
  EXPECT_FALSE(rig.answered(dynamic));
  const Token first = rig.join("g", {.instance = "i2"});
  const Token second = rig.join("g", {.instance = "i2"});
  EXPECT_EQ(rig.joined(first).error_code, ErrorCode::fenced_instance_id);
  EXPECT_FALSE(rig.answered(second));
}

TEST(StaticMember, MissingARebalanceDoesNotExpelIt) {
  Rig rig;
  const auto [a, b] = stable_pair(rig);
  rig.join_fresh("g", {.session_ms = 1'800'000});
  const Token again = rig.join("g", {.member = a, .instance = "i1", .session_ms = 1'800'000});
  // Dies of its session, not of the rebalance.
  rig.pass(9'999);
  EXPECT_FALSE(rig.answered(again));
  EXPECT_EQ(rig.group("g").members().size(), 3U);
  rig.pass(1);
  EXPECT_EQ(rig.joined(again).members.size(), 2U);
}

TEST(StaticMember, AnAdministratorRemovesItByName) {
  Rig rig;
  const auto [a, b] = stable_pair(rig);
  const auto response = rig.leave("g", "", "i2");
  EXPECT_EQ(response.members.at(0).error_code, ErrorCode::none);
  EXPECT_EQ(response.members.at(0).group_instance_id, "i2");
  EXPECT_EQ(rig.heartbeat("g", b, 2, "i2"), ErrorCode::unknown_member_id);
}

TEST(StaticMember, AnUnknownInstanceIsAnUnknownMember) {
  Rig rig;
  const auto [a, b] = stable_pair(rig);
  EXPECT_EQ(rig.heartbeat("g", a, 2, "i9"), ErrorCode::unknown_member_id);
}

}  // namespace
}  // namespace horolog::coordinator::testing
