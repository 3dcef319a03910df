#include "client/assignor_balance.hpp"

#include <algorithm>
#include <limits>
#include <unordered_map>

#include "base/assert.hpp"

namespace horolog::client {

StickyBalance::StickyBalance(const std::vector<GroupMember>& members,
                             const std::vector<Claim>& claims, const PartitionCounts& counts)
    : members_(members), holders_(members.size()) {
  HOROLOG_ASSERT(claims.size() == members.size());
  std::unordered_map<std::string_view, std::uint32_t> by_name;
  for (const auto& [name, count] : counts) {
    by_name.emplace(name, static_cast<std::uint32_t>(topics_.size()));
    const auto first = static_cast<std::uint32_t>(topic_of_.size());
    topic_of_.resize(topic_of_.size() + static_cast<std::size_t>(std::max(count, 0)),
                     static_cast<std::uint32_t>(topics_.size()));
    topics_.push_back({&name, first, std::max(count, 0), {}});
  }
  for (MemberIndex m = 0; m < members.size(); ++m) {
    for (const std::string& name : members[m].topics) {
      const auto found = by_name.find(name);
      if (found == by_name.end()) continue;
      auto& takers = topics_[found->second].takers;
      if (takers.empty() || takers.back() != m) takers.push_back(m);
    }
  }
  previous_.assign(topic_of_.size(), nobody);
  owner_.assign(topic_of_.size(), nobody);
  honour(claims);
}

void StickyBalance::honour(const std::vector<Claim>& claims) {
  std::unordered_map<std::string_view, std::uint32_t> by_name;
  for (std::uint32_t t = 0; t < topics_.size(); ++t) by_name.emplace(*topics_[t].name, t);
  // The newest claim counts. Two of the same generation contradict each other: neither does.
  std::vector<std::int32_t> since(topic_of_.size(), std::numeric_limits<std::int32_t>::min());
  for (MemberIndex m = 0; m < claims.size(); ++m) {
    for (const TopicPartition& tp : claims[m].partitions) {
      const auto found = by_name.find(tp.topic);
      if (found == by_name.end()) continue;
      const Topic& topic = topics_[found->second];
      if (tp.partition < 0 || tp.partition >= topic.count) continue;
      const std::uint32_t p = topic.first + static_cast<std::uint32_t>(tp.partition);
      if (previous_[p] == m) continue;
      if (claims[m].generation > since[p]) {
        previous_[p] = m;
        since[p] = claims[m].generation;
      } else if (claims[m].generation == since[p]) {
        previous_[p] = nobody;
      }
    }
  }
  for (std::uint32_t p = 0; p < previous_.size(); ++p) {
    if (previous_[p] == nobody) continue;
    const auto& takers = topics_[topic_of_[p]].takers;
    if (std::ranges::binary_search(takers, previous_[p])) give(p, previous_[p]);
  }
}

void StickyBalance::give(std::uint32_t partition, MemberIndex to) {
  owner_[partition] = to;
  holders_[to].partitions.push_back(partition);
  ++holders_[to].per_topic[topic_of_[partition]];
}

void StickyBalance::take(std::uint32_t partition, MemberIndex from) {
  owner_[partition] = nobody;
  Holder& holder = holders_[from];
  holder.partitions.erase(std::ranges::find(holder.partitions, partition));
  const auto count = holder.per_topic.find(topic_of_[partition]);
  if (--count->second == 0) holder.per_topic.erase(count);
}

void StickyBalance::hand_out_free() {
  for (std::uint32_t p = 0; p < owner_.size(); ++p) {
    if (owner_[p] != nobody) continue;
    const auto& takers = topics_[topic_of_[p]].takers;
    if (takers.empty()) continue;
    give(p, *std::ranges::min_element(takers, {}, [this](MemberIndex m) { return load(m); }));
  }
}

std::vector<StickyBalance::MemberIndex> StickyBalance::way_down(MemberIndex heavy) const {
  std::vector<MemberIndex> came_from(holders_.size(), nobody);
  came_from[heavy] = heavy;
  std::vector<bool> seen_topic(topics_.size(), false);
  std::vector<MemberIndex> level{heavy};
  while (!level.empty()) {
    std::vector<MemberIndex> next;
    for (const MemberIndex at : level) {
      for (const auto& [topic, count] : holders_[at].per_topic) {
        if (seen_topic[topic]) continue;
        seen_topic[topic] = true;
        for (const MemberIndex taker : topics_[topic].takers) {
          if (came_from[taker] != nobody) continue;
          came_from[taker] = at;
          next.push_back(taker);
        }
      }
    }
    const auto lightest =
        std::ranges::min_element(next, {}, [this](MemberIndex m) { return load(m); });
    if (lightest != next.end() && load(*lightest) + 2 <= load(heavy)) {
      std::vector<MemberIndex> way{*lightest};
      while (way.back() != heavy) way.push_back(came_from[way.back()]);
      std::ranges::reverse(way);
      return way;
    }
    level = std::move(next);
  }
  return {};
}

void StickyBalance::move_one(MemberIndex from, MemberIndex to) {
  // Best a partition that goes back to where it was, then one that has moved already.
  const auto worth = [&](std::uint32_t p) {
    if (!std::ranges::binary_search(topics_[topic_of_[p]].takers, to)) return -1;
    if (previous_[p] == to) return 2;
    return previous_[p] != from ? 1 : 0;
  };
  int best_worth = -1;
  std::uint32_t best = 0;
  for (const std::uint32_t p : holders_[from].partitions) {
    const int this_worth = worth(p);
    if (this_worth > best_worth || (this_worth == best_worth && p > best)) {
      best_worth = this_worth;
      best = p;
    }
  }
  HOROLOG_ASSERT(best_worth >= 0);
  take(best, from);
  give(best, to);
}

bool StickyBalance::improve(MemberIndex heavy) {
  const std::vector<MemberIndex> way = way_down(heavy);
  if (way.empty()) return false;
  // From the far end, so that every member gives away something it held before.
  for (std::size_t i = way.size() - 1; i > 0; --i) move_one(way[i - 1], way[i]);
  return true;
}

GroupAssignment StickyBalance::run() {
  hand_out_free();
  // Each improvement lowers the sum of the squares of the loads, so this ends.
  for (bool improved = true; improved;) {
    improved = false;
    std::vector<MemberIndex> by_load(holders_.size());
    for (MemberIndex m = 0; m < by_load.size(); ++m) by_load[m] = m;
    std::ranges::sort(by_load, [this](MemberIndex a, MemberIndex b) {
      return load(a) != load(b) ? load(a) > load(b) : a < b;
    });
    for (const MemberIndex m : by_load) {
      while (improve(m)) improved = true;
    }
  }
  GroupAssignment out;
  for (const GroupMember& member : members_) out[member.id];
  for (const Topic& topic : topics_) {
    for (std::int32_t i = 0; i < topic.count; ++i) {
      const MemberIndex owner = owner_[topic.first + static_cast<std::uint32_t>(i)];
      if (owner != nobody) out[members_[owner].id].push_back({*topic.name, i});
    }
  }
  return out;
}

}  // namespace horolog::client
