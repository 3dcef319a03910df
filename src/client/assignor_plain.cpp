#include <algorithm>
#include <set>

#include "client/assignor.hpp"

namespace horolog::client {
namespace {

GroupAssignment nothing_yet(std::vector<GroupMember>& members) {
  std::ranges::sort(members, member_before);
  GroupAssignment out;
  for (const GroupMember& member : members) out[member.id];
  return out;
}

bool subscribes(const GroupMember& member, const std::string& topic) {
  return std::ranges::find(member.topics, topic) != member.topics.end();
}

class RangeAssignor final : public Assignor {
 public:
  std::string_view name() const override { return "range"; }

  GroupAssignment assign(std::vector<GroupMember> members,
                         const PartitionCounts& counts) const override {
    GroupAssignment out = nothing_yet(members);
    for (const auto& [topic, count] : counts) {
      std::vector<const GroupMember*> takers;
      for (const GroupMember& member : members) {
        if (subscribes(member, topic)) takers.push_back(&member);
      }
      if (takers.empty()) continue;
      const auto share = count / static_cast<std::int32_t>(takers.size());
      const auto longer = count % static_cast<std::int32_t>(takers.size());
      PartitionIndex next = 0;
      for (std::int32_t i = 0; i < static_cast<std::int32_t>(takers.size()); ++i) {
        const PartitionIndex end = next + share + (i < longer ? 1 : 0);
        auto& mine = out[takers[static_cast<std::size_t>(i)]->id];
        for (; next < end; ++next) mine.push_back({topic, next});
      }
    }
    return out;
  }
};

class RoundRobinAssignor final : public Assignor {
 public:
  std::string_view name() const override { return "roundrobin"; }

  GroupAssignment assign(std::vector<GroupMember> members,
                         const PartitionCounts& counts) const override {
    GroupAssignment out = nothing_yet(members);
    std::set<std::string> wanted;
    for (const GroupMember& member : members) {
      wanted.insert(member.topics.begin(), member.topics.end());
    }
    std::size_t turn = 0;
    for (const auto& [topic, count] : counts) {
      if (!wanted.contains(topic)) continue;
      for (PartitionIndex partition = 0; partition < count; ++partition) {
        while (!subscribes(members[turn], topic)) turn = (turn + 1) % members.size();
        out[members[turn].id].push_back({topic, partition});
        turn = (turn + 1) % members.size();
      }
    }
    return out;
  }
};

}  // namespace

std::unique_ptr<Assignor> range_assignor() { return std::make_unique<RangeAssignor>(); }
std::unique_ptr<Assignor> round_robin_assignor() { return std::make_unique<RoundRobinAssignor>(); }

}  // namespace horolog::client
