#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "client/assignor.hpp"

namespace horolog::client {

/// What the two sticky assignors compute: the most even assignment that the subscriptions allow,
/// reached from what members hold by few moves.
///
/// Members and partitions are numbers here: members in Kafka's order, partitions by topic name and
/// index.
class StickyBalance {
 public:
  /// `claims[i]`: what members[i] says it holds, and since which generation. `members` is sorted by
  /// member_before and, like `counts`, must outlive this.
  struct Claim {
    std::vector<TopicPartition> partitions;
    std::int32_t generation = -1;
  };
  StickyBalance(const std::vector<GroupMember>& members, const std::vector<Claim>& claims,
                const PartitionCounts& counts);

  GroupAssignment run();

 private:
  using MemberIndex = std::uint32_t;
  static constexpr MemberIndex nobody = ~MemberIndex{0};
  struct Topic {
    const std::string* name;
    std::uint32_t first;  ///< number of its partition 0
    std::int32_t count;
    std::vector<MemberIndex> takers;
  };
  struct Holder {
    std::vector<std::uint32_t> partitions;
    std::map<std::uint32_t, std::uint32_t> per_topic;  ///< how many of each topic it has
  };

  void honour(const std::vector<Claim>& claims);
  void give(std::uint32_t partition, MemberIndex to);
  void take(std::uint32_t partition, MemberIndex from);
  void hand_out_free();
  bool improve(MemberIndex heavy);
  /// The way from `heavy` to a member with at least two fewer, through members that can take from
  /// their predecessor; empty when there is none.
  std::vector<MemberIndex> way_down(MemberIndex heavy) const;
  void move_one(MemberIndex from, MemberIndex to);
  std::size_t load(MemberIndex member) const { return holders_[member].partitions.size(); }

  const std::vector<GroupMember>& members_;
  std::vector<Topic> topics_;
  std::vector<std::uint32_t> topic_of_;     ///< by partition
  std::vector<MemberIndex> previous_;       ///< by partition: who holds it rightly, or nobody
  std::vector<MemberIndex> owner_;          ///< by partition
  std::vector<Holder> holders_;             ///< by member
};

}  // namespace horolog::client
