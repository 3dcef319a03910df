#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "base/bytes.hpp"

namespace horolog::net {

/// Uninitialised memory. A moved-from buffer is empty: with its old capacity it would get into the
/// pool without memory behind it.
struct Buffer {
  Buffer() = default;
  Buffer(std::unique_ptr<std::byte[]> memory, std::size_t bytes)
      : data(std::move(memory)), capacity(bytes) {}
  Buffer(Buffer&& other) noexcept
      : data(std::move(other.data)), capacity(std::exchange(other.capacity, 0)) {}
  Buffer& operator=(Buffer&& other) noexcept {
    data = std::move(other.data);
    capacity = std::exchange(other.capacity, 0);
    return *this;
  }

  std::unique_ptr<std::byte[]> data;
  std::size_t capacity = 0;
};

/// Keeps large buffers for reuse: fresh pages cost a fault each (and, in a virtual machine that
/// gives free pages back to its host, one there too), which is more than copying into them.
/// Thread-safe: a frame is freed by whichever thread lets go of it last.
class BufferPool {
 public:
  /// Smaller buffers are left to malloc.
  static constexpr std::size_t smallest_kept_bytes = 32 * 1024;
  /// At most this much is kept for reuse.
  static constexpr std::size_t kept_bytes = 8 * 1024 * 1024;

  /// At least `bytes` of capacity.
  Buffer take(std::size_t bytes);
  void give_back(Buffer buffer);
  /// From `pool`, or from malloc when there is none.
  static Buffer take_from(BufferPool* pool, std::size_t bytes);
  /// Frees what is kept and has not been used since the last call.
  void trim();
  std::size_t kept() const;

 private:
  mutable std::mutex mutex_;
  std::vector<Buffer> free_;
  std::size_t kept_ = 0;
  std::size_t low_count_ = 0;  ///< fewest buffers that lay here since the last trim()
};

}  // namespace horolog::net
