#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "broker/context.hpp"
#include "broker/group_host.hpp"
#include "horolog/error.hpp"
#include "horolog/types.hpp"
#include "storage/file.hpp"

namespace horolog::broker {

inline constexpr std::string_view offsets_topic = "__consumer_offsets";

/// The consumer groups of this broker: one coordinator per partition of __consumer_offsets, each
/// pinned to a shard. The topic is made when a group is first needed. Thread-safe; answers may be
/// given on any shard.
class GroupService {
 public:
  GroupService();
  ~GroupService();

  /// Loads what is there, without waiting for it. The shards must be running, or be stepped.
  void start(Context& context);
  /// Answers what is parked and writes snapshots; waits for them. Before the shards stop.
  void stop();

  /// Sends an input to the coordinator of `group`, first making the topic if need be.
  void call(const std::string& group, coordinator::Caller caller, GroupInput input,
            GroupAnswer answer);
  /// The same for a coordinator by number. Only while has_topic().
  void call_partition(PartitionIndex partition, coordinator::Caller caller, GroupInput input,
                      GroupAnswer answer);
  /// Calls back when the topic is there: at once, or from the pool.
  void ensure_topic(std::function<void(const Status&)> ready);
  bool has_topic() const { return hosts() != nullptr; }
  /// Partitions of the topic as it is, or as it would be made.
  PartitionIndex partitions() const;
  PartitionIndex partition_of(std::string_view group) const;

  /// Every committed offset that the coordinators hold, for lag metrics: `done` runs once, on one
  /// of the shards, or here when there are none. May include commits whose sync is under way.
  void committed_offsets(std::function<void(std::vector<CommittedOffset>)> done);

 private:
  using Hosts = std::vector<std::shared_ptr<GroupHost>>;

  std::shared_ptr<const Hosts> hosts() const;
  void open_hosts();
  void create_topic();
  void on_topic_deleted(const std::string& topic);

  Context* context_ = nullptr;
  std::unique_ptr<storage::FileSystem> fs_;
  mutable std::mutex mutex_;
  std::shared_ptr<const Hosts> hosts_;
  bool creating_ = false;
  bool stopped_ = false;
  std::vector<std::function<void(const Status&)>> waiting_for_topic_;
};

}  // namespace horolog::broker
