#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "horolog/admin.hpp"
#include "tools/group_status.hpp"
#include "tools/offset_bounds.hpp"

/// Who is behind, by how much and since when: what `group describe`, `lag` and `top` show.
namespace horolog::command {

/// One partition of a group.
struct PartitionLag {
  TopicPartition id;
  std::optional<Offset> committed;  ///< nullopt: never
  Offset start = 0;
  Offset end = 0;
  std::optional<std::int64_t> lag;  ///< records; nullopt when never committed
  std::optional<std::int64_t> lag_time_ms;
  LagRates rates;
  /// Since the last commit, or since the offset was last seen to move.
  std::optional<std::int64_t> commit_age_ms;
  LagStatus status = LagStatus::unknown;
  const GroupMember* member = nullptr;  ///< who reads it; null for nobody
  std::string note;                     ///< "behind retention", or why it could not be asked
};

struct GroupLag {
  GroupDescription group;
  std::vector<PartitionLag> partitions;  ///< sorted
  std::int64_t total_lag = 0;
  std::optional<std::int64_t> lag_time_ms;  ///< of the partition furthest behind
  std::int64_t uncommitted = 0;
  std::int64_t idle_members = 0;  ///< without a partition
  LagStatus status = LagStatus::unknown;
};

/// Looks at one group as often as asked and remembers a window of what it saw.
class LagObserver {
 public:
  /// Who can tell when offsets were committed, as commit_times().
  using CommitTimes =
      std::function<Result<std::map<TopicPartition, TimestampMs>>(std::set<TopicPartition>)>;

  /// Without `commit_times` a commit's age is only known once the offset was seen to move.
  LagObserver(Admin& admin, std::string group, CommitTimes commit_times = {})
      : admin_(admin), group_(std::move(group)), commit_times_(std::move(commit_times)) {}

  /// Errc::not_found when there is no such group. With `times`, lag in time is looked up too.
  Result<GroupLag> look(TimestampMs now, bool times);

 private:
  static constexpr std::size_t window_looks = 30;

  struct Watched {
    std::deque<LagSample> samples;
    TimestampMs moved_at = 0;  ///< when the offset was first seen where it is
    bool known = false;        ///< it is known when it moved
  };

  void add_partition(GroupLag& result, const TopicPartition& id,
                     const std::map<TopicPartition, Offset>& committed,
                     const BoundsByPartition& bounds, TimestampMs now);
  void add_times(GroupLag& result, const BoundsByPartition& bounds);

  void ask_commit_times(const std::map<TopicPartition, Offset>& committed);

  Admin& admin_;
  std::string group_;
  CommitTimes commit_times_;  ///< until it was asked
  std::map<TopicPartition, Watched> watched_;
};

}  // namespace horolog::command
