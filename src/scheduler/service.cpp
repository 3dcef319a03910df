#include "scheduler/service.hpp"

#include <utility>

namespace horolog::scheduler {

namespace {

Owner::Keeping keeping(const Service::Settings& settings, const PreparedTopics& topics,
                       PartitionIndex partition) {
  Owner::Keeping out{
      .copy = {},
      .longest_gap_ms = topics.delete_retention_ms,
      .topics = TopicIdentity::of(topics.cluster, topics.commands_id, topics.state_id)};
  if (!settings.state_directory.empty())
    out.copy = LocalCopy(settings.state_directory, {.cluster = topics.cluster,
                                                    .topic = topics.state_id,
                                                    .partition = partition,
                                                    .partitions = topics.partitions});
  else if (!settings.scratch_directory.empty())
    out.copy = LocalCopy(settings.scratch_directory);
  return out;
}

}  // namespace

Result<std::unique_ptr<Service>> Service::start(std::shared_ptr<client::Cluster> cluster,
                                                Settings settings, const Clock& clock) {
  std::optional<DirectoryLock> lock;
  if (!settings.state_directory.empty()) {
    HOROLOG_ASSIGN(lock, DirectoryLock::take(settings.state_directory));
  }
  HOROLOG_ASSIGN(const PreparedTopics topics, prepare_topics(*cluster, settings.topics, clock));
  return std::unique_ptr<Service>(
      new Service(std::move(cluster), settings, topics, std::move(lock), clock));
}

Service::Service(std::shared_ptr<client::Cluster> cluster, const Settings& settings,
                 const PreparedTopics& topics, std::optional<DirectoryLock> lock,
                 const Clock& clock)
    : cluster_(std::move(cluster)),
      lock_(std::move(lock)),
      targets_(cluster_, settings.targets_allow, clock),
      calendars_(cluster_),
      member_(cluster_, {.group = settings.group,
                         .partitions = topics.partitions,
                         .session_timeout_ms = settings.session_timeout_ms,
                         .instance_id = settings.instance_id}) {
  for (PartitionIndex p = 0; p < topics.partitions; ++p)
    runners_.push_back(std::make_unique<Runner>(
        cluster_, member_, targets_, calendars_, metrics_, clock,
        Runner::Settings{.group = settings.group,
                         .partition = p,
                         .partitions = topics.partitions,
                         .keeping = keeping(settings, topics, p),
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

void Service::keep() {
  for (const auto& runner : runners_) runner->keep();
}

}  // namespace horolog::scheduler
