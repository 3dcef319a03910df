#pragma once

#include <functional>
#include <future>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/assert.hpp"
#include "client/admin_sweep.hpp"

/// What the admin calls have in common.
namespace horolog::client {

/// Starts a call on the loop and waits for what it gives its callback.
template <typename T, typename Start>
Result<T> wait_for(Cluster& cluster, Start start) {
  // On the loop's own thread the answer could never come.
  HOROLOG_ASSERT(!cluster.loop().running_here());
  const auto promise = std::make_shared<std::promise<Result<T>>>();
  start(Admin::Then<T>([promise](Result<T> result) { promise->set_value(std::move(result)); }));
  return promise->get_future().get();
}

template <typename Key, typename Value>
void sweep(const std::shared_ptr<Cluster>& cluster, std::vector<Key> keys,
           typename Sweep<Key, Value>::Plan plan, Admin::Then<PerItem<Key, Value>> then) {
  auto task = [cluster, keys = std::move(keys), plan = std::move(plan), then = std::move(then)] {
    std::make_shared<Sweep<Key, Value>>(cluster, keys, plan, then)->start();
  };
  cluster->loop().post(std::move(task));
}

/// The same request to every broker, and all their answers.
template <typename R>
using FromEvery = std::vector<
    std::pair<NodeId, Result<Reply<typename wire::ResponseOf<R>::type>>>>;

template <typename R>
void ask_every_broker(const std::shared_ptr<Cluster>& cluster,
                      std::function<Outgoing<R>(std::int16_t)> build, CallOptions options,
                      Admin::Then<FromEvery<R>> then) {
  auto known = [cluster, build = std::move(build), options,
                then = std::move(then)](const Status& status) {
    if (!status) return then(status.error());
    const auto metadata = cluster->metadata();
    const auto answers = std::make_shared<FromEvery<R>>();
    const std::size_t all = metadata->brokers.size();
    if (all == 0) return then(FromEvery<R>());
    for (const auto& [id, broker] : metadata->brokers) {
      cluster->call<R>(Target::node(id), build, options,
                       [answers, all, id, then](auto reply) {
                         answers->emplace_back(id, std::move(reply));
                         if (answers->size() == all) then(std::move(*answers));
                       });
    }
  };
  cluster->loop().post([cluster, known = std::move(known)] {
    cluster->refresh(std::set<std::string>(), 0, known);
  });
}

/// A request's topics from a flat list of partitions; `add` puts index i into the topic.
template <typename Topic, typename PartitionOf, typename Add>
std::vector<Topic> by_topic(const std::vector<std::size_t>& which, PartitionOf partition_of,
                            std::string Topic::* name, Add add) {
  std::vector<Topic> topics;
  std::map<std::string, std::size_t> places;
  for (const std::size_t i : which) {
    const std::string& topic = partition_of(i).topic;
    const auto [place, fresh] = places.try_emplace(topic, topics.size());
    if (fresh) topics.emplace_back().*name = topic;
    add(topics[place->second], i);
  }
  return topics;
}

/// Settles keys by the answers about them: by error, or with what `good` makes of one.
template <typename KeySweep, typename Answers, typename NameOf, typename Good>
void settle_named(KeySweep& sweep, const std::vector<std::size_t>& which, const Answers& answers,
                  NameOf name_of, Good good) {
  std::map<decltype(name_of(*answers.begin())), std::size_t> places;
  for (const std::size_t i : which) places[sweep.key(i)] = i;
  for (const auto& answer : answers) {
    const auto place = places.find(name_of(answer));
    if (place == places.end()) continue;
    if (answer.error_code == wire::ErrorCode::none) {
      sweep.settle(place->second, good(answer));
    } else if constexpr (requires { answer.error_message; }) {
      sweep.fail(place->second, answer.error_code, answer.error_message);
    } else {
      sweep.fail(place->second, answer.error_code);
    }
  }
  sweep.left_out(which);
}

/// The same for partitions within topics.
template <typename KeySweep, typename Topics, typename Good>
void settle_partitions(KeySweep& sweep, const std::vector<std::size_t>& which,
                       const Topics& topics, Good good) {
  std::map<TopicPartition, std::size_t> places;
  for (const std::size_t i : which) places[sweep.key(i)] = i;
  for (const auto& topic : topics) {
    for (const auto& partition : topic.partitions) {
      const auto place = places.find({topic.name, partition.partition_index});
      if (place == places.end()) continue;
      if (partition.error_code == wire::ErrorCode::none) {
        sweep.settle(place->second, good(partition));
      } else {
        sweep.fail(place->second, partition.error_code);
      }
    }
  }
  sweep.left_out(which);
}

inline std::int32_t timeout_ms(const ClientOptions& options) {
  return static_cast<std::int32_t>(options.request_timeout.count());
}

}  // namespace horolog::client
