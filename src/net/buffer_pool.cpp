#include "net/buffer_pool.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace horolog::net {

Buffer BufferPool::take(std::size_t bytes) {
  if (bytes < smallest_kept_bytes) {
    return {std::make_unique_for_overwrite<std::byte[]>(bytes), bytes};
  }
  // Powers of two, so that requests of about the same size find each other's buffers.
  const std::size_t capacity = bytes <= kept_bytes ? std::bit_ceil(bytes) : bytes;
  {
    const std::lock_guard lock(mutex_);
    // The latest first: its pages are the likeliest to be in the processor's caches.
    const auto found = std::find_if(free_.rbegin(), free_.rend(),
                                    [&](const Buffer& b) { return b.capacity == capacity; });
    if (found != free_.rend()) {
      Buffer buffer = std::move(*found);
      free_.erase(std::next(found).base());
      kept_ -= buffer.capacity;
      low_count_ = std::min(low_count_, free_.size());
      return buffer;
    }
  }
  return {std::make_unique_for_overwrite<std::byte[]>(capacity), capacity};
}

Buffer BufferPool::take_from(BufferPool* pool, std::size_t bytes) {
  if (pool != nullptr) return pool->take(bytes);
  return {std::make_unique_for_overwrite<std::byte[]>(bytes), bytes};
}

void BufferPool::give_back(Buffer buffer) {
  if (buffer.capacity < smallest_kept_bytes) return;
  const std::lock_guard lock(mutex_);
  if (kept_ + buffer.capacity > kept_bytes) return;
  kept_ += buffer.capacity;
  free_.push_back(std::move(buffer));
}

void BufferPool::trim() {
  const std::lock_guard lock(mutex_);
  // What lies lowest was used longest ago, and at least low_count_ of them never left.
  const std::size_t unused = std::min(low_count_, free_.size());
  for (std::size_t i = 0; i < unused; ++i) kept_ -= free_[i].capacity;
  free_.erase(free_.begin(), free_.begin() + static_cast<std::ptrdiff_t>(unused));
  low_count_ = free_.size();
}

std::size_t BufferPool::kept() const {
  const std::lock_guard lock(mutex_);
  return kept_;
}

}  // namespace horolog::net
