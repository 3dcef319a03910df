#pragma once

// The members of CoordinatorTopic; included where a kind of topic is instantiated.

#include <atomic>
#include <chrono>
#include <future>
#include <utility>

#include "base/assert.hpp"
#include "base/log.hpp"
#include "broker/coordinator_topic.hpp"
#include "broker/topic_manager.hpp"
#include "protocol/group_partition.hpp"

namespace horolog::broker {

namespace detail {
inline constexpr std::chrono::seconds stop_patience{5};
}

template <typename Host>
CoordinatorTopic<Host>::CoordinatorTopic() : fs_(storage::make_posix_file_system()) {}

template <typename Host>
void CoordinatorTopic<Host>::start(Context& context) {
  context_ = &context;
  if (context.catalog()->find(Host::Kind::topic) != nullptr) open_hosts();
}

template <typename Host>
auto CoordinatorTopic<Host>::hosts() const -> std::shared_ptr<const Hosts> {
  const std::lock_guard lock(mutex_);
  return hosts_;
}

template <typename Host>
void CoordinatorTopic<Host>::open_hosts() {
  const auto topic = context_->catalog()->find(Host::Kind::topic);
  HOROLOG_ASSERT(topic != nullptr);
  auto opened = std::make_shared<Hosts>();
  for (PartitionIndex i = 0; i < topic->partitions; ++i) {
    net::Shard& shard = context_->shards.at(static_cast<std::size_t>(i) % context_->shards.size());
    opened->push_back(
        make_host(*fs_, shard, context_->partitions.find(std::string(Host::Kind::topic), i)));
  }
  {
    const std::lock_guard lock(mutex_);
    hosts_ = opened;
  }
  for (const auto& host : *opened) {
    host->shard().post([host] { host->load(); });
  }
}

template <typename Host>
PartitionIndex CoordinatorTopic<Host>::partitions() const {
  const auto now = hosts();
  return now ? static_cast<PartitionIndex>(now->size())
             : topic_info(*context_->config()).partitions;
}

template <typename Host>
PartitionIndex CoordinatorTopic<Host>::partition_of(std::string_view name) const {
  return wire::partition_of_group(name, partitions());
}

template <typename Host>
void CoordinatorTopic<Host>::ensure_topic(std::function<void(const Status&)> ready) {
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

template <typename Host>
void CoordinatorTopic<Host>::create_topic() {
  auto created = context_->topics.create({topic_info(*context_->config())});
  Status status;
  if (!created.at(0) && created[0].error().code() != Errc::already_exists) {
    status = created[0].error();
    log::error(
        Host::Kind::area, "cannot create the topic that holds the coordinators' state",
        {log::field("topic", Host::Kind::topic), log::field("error", status.error().message())});
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

template <typename Host>
void CoordinatorTopic<Host>::call(const std::string& name, coordinator::Caller caller, Input input,
                                  Answer answer) {
  if (has_topic()) {
    return call_partition(partition_of(name), std::move(caller), std::move(input),
                          std::move(answer));
  }
  ensure_topic([this, name, caller = std::move(caller), input = std::move(input),
                answer = std::move(answer)](const Status& status) {
    if (!status) return answer(wire::ErrorCode::coordinator_not_available, nullptr);
    call_partition(partition_of(name), caller, input, answer);
  });
}

template <typename Host>
void CoordinatorTopic<Host>::call_partition(PartitionIndex partition, coordinator::Caller caller,
                                            Input input, Answer answer) {
  const auto host = hosts()->at(static_cast<std::size_t>(partition));
  if (host->shard().running_here()) {
    return host->call(std::move(caller), input, std::move(answer));
  }
  host->shard().post([host, caller = std::move(caller), input = std::move(input),
                      answer = std::move(answer)] { host->call(caller, input, answer); });
}

template <typename Host>
void CoordinatorTopic<Host>::for_each_host(const std::function<void(Host&)>& visit) const {
  const auto now = hosts();
  if (now == nullptr) return;
  for (const auto& host : *now) {
    host->shard().post([host, visit] { visit(*host); });
  }
}

template <typename Host>
void CoordinatorTopic<Host>::stop() {
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
  if (finished.wait_for(detail::stop_patience) != std::future_status::ready) {
    log::warn(Host::Kind::area, "stopping without snapshots: the next start reads more");
  }
}

}  // namespace horolog::broker
