#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/executor.hpp"
#include "base/log.hpp"
#include "net/byte_budget.hpp"
#include "net/byte_stream.hpp"
#include "net/deadline.hpp"
#include "net/frame_buffer.hpp"
#include "net/request_handler.hpp"
#include "net/response_queue.hpp"
#include "net/response_writer.hpp"
#include "net/session_limits.hpp"
#include "net/shard.hpp"

namespace horolog::net {

/// What the sessions of a server share. Outlives them until they are closed.
struct SessionHost {
  RequestHandler& handler;
  Executor& blocking;
  const SessionLimits& limits;
  std::shared_ptr<ByteBudget> budget;  ///< of request bytes
  /// Called once, on the session's shard, after connection_closed().
  std::function<void(Shard& shard, std::uint64_t connection_id)> closed;
};

/// One connection: cuts requests out of the stream, hands them to the handler in order, and writes
/// the answers in order. It stops reading while too much is in flight, and closes a peer that is
/// too slow, idle for too long, or does not speak the protocol.
///
/// Everything runs on the shard's thread, except finish(). Nothing in here waits: the session is
/// called when the stream, an answer, the disk or a deadline lets it go on. An answer given inside
/// a handler's own code only ever writes: it never calls the handler back from there.
class Session final : public IoWaiter,
                      public ResponseSink,
                      public std::enable_shared_from_this<Session> {
 public:
  Session(SessionHost& host, ConnectionInfo info, std::unique_ptr<ByteStream> stream);

  void start();
  /// Takes no more requests; closes when those that were taken have been answered.
  void stop_gently();
  /// Closes at once; the reason is logged.
  void close(log::Level level, const std::string& reason);

  const ConnectionInfo& info() const { return info_; }

  void readable() override;
  void writable() override;
  void finish(std::uint64_t slot, Answer answer) override;

 private:
  bool may_take() const;
  void read();
  void cut();
  void dispatch(std::shared_ptr<Frame> frame);
  void wait_for_budget(std::size_t bytes);
  void budget_granted(ByteBudget::Charge charge);
  void start_frame(ByteBudget::Charge charge);
  void peer_ended();
  void reject_bytes();

  void answered(std::uint64_t slot, Answer answer);
  void flush();
  void flush_soon();
  void resume_soon();
  void read_from_disk();
  void close_when_done();
  /// Tells the peer that nothing more comes, and closes when it has closed too (or linger_ns
  /// later): closing with unread bytes in the socket would take back answers that are still on
  /// their way.
  void end_output(log::Level level, std::string reason);
  void discard();
  void close_soon(log::Level level, std::string reason);

  void note_frame_progress();
  struct Due {
    MonoNs at;
    const char* what;
    log::Level level;
  };
  Due due() const;
  void deadline_missed();

  SessionHost& host_;
  ConnectionInfo info_;
  Shard& shard_;
  std::unique_ptr<ByteStream> stream_;
  FrameBuffer frames_;
  ResponseQueue responses_;
  ResponseWriter writer_;
  Deadline deadline_;

  bool reading_ = false;       ///< inside read(): answers are flushed at its end
  bool read_waiting_ = false;  ///< the stream will call readable()
  bool write_waiting_ = false;
  bool disk_waiting_ = false;
  bool flush_posted_ = false;
  bool resume_posted_ = false;
  bool cut_all_ = true;  ///< every request that has arrived has been taken
  bool paused_ = false;  ///< not read because a limit was reached
  bool peer_ended_ = false;
  bool stopping_ = false;
  bool lingering_ = false;
  bool closing_ = false;
  bool closed_ = false;
  ByteBudget::Ticket budget_ticket_ = 0;
  log::Level end_level_ = log::Level::debug;
  std::string end_reason_;

  MonoNs now_ = 0;          ///< when the current turn of read() started
  MonoNs activity_ns_ = 0;  ///< last byte in, or last answer
  MonoNs frame_mark_ns_ = 0;
  std::size_t frame_mark_bytes_ = 0;
  MonoNs write_mark_ns_ = 0;
  std::uint64_t write_mark_bytes_ = 0;
};

}  // namespace horolog::net
