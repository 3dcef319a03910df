#include "net/response_writer.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/assert.hpp"
#include "net/shard.hpp"

namespace horolog::net {
namespace {

/// Slow readers may keep this many chunks per shard between two writes; the others read theirs
/// again (from the page cache) when the peer is ready. So thousands of slow readers cost no memory.
constexpr std::size_t chunks_kept_per_shard = 64;
constexpr std::size_t small_chunk_bytes = 32 * 1024;

}  // namespace

ResponseWriter::Step ResponseWriter::pump(ByteStream& stream) {
  for (std::size_t turn = 0;;) {
    auto gathered = queue_.gather(views_, chunk_);
    const FileRange file = file_range(stream, gathered, turn);
    if (gathered.stop == ResponseQueue::Stop::payload && file.bytes == 0) {
      const Load load = load_chunk(gathered);
      if (load == Load::failed) return Step::failed;
      if (load == Load::done) {
        gathered = queue_.gather(views_, chunk_);
        HOROLOG_ASSERT(!views_.empty());
      } else if (views_.empty()) {
        return Step::need_disk;
      }
    }
    if (views_.empty() && file.bytes == 0) {
      drop_chunk();
      return gathered.stop == ResponseQueue::Stop::close ? Step::close : Step::idle;
    }
    const IoResult result = views_.empty() ? stream.send_file(file) : stream.write_some(views_);
    if (result.kind == IoResult::Kind::would_block) {
      if (shard_.chunks_held > chunks_kept_per_shard) drop_chunk();
      return Step::would_block;
    }
    if (result.kind != IoResult::Kind::done) {
      error_ = result.os_error != 0 ? std::strerror(result.os_error) : "the peer has gone";
      return Step::failed;
    }
    written_ += result.bytes;
    turn += result.bytes;
    queue_.advance(result.bytes);
    if (turn >= bytes_per_turn) return Step::yield;
  }
}

FileRange ResponseWriter::file_range(const ByteStream& stream,
                                     const ResponseQueue::Gathered& wanted,
                                     std::size_t turn) const {
  if (wanted.stop != ResponseQueue::Stop::payload || !stream.sends_files()) return {};
  if (wanted.payload->size() - wanted.at < send_file_bytes) return {};
  return wanted.payload->cached_range(wanted.at, bytes_per_turn - turn);
}

ResponseWriter::Load ResponseWriter::load_chunk(const ResponseQueue::Gathered& wanted) {
  // What will not be kept between two writes is read in small pieces: it may be read in vain.
  const bool kept = shard_.chunks_held < chunks_kept_per_shard;
  const std::size_t bytes =
      std::min(kept ? chunk_bytes : small_chunk_bytes, wanted.payload->size() - wanted.at);
  Buffer buffer = std::move(buffer_);
  drop_chunk();
  if (buffer.capacity < bytes) {
    const auto pool = shard_.pool_for(chunk_bytes);
    pool->give_back(std::move(buffer));
    buffer = pool->take(chunk_bytes);
  }
  auto read = wanted.payload->read_nowait(wanted.at, {buffer.data.get(), bytes});
  if (read) {
    HOROLOG_ASSERT(*read != 0 && *read <= bytes);
    hold_chunk(std::move(buffer), wanted.payload.get(), wanted.at, *read);
    return Load::done;
  }
  shard_.pool_for(chunk_bytes)->give_back(std::move(buffer));
  if (read.error().code() != Errc::busy) {
    error_ = "reading a response's payload: " + read.error().message();
    return Load::failed;
  }
  disk_read_ = {wanted.payload, wanted.at, bytes};
  return Load::busy;
}

void ResponseWriter::chunk_read(Buffer buffer, std::size_t bytes) {
  HOROLOG_ASSERT(disk_read_.payload && bytes != 0 && bytes <= disk_read_.bytes);
  drop_chunk();
  hold_chunk(std::move(buffer), disk_read_.payload.get(), disk_read_.at, bytes);
  disk_read_ = {};
}

void ResponseWriter::hold_chunk(Buffer buffer, const Payload* payload, std::size_t from,
                                std::size_t bytes) {
  buffer_ = std::move(buffer);
  chunk_ = {payload, from, {buffer_.data.get(), bytes}};
  ++shard_.chunks_held;
}

void ResponseWriter::drop_chunk() {
  if (chunk_.payload != nullptr) --shard_.chunks_held;
  chunk_ = {};
  // A small one came from malloc and goes back there.
  if (const auto pool = shard_.pool_for(buffer_.capacity)) pool->give_back(std::move(buffer_));
  buffer_ = {};
}

void ResponseWriter::clear() {
  drop_chunk();
  disk_read_ = {};
  views_ = {};
}

}  // namespace horolog::net
