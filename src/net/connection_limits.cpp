#include "net/connection_limits.hpp"

#include <fmt/format.h>

namespace horolog::net {

ConnectionLimits::Place& ConnectionLimits::Place::operator=(Place&& other) noexcept {
  if (this != &other) {
    release();
    owner_ = std::move(other.owner_);
    address_ = std::move(other.address_);
  }
  return *this;
}

void ConnectionLimits::Place::release() {
  if (owner_) std::exchange(owner_, nullptr)->leave(address_);
}

Result<ConnectionLimits::Place> ConnectionLimits::enter(const std::string& address) {
  const std::lock_guard lock(mutex_);
  if (total_ >= total_limit_) {
    return Error(Errc::too_large, fmt::format("{} connections are open, the limit", total_));
  }
  std::size_t& here = by_address_[address];
  if (here >= address_limit_) {
    return Error(
        Errc::too_large,
        fmt::format("{} connections from {} are open, the limit for one address", here, address));
  }
  ++here;
  ++total_;
  return Place(shared_from_this(), address);
}

void ConnectionLimits::leave(const std::string& address) {
  const std::lock_guard lock(mutex_);
  --total_;
  const auto found = by_address_.find(address);
  if (--found->second == 0) by_address_.erase(found);
}

std::size_t ConnectionLimits::count() const {
  const std::lock_guard lock(mutex_);
  return total_;
}

}  // namespace horolog::net
