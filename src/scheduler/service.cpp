#include "scheduler/service.hpp"

#include <utility>

namespace horolog::scheduler {

Result<std::unique_ptr<Service>> Service::start(std::shared_ptr<client::Cluster> cluster,
                                                Settings settings, const Clock& clock) {
  HOROLOG_ASSIGN(const auto partitions, prepare_topics(*cluster, settings.topics));
  return std::unique_ptr<Service>(new Service(std::move(cluster), settings, partitions, clock));
}

Service::Service(std::shared_ptr<client::Cluster> cluster, const Settings& settings,
                 std::int32_t partitions, const Clock& clock)
    : cluster_(std::move(cluster)),
      targets_(cluster_, settings.targets_allow, clock),
      calendars_(cluster_),
      member_(cluster_, {.group = settings.group,
                         .partitions = partitions,
                         .session_timeout_ms = settings.session_timeout_ms,
                         .instance_id = settings.instance_id}) {
  for (PartitionIndex p = 0; p < partitions; ++p)
    runners_.push_back(std::make_unique<Runner>(
        cluster_, member_, targets_, calendars_, metrics_, clock,
        Runner::Settings{.group = settings.group,
                         .partition = p,
                         .partitions = partitions,
                         .state_directory = settings.state_directory,
                         .crossed = settings.crossed}));
  member_.on_change([this] {
    for (const auto& runner : runners_) runner->nudge();
  });
  group_thread_ = std::thread([this] { member_.run(); });
  for (const auto& runner : runners_)
    threads_.emplace_back([one = runner.get()] { one->run(); });
}

Service::~Service() { stop(); }

void Service::stop() {
  if (!group_thread_.joinable()) return;
  // The runners first: a transaction under way is ended as a member of the group.
  for (const auto& runner : runners_) runner->stop();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  member_.stop();
  group_thread_.join();
  calendars_.stop();
}

}  // namespace horolog::scheduler
