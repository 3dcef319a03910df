#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "net/buffer_pool.hpp"
#include "net/byte_stream.hpp"
#include "net/response_queue.hpp"

namespace horolog::net {

class Shard;

/// Moves answers from the queue to the stream: gathers what is ready into few writes, and reads
/// large payloads chunk by chunk as the peer takes them. Belongs to the shard's thread.
class ResponseWriter {
 public:
  ResponseWriter(Shard& shard, ResponseQueue& queue) : shard_(shard), queue_(queue) {}
  ~ResponseWriter() { drop_chunk(); }
  ResponseWriter(const ResponseWriter&) = delete;
  ResponseWriter& operator=(const ResponseWriter&) = delete;

  enum class Step : std::uint8_t {
    idle,         ///< everything that is ready has been written
    would_block,  ///< the peer does not take more now
    need_disk,    ///< make disk_read()'s read on the blocking pool, then give chunk_read()
    yield,        ///< much has been written: let other connections have their turn
    close,        ///< an answer that ends the connection has been reached
    failed,       ///< error() says what
  };
  Step pump(ByteStream& stream);

  struct DiskRead {
    std::shared_ptr<const Payload> payload;
    std::size_t at = 0;
    std::size_t bytes = 0;
  };
  const DiskRead& disk_read() const { return disk_read_; }
  void chunk_read(Buffer buffer, std::size_t bytes);
  /// Lets go of buffers and payloads.
  void clear();

  /// Bytes given to the stream so far.
  std::uint64_t written() const { return written_; }
  const std::string& error() const { return error_; }

  static constexpr std::size_t chunk_bytes = 256 * 1024;
  /// A connection that writes this much in one go lets the others have their turn.
  static constexpr std::size_t bytes_per_turn = 2 * 1024 * 1024;
  /// Shorter rests of a payload are cheaper copied together with what follows them.
  static constexpr std::size_t send_file_bytes = 64 * 1024;

 private:
  enum class Load : std::uint8_t { done, busy, failed };
  FileRange file_range(const ByteStream& stream, const ResponseQueue::Gathered& wanted,
                       std::size_t turn) const;
  Load load_chunk(const ResponseQueue::Gathered& wanted);
  void hold_chunk(Buffer buffer, const Payload* payload, std::size_t from, std::size_t bytes);
  void drop_chunk();

  Shard& shard_;
  ResponseQueue& queue_;
  std::vector<ByteView> views_;
  Buffer buffer_;
  ResponseQueue::Chunk chunk_;
  DiskRead disk_read_;
  std::uint64_t written_ = 0;
  std::string error_;
};

}  // namespace horolog::net
