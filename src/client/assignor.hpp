#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "horolog/error.hpp"
#include "horolog/types.hpp"

namespace horolog::client {

/// A member of a consumer group as its leader sees it, from the member's subscription.
struct GroupMember {
  std::string id;
  std::optional<std::string> instance_id;
  std::vector<std::string> topics;
  /// What it holds while it joins: empty under eager rebalances, where it gave all up before.
  std::vector<TopicPartition> owned;
  /// In which generation it got `owned`; -1 when its client does not say.
  std::int32_t generation = -1;
  std::optional<ByteBuffer> user_data;
};

/// How many partitions each topic has. Topics that do not exist are missing.
using PartitionCounts = std::map<std::string, std::int32_t>;
/// Partitions by member id; every member has an entry.
using GroupAssignment = std::map<std::string, std::vector<TopicPartition>>;

/// What a member does with its partitions while the group rebalances (KIP-429).
enum class RebalanceProtocol : std::uint8_t {
  eager,        ///< gives all up before it joins again
  cooperative,  ///< keeps them, and afterwards gives up those that go to others
};

/// Divides partitions among members. Pure and deterministic: whichever member leads the group comes
/// to the same result. Names, order and user data are Kafka's, so that members of other clients can
/// be in the group, or lead it.
class Assignor {
 public:
  virtual ~Assignor() = default;

  /// As partition.assignment.strategy's classes are named on the wire, e.g. "range".
  virtual std::string_view name() const = 0;
  virtual RebalanceProtocol protocol() const { return RebalanceProtocol::eager; }
  /// What goes into the member's own subscription; `owned` is what it had in `generation`.
  virtual std::optional<ByteBuffer> user_data(const std::vector<TopicPartition>& owned,
                                              std::int32_t generation) const;
  virtual GroupAssignment assign(std::vector<GroupMember> members,
                                 const PartitionCounts& counts) const = 0;
};

/// Per topic, runs of neighbours: topics with as many partitions fall to the same members.
std::unique_ptr<Assignor> range_assignor();
/// All partitions of all topics dealt out in turn.
std::unique_ptr<Assignor> round_robin_assignor();
/// As even as it can be, moving as few partitions as that takes (KIP-54); eager.
std::unique_ptr<Assignor> sticky_assignor();
/// The same with cooperative rebalances: a partition that moves is free for one generation.
std::unique_ptr<Assignor> cooperative_sticky_assignor();

/// By their names, in the order of preference. Errc::invalid_argument names one that is unknown,
/// given twice, or that there is none.
Result<std::vector<std::unique_ptr<Assignor>>> make_assignors(
    const std::vector<std::string>& names);

/// The order in which Kafka's assignors go through members: static ones by their instance id, then
/// the others by member id.
bool member_before(const GroupMember& a, const GroupMember& b);

}  // namespace horolog::client
