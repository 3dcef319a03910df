#include "tests/coordinator/rig.hpp"

namespace horolog::coordinator::testing {
namespace {

constexpr std::int64_t day_ms = 86'400'000;

TEST(Offsets, StandaloneCommitMakesASimpleGroup) {
  Rig rig;
  EXPECT_EQ(rig.committed("g", "t", 0), -1);
  EXPECT_EQ(rig.commit("g", "t", 0, 42), ErrorCode::none);
  EXPECT_EQ(rig.committed("g", "t", 0), 42);
  EXPECT_EQ(rig.committed("g", "t", 1), -1);
  EXPECT_EQ(rig.state("g"), GroupState::empty);
  EXPECT_EQ(rig.describe("g").protocol_type, "");
}

TEST(Offsets, AFetchWaitsForTheCommitItReads) {
  Rig rig;
  rig.commit("other", "t", 0, 1);
  const Token commit = rig.commit_token("g", "t", 0, 1, {});
  EXPECT_EQ(rig.replies.at(commit).after, 2U);
  const auto before = rig.replies.size();
  rig.fetch("g", "t", 0);
  ASSERT_EQ(rig.replies.size(), before + 1);
  EXPECT_EQ(rig.replies.rbegin()->second.after, 2U);
  rig.fetch("other", "t", 0);
  EXPECT_EQ(rig.replies.rbegin()->second.after, 1U);
  // Also an answer about what has just been removed.
  EXPECT_EQ(rig.delete_group("g"), ErrorCode::none);
  rig.fetch("g", "t", 0);
  EXPECT_EQ(rig.replies.rbegin()->second.after, 3U);
}

TEST(Offsets, GenerationsAreFenced) {
  Rig rig;
  EXPECT_EQ(rig.commit("none", "t", 0, 1, {.generation = 3, .version = 8}),
            ErrorCode::illegal_generation);
  EXPECT_EQ(rig.commit("none", "t", 0, 1, {.generation = 3, .version = 9}),
            ErrorCode::group_id_not_found);
  const std::string a = rig.stable_single("g");
  EXPECT_EQ(rig.commit("g", "t", 0, 1, {.member = a, .generation = 1}), ErrorCode::none);
  EXPECT_EQ(rig.commit("g", "t", 0, 2, {.member = a, .generation = 0}),
            ErrorCode::illegal_generation);
  EXPECT_EQ(rig.commit("g", "t", 0, 2, {.member = "ghost", .generation = 1}),
            ErrorCode::unknown_member_id);
  // Standing alone is not for groups with members.
  EXPECT_EQ(rig.commit("g", "t", 0, 2), ErrorCode::unknown_member_id);
  EXPECT_EQ(rig.committed("g", "t", 0), 1);
  rig.leave("g", a);
  EXPECT_EQ(rig.commit("g", "t", 0, 3), ErrorCode::none);
  EXPECT_EQ(rig.commit("g", "t", 0, 4, {.member = a, .generation = 1}),
            ErrorCode::unknown_member_id);
}

TEST(Offsets, CommitsWaitWhileAssignmentsAreMade) {
  Rig rig;
  const std::string a = rig.stable_single("g");
  rig.join_fresh("g");
  // Still valid while others join: that is when consumers commit what they give up.
  EXPECT_EQ(rig.commit("g", "t", 0, 1, {.member = a, .generation = 1}), ErrorCode::none);
  rig.join("g", {.member = a});
  EXPECT_EQ(rig.commit("g", "t", 0, 2, {.member = a, .generation = 2}),
            ErrorCode::rebalance_in_progress);
}

TEST(Offsets, LargeMetadataIsRefusedAloneAndMakesNoGroup) {
  Rig rig({.offset_metadata_max_bytes = 4});
  EXPECT_EQ(rig.commit("g", "t", 0, 1, {.metadata = "12345"}),
            ErrorCode::offset_metadata_too_large);
  EXPECT_TRUE(rig.machine.groups().empty());
  EXPECT_EQ(rig.commit("g", "t", 0, 1, {.metadata = "1234"}), ErrorCode::none);
  EXPECT_EQ(rig.fetch("g", "t", 0).topics[0].partitions[0].metadata, "1234");
}

TEST(Offsets, FetchOfEverything) {
  Rig rig;
  rig.commit("g", "b", 1, 11);
  rig.commit("g", "b", 0, 10);
  rig.commit("g", "a", 0, 1);
  wire::OffsetFetchRequest::Group request;
  request.group_id = "g";
  request.topics.reset();
  const Caller caller = rig.caller(9);
  rig.take(rig.machine.fetch(caller, request, rig.now));
  const auto& fetched = rig.as<FetchedGroup>(caller.token);
  ASSERT_EQ(fetched.topics.size(), 2U);
  EXPECT_EQ(fetched.topics[0].name, "a");
  ASSERT_EQ(fetched.topics[1].partitions.size(), 2U);
  EXPECT_EQ(fetched.topics[1].partitions[1].committed_offset, 11);
}

TEST(Offsets, ATopicMadeAnewHasNoCommits) {
  Rig rig;
  const Uuid first{{1}};
  const Uuid second{{2}};
  rig.commit("g", "t", 0, 5, {.version = 10, .topic_id = first});
  EXPECT_EQ(rig.fetch("g", "t", 0, first).topics[0].partitions[0].committed_offset, 5);
  EXPECT_EQ(rig.fetch("g", "t", 0, second).topics[0].partitions[0].committed_offset, -1);
  EXPECT_EQ(rig.fetch("g", "t", 0).topics[0].partitions[0].committed_offset, 5);
}

TEST(Offsets, DeleteSparesSubscribedTopics) {
  Rig rig;
  EXPECT_EQ(rig.delete_offset("none", "t", 0).error_code, ErrorCode::group_id_not_found);
  rig.commit("", "t", 0, 1);
  EXPECT_EQ(rig.delete_offset("", "t", 0).error_code, ErrorCode::invalid_group_id);
  const std::string a =
      rig.stable_single("g", {.protocols = {{"range", subscription({"used"})}}});
  rig.commit("g", "used", 0, 1, {.member = a, .generation = 1});
  rig.commit("g", "old", 0, 2, {.member = a, .generation = 1});
  EXPECT_EQ(rig.delete_offset("g", "used", 0).topics[0].partitions[0].error_code,
            ErrorCode::group_subscribed_to_topic);
  EXPECT_EQ(rig.delete_offset("g", "old", 0).topics[0].partitions[0].error_code,
            ErrorCode::none);
  EXPECT_EQ(rig.delete_offset("g", "never", 0).topics[0].partitions[0].error_code,
            ErrorCode::none);
  EXPECT_EQ(rig.committed("g", "used", 0), 1);
  EXPECT_EQ(rig.committed("g", "old", 0), -1);
  rig.stable_single("connect", {.type = "connect"});
  EXPECT_EQ(rig.delete_offset("connect", "t", 0).error_code, ErrorCode::non_empty_group);
}

TEST(Offsets, UnreadableSubscriptionCountsAsEverything) {
  Rig rig;
  const std::string a = rig.stable_single("g", {.protocols = {{"range", bytes("?")}}});
  rig.commit("g", "t", 0, 1, {.member = a, .generation = 1});
  EXPECT_EQ(rig.delete_offset("g", "t", 0).topics[0].partitions[0].error_code,
            ErrorCode::group_subscribed_to_topic);
}

TEST(Offsets, TopicDeletionRemovesThemInEveryGroup) {
  Rig rig;
  rig.commit("a", "t", 0, 1);
  rig.commit("a", "kept", 0, 2);
  rig.commit("b", "t", 7, 3);
  rig.take(rig.machine.on_topic_deleted("t", rig.now));
  EXPECT_EQ(rig.committed("a", "t", 0), -1);
  EXPECT_EQ(rig.committed("b", "t", 7), -1);
  EXPECT_EQ(rig.committed("a", "kept", 0), 2);
}

TEST(OffsetExpiry, SevenDaysAfterTheGroupBecameEmpty) {
  Rig rig;
  const std::string a = rig.stable_single("g");
  rig.commit("g", "t", 0, 1, {.member = a, .generation = 1});
  for (int i = 0; i < 10 * 24 * 60 / 5; ++i) {
    rig.pass(5'000);
    ASSERT_EQ(rig.heartbeat("g", a, 1), ErrorCode::none);
    rig.now.wall_ms += 5 * 60'000 - 5'000;
  }
  EXPECT_EQ(rig.committed("g", "t", 0), 1);
  rig.leave("g", a);
  rig.pass(7 * day_ms - 1'000);
  EXPECT_EQ(rig.committed("g", "t", 0), 1);
  rig.pass(20 * 60'000);
  EXPECT_EQ(rig.committed("g", "t", 0), -1);
  EXPECT_TRUE(rig.machine.groups().empty());
  EXPECT_TRUE(rig.machine.persisted().groups().empty());
}

TEST(OffsetExpiry, StandaloneCommitsAgeFromTheCommit) {
  Rig rig;
  rig.commit("g", "old", 0, 1);
  rig.pass(4 * day_ms);
  rig.commit("g", "new", 0, 2);
  rig.pass(3 * day_ms + 20 * 60'000);
  EXPECT_EQ(rig.committed("g", "old", 0), -1);
  EXPECT_EQ(rig.committed("g", "new", 0), 2);
  EXPECT_EQ(rig.machine.groups().size(), 1U);
}

TEST(OffsetExpiry, AStableGroupKeepsWhatItReads) {
  Rig rig({.max_session_timeout_ms = 2'000'000'000});
  const std::string a = rig.stable_single(
      "g", {.protocols = {{"range", subscription({"used"})}}, .session_ms = 2'000'000'000});
  rig.commit("g", "used", 0, 1, {.member = a, .generation = 1});
  rig.commit("g", "old", 0, 2, {.member = a, .generation = 1});
  rig.pass(8 * day_ms);
  EXPECT_EQ(rig.committed("g", "used", 0), 1);
  EXPECT_EQ(rig.committed("g", "old", 0), -1);
  EXPECT_EQ(rig.state("g"), GroupState::stable);
}

TEST(OffsetExpiry, AClientsOwnRetentionCounts) {
  Rig rig;
  rig.commit("g", "t", 0, 1, {.version = 4, .retention_ms = day_ms});
  rig.pass(day_ms - 1);
  EXPECT_EQ(rig.committed("g", "t", 0), 1);
  rig.pass(20 * 60'000);
  EXPECT_EQ(rig.committed("g", "t", 0), -1);
}

}  // namespace
}  // namespace horolog::coordinator::testing
