#include "client/assignor.hpp"

#include <gtest/gtest.h>

#include <random>
#include <set>

#include "client/assignor_wire.hpp"

namespace horolog::client {
namespace {

GroupMember member(std::string id, std::vector<std::string> topics) {
  GroupMember out;
  out.id = std::move(id);
  out.topics = std::move(topics);
  return out;
}

std::vector<TopicPartition> run(const std::string& topic, int from, int to) {
  std::vector<TopicPartition> out;
  for (int p = from; p < to; ++p) out.push_back({topic, p});
  return out;
}

TEST(RangeAssignorTest, GivesRunsOfNeighboursPerTopicTheFirstOnesLonger) {
  const auto out = range_assignor()->assign(
      {member("b", {"t", "u"}), member("a", {"t", "u"})}, {{"t", 3}, {"u", 3}});
  EXPECT_EQ(out.at("a"), (std::vector<TopicPartition>{{"t", 0}, {"t", 1}, {"u", 0}, {"u", 1}}));
  EXPECT_EQ(out.at("b"), (std::vector<TopicPartition>{{"t", 2}, {"u", 2}}));
}

TEST(RangeAssignorTest, StaticMembersComeFirstByTheirInstanceId) {
  GroupMember first = member("z", {"t"});
  first.instance_id = "1";
  GroupMember second = member("y", {"t"});
  second.instance_id = "2";
  const auto out =
      range_assignor()->assign({member("a", {"t"}), second, first}, {{"t", 3}});
  EXPECT_EQ(out.at("z"), run("t", 0, 1));
  EXPECT_EQ(out.at("y"), run("t", 1, 2));
  EXPECT_EQ(out.at("a"), run("t", 2, 3));
}

TEST(RangeAssignorTest, MembersWithoutPartitionsAndTopicsWithoutMembersAreAllowed) {
  const auto out = range_assignor()->assign({member("a", {"t"}), member("b", {"t"}),
                                             member("c", {"gone"})},
                                            {{"t", 1}, {"nobody", 4}});
  EXPECT_EQ(out.at("a").size(), 1U);
  EXPECT_TRUE(out.at("b").empty());
  EXPECT_TRUE(out.at("c").empty());
}

TEST(RoundRobinAssignorTest, DealsOutAllTopicsInOneTurn) {
  const auto out = round_robin_assignor()->assign(
      {member("a", {"t", "u"}), member("b", {"t", "u"})}, {{"t", 3}, {"u", 3}});
  EXPECT_EQ(out.at("a"), (std::vector<TopicPartition>{{"t", 0}, {"t", 2}, {"u", 1}}));
  EXPECT_EQ(out.at("b"), (std::vector<TopicPartition>{{"t", 1}, {"u", 0}, {"u", 2}}));
}

TEST(RoundRobinAssignorTest, PassesOverMembersThatDoNotWantTheTopic) {
  const auto out = round_robin_assignor()->assign(
      {member("a", {"t"}), member("b", {"t", "u"}), member("c", {"t", "u", "v"})},
      {{"t", 1}, {"u", 2}, {"v", 3}});
  EXPECT_EQ(out.at("a"), (std::vector<TopicPartition>{{"t", 0}}));
  EXPECT_EQ(out.at("b"), (std::vector<TopicPartition>{{"u", 0}}));
  EXPECT_EQ(out.at("c"), (std::vector<TopicPartition>{{"u", 1}, {"v", 0}, {"v", 1}, {"v", 2}}));
}

TEST(StickyAssignorTest, UserDataIsThatOfKafkasStickyAssignor) {
  const auto data = sticky_assignor()->user_data({{"t", 1}, {"t", 7}}, 5);
  const ByteBuffer expected = [] {
    ByteBuffer out;
    append_be<std::int32_t>(out, 1);
    append_be<std::int16_t>(out, 1);
    out.push_back(static_cast<std::byte>('t'));
    append_be<std::int32_t>(out, 2);
    append_be<std::int32_t>(out, 1);
    append_be<std::int32_t>(out, 7);
    append_be<std::int32_t>(out, 5);
    return out;
  }();
  EXPECT_EQ(data, expected);
}

TEST(StickyAssignorTest, HostileUserDataCountsAsNothingOwned) {
  GroupMember liar = member("a", {"t"});
  for (const auto& bytes : {std::vector<int>{0x7f, 0xff, 0xff, 0xff}, {0, 0, 0, 1, 0x7f, 0xff},
                            {0, 0, 0, 1, 0, 1, 't', 0x7f, 0xff, 0xff, 0xff}, {0xff}}) {
    ByteBuffer data;
    for (const int byte : bytes) data.push_back(static_cast<std::byte>(byte));
    liar.user_data = data;
    const auto out = sticky_assignor()->assign({liar, member("b", {"t"})}, {{"t", 4}});
    EXPECT_EQ(out.at("a").size(), 2U);
    EXPECT_EQ(out.at("b").size(), 2U);
  }
}

TEST(StickyAssignorTest, TheNewerClaimCountsAndTwoOfOneGenerationNone) {
  GroupMember old = member("a", {"t"});
  old.user_data = sticky_assignor()->user_data(run("t", 0, 4), 3);
  GroupMember fresh = member("b", {"t"});
  fresh.user_data = sticky_assignor()->user_data(run("t", 0, 2), 4);
  const auto out = sticky_assignor()->assign({old, fresh}, {{"t", 4}});
  EXPECT_EQ(out.at("b"), run("t", 0, 2));
  EXPECT_EQ(out.at("a"), run("t", 2, 4));
}

TEST(StickyAssignorTest, BalancesThroughAMemberInBetween) {
  // a can only give to b and b only to c: evening out takes two moves.
  GroupMember a = member("a", {"t"});
  GroupMember b = member("b", {"t", "u"});
  GroupMember c = member("c", {"u"});
  a.user_data = sticky_assignor()->user_data(run("t", 0, 3), 1);
  b.user_data = sticky_assignor()->user_data(run("u", 0, 2), 1);
  c.user_data = sticky_assignor()->user_data(run("u", 2, 3), 1);
  const auto out = sticky_assignor()->assign({a, b, c}, {{"t", 3}, {"u", 3}});
  EXPECT_EQ(out.at("a").size(), 2U);
  EXPECT_EQ(out.at("b").size(), 2U);
  EXPECT_EQ(out.at("c").size(), 2U);
}

TEST(CooperativeAssignorTest, APartitionThatMovesIsFreeForOneGeneration) {
  const auto assignor = cooperative_sticky_assignor();
  GroupMember a = member("a", {"t"});
  a.owned = run("t", 0, 4);
  a.generation = 1;
  auto out = assignor->assign({a, member("b", {"t"})}, {{"t", 4}});
  ASSERT_EQ(out.at("a").size(), 2U);
  EXPECT_TRUE(out.at("b").empty());
  a.owned = out.at("a");
  a.generation = 2;
  out = assignor->assign({a, member("b", {"t"})}, {{"t", 4}});
  EXPECT_EQ(out.at("a"), a.owned);
  EXPECT_EQ(out.at("b").size(), 2U);
}

TEST(AssignorTest, UnknownNamesAreRefusedWithThoseThatThereAre) {
  EXPECT_TRUE(make_assignors({"range", "sticky"}).ok());
  const auto unknown = make_assignors({"cooperative"});
  ASSERT_FALSE(unknown.ok());
  EXPECT_NE(unknown.error().message().find("cooperative-sticky"), std::string::npos);
  EXPECT_FALSE(make_assignors({}).ok());
  EXPECT_FALSE(make_assignors({"range", "range"}).ok());
}

TEST(AssignorWireTest, ASubscriptionIsReadBackAsTheLeaderSeesIt) {
  const auto assignor = cooperative_sticky_assignor();
  const auto decoded = decode_member(
      {.member_id = "m",
       .group_instance_id = "i",
       .metadata = encode_subscription(*assignor, {"u", "t"}, run("t", 1, 3), 9)});
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(decoded->id, "m");
  EXPECT_EQ(decoded->instance_id, "i");
  EXPECT_EQ(decoded->topics, (std::vector<std::string>{"t", "u"}));
  EXPECT_EQ(decoded->owned, run("t", 1, 3));
  EXPECT_EQ(decoded->generation, 9);
}

TEST(AssignorWireTest, EveryTruncationOfASubscriptionIsAnError) {
  const ByteBuffer whole =
      encode_subscription(*cooperative_sticky_assignor(), {"topic"}, run("topic", 0, 2), 9);
  for (std::size_t n = 0; n < whole.size(); ++n) {
    const ByteView cut = ByteView(whole).first(n);
    EXPECT_FALSE(decode_member({.member_id = "m", .group_instance_id = std::nullopt,
                                .metadata = to_buffer(cut)}).ok()) << n;
  }
}

TEST(AssignorWireTest, AssignmentsAreReadBackAndNoneIsNone) {
  EXPECT_EQ(*decode_assignment(encode_assignment({{"u", 0}, {"t", 2}, {"t", 1}})),
            (std::vector<TopicPartition>{{"t", 1}, {"t", 2}, {"u", 0}}));
  EXPECT_TRUE(decode_assignment({})->empty());
  const ByteBuffer cut(3);
  EXPECT_FALSE(decode_assignment(cut).ok());
}

/// A group whose members come, go and resubscribe at random.
class AssignorHistory {
 public:
  explicit AssignorHistory(std::uint32_t seed) : random_(seed) {}

