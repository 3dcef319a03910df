#pragma once

#include <atomic>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <memory>

#include "broker/partition.hpp"
#include "net/shard.hpp"

namespace horolog::broker {

/// A request that waits until partitions have something for it, or its time is over. Register,
/// fence, re-check, park: whoever parks has registered with what it waits for, so that whatever
/// happens after the registration pokes it and nothing that arrives between the first look and the
/// parking is missed. Lives on one shard; only poke() is called from other threads. Keeps itself
/// alive while parked.
class LongPoll : public Waiter, public std::enable_shared_from_this<LongPoll> {
 public:
  LongPoll(net::Shard& shard, std::int32_t max_wait_ms);
  void poke() final;

 protected:
  /// Looks once more, and starts the clock if that is not enough.
  void park();
  net::Shard& shard() const { return shard_; }
  /// On the shard. Answers if there is enough, or on the last chance in any case; true = answered.
  virtual bool try_finish(bool last_chance) = 0;
  /// On the shard: its time is over.
  void finish_now() { look(true); }

 private:
  void look(bool last_chance);

  net::Shard& shard_;
  std::int32_t max_wait_ms_;
  boost::asio::steady_timer timer_;
  std::atomic<bool> poked_{false};
  bool finished_ = false;
};

}  // namespace horolog::broker
