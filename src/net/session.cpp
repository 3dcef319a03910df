#include "net/session.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

#include "base/assert.hpp"
#include "net/first_bytes.hpp"

namespace horolog::net {
namespace {

/// Reads in one turn before other connections of the shard get theirs.
constexpr int reads_per_turn = 8;

}  // namespace

Session::Session(SessionHost& host, ConnectionInfo info, std::unique_ptr<ByteStream> stream)
    : host_(host),
      info_(std::move(info)),
      shard_(info_.shard),
      stream_(std::move(stream)),
      frames_(host.limits.frame_bytes),
      writer_(shard_, responses_),
      deadline_(shard_.deadlines(), [this] { deadline_missed(); }) {}

void Session::start() {
  now_ = shard_.clock().mono_ns();
  activity_ns_ = now_;
  deadline_.set(now_ + host_.limits.idle_ns);
  read();
}

void Session::stop_gently() {
  stopping_ = true;
  if (responses_.empty()) close_soon(log::Level::debug, "the broker stops");
}

void Session::close(log::Level level, const std::string& reason) {
  if (closed_) return;
  closed_ = true;
  log::write(level, "net", "connection closed",
             {log::field("peer", info_.peer.to_string()), log::field("listener", info_.listener),
              log::field("client", info_.client_software_name), log::field("reason", reason)});
  deadline_.clear();
  if (budget_ticket_ != 0) host_.budget->cancel(std::exchange(budget_ticket_, 0));
  stream_->close();
  writer_.clear();
  responses_.clear();
  host_.handler.connection_closed(info_);
  host_.closed(shard_, info_.id);
}

void Session::close_soon(log::Level level, std::string reason) {
  if (closing_ || closed_) return;
  closing_ = true;
  // Never inside the caller's code: that may be the handler, in the middle of something.
  shard_.post_move([self = shared_from_this(), level, reason = std::move(reason)] {
    self->close(level, reason);
  });
}

void Session::close_when_done() {
  if (!responses_.empty()) return;
  if (peer_ended_) close_soon(log::Level::debug, "the peer closed the connection");
  if (stopping_) end_output(log::Level::debug, "the broker stops");
}

void Session::end_output(log::Level level, std::string reason) {
  if (closing_ || lingering_) return;
  if (writer_.written() == 0) return close_soon(level, std::move(reason));
  lingering_ = true;
  end_level_ = level;
  end_reason_ = std::move(reason);
  responses_.clear();
  stream_->shutdown_write();
  deadline_.set(shard_.clock().mono_ns() + host_.limits.linger_ns);
  resume_soon();
}

void Session::discard() {
  for (int i = 0; i < reads_per_turn; ++i) {
    const MutableBytes scratch = shard_.scratch();
    const IoResult result = stream_->read_some({&scratch, 1});
    if (result.kind == IoResult::Kind::would_block) break;
    if (result.kind != IoResult::Kind::done) return close_soon(end_level_, end_reason_);
  }
  if (!std::exchange(read_waiting_, true)) stream_->wait_readable(shared_from_this());
}

void Session::readable() {
  read_waiting_ = false;
  if (closed_) return;
  if (lingering_) return discard();
  read();
}

bool Session::may_take() const {
  return !closing_ && !closed_ && !stopping_ && !lingering_ && budget_ticket_ == 0 &&
         responses_.size() < host_.limits.requests_in_flight &&
         responses_.ready_bytes() <= host_.limits.output_bytes;
}

void Session::read() {
  HOROLOG_ASSERT(!reading_);
  reading_ = true;
  now_ = shard_.clock().mono_ns();
  if (std::exchange(paused_, false)) frame_mark_ns_ = now_;
  cut();
  for (int i = 0; i < reads_per_turn && cut_all_ && !peer_ended_; ++i) {
    const auto targets = frames_.read_targets(shard_.scratch());
    std::size_t room = 0;
    for (const MutableBytes target : targets) room += target.size();
    const IoResult result = stream_->read_some(targets);
    if (result.kind == IoResult::Kind::would_block) break;
    if (result.kind == IoResult::Kind::end) peer_ended();
    if (result.kind == IoResult::Kind::failed) {
      close_soon(log::Level::debug, std::strerror(result.os_error));
    }
    if (result.kind != IoResult::Kind::done) break;
    shard_.counters().bytes_in.add(result.bytes);
    activity_ns_ = now_;
    frames_.commit(result.bytes);
    cut();
    if (result.bytes < room) break;  // the socket is drained; asking again would say so
  }
  frames_.park();
  reading_ = false;
  note_frame_progress();
  flush();
  if (peer_ended_ || closing_ || closed_ || stopping_ || lingering_) return;
  if (!cut_all_) {
    // The flush may have made room again, but what is parked here makes no stream readable.
    shard_.counters().reads_paused.add();
    paused_ = true;
    if (may_take()) resume_soon();
  } else if (!std::exchange(read_waiting_, true)) {
    stream_->wait_readable(shared_from_this());
  }
}

void Session::cut() {
  cut_all_ = false;
  while (may_take()) {
    switch (frames_.next()) {
      case FrameBuffer::Step::need_bytes:
        cut_all_ = true;
        return;
      case FrameBuffer::Step::bad_length:
        return reject_bytes();
      case FrameBuffer::Step::frame:
        dispatch(frames_.take());
        break;
      case FrameBuffer::Step::need_frame: {
        auto charge = host_.budget->try_take(frames_.needed_bytes());
        if (!charge) return wait_for_budget(frames_.needed_bytes());
        start_frame(std::move(*charge));
      }
    }
  }
}

void Session::start_frame(ByteBudget::Charge charge) {
  const std::size_t size = frames_.needed_bytes();
  frames_.start(std::make_shared<Frame>(size, shard_.pool_for(size), std::move(charge)));
}

void Session::dispatch(std::shared_ptr<Frame> frame) {
  frame_mark_ns_ = 0;
  shard_.counters().requests.add();
  ++info_.requests;
  const std::uint64_t slot = responses_.open();
  const ByteView bytes = std::as_const(*frame).bytes();
  host_.handler.handle(info_, Request{std::move(frame), bytes, now_},
                       Responder(shared_from_this(), slot));
}

void Session::wait_for_budget(std::size_t bytes) {
  budget_ticket_ = host_.budget->wait(
      bytes, [weak = weak_from_this(), &shard = shard_](ByteBudget::Charge charge) {
        shard.post_move([weak, charge = std::move(charge)]() mutable {
          if (const auto self = weak.lock()) self->budget_granted(std::move(charge));
        });
      });
}

void Session::budget_granted(ByteBudget::Charge charge) {
  if (closed_) return;
  budget_ticket_ = 0;
  start_frame(std::move(charge));
  read();
}

void Session::peer_ended() {
  peer_ended_ = true;
  if (frames_.mid_frame()) {
    log::debug("net", "the peer closed the connection in the middle of a request",
               {log::field("peer", info_.peer.to_string())});
  }
  close_when_done();
}

void Session::reject_bytes() {
  shard_.counters().protocol_errors.add();
  const ByteView first = frames_.first_bytes();
  const auto length = load_be<std::int32_t>(first.data());
  std::string reason;
  if (info_.requests != 0) {
    reason = fmt::format("a request of {} bytes was announced; between 0 and {} are allowed",
                         length, host_.limits.frame_bytes);
  } else {
    reason =
        fmt::format("the first bytes announce a request of {} bytes (limit {}): it looks like {}",
                    length, host_.limits.frame_bytes, describe_first_bytes(first));
  }
  close_soon(log::Level::warn, std::move(reason));
}

void Session::note_frame_progress() {
  if (!frames_.mid_frame()) return;
  if (frame_mark_ns_ != 0 &&
      frames_.frame_have() - frame_mark_bytes_ < host_.limits.progress_bytes) {
    return;
  }
  frame_mark_ns_ = now_;
  frame_mark_bytes_ = frames_.frame_have();
  deadline_.set(now_ + host_.limits.frame_ns);
}

Session::Due Session::due() const {
  const SessionLimits& limits = host_.limits;
  Due first{std::numeric_limits<MonoNs>::max(), "", log::Level::debug};
  if (write_waiting_) {
    first = {write_mark_ns_ + limits.write_ns, "the peer does not take its responses",
             log::Level::info};
  }
  if (frames_.mid_frame() && may_take() && !peer_ended_ &&
      frame_mark_ns_ + limits.frame_ns < first.at) {
    first = {frame_mark_ns_ + limits.frame_ns, "a request was started and not completed",
             log::Level::info};
  }
  if (responses_.empty() && !frames_.mid_frame() && activity_ns_ + limits.idle_ns < first.at) {
    first = {activity_ns_ + limits.idle_ns, "idle", log::Level::debug};
  }
  return first;
}

void Session::deadline_missed() {
  // The deadline is only ever set for the first thing that can be missed; what applies now, and
  // since when, is looked up here. So nothing has to be re-armed for each request.
  if (lingering_) return close_soon(end_level_, end_reason_);
  const MonoNs now = shard_.clock().mono_ns();
  const Due next = due();
  if (next.at <= now) {
    shard_.counters().deadlines_missed.add();
    close_soon(next.level, next.what);
    return;
  }
  deadline_.set(std::min(next.at, now + host_.limits.idle_ns));
}

}  // namespace horolog::net
