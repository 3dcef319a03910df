#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "client/cluster.hpp"
#include "horolog/error.hpp"
#include "scheduler/definition.hpp"
#include "scheduler/transaction_batches.hpp"

namespace horolog::scheduler {

/// Whether `name` matches a pattern in which `*` stands for any text.
bool matches_pattern(std::string_view pattern, std::string_view name);

/// Not one of the topics that the scheduler itself writes to.
bool is_target(std::string_view topic);

/// Which targets the scheduler writes to, how many partitions they have and how much they take.
/// Asks the cluster and remembers the answer for a while. Thread-safe; blocks.
class TargetTable {
 public:
  /// `allowed`: scheduler.targets.allow, patterns of topic names.
  TargetTable(std::shared_ptr<client::Cluster> cluster, std::vector<std::string> allowed,
              const Clock& clock)
      : cluster_(std::move(cluster)), allowed_(std::move(allowed)), clock_(clock) {}

  /// May be written to by schedules, and is there. The error is a rejection's reason.
  Status check(const Definition& definition);
  /// The scheduler's own topics take the record, with what is added to it.
  Status check_size(const OutRecord& record);
  Result<TopicRoom> room(const std::string& topic);
  /// See PlanContext::refusal. What speaks against a fire is asked again before it counts: a limit
  /// may have been raised meanwhile.
  std::optional<std::string> refusal(const Fire& fire);
  /// A write to it failed: the next room() asks again.
  void forget(const std::string& topic);

 private:
  struct Known {
    /// None: it failed since it was asked about.
    std::optional<TopicRoom> room;
    MonoNs asked = 0;
  };
  std::optional<Known> known(const std::string& topic);
  Result<TopicRoom> ask_room(const std::string& topic);

  std::shared_ptr<client::Cluster> cluster_;
  const std::vector<std::string> allowed_;
  const Clock& clock_;
  std::mutex mutex_;
  std::map<std::string, Known> known_;
};

}  // namespace horolog::scheduler
