#include "horolog/tasks.hpp"

#include <utility>

#include "base/clock.hpp"
#include "client/cluster.hpp"
#include "worker/tasks_core.hpp"

namespace horolog {

Result<Tasks> Tasks::open(ClientOptions options) {
  HOROLOG_ASSIGN(auto cluster, client::Cluster::open(std::move(options)));
  Tasks tasks(nullptr);
  tasks.core_ = std::make_unique<worker::TasksCore>(std::move(cluster), true);
  return tasks;
}

Tasks::Tasks(std::shared_ptr<client::Cluster> cluster)
    : core_(std::make_unique<worker::TasksCore>(std::move(cluster), false)) {}
Tasks::~Tasks() = default;
Tasks::Tasks(Tasks&&) noexcept = default;
Tasks& Tasks::operator=(Tasks&&) noexcept = default;

Result<SubmittedTask> Tasks::submit(const std::string& topic, Bytes value,
                                    const TaskOptions& options) {
  return core_->submit(topic, value, options);
}

Result<std::vector<TaskInfo>> Tasks::list(TimestampMs since,
                                          const std::function<bool(const TaskInfo&)>& wanted) {
  HOROLOG_ASSIGN(const auto history, core_->history(since));
  std::vector<TaskInfo> out;
  for (const TaskInfo* task : history.latest())
    if (!wanted || wanted(*task)) out.push_back(*task);
  return out;
}

Result<TaskInfo> Tasks::describe(const std::string& fire_id) { return core_->describe(fire_id); }

Result<std::map<std::string, TaskFigures>> Tasks::figures(TimestampMs since) {
  HOROLOG_ASSIGN(const auto history, core_->history(since));
  return history.figures();
}

Result<TaskBacklog> Tasks::backlog(const std::string& topic, const std::string& group) {
  return core_->backlog(topic, group);
}

Result<TaskRetry> Tasks::retry(const std::string& fire_id) { return core_->retry(fire_id); }

Result<TaskCancel> Tasks::cancel(const std::string& name, const std::string& reason,
                                 Timeout timeout) {
  return core_->cancel(name, reason, timeout);
}

Status Tasks::discard(const std::string& fire_id, const std::string& reason) {
  return core_->discard(fire_id, reason);
}

Result<std::vector<DeadLetter>> Tasks::dead_letters(const std::string& topic) {
  return core_->dead_letters(topic);
}

Result<std::vector<DeadLetter>> Tasks::retry_dead(const std::string& topic) {
  return core_->retry_dead(topic);
}

Status Tasks::pause(const std::string& topic, const std::string& reason) {
  HOROLOG_TRY(core_->check_topic(topic));
  return core_->set_control(worker::pause_key(topic),
                            worker::ControlNote{SystemClock().wall_ms(), reason});
}

Status Tasks::resume(const std::string& topic) {
  HOROLOG_TRY(core_->check_topic(topic));
  return core_->set_control(worker::pause_key(topic), std::nullopt);
}

Result<std::vector<PausedTopic>> Tasks::paused() {
  HOROLOG_ASSIGN(const auto controls, core_->controls());
  std::vector<PausedTopic> out;
  for (const auto& [topic, note] : controls.paused())
    out.push_back({topic, note.at_ms, note.reason});
  return out;
}

}  // namespace horolog
