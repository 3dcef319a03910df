#include "tests/coordinator/rig.hpp"

namespace horolog::coordinator::testing {
namespace {

TEST(Rebalance, FirstMemberGetsAnIdThenLeadsGenerationOne) {
  Rig rig;
  const auto first = rig.joined(rig.join("g"));
  EXPECT_EQ(first.error_code, ErrorCode::member_id_required);
  EXPECT_EQ(first.member_id, "client-00000000-0000-0000-0000-000000000001");
  const auto joined = rig.joined(rig.join("g", {.member = first.member_id}));
  EXPECT_EQ(joined.error_code, ErrorCode::none);
  EXPECT_EQ(joined.generation_id, 1);
  EXPECT_EQ(joined.leader, first.member_id);
  EXPECT_EQ(joined.protocol_name, "range");
  EXPECT_EQ(joined.protocol_type, "consumer");
  ASSERT_EQ(joined.members.size(), 1U);
  EXPECT_EQ(text(joined.members[0].metadata), "m");
  EXPECT_EQ(rig.state("g"), GroupState::completing_rebalance);

  const Token sync = rig.sync("g", first.member_id, 1, {{first.member_id, "a"}});
  EXPECT_EQ(text(rig.synced(sync).assignment), "a");
  EXPECT_EQ(rig.state("g"), GroupState::stable);
  EXPECT_EQ(rig.heartbeat("g", first.member_id, 1), ErrorCode::none);
}

TEST(Rebalance, ANewGroupIsWrittenDownEmpty) {
  Rig rig;
  rig.join("g");
  ASSERT_EQ(rig.log.size(), 1U);
  const auto record = decode_record(rig.log[0].key, ByteView(*rig.log[0].value));
  const auto& group = std::get<GroupRecord>(*record);
  EXPECT_EQ(group.group, "g");
  EXPECT_EQ(group.value->generation, 0);
  EXPECT_FALSE(group.value->protocol.has_value());
  EXPECT_FALSE(group.value->leader.has_value());
  rig.join("g");
  EXPECT_EQ(rig.log.size(), 1U);
}

TEST(Rebalance, OldClientsJoinWithoutAnIdOfTheirOwn) {
  Rig rig;
  const auto joined = rig.joined(rig.join("g", {.version = 3}));
  EXPECT_EQ(joined.error_code, ErrorCode::none);
  EXPECT_FALSE(joined.member_id.empty());
}

TEST(Rebalance, SecondMemberMakesBothJoinAgain) {
  Rig rig;
  const std::string a = rig.stable_single("g");
  const Token b_join = rig.join_fresh("g");
  const std::string b = rig.last_member;
  EXPECT_FALSE(rig.answered(b_join));
  EXPECT_EQ(rig.heartbeat("g", a, 1), ErrorCode::rebalance_in_progress);
  const Token a_join = rig.join("g", {.member = a});
  ASSERT_TRUE(rig.answered(a_join) && rig.answered(b_join));
  EXPECT_EQ(rig.joined(a_join).generation_id, 2);
  EXPECT_EQ(rig.joined(a_join).leader, a);
  EXPECT_EQ(rig.joined(a_join).members.size(), 2U);
  EXPECT_TRUE(rig.joined(b_join).members.empty());

  const Token b_sync = rig.sync("g", b, 2);
  EXPECT_FALSE(rig.answered(b_sync));
  const Token a_sync = rig.sync("g", a, 2, {{a, "p0"}, {b, "p1"}});
  EXPECT_EQ(text(rig.synced(a_sync).assignment), "p0");
  EXPECT_EQ(text(rig.synced(b_sync).assignment), "p1");
  // Both replies were computed from the record of the generation.
  EXPECT_EQ(rig.replies.at(b_sync).after, rig.machine.writes());
}

TEST(Rebalance, VotesDecideAmongTheProtocolsThatAllSupport) {
  Rig rig;
  const auto p = [](std::string n) { return std::pair{n, bytes(n)}; };
  const Token a =
      rig.join("g", {.version = 3, .protocols = {p("range"), p("sticky"), p("only-a")}});
  const std::string id = rig.joined(a).member_id;
  rig.join("g", {.version = 3, .protocols = {p("sticky"), p("range")}});
  rig.join("g", {.version = 3, .protocols = {p("sticky"), p("range")}});
  const Token again =
      rig.join("g", {.member = id, .version = 3,
                     .protocols = {p("range"), p("sticky"), p("only-a")}});
  EXPECT_EQ(rig.joined(again).protocol_name, "sticky");
  for (const auto& member : rig.joined(again).members) {
    EXPECT_EQ(text(member.metadata), "sticky");
  }
}

TEST(Rebalance, NoCommonProtocolIsInconsistent) {
  Rig rig;
  rig.stable_single("g");
  const auto other = rig.joined(rig.join("g", {.protocols = {{"other", {}}}}));
  EXPECT_EQ(other.error_code, ErrorCode::inconsistent_group_protocol);
  const auto type = rig.joined(rig.join("g", {.type = "connect"}));
  EXPECT_EQ(type.error_code, ErrorCode::inconsistent_group_protocol);
  const auto none = rig.joined(rig.join("h", {.protocols = {}}));
  EXPECT_EQ(none.error_code, ErrorCode::inconsistent_group_protocol);
}

TEST(Rebalance, RepeatedProtocolNamesCountOnce) {
  Rig rig;
  const auto joined = rig.joined(
      rig.join("g", {.version = 0, .protocols = {{"range", bytes("1")}, {"range", bytes("2")}}}));
  EXPECT_EQ(joined.error_code, ErrorCode::none);
  EXPECT_EQ(joined.protocol_name, "range");
  EXPECT_EQ(text(joined.members.at(0).metadata), "1");
}

TEST(Rebalance, JoinErrors) {
  Rig rig;
  EXPECT_EQ(rig.joined(rig.join("")).error_code, ErrorCode::invalid_group_id);
  EXPECT_FALSE(rig.joined(rig.join("", {.version = 7})).protocol_name.has_value());
  EXPECT_EQ(rig.joined(rig.join("", {.version = 6})).protocol_name, "");
  EXPECT_EQ(rig.joined(rig.join("g", {.session_ms = 5'999})).error_code,
            ErrorCode::invalid_session_timeout);
  EXPECT_EQ(rig.joined(rig.join("g", {.session_ms = 1'800'001})).error_code,
            ErrorCode::invalid_session_timeout);
  EXPECT_EQ(rig.joined(rig.join("g", {.member = "ghost"})).error_code,
            ErrorCode::unknown_member_id);
  rig.stable_single("g");
  EXPECT_EQ(rig.joined(rig.join("g", {.member = "ghost"})).error_code,
            ErrorCode::unknown_member_id);
}

TEST(Rebalance, RetriedJoinsAreAnsweredWithoutARebalance) {
  Rig rig;
  const std::string a = rig.stable_single("g");
  const Token b_join = rig.join_fresh("g");
  const std::string b = rig.last_member;
  rig.join("g", {.member = a});
  ASSERT_TRUE(rig.answered(b_join));
  // CompletingRebalance: the same answer again.
  const auto again = rig.joined(rig.join("g", {.member = a}));
  EXPECT_EQ(again.generation_id, 2);
  EXPECT_EQ(again.members.size(), 2U);
  rig.sync("g", b, 2);
  rig.sync("g", a, 2, {{a, "x"}, {b, "y"}});
  // Stable: a follower with the same metadata stays, and a repeated sync gives its assignment.
  const auto follower = rig.joined(rig.join("g", {.member = b}));
  EXPECT_EQ(follower.generation_id, 2);
  EXPECT_EQ(rig.state("g"), GroupState::stable);
  EXPECT_EQ(text(rig.synced(rig.sync("g", b, 2)).assignment), "y");
  // New metadata, or the leader joining again, is a rebalance.
  const Token changed = rig.join("g", {.member = b, .protocols = {{"range", bytes("new")}}});
  EXPECT_FALSE(rig.answered(changed));
  EXPECT_EQ(rig.state("g"), GroupState::preparing_rebalance);
}

TEST(Rebalance, LeaderJoiningAStableGroupStartsARebalance) {
  Rig rig;
  const std::string a = rig.stable_single("g");
  EXPECT_EQ(rig.joined(rig.join("g", {.member = a})).generation_id, 2);
}

TEST(Rebalance, SecondParkedJoinOfAMemberReplacesTheFirst) {
  Rig rig;
  rig.stable_single("g");
  const Token first = rig.join_fresh("g");
  const Token second = rig.join("g", {.member = rig.last_member});
  EXPECT_EQ(rig.joined(first).error_code, ErrorCode::rebalance_in_progress);
  EXPECT_FALSE(rig.answered(second));
}

TEST(Rebalance, SyncErrors) {
  Rig rig;
  EXPECT_EQ(rig.synced(rig.sync("", "m", 1)).error_code, ErrorCode::invalid_group_id);
  EXPECT_EQ(rig.synced(rig.sync("none", "m", 1)).error_code, ErrorCode::unknown_member_id);
  const std::string a = rig.stable_single("g");
  EXPECT_EQ(rig.synced(rig.sync("g", "ghost", 1)).error_code, ErrorCode::unknown_member_id);
  EXPECT_EQ(rig.synced(rig.sync("g", a, 7)).error_code, ErrorCode::illegal_generation);
  EXPECT_EQ(rig.synced(rig.sync("g", a, 1, {}, "instance")).error_code,
            ErrorCode::unknown_member_id);
  wire::SyncGroupRequest request;
  request.group_id = "g";
  request.member_id = a;
  request.generation_id = 1;
  request.protocol_name = "sticky";
  const Caller caller = rig.caller(5);
  rig.take(rig.machine.sync(caller, request, rig.now));
  EXPECT_EQ(rig.synced(caller.token).error_code, ErrorCode::inconsistent_group_protocol);
  rig.join_fresh("g");
  EXPECT_EQ(rig.synced(rig.sync("g", a, 1)).error_code, ErrorCode::rebalance_in_progress);
}

TEST(Rebalance, MembersWithoutAnAssignmentGetAnEmptyOne) {
  Rig rig;
  const auto joined = rig.joined(rig.join_fresh("g"));
  const Token sync = rig.sync("g", joined.member_id, 1, {{"somebody else", "x"}});
  EXPECT_EQ(rig.synced(sync).error_code, ErrorCode::none);
  EXPECT_TRUE(rig.synced(sync).assignment.empty());
}

TEST(Rebalance, JoinDuringCompletingSendsWaitingSyncsBack) {
  Rig rig;
  const std::string a = rig.stable_single("g");
  rig.join_fresh("g");
  const std::string b = rig.last_member;
  rig.join("g", {.member = a});
  const Token b_sync = rig.sync("g", b, 2);
  rig.join_fresh("g");
  EXPECT_EQ(rig.synced(b_sync).error_code, ErrorCode::rebalance_in_progress);
  EXPECT_EQ(rig.state("g"), GroupState::preparing_rebalance);
}

TEST(Rebalance, FullGroupRefusesNewMembersAndKeepsOldOnes) {
  Rig rig({.max_group_size = 1});
  const std::string a = rig.stable_single("g");
  EXPECT_EQ(rig.joined(rig.join("g")).error_code, ErrorCode::group_max_size_reached);
  EXPECT_EQ(rig.joined(rig.join("g", {.member = a})).error_code, ErrorCode::none);
}

TEST(Rebalance, InitialDelayGathersMembersAndIsExtendedWhileTheyCome) {
  Rig rig({.initial_rebalance_delay_ms = 3'000});
  const Token a = rig.join_fresh("g", {.rebalance_ms = 10'000});
  rig.pass(2'900);
  EXPECT_FALSE(rig.answered(a));
  const Token b = rig.join_fresh("g", {.rebalance_ms = 10'000});
  rig.pass(200);
  EXPECT_FALSE(rig.answered(a));
  rig.pass(3'000);
  ASSERT_TRUE(rig.answered(a) && rig.answered(b));
  EXPECT_EQ(rig.joined(a).generation_id, 1);
  EXPECT_EQ(rig.group("g").members().size(), 2U);
}

TEST(Rebalance, StormOfAHundredMembersEndsInOneGeneration) {
  Rig rig;
  const std::string a = rig.stable_single("g");
  std::vector<Token> joins;
  std::vector<std::string> ids{a};
  for (int i = 1; i < 100; ++i) {
    joins.push_back(rig.join_fresh("g"));
    ids.push_back(rig.last_member);
  }
  for (const Token token : joins) ASSERT_FALSE(rig.answered(token));
  const Token last = rig.join("g", {.member = a});
  for (const Token token : joins) ASSERT_EQ(rig.joined(token).generation_id, 2);
  EXPECT_EQ(rig.joined(last).members.size(), 100U);
  Rig::Assignments all;
  for (const auto& id : ids) all.emplace_back(id, "for " + id);
  std::vector<Token> syncs;
  for (int i = 1; i < 100; ++i) syncs.push_back(rig.sync("g", ids[i], 2));
  rig.sync("g", a, 2, all);
  for (int i = 1; i < 100; ++i) {
    EXPECT_EQ(text(rig.synced(syncs[i - 1]).assignment), "for " + ids[i]);
  }
  EXPECT_EQ(rig.state("g"), GroupState::stable);
}

}  // namespace
}  // namespace horolog::coordinator::testing
