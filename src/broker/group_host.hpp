#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "broker/context.hpp"
#include "broker/group_loader.hpp"
#include "broker/partition.hpp"
#include "coordinator/coordinator.hpp"
#include "net/deadline.hpp"
#include "net/shard.hpp"
#include "protocol/error_code.hpp"
#include "storage/file.hpp"

namespace horolog::broker {

/// What a request does to the coordinator of its group. Runs on the coordinator's shard.
using GroupInput = std::function<coordinator::Effects(
    coordinator::Coordinator&, const coordinator::Caller&, coordinator::Now)>;
/// Called once: with the answer, or with why there is none. On the coordinator's shard.
using GroupAnswer = std::function<void(wire::ErrorCode, coordinator::Response*)>;

/// A committed offset as /metrics shows it.
struct CommittedOffset {
  std::string group;
  std::string topic;
  PartitionIndex partition = 0;
  Offset offset = 0;
};

/// The shell of one coordinator: gives it the time, appends its records to its partition of
/// __consumer_offsets and lets its replies go when what they were computed from is durable.
///
/// Everything but the constructor runs on `shard`; the coordinator belongs to that thread. Loading
/// and snapshots do their file work on the pool. Kept alive by its pending callbacks.
class GroupHost : public std::enable_shared_from_this<GroupHost> {
 public:
  /// `partition` may be null (quarantined): then every request is refused.
  GroupHost(Context& context, storage::FileSystem& fs, net::Shard& shard,
            std::shared_ptr<Partition> partition);

  net::Shard& shard() { return shard_; }
  /// Loads on the pool; requests get COORDINATOR_LOAD_IN_PROGRESS meanwhile.
  void load();
  void call(coordinator::Caller caller, const GroupInput& input, GroupAnswer answer);
  void on_topic_deleted(const std::string& topic);
  void collect(std::vector<CommittedOffset>& out) const;
  /// Takes no more requests. Calls back (here, or later on this shard) when a snapshot of the end
  /// stands on disk, or could not be written.
  void stop(std::function<void()> stopped);

 private:
  enum class State : std::uint8_t { loading, ready, failed, stopped };
  struct Waiting {
    coordinator::WriteNumber after;
    coordinator::Token token;
    coordinator::Response response;
  };

  coordinator::Now now() const;
  void loaded(Result<LoadedGroups> result);
  void apply(coordinator::Effects effects);
  bool append(const coordinator::Effects& effects);
  void durable(coordinator::WriteNumber write, std::uint64_t life, bool ok);
  void release();
  void answer(coordinator::Token token, coordinator::Response response);
  void wake_at(std::optional<std::int64_t> steady_ms);
  /// The log takes no records: what is in memory is ahead of it and must go.
  void give_up(const std::string& reason);
  void maybe_snapshot();
  void snapshot(std::function<void()> done);

  Context& context_;
  storage::FileSystem& fs_;
  net::Shard& shard_;
  std::shared_ptr<Partition> partition_;
  State state_ = State::loading;
  std::unique_ptr<coordinator::Coordinator> machine_;
  net::Deadline timer_;
  /// Counts coordinators: what was begun for an earlier one does not concern this one.
  std::uint64_t life_ = 0;
  coordinator::Token next_token_ = 0;
  std::unordered_map<coordinator::Token, GroupAnswer> answers_;
  std::vector<Waiting> waiting_;
  coordinator::WriteNumber durable_write_ = 0;
  Offset end_ = 0;
  std::size_t records_since_snapshot_ = 0;
  bool snapshot_running_ = false;
};

}  // namespace horolog::broker
