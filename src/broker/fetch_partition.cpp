#include "broker/fetch_partition.hpp"

#include <utility>

namespace horolog::broker {

void FetchBell::ring(std::weak_ptr<FetchPartition> partition) {
  std::shared_ptr<Waiter> sleeper;
  {
    const std::lock_guard lock(mutex_);
    rung_.push_back(std::move(partition));
    sleeper = sleeper_.lock();
  }
  if (sleeper != nullptr) sleeper->poke();
}

std::vector<std::weak_ptr<FetchPartition>> FetchBell::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(rung_, {});
}

void FetchBell::set_sleeper(std::weak_ptr<Waiter> sleeper) {
  const std::lock_guard lock(mutex_);
  sleeper_ = std::move(sleeper);
}

FetchPartition::FetchPartition(std::string topic_name, Uuid id, const Asked& wanted,
                               std::shared_ptr<FetchBell> bell)
    : topic(std::move(topic_name)), topic_id(id), asked(wanted), bell_(std::move(bell)) {}

FetchPartition::~FetchPartition() {
  if (!watching_.load()) return;
  if (const auto held = partition.lock()) held->remove_waiter(this);
}

bool FetchPartition::must_tell(const Answer& answer) const {
  return answer.error_code != wire::ErrorCode::none || answer.records.size != 0 ||
         answer.diverging_epoch.epoch >= 0 || answer.high_watermark != told_high_watermark_ ||
         answer.log_start_offset != told_log_start_;
}

void FetchPartition::remember(const Answer& answer) {
  const bool failed = answer.error_code != wire::ErrorCode::none;
  // After an error the next good answer is news in any case.
  told_high_watermark_ = failed ? -1 : answer.high_watermark;
  told_log_start_ = answer.log_start_offset;
}

void FetchPartition::watch(Partition& held) {
  watching_.store(true);
  held.add_waiter(shared_from_this());
  held.hurry();
}

void FetchPartition::poke() {
  if (watching_.exchange(false)) bell_->ring(weak_from_this());
}

}  // namespace horolog::broker
