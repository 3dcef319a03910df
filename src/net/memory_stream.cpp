#include "net/memory_stream.hpp"

#include <algorithm>
#include <cerrno>
#include <mutex>

#include "base/bytes.hpp"

namespace horolog::net {

/// One direction. A waiter is woken by a task on its own executor, which looks it up again: a close
/// in between forgets it.
struct MemoryStream::Pipe : std::enable_shared_from_this<Pipe> {
  struct Side {
    Executor& executor;
    std::shared_ptr<IoWaiter> waiter = nullptr;
    bool posted = false;
  };

  Pipe(std::size_t capacity_bytes, Executor& reading, Executor& writing)
      : capacity(capacity_bytes), reader{reading}, writer{writing} {}

  std::size_t held() const { return bytes.size() - start; }

  // Both are called with the mutex held.
  void wake_reader() {
    if (held() != 0 || write_closed) wake(reader, &Pipe::reader, &IoWaiter::readable);
  }
  void wake_writer() {
    if (held() < capacity || read_closed) wake(writer, &Pipe::writer, &IoWaiter::writable);
  }

  void wake(Side& side, Side Pipe::* which, void (IoWaiter::*call)()) {
    if (!side.waiter || side.posted) return;
    side.posted = true;
    side.executor.post([pipe = shared_from_this(), which, call] {
      std::shared_ptr<IoWaiter> waiter;
      {
        const std::lock_guard lock(pipe->mutex);
        Side& there = (*pipe).*which;
        there.posted = false;
        waiter = std::exchange(there.waiter, nullptr);
      }
      if (waiter) ((*waiter).*call)();
    });
  }

  const std::size_t capacity;
  std::mutex mutex;
  ByteBuffer bytes;
  std::size_t start = 0;  ///< bytes before it have been read
  bool write_closed = false;
  bool reset = false;  ///< the writer does not read the answers any more
  bool read_closed = false;
  Side reader;
  Side writer;
};

std::pair<std::unique_ptr<MemoryStream>, std::unique_ptr<MemoryStream>> MemoryStream::pair(
    End first, End second, std::size_t capacity_bytes) {
  auto forth = std::make_shared<Pipe>(capacity_bytes, second.executor, first.executor);
  auto back = std::make_shared<Pipe>(capacity_bytes, first.executor, second.executor);
  std::unique_ptr<MemoryStream> a(new MemoryStream(back, forth, first, second.name));
  std::unique_ptr<MemoryStream> b(new MemoryStream(forth, back, second, first.name));
  return {std::move(a), std::move(b)};
}

MemoryStream::MemoryStream(std::shared_ptr<Pipe> in, std::shared_ptr<Pipe> out, const End& local,
                           Endpoint peer)
    : in_(std::move(in)), out_(std::move(out)), local_(local.name), peer_(std::move(peer)),
      close_resets_(local.close_resets) {}

IoResult MemoryStream::read_some(std::span<const MutableBytes> into) {
  const std::lock_guard lock(in_->mutex);
  if (in_->read_closed) return {IoResult::Kind::failed, 0, EBADF};
  std::size_t done = 0;
  for (const MutableBytes buffer : into) {
    const std::size_t n = std::min(buffer.size(), in_->held());
    std::copy_n(in_->bytes.data() + in_->start, n, buffer.data());
    in_->start += n;
    done += n;
  }
  if (done == 0) {
    if (!in_->write_closed) return {IoResult::Kind::would_block, 0, 0};
    if (in_->reset) return {IoResult::Kind::failed, 0, ECONNRESET};
    return {IoResult::Kind::end, 0, 0};
  }
  if (in_->held() == 0) {
    in_->bytes.clear();
    in_->start = 0;
  }
  in_->wake_writer();
  return {IoResult::Kind::done, done, 0};
}

IoResult MemoryStream::write_some(std::span<const ByteView> from) {
  const std::lock_guard lock(out_->mutex);
  if (out_->write_closed || out_->read_closed) return {IoResult::Kind::failed, 0, EPIPE};
  if (out_->start != 0) {
    out_->bytes.erase(out_->bytes.begin(),
                      out_->bytes.begin() + static_cast<std::ptrdiff_t>(out_->start));
    out_->start = 0;
  }
  std::size_t done = 0;
  for (const ByteView buffer : from) {
    const std::size_t n = std::min(buffer.size(), out_->capacity - out_->held());
    out_->bytes.insert(out_->bytes.end(), buffer.begin(),
                       buffer.begin() + static_cast<std::ptrdiff_t>(n));
    done += n;
  }
  if (done == 0) return {IoResult::Kind::would_block, 0, 0};
  out_->wake_reader();
  return {IoResult::Kind::done, done, 0};
}

void MemoryStream::wait_readable(std::shared_ptr<IoWaiter> waiter) {
  const std::lock_guard lock(in_->mutex);
  if (in_->read_closed) return;
  in_->reader.waiter = std::move(waiter);
  in_->wake_reader();
}

void MemoryStream::wait_writable(std::shared_ptr<IoWaiter> waiter) {
  const std::lock_guard lock(out_->mutex);
  if (out_->write_closed) return;
  out_->writer.waiter = std::move(waiter);
  out_->wake_writer();
}

void MemoryStream::shutdown_write() {
  const std::lock_guard lock(out_->mutex);
  out_->write_closed = true;
  out_->wake_reader();
}

void MemoryStream::close() {
  // Waiters are let go outside the locks: the last owner of this stream may be one of them.
  std::shared_ptr<IoWaiter> reader;
  std::shared_ptr<IoWaiter> writer;
  {
    const std::lock_guard lock(in_->mutex);
    in_->read_closed = true;
    reader = std::exchange(in_->reader.waiter, nullptr);
    in_->wake_writer();
  }
  const std::lock_guard lock(out_->mutex);
  out_->write_closed = true;
  out_->reset = close_resets_;
  writer = std::exchange(out_->writer.waiter, nullptr);
  out_->wake_reader();
}

}  // namespace horolog::net
