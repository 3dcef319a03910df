#pragma once

#include <cstdint>
#include <mutex>
#include <optional>

namespace horolog::log {

/// Keeps lines that strangers cause from filling the log: so many a second, the others are counted.
/// Thread-safe.
class Limit {
 public:
  explicit Limit(int per_second) : per_second_(per_second) {}

  /// How many lines were left out since the last one, when this one may be written.
  std::optional<std::uint64_t> admit(std::int64_t now_ns) {
    const std::lock_guard lock(mutex_);
    if (now_ns >= ends_ns_) {
      ends_ns_ = now_ns + second_ns;
      written_ = 0;
    }
    if (written_ == per_second_) {
      ++left_out_;
      return std::nullopt;
    }
    ++written_;
    const std::uint64_t left_out = left_out_;
    left_out_ = 0;
    return left_out;
  }

 private:
  static constexpr std::int64_t second_ns = 1'000'000'000;

  const int per_second_;
  std::mutex mutex_;
  std::int64_t ends_ns_ = 0;
  int written_ = 0;
  std::uint64_t left_out_ = 0;
};

}  // namespace horolog::log
