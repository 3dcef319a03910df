#include "broker/long_poll.hpp"

#include <chrono>

namespace horolog::broker {

LongPoll::LongPoll(net::Shard& shard, std::int32_t max_wait_ms)
    : shard_(shard), max_wait_ms_(max_wait_ms), timer_(shard.executor()) {}

void LongPoll::poke() {
  if (poked_.exchange(true)) return;
  shard_.post([self = shared_from_this()] { self->look(false); });
}

void LongPoll::park() {
  look(false);
  if (finished_) return;
  timer_.expires_after(std::chrono::milliseconds(max_wait_ms_));
  timer_.async_wait([self = shared_from_this()](const boost::system::error_code&) {
    if (!self->finished_) self->look(true);
  });
}

void LongPoll::look(bool last_chance) {
  if (finished_) return;
  // Cleared before looking: what happens from here on posts another look.
  poked_.store(false);
  if (!try_finish(last_chance)) return;
  finished_ = true;
  timer_.cancel();
}

}  // namespace horolog::broker
