#include "broker/group_service.hpp"

#include <mutex>
#include <utility>

#include "broker/coordinator_topic_impl.hpp"

namespace horolog::broker {

template class CoordinatorTopic<GroupHost>;

void GroupService::start(Context& context) {
  CoordinatorTopic::start(context);
  context.topics.on_deleted([this](const storage::TopicInfo& topic) {
    for_each_host([name = topic.name](GroupHost& host) { host.on_topic_deleted(name); });
  });
}

std::shared_ptr<GroupHost> GroupService::make_host(storage::FileSystem& fs, net::Shard& shard,
                                                   std::shared_ptr<Partition> partition) {
  return std::make_shared<GroupHost>(context(), fs, shard, std::move(partition));
}

storage::TopicInfo GroupService::topic_info(const BrokerConfig& config) const {
  storage::TopicInfo topic;
  topic.name = offsets_topic;
  topic.partitions = config.offsets_topic_partitions;
  topic.internal = true;
  topic.configs = {{"cleanup.policy", "compact"},
                   {"compression.type", "producer"},
                   {"segment.bytes", "104857600"}};
  return topic;
}

void GroupService::committed_offsets(std::function<void(std::vector<CommittedOffset>)> done) {
  struct Gather {
    std::mutex mutex;
    std::size_t left = 0;
    std::vector<CommittedOffset> all;
    std::function<void(std::vector<CommittedOffset>)> done;
  };
  const auto now = hosts();
  if (now == nullptr || now->empty()) return done({});
  const auto gather = std::make_shared<Gather>();
  gather->left = now->size();
  gather->done = std::move(done);
  for_each_host([gather](GroupHost& host) {
    bool last = false;
    {
      const std::lock_guard lock(gather->mutex);
      host.collect(gather->all);
      last = --gather->left == 0;
    }
    if (last) gather->done(std::move(gather->all));
  });
}

}  // namespace horolog::broker
