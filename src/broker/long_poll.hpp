#pragma once

#include <atomic>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <vector>

#include "broker/partition.hpp"
#include "net/shard.hpp"

namespace horolog::broker {

/// A request that waits until partitions have something for it, or its time is over. Register,
/// fence, re-check, park: whatever happens after the registration pokes it, so nothing that arrives
/// between the first look and the parking is missed. Lives on one shard; only poke() is called from
/// other threads. Keeps itself alive while parked.
class LongPoll : public Waiter, public std::enable_shared_from_this<LongPoll> {
 public:
  LongPoll(net::Shard& shard, std::int32_t max_wait_ms);
  ~LongPoll() override;
  void poke() final;

 protected:
  /// Registers with the partitions and starts the clock. Unsynced bytes there are synced at once.
  void park(std::vector<std::shared_ptr<Partition>> partitions);
  /// On the shard. Answers if there is enough, or on the last chance in any case; true = answered.
  virtual bool try_finish(bool last_chance) = 0;

 private:
  void look(bool last_chance);

  net::Shard& shard_;
  std::int32_t max_wait_ms_;
  boost::asio::steady_timer timer_;
  std::vector<std::shared_ptr<Partition>> partitions_;
  std::atomic<bool> poked_{false};
  bool finished_ = false;
};

}  // namespace horolog::broker
