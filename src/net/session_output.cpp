// How a session's answers leave: see session.hpp.
#include <utility>

#include "net/session.hpp"

namespace horolog::net {

void Session::finish(std::uint64_t slot, Answer answer) {
  if (shard_.running_here()) return answered(slot, std::move(answer));
  shard_.post_move([self = shared_from_this(), slot, answer = std::move(answer)]() mutable {
    self->answered(slot, std::move(answer));
  });
}

void Session::answered(std::uint64_t slot, Answer answer) {
  if (closed_ || lingering_) return;
  responses_.fill(slot, std::move(answer));
  if (reading_) return;
  activity_ns_ = shard_.clock().mono_ns();
  // More answers may be about to come, from the same group commit perhaps: write them together.
  if (responses_.unanswered() == 0) {
    flush();
  } else {
    flush_soon();
  }
}

void Session::flush_soon() {
  if (std::exchange(flush_posted_, true)) return;
  shard_.post_move([self = shared_from_this()] {
    self->flush_posted_ = false;
    self->flush();
  });
}

void Session::flush() {
  if (write_waiting_ || disk_waiting_ || closing_ || closed_ || lingering_) return;
  const std::uint64_t before = writer_.written();
  const ResponseWriter::Step step = writer_.pump(*stream_);
  shard_.counters().bytes_out.add(writer_.written() - before);
  switch (step) {
    case ResponseWriter::Step::idle:
      write_mark_ns_ = 0;
      break;
    case ResponseWriter::Step::yield:
      flush_soon();
      break;
    case ResponseWriter::Step::need_disk:
      write_mark_ns_ = 0;  // the peer is not the one that is waited for
      read_from_disk();
      break;
    case ResponseWriter::Step::close:
      end_output(log::Level::info, responses_.close_reason());
      break;
    case ResponseWriter::Step::failed:
      close_soon(log::Level::debug, "writing: " + writer_.error());
      break;
    case ResponseWriter::Step::would_block:
      write_waiting_ = true;
      if (write_mark_ns_ == 0 ||
          writer_.written() - write_mark_bytes_ >= host_.limits.progress_bytes) {
        write_mark_ns_ = shard_.clock().mono_ns();
        write_mark_bytes_ = writer_.written();
        deadline_.set(write_mark_ns_ + host_.limits.write_ns);
      }
      stream_->wait_writable(shared_from_this());
      break;
  }
  close_when_done();
  if (paused_ && may_take()) resume_soon();
}

void Session::writable() {
  write_waiting_ = false;
  if (!closed_) flush();
}

void Session::resume_soon() {
  if (std::exchange(resume_posted_, true)) return;
  shard_.post_move([self = shared_from_this()] {
    self->resume_posted_ = false;
    if (self->closed_) return;
    if (self->lingering_) return self->discard();
    if (self->paused_) self->read();
  });
}

void Session::read_from_disk() {
  disk_waiting_ = true;
  shard_.counters().blocking_reads.add();
  const auto& wanted = writer_.disk_read();
  host_.blocking.post([self = shared_from_this(), payload = wanted.payload, at = wanted.at,
                       bytes = wanted.bytes, pool = shard_.pool_for(wanted.bytes)] {
    Buffer buffer = BufferPool::take_from(pool.get(), bytes);
    auto read = payload->read_blocking(at, {buffer.data.get(), bytes});
    self->shard_.post_move([self, buffer = std::move(buffer), read = std::move(read)]() mutable {
      self->disk_waiting_ = false;
      if (self->closed_) return;
      if (!read) {
        self->close_soon(log::Level::error,
                         "reading a response's payload: " + read.error().message());
        return;
      }
      self->writer_.chunk_read(std::move(buffer), *read);
      self->flush();
    });
  });
}

}  // namespace horolog::net
