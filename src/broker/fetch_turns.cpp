#include "broker/fetch_turns.hpp"

#include <utility>

namespace horolog::broker {

bool FetchTurns::enter(std::shared_ptr<User> user) {
  std::shared_ptr<User> present;
  {
    const std::lock_guard lock(mutex_);
    if (present_ == nullptr) {
      present_ = std::move(user);
      return true;
    }
    waiting_.push_back(std::move(user));
    present = present_;
  }
  present->hurry_up();
  return false;
}

void FetchTurns::leave() {
  std::shared_ptr<User> next;
  bool others_wait = false;
  {
    const std::lock_guard lock(mutex_);
    present_.reset();
    if (waiting_.empty()) return;
    next = std::move(waiting_.front());
    waiting_.pop_front();
    present_ = next;
    others_wait = !waiting_.empty();
  }
  if (others_wait) next->hurry_up();
  next->take_turn();
}

}  // namespace horolog::broker
