#include "scheduler/log_watch.hpp"

#include <atomic>
#include <utility>

#include "protocol/messages/fetch.hpp"
#include "scheduler/asking.hpp"

namespace horolog::scheduler {
namespace {

constexpr int longest_wait_ms = 10'000;
constexpr MonoNs call_ns = 20'000'000'000;

wire::FetchRequest question(const TopicPartition& place, Offset from) {
  wire::FetchRequest request;
  request.max_wait_ms = longest_wait_ms;
  request.min_bytes = 1;
  // That something is there is all that is asked; whole batches are sent however small the bound.
  request.max_bytes = 1;
  request.isolation_level = 1;
  wire::FetchRequest::Topic topic;
  topic.topic = place.topic;
  topic.partitions.push_back({.partition = place.partition,
                              .fetch_offset = from,
                              .partition_max_bytes = 1,
                              .replica_directory_id = {}});
  request.topics.push_back(std::move(topic));
  return request;
}

/// An error too is for the owner to find out about.
bool something_there(const Result<client::Reply<wire::FetchResponse>>& reply) {
  if (!reply) return false;
  for (const auto& topic : (*reply)->responses)
    for (const auto& partition : topic.partitions)
      if (partition.error_code != wire::ErrorCode::none ||
          !partition.records.bytes.empty())
        return true;
  return false;
}

}  // namespace

struct LogWatch::Asking {
  std::shared_ptr<Nudge> nudge;
  std::atomic<bool> now = false;
  client::Lane lane = client::shared_lane;
};

LogWatch::LogWatch(std::shared_ptr<client::Cluster> cluster, TopicPartition place,
                   std::shared_ptr<Nudge> nudge)
    : cluster_(std::move(cluster)), place_(std::move(place)),
      asking_(std::make_shared<Asking>()) {
  asking_->nudge = std::move(nudge);
  // On a connection of its own it holds up nothing else.
  const auto lane = on_loop<client::Lane>(
      *cluster_, [cluster = cluster_](auto done) { done(cluster->new_lane()); });
  if (lane) asking_->lane = *lane;
}

void LogWatch::watch(Offset from) {
  if (asking_->now.exchange(true)) return;
  cluster_->loop().post([cluster = cluster_, place = place_, from, asking = asking_] {
    cluster->send<wire::FetchRequest>(
        client::Target::leader(place).on(asking->lane), question(place, from),
        {.cap = {4, 12}, .timeout_ns = call_ns},
        [asking](const Result<client::Reply<wire::FetchResponse>>& reply) {
          asking->now = false;
          if (something_there(reply)) asking->nudge->give();
        });
  });
}

}  // namespace horolog::scheduler
