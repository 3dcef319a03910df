#include "tests/coordinator/rig.hpp"

namespace horolog::coordinator::testing {
namespace {

std::vector<std::string> list(Rig& rig, std::vector<std::string> states,
                              std::vector<std::string> types = {}) {
  wire::ListGroupsRequest request;
  request.states_filter = std::move(states);
  request.types_filter = std::move(types);
  const Caller caller = rig.caller(5);
  rig.take(rig.machine.list(caller, request, rig.now));
  std::vector<std::string> ids;
  for (const auto& group : rig.as<ListedGroups>(caller.token)) ids.push_back(group.group_id);
  return ids;
}

using Ids = std::vector<std::string>;

TEST(GroupAdmin, DescribeShowsMembersOfAStableGroup) {
  Rig rig;
  const std::string a = rig.stable_single("g");
  const auto stable = rig.describe("g");
  EXPECT_EQ(stable.group_state, "Stable");
  EXPECT_EQ(stable.protocol_type, "consumer");
  EXPECT_EQ(stable.protocol_data, "range");
  ASSERT_EQ(stable.members.size(), 1U);
  EXPECT_EQ(stable.members[0].member_id, a);
  EXPECT_EQ(stable.members[0].client_id, "client");
  EXPECT_EQ(stable.members[0].client_host, "/127.0.0.1");
  EXPECT_EQ(text(stable.members[0].member_metadata), "m");
  EXPECT_EQ(text(stable.members[0].member_assignment), "all");
  rig.join_fresh("g");
  const auto preparing = rig.describe("g");
  EXPECT_EQ(preparing.group_state, "PreparingRebalance");
  EXPECT_EQ(preparing.members.size(), 2U);
  EXPECT_TRUE(preparing.members[0].member_assignment.empty());
  EXPECT_EQ(preparing.protocol_data, "");
}

TEST(GroupAdmin, DescribeOfAnUnknownGroup) {
  Rig rig;
  const auto old = rig.describe("none", 5);
  EXPECT_EQ(old.error_code, ErrorCode::none);
  EXPECT_EQ(old.group_state, "Dead");
  const auto now = rig.describe("none", 6);
  EXPECT_EQ(now.error_code, ErrorCode::group_id_not_found);
  EXPECT_EQ(now.error_message, "Group none not found.");
}

TEST(GroupAdmin, ListFiltersByStateAndType) {
  Rig rig;
  rig.stable_single("stable");
  rig.commit("simple", "t", 0, 1);
  EXPECT_EQ(list(rig, {}), (Ids{"simple", "stable"}));
  EXPECT_EQ(list(rig, {"Stable"}), Ids{"stable"});
  EXPECT_EQ(list(rig, {"stable"}), Ids{"stable"});
  EXPECT_EQ(list(rig, {"Empty", "Stable"}), (Ids{"simple", "stable"}));
  EXPECT_EQ(list(rig, {"Dead"}), Ids{});
  EXPECT_EQ(list(rig, {}, {"classic"}), (Ids{"simple", "stable"}));
  EXPECT_EQ(list(rig, {}, {"consumer"}), Ids{});
}

TEST(GroupAdmin, DeleteRemovesAnEmptyGroupWithItsOffsets) {
  Rig rig;
  EXPECT_EQ(rig.delete_group("none"), ErrorCode::group_id_not_found);
  const std::string a = rig.stable_single("g");
  rig.commit("g", "t", 0, 1, {.member = a, .generation = 1});
  EXPECT_EQ(rig.delete_group("g"), ErrorCode::non_empty_group);
  rig.leave("g", a);
  EXPECT_EQ(rig.delete_group("g"), ErrorCode::none);
  EXPECT_EQ(rig.delete_group("g"), ErrorCode::group_id_not_found);
  EXPECT_TRUE(rig.machine.persisted().groups().empty());
  Rig restarted({}, rig.log, rig.now);
  EXPECT_TRUE(restarted.machine.groups().empty());
}

TEST(GroupAdmin, ARestartFindsStableGroupsAndTheirOffsets) {
  Rig rig;
  const std::string a = rig.stable_single("g");
  rig.commit("g", "t", 0, 9, {.member = a, .generation = 1});
  Rig restarted({}, rig.log, rig.now);
  EXPECT_EQ(restarted.state("g"), GroupState::stable);
  EXPECT_EQ(restarted.heartbeat("g", a, 1), ErrorCode::none);
  EXPECT_EQ(text(restarted.synced(restarted.sync("g", a, 1)).assignment), "all");
  EXPECT_EQ(restarted.committed("g", "t", 0), 9);
  // Sessions start at the load: the dead are noticed.
  restarted.pass(10'000);
  EXPECT_EQ(restarted.state("g"), GroupState::empty);
}

TEST(GroupAdmin, ARestartInARebalanceFindsTheLastGeneration) {
  Rig rig;
  const std::string a = rig.stable_single("g");
  rig.join_fresh("g");
  rig.join("g", {.member = a});
  Rig restarted({}, rig.log, rig.now);
  EXPECT_EQ(restarted.group("g").generation(), 1);
  EXPECT_EQ(restarted.heartbeat("g", a, 2), ErrorCode::illegal_generation);
}

}  // namespace
}  // namespace horolog::coordinator::testing