  void change() {
    if (members_.size() < 2 || pick(3) != 0) {
      GroupMember added = member("m" + std::to_string(next_++), topics());
      if (pick(4) == 0) added.instance_id = "i" + std::to_string(pick(1000));
      members_.push_back(added);
    } else {
      members_.erase(members_.begin() + pick(static_cast<int>(members_.size())));
    }
    if (pick(5) == 0) counts_["t" + std::to_string(pick(4))] += 1 + pick(3);
  }

  std::vector<GroupMember> members_;
  PartitionCounts counts_{{"t0", 7}, {"t1", 1}, {"t2", 12}};

 private:
  int pick(int below) { return static_cast<int>(random_() % static_cast<unsigned>(below)); }
  std::vector<std::string> topics() {
    if (pick(2) == 0) return {"t0", "t1", "t2", "t3"};
    std::vector<std::string> out{"t0"};
    for (int i = 1; i < 4; ++i) {
      if (pick(2) == 0) out.push_back("t" + std::to_string(i));
    }
    return out;
  }

  std::minstd_rand random_;
  int next_ = 0;
};

/// Every partition that somebody wants has one owner, who wants it.
void expect_whole(const GroupAssignment& out, const AssignorHistory& group, bool all) {
  std::map<TopicPartition, std::string> owners;
  std::map<std::string, std::set<std::string>> wants;
  for (const auto& m : group.members_) wants[m.id] = {m.topics.begin(), m.topics.end()};
  ASSERT_EQ(out.size(), group.members_.size());
  for (const auto& [id, partitions] : out) {
    for (const auto& tp : partitions) {
      EXPECT_TRUE(wants.at(id).contains(tp.topic)) << id << ' ' << tp.to_string();
      EXPECT_LT(tp.partition, group.counts_.at(tp.topic));
      EXPECT_TRUE(owners.emplace(tp, id).second) << tp.to_string() << " has two owners";
    }
  }
  if (!all) return;
  for (const auto& [topic, count] : group.counts_) {
    const bool wanted = std::ranges::any_of(
        wants, [&, &name = topic](const auto& entry) { return entry.second.contains(name); });
    for (int p = 0; wanted && p < count; ++p) {
      EXPECT_TRUE(owners.contains({topic, p})) << topic << '-' << p << " has no owner";
    }
  }
}

/// Nobody could take a partition from somebody who has two more than he.
void expect_even(const GroupAssignment& out, const AssignorHistory& group) {
  for (const auto& taker : group.members_) {
    for (const auto& giver : group.members_) {
      if (out.at(giver.id).size() < out.at(taker.id).size() + 2) continue;
      for (const auto& tp : out.at(giver.id)) {
        EXPECT_EQ(std::ranges::count(taker.topics, tp.topic), 0)
            << taker.id << " could take " << tp.to_string() << " from " << giver.id;
      }
    }
  }
}

TEST(AssignorPropertyTest, EveryAssignorIsWholeAndDeterministic) {
  const std::uint32_t seed = std::random_device{}();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  AssignorHistory group(seed);
  const auto assignors = make_assignors({"range", "roundrobin", "sticky"});
  for (int round = 0; round < 60; ++round) {
    group.change();
    for (const auto& assignor : *assignors) {
      const auto out = assignor->assign(group.members_, group.counts_);
      expect_whole(out, group, true);
      auto backwards = group.members_;
      std::ranges::reverse(backwards);
      EXPECT_EQ(assignor->assign(backwards, group.counts_), out) << assignor->name();
    }
    if (testing::Test::HasFailure()) return;
  }
}

TEST(AssignorPropertyTest, StickyIsEvenAndLeavesAloneWhatIsEven) {
  const std::uint32_t seed = std::random_device{}();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  AssignorHistory group(seed);
  const auto assignor = sticky_assignor();
  for (int generation = 1; generation < 60; ++generation) {
    group.change();
    for (int again = 0; again < 2; ++again) {
      const auto out = assignor->assign(group.members_, group.counts_);
      expect_whole(out, group, true);
      expect_even(out, group);
      for (auto& m : group.members_) {
        const auto data = assignor->user_data(out.at(m.id), generation);
        if (again == 1) {
          EXPECT_EQ(data, m.user_data) << "moved without need";
        }
        m.user_data = data;
      }
    }
    if (testing::Test::HasFailure()) return;
  }
}

TEST(AssignorPropertyTest, CooperativeEndsEvenAndNeverGivesAwayWhatIsHeld) {
  const std::uint32_t seed = std::random_device{}();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  AssignorHistory group(seed);
  const auto assignor = cooperative_sticky_assignor();
  std::int32_t generation = 0;
  for (int round = 0; round < 60; ++round) {
    group.change();
    bool settled = false;
    // Mostly three: revoke, give, the same again. What was given up is free for a generation,
    // though, and others may look lighter then.
    for (int step = 0; step < 8 && !settled; ++step) {
      const auto out = assignor->assign(group.members_, group.counts_);
      expect_whole(out, group, false);
      settled = true;
      for (auto& m : group.members_) {
        for (const auto& other : group.members_) {
          if (other.id == m.id) continue;
          for (const auto& tp : out.at(m.id)) {
            EXPECT_EQ(std::ranges::count(other.owned, tp), 0) << tp.to_string();
          }
        }
      }
      ++generation;
      for (auto& m : group.members_) {
        if (m.owned != out.at(m.id)) settled = false;
        m.owned = out.at(m.id);
        m.generation = generation;
      }
      if (settled) {
        expect_whole(out, group, true);
        expect_even(out, group);
      }
    }
    EXPECT_TRUE(settled) << "still moving after eight generations";
    if (testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace horolog::client
