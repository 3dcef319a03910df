#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>

namespace horolog::net {

/// A number of bytes that all connections share: who would exceed it waits (and stops reading)
/// instead of being dropped. First come, first served. Thread-safe; owned by shared_ptr because
/// charges may outlive the server.
class ByteBudget : public std::enable_shared_from_this<ByteBudget> {
 public:
  explicit ByteBudget(std::size_t total_bytes) : total_(total_bytes) {}

  /// Bytes taken from the budget, given back when destroyed.
  class Charge {
   public:
    Charge() = default;
    Charge(Charge&& other) noexcept;
    Charge& operator=(Charge&& other) noexcept;
    ~Charge() { release(); }
    std::size_t bytes() const { return bytes_; }

   private:
    friend class ByteBudget;
    Charge(std::shared_ptr<ByteBudget> budget, std::size_t bytes)
        : budget_(std::move(budget)), bytes_(bytes) {}
    void release();
    std::shared_ptr<ByteBudget> budget_;
    std::size_t bytes_ = 0;
  };

  using Granted = std::function<void(Charge)>;
  using Ticket = std::uint64_t;

  /// Nothing when it does not fit now or others wait. `bytes` must not exceed the total.
  std::optional<Charge> try_take(std::size_t bytes);
  /// Takes at once (and calls `granted` inside this call) or when it fits; then `granted` runs on
  /// the thread that gave bytes back and must only post. The ticket is for cancel().
  Ticket wait(std::size_t bytes, Granted granted);
  /// Afterwards `granted` is not called any more (it may be running right now).
  void cancel(Ticket ticket);

  std::size_t used() const { return used_.load(std::memory_order_relaxed); }
  std::size_t total() const { return total_; }

 private:
  struct Waiter {
    Ticket ticket;
    std::size_t bytes;
    Granted granted;
  };
  bool add_if_fits(std::size_t bytes);
  void give_back(std::size_t bytes);
  void grant_waiting();

  const std::size_t total_;
  std::atomic<std::size_t> used_{0};
  std::atomic<std::size_t> waiting_{0};
  std::mutex mutex_;
  std::list<Waiter> waiters_;
  Ticket next_ticket_ = 1;
};

}  // namespace horolog::net
