#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "bench/socket.hpp"

namespace horolog::bench {

/// A broker of one topic that keeps nothing, in a process of its own: it tells a producer what it
/// must know and acknowledges every batch unread. With it, what is measured is the client.
class NullSink {
 public:
  NullSink(std::string topic, std::int32_t partitions);
  ~NullSink();
  NullSink(const NullSink&) = delete;
  NullSink& operator=(const NullSink&) = delete;

  const std::string& address() const { return address_; }

 private:
  [[noreturn]] void serve_all() const;
  void serve(int fd) const;
  /// The whole answer to a request without its size; empty for one that this does not know.
  ByteBuffer answer(ByteView request) const;

  std::string topic_;
  std::int32_t partitions_;
  std::string address_;
  Descriptor listener_;
  pid_t pid_ = -1;
};

}  // namespace horolog::bench
