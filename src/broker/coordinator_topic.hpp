#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "broker/context.hpp"
#include "broker/coordinator_host.hpp"
#include "horolog/error.hpp"
#include "horolog/types.hpp"
#include "storage/file.hpp"

namespace horolog::broker {

/// A topic whose partitions are the logs of coordinators, each pinned to a shard: what
/// __consumer_offsets and __transaction_state have in common. The topic is made when it is first
/// needed. Thread-safe; answers may be given on any shard.
template <typename Host>
class CoordinatorTopic {
 public:
  using Input = typename Host::Input;
  using Answer = typename Host::Answer;
  using Hosts = std::vector<std::shared_ptr<Host>>;

  CoordinatorTopic();
  virtual ~CoordinatorTopic() = default;
  CoordinatorTopic(const CoordinatorTopic&) = delete;
  CoordinatorTopic& operator=(const CoordinatorTopic&) = delete;

  /// Loads what is there, without waiting for it. The shards must be running, or be stepped.
  void start(Context& context);
  /// Answers what is parked and writes snapshots; waits for them. Before the shards stop.
  void stop();

  /// Sends an input to the coordinator of `name` (a group, a transactional id), first making the
  /// topic if need be.
  void call(const std::string& name, coordinator::Caller caller, Input input, Answer answer);
  /// The same for a coordinator by number. Only while has_topic().
  void call_partition(PartitionIndex partition, coordinator::Caller caller, Input input,
                      Answer answer);
  /// Calls back when the topic is there: at once, or from the pool.
  void ensure_topic(std::function<void(const Status&)> ready);
  bool has_topic() const { return hosts() != nullptr; }
  /// Partitions of the topic as it is, or as it would be made.
  PartitionIndex partitions() const;
  PartitionIndex partition_of(std::string_view name) const;
  /// null while there is no topic.
  std::shared_ptr<const Hosts> hosts() const;

 protected:
  Context& context() const { return *context_; }
  virtual std::shared_ptr<Host> make_host(storage::FileSystem& fs, net::Shard& shard,
                                          std::shared_ptr<Partition> partition) = 0;
  /// Name, partitions and configuration of the topic if it has to be made.
  virtual storage::TopicInfo topic_info(const BrokerConfig& config) const = 0;
  /// Runs `visit` on the shard of every host.
  void for_each_host(const std::function<void(Host&)>& visit) const;

 private:
  void open_hosts();
  void create_topic();

  Context* context_ = nullptr;
  std::unique_ptr<storage::FileSystem> fs_;
  mutable std::mutex mutex_;
  std::shared_ptr<const Hosts> hosts_;
  bool creating_ = false;
  bool stopped_ = false;
  std::vector<std::function<void(const Status&)>> waiting_for_topic_;
};

}  // namespace horolog::broker
