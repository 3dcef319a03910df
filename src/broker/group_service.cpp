#include "broker/group_service.hpp"

#include <atomic>
#include <chrono>
#include <future>
#include <utility>

#include "base/assert.hpp"
#include "base/log.hpp"
#include "broker/topic_manager.hpp"
#include "coordinator/group_partition.hpp"

namespace horolog::broker {

using wire::ErrorCode;

namespace {

constexpr std::chrono::seconds stop_patience{5};

storage::TopicInfo offsets_topic_info(const BrokerConfig& config) {
  storage::TopicInfo topic;
  topic.name = offsets_topic;
  topic.partitions = config.offsets_topic_partitions;
  topic.internal = true;
  topic.configs = {{"cleanup.policy", "compact"},
                   {"compression.type", "producer"},
                   {"segment.bytes", "104857600"}};
  return topic;
}

}  // namespace

GroupService::GroupService() : fs_(storage::make_posix_file_system()) {}

GroupService::~GroupService() = default;

void GroupService::start(Context& context) {
  context_ = &context;
  context.topics.on_deleted(
      [this](const storage::TopicInfo& topic) { on_topic_deleted(topic.name); });
  if (context.catalog()->find(offsets_topic) != nullptr) open_hosts();
}

std::shared_ptr<const GroupService::Hosts> GroupService::hosts() const {
  const std::lock_guard lock(mutex_);
  return hosts_;
}

void GroupService::open_hosts() {
  const auto topic = context_->catalog()->find(offsets_topic);
  HOROLOG_ASSERT(topic != nullptr);
  auto opened = std::make_shared<Hosts>();
  for (PartitionIndex i = 0; i < topic->partitions; ++i) {
    net::Shard& shard =
        context_->shards.at(static_cast<std::size_t>(i) % context_->shards.size());
    opened->push_back(std::make_shared<GroupHost>(*context_, *fs_, shard,
                                                  context_->partitions.find(offsets_topic, i)));
  }
  {
    const std::lock_guard lock(mutex_);
    hosts_ = opened;
  }
  for (const auto& host : *opened) {
    host->shard().post([host] { host->load(); });
  }
}

PartitionIndex GroupService::partitions() const {
  const auto now = hosts();
  return now ? static_cast<PartitionIndex>(now->size())
             : context_->config()->offsets_topic_partitions;
}

PartitionIndex GroupService::partition_of(std::string_view group) const {
  return coordinator::partition_of_group(group, partitions());
}

void GroupService::ensure_topic(std::function<void(const Status&)> ready) {
  bool create = false;
  {
    const std::lock_guard lock(mutex_);
    if (hosts_ == nullptr) {
      waiting_for_topic_.push_back(std::move(ready));
      create = !std::exchange(creating_, true);
      ready = nullptr;
    }
  }
  if (ready) return ready(Status());
  if (create) context_->pool.post([this] { create_topic(); });
}

void GroupService::create_topic() {
  auto created = context_->topics.create({offsets_topic_info(*context_->config())});
  Status status;
  if (!created.at(0) && created[0].error().code() != Errc::already_exists) {
    status = created[0].error();
    log::error("groups", "cannot create the topic that holds consumer groups",
               {log::field("error", status.error().message())});
  } else {
    open_hosts();
  }
  std::vector<std::function<void(const Status&)>> waiting;
  {
    const std::lock_guard lock(mutex_);
    creating_ = false;
    waiting.swap(waiting_for_topic_);
  }
  for (const auto& ready : waiting) ready(status);
}

void GroupService::call(const std::string& group, coordinator::Caller caller, GroupInput input,
                        GroupAnswer answer) {
  if (has_topic()) {
    return call_partition(partition_of(group), std::move(caller), std::move(input),
                          std::move(answer));
  }
  ensure_topic([this, group, caller = std::move(caller), input = std::move(input),
                answer = std::move(answer)](const Status& status) {
    if (!status) return answer(ErrorCode::coordinator_not_available, nullptr);
    call_partition(partition_of(group), caller, input, answer);
  });
}

void GroupService::call_partition(PartitionIndex partition, coordinator::Caller caller,
                                  GroupInput input, GroupAnswer answer) {
  const auto host = hosts()->at(static_cast<std::size_t>(partition));
  if (host->shard().running_here()) {
    return host->call(std::move(caller), input, std::move(answer));
  }
  host->shard().post([host, caller = std::move(caller), input = std::move(input),
                      answer = std::move(answer)] { host->call(caller, input, answer); });
}

void GroupService::on_topic_deleted(const std::string& topic) {
  const auto now = hosts();
  if (now == nullptr) return;
  for (const auto& host : *now) {
    host->shard().post([host, topic] { host->on_topic_deleted(topic); });
  }
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
  for (const auto& host : *now) {
    host->shard().post([host, gather] {
      bool last = false;
      {
        const std::lock_guard lock(gather->mutex);
        host->collect(gather->all);
        last = --gather->left == 0;
      }
      if (last) gather->done(std::move(gather->all));
    });
  }
}

void GroupService::stop() {
  if (std::exchange(stopped_, true)) return;
  const auto now = hosts();
  if (now == nullptr) return;
  struct Stopping {
    std::atomic<std::size_t> left;
    std::promise<void> done;
  };
  const auto stopping = std::make_shared<Stopping>();
  stopping->left = now->size();
  auto finished = stopping->done.get_future();
  for (const auto& host : *now) {
    host->shard().post([host, stopping] {
      host->stop([stopping] {
        if (stopping->left.fetch_sub(1) == 1) stopping->done.set_value();
      });
    });
  }
  if (finished.wait_for(stop_patience) != std::future_status::ready) {
    log::warn("groups", "stopping without snapshots: the next start reads more");
  }
}

}  // namespace horolog::broker
