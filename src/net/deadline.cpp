#include "net/deadline.hpp"

#include <utility>

namespace horolog::net {

void Deadline::set(MonoNs due) {
  due_ = due;
  if (!place_ || (*place_)->first > due) queue_.place(*this, due);
}

void Deadline::clear() {
  due_.reset();
  queue_.remove(*this);
}

void DeadlineQueue::place(Deadline& deadline, MonoNs due) {
  remove(deadline);
  const bool earlier = entries_.empty() || due < entries_.begin()->first;
  deadline.place_ = entries_.emplace(due, &deadline);
  if (earlier && notify_) notify_();
}

void DeadlineQueue::remove(Deadline& deadline) {
  if (deadline.place_) entries_.erase(*std::exchange(deadline.place_, std::nullopt));
}

void DeadlineQueue::advance(MonoNs now) {
  while (!entries_.empty() && entries_.begin()->first <= now) {
    Deadline& first = *entries_.begin()->second;
    remove(first);
    if (*first.due_ > now) {  // moved later since it was placed
      place(first, *first.due_);
      continue;
    }
    first.due_.reset();
    // The callback may destroy the deadline, and its own function object with it.
    const auto missed = first.missed_;
    missed();
  }
}

std::optional<MonoNs> DeadlineQueue::next() const {
  if (entries_.empty()) return std::nullopt;
  return entries_.begin()->first;
}

}  // namespace horolog::net
