#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "broker/coordinator_topic.hpp"
#include "broker/group_host.hpp"

namespace horolog::broker {

inline constexpr std::string_view offsets_topic = GroupKind::topic;

extern template class CoordinatorTopic<GroupHost>;

/// The consumer groups of this broker: one coordinator per partition of __consumer_offsets.
class GroupService : public CoordinatorTopic<GroupHost> {
 public:
  /// Loads what is there, without waiting for it. The shards must be running, or be stepped.
  void start(Context& context);

  /// Every committed offset that the coordinators hold, for lag metrics: `done` runs once, on one
  /// of the shards, or here when there are none. May include commits whose sync is under way.
  void committed_offsets(std::function<void(std::vector<CommittedOffset>)> done);

 private:
  std::shared_ptr<GroupHost> make_host(storage::FileSystem& fs, net::Shard& shard,
                                       std::shared_ptr<Partition> partition) override;
  storage::TopicInfo topic_info(const BrokerConfig& config) const override;
};

}  // namespace horolog::broker
