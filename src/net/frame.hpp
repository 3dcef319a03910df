#pragma once

#include <cstddef>
#include <memory>
#include <utility>

#include "base/bytes.hpp"
#include "net/buffer_pool.hpp"
#include "net/byte_budget.hpp"

namespace horolog::net {

/// The bytes of one request, without the length in front. Views into it stay valid as long as it is
/// held, and as long as it is held it counts against the budget of queued request bytes: let go of
/// it when the bytes have been copied to where they belong. May be released on any thread.
class Frame {
 public:
  Frame(std::size_t size, std::shared_ptr<BufferPool> pool, ByteBudget::Charge charge)
      : size_(size),
        pool_(std::move(pool)),
        charge_(std::move(charge)),
        buffer_(BufferPool::take_from(pool_.get(), size)) {}
  ~Frame() {
    if (pool_) pool_->give_back(std::move(buffer_));
  }
  Frame(const Frame&) = delete;
  Frame& operator=(const Frame&) = delete;

  std::size_t size() const { return size_; }
  ByteView bytes() const { return {buffer_.data.get(), size_}; }
  MutableBytes bytes() { return {buffer_.data.get(), size_}; }

 private:
  std::size_t size_;
  std::shared_ptr<BufferPool> pool_;
  ByteBudget::Charge charge_;
  Buffer buffer_;
};

}  // namespace horolog::net
