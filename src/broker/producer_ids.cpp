#include "broker/producer_ids.hpp"

namespace horolog::broker {

std::optional<ProducerId> ProducerIds::take() {
  const std::lock_guard lock(mutex_);
  if (next_ == end_) return std::nullopt;
  return next_++;
}

Result<ProducerId> ProducerIds::take_blocking() {
  const std::lock_guard refill(refill_mutex_);
  if (const auto id = take()) return *id;
  HOROLOG_ASSIGN(const ProducerId first,
                 catalog_.allocate_producer_ids(block_size, clock_.wall_ms()));
  const std::lock_guard lock(mutex_);
  next_ = first + 1;
  end_ = first + block_size;
  return first;
}

}  // namespace horolog::broker
