#include "net/byte_budget.hpp"

#include <utility>

#include "base/assert.hpp"

namespace horolog::net {

ByteBudget::Charge::Charge(Charge&& other) noexcept
    : budget_(std::move(other.budget_)), bytes_(std::exchange(other.bytes_, 0)) {}

ByteBudget::Charge& ByteBudget::Charge::operator=(Charge&& other) noexcept {
  if (this != &other) {
    release();
    budget_ = std::move(other.budget_);
    bytes_ = std::exchange(other.bytes_, 0);
  }
  return *this;
}

void ByteBudget::Charge::release() {
  if (!budget_) return;
  const std::shared_ptr<ByteBudget> budget = std::move(budget_);
  budget->give_back(std::exchange(bytes_, 0));
}

bool ByteBudget::add_if_fits(std::size_t bytes) {
  std::size_t used = used_.load();
  do {
    if (bytes > total_ - used) return false;
  } while (!used_.compare_exchange_weak(used, used + bytes));
  return true;
}

std::optional<ByteBudget::Charge> ByteBudget::try_take(std::size_t bytes) {
  HOROLOG_ASSERT(bytes <= total_);
  if (waiting_.load() != 0 || !add_if_fits(bytes)) return std::nullopt;
  return Charge(shared_from_this(), bytes);
}

ByteBudget::Ticket ByteBudget::wait(std::size_t bytes, Granted granted) {
  HOROLOG_ASSERT(bytes <= total_);
  Ticket ticket = 0;
  {
    const std::lock_guard lock(mutex_);
    ticket = next_ticket_++;
    waiters_.push_back({ticket, bytes, std::move(granted)});
    waiting_.store(waiters_.size());
  }
  // Bytes may have been given back between the caller's try and the registration.
  grant_waiting();
  return ticket;
}

void ByteBudget::cancel(Ticket ticket) {
  {
    const std::lock_guard lock(mutex_);
    waiters_.remove_if([ticket](const Waiter& w) { return w.ticket == ticket; });
    waiting_.store(waiters_.size());
  }
  // The one that left may have stood in front of others that fit.
  grant_waiting();
}

void ByteBudget::give_back(std::size_t bytes) {
  const std::size_t before = used_.fetch_sub(bytes);
  HOROLOG_ASSERT(before >= bytes);
  if (waiting_.load() != 0) grant_waiting();
}

void ByteBudget::grant_waiting() {
  for (;;) {
    Granted granted;
    std::size_t bytes = 0;
    {
      const std::lock_guard lock(mutex_);
      if (waiters_.empty() || !add_if_fits(waiters_.front().bytes)) return;
      granted = std::move(waiters_.front().granted);
      bytes = waiters_.front().bytes;
      waiters_.pop_front();
      waiting_.store(waiters_.size());
    }
    granted(Charge(shared_from_this(), bytes));
  }
}

}  // namespace horolog::net
