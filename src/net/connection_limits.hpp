#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>

#include "horolog/error.hpp"

namespace horolog::net {

/// Counts connections in total and per peer address. Thread-safe; held by shared_ptr because places
/// may be given back after the server has gone.
class ConnectionLimits : public std::enable_shared_from_this<ConnectionLimits> {
 public:
  ConnectionLimits(std::size_t total, std::size_t per_address)
      : total_limit_(total), address_limit_(per_address) {}

  /// One connection's place, given back when destroyed. An empty place counts nothing.
  class Place {
   public:
    Place() = default;
    Place(std::shared_ptr<ConnectionLimits> owner, std::string address)
        : owner_(std::move(owner)), address_(std::move(address)) {}
    Place(Place&& other) noexcept = default;
    Place& operator=(Place&& other) noexcept;
    ~Place() { release(); }

   private:
    void release();
    std::shared_ptr<ConnectionLimits> owner_;
    std::string address_;
  };

  /// Errc::too_large naming the limit that was reached.
  Result<Place> enter(const std::string& address);
  std::size_t count() const;

 private:
  void leave(const std::string& address);

  const std::size_t total_limit_;
  const std::size_t address_limit_;
  mutable std::mutex mutex_;
  std::size_t total_ = 0;
  std::unordered_map<std::string, std::size_t> by_address_;
};

}  // namespace horolog::net
