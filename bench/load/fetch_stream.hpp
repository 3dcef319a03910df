#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.hpp"
#include "bench/load/frames.hpp"
#include "bench/socket.hpp"
#include "horolog/types.hpp"

namespace horolog::bench {

/// One consumer of one partition: fetches one after the other, reading the answer as it arrives and
/// looking at the batches' headers only.
class FetchStream {
 public:
  FetchStream(const std::string& address, const std::string& topic, std::int32_t partition,
              Offset from, std::int32_t max_bytes, std::int32_t max_wait_ms,
              bool read_committed = false);

  /// Sends a fetch at the current offset.
  void ask();
  /// Reads the whole answer to it and moves the offset behind its last batch. Bytes of records.
  std::uint64_t take();

  Offset offset() const { return offset_; }
  std::int32_t partition() const { return partition_; }
  int fd() const { return socket_.get(); }

 private:
  std::size_t fill();
  void need(std::size_t bytes);

  std::int32_t partition_;
  Offset offset_;
  std::size_t offset_at_;
  FetchLayout layout_;
  ByteBuffer request_;
  Descriptor socket_;
  ByteBuffer buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace horolog::bench
