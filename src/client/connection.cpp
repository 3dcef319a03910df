#include "client/connection.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <limits>

#include "client/backoff.hpp"
#include "client/broker_error.hpp"
#include "client/loop.hpp"
#include "client/strange_bytes.hpp"
#include "client/versions_call.hpp"

namespace horolog::client {
namespace {

/// Reads in one turn before other connections of the loop get theirs.
constexpr int reads_per_turn = 8;
/// Chunks handed to one write.
constexpr std::size_t chunks_per_write = 64;

}  // namespace

Connection::Connection(Loop& loop, const ClientOptions& options, Peer peer, Events events)
    : loop_(loop),
      options_(options),
      peer_(std::move(peer)),
      events_(std::move(events)),
      frames_(options.max_response_bytes),
      deadline_(loop.deadlines(), [this] { deadline_missed(); }),
      active_at_(loop.now()) {}

Connection::~Connection() {
  HOROLOG_ASSERT(flying_.empty());
  if (stream_) stream_->close();
}

void Connection::open(Transport& transport) {
  watch(loop_.now() + to_ns(options_.connect_timeout));
  attempt_ = transport.open(loop_, peer_.address,
                            [weak = weak_from_this()](Result<Transport::Stream> stream) {
                              if (const auto self = weak.lock()) self->opened(std::move(stream));
                            });
}

void Connection::opened(Result<Transport::Stream> stream) {
  if (state_ != State::opening) return;
  if (!stream) {
    return end(Error(stream.error().code(),
                     fmt::format("{} cannot be reached: {}", peer_.name, stream.error().message()),
                     stream.error().os_error()));
  }
  stream_ = std::move(*stream);
  state_ = State::negotiating;
  negotiate(wire::ApiVersionsRequest::api.versions.max);
  read();
}

void Connection::negotiate(std::int16_t version) {
  asked_version_ = version;
  auto call = std::make_unique<VersionsCall>(
      [this](const Result<wire::ApiVersionsResponse>& answer) { negotiated(answer); });
  call->due = watched_;
  write_call(std::move(call), version);
}

void Connection::negotiated(const Result<wire::ApiVersionsResponse>& answer) {
  if (!answer || state_ != State::negotiating) return;  // whoever failed it ends the connection
  if (answer->error_code == wire::ErrorCode::unsupported_version && asked_version_ > 0) {
    const auto range = Served(*answer).range(wire::ApiKey::api_versions);
    const std::int16_t next = range ? range->max : std::int16_t{0};
    return negotiate(std::clamp<std::int16_t>(next, 0, asked_version_ - 1));
  }
  if (answer->error_code != wire::ErrorCode::none) {
    return end(broker_error(answer->error_code, peer_.name + " refuses the connection"));
  }
  served_ = Served(*answer);
  state_ = State::ready;
  if (events_.ready) events_.ready();
}

void Connection::send(std::unique_ptr<Call> call) {
  HOROLOG_ASSERT(ready());
  const auto version = served_.pick(call->request_api, call->cap, peer_.name);
  if (!version) {
    loop_.post([shared = std::shared_ptr<Call>(std::move(call)), error = version.error()] {
      shared->fail(error);
    });
    return;
  }
  active_at_ = loop_.now();
  write_call(std::move(call), *version);
}

void Connection::write_call(std::unique_ptr<Call> call, std::int16_t version) {
  const std::int32_t id = next_correlation_id_;
  next_correlation_id_ = id == std::numeric_limits<std::int32_t>::max() ? 0 : id + 1;
  enqueue(call->encode(version, id, options_.client_id));
  if (call->answered) {
    watch(call->due);
    flying_.push_back({std::move(call), id, version});
  } else {
    output_.back().unanswered = std::move(call);
  }
  flush_soon();
}

void Connection::enqueue(Call::Encoded encoded) {
  HOROLOG_ASSERT(encoded.frame.splices.size() == encoded.pieces.size());
  const auto head = std::make_shared<const ByteBuffer>(std::move(encoded.frame.bytes));
  const ByteView bytes(*head);
  std::size_t at = 0;
  for (std::size_t i = 0; i < encoded.pieces.size(); ++i) {
    const wire::Splice& splice = encoded.frame.splices[i];
    HOROLOG_ASSERT(splice.size == encoded.pieces[i].bytes.size());
    if (splice.at > at) output_.push_back({bytes.subspan(at, splice.at - at), head, nullptr});
    output_.push_back({encoded.pieces[i].bytes, std::move(encoded.pieces[i].owner), nullptr});
    at = splice.at;
  }
  if (at < bytes.size()) output_.push_back({bytes.subspan(at), head, nullptr});
}

void Connection::flush_soon() {
  // What is sent in one turn of the loop leaves in one write.
  if (flush_posted_ || write_waiting_) return;
  flush_posted_ = true;
  loop_.post([self = shared_from_this()] {
    self->flush_posted_ = false;
    self->flush();
  });
}

void Connection::writable() {
  write_waiting_ = false;
  flush();
}

void Connection::flush() {
  if (state_ == State::ended || write_waiting_) return;
  while (!output_.empty()) {
    views_.clear();
    for (const Chunk& chunk : output_) {
      views_.push_back(views_.empty() ? chunk.bytes.subspan(output_at_) : chunk.bytes);
      if (views_.size() == chunks_per_write) break;
    }
    const net::IoResult result = stream_->write_some(views_);
    if (result.kind == net::IoResult::Kind::would_block) {
      write_waiting_ = true;
      return stream_->wait_writable(shared_from_this());
    }
    if (result.kind != net::IoResult::Kind::done) {
      return end(lost(result.os_error != 0 ? std::strerror(result.os_error) : "closed"));
    }
    written(result.bytes);
    if (state_ == State::ended) return;
  }
}

void Connection::written(std::size_t bytes) {
  bytes += std::exchange(output_at_, 0);
  while (!output_.empty() && bytes >= output_.front().bytes.size()) {
    bytes -= output_.front().bytes.size();
    const auto call = std::move(output_.front().unanswered);
    output_.pop_front();
    if (call) static_cast<void>(call->answer({}, 0, peer_.node, nullptr));
  }
  output_at_ = bytes;
}

void Connection::readable() {
  read_waiting_ = false;
  read();
}

void Connection::read() {
  const auto self = shared_from_this();
  for (int i = 0; i < reads_per_turn && state_ != State::ended; ++i) {
    const auto targets = frames_.read_targets(loop_.scratch());
    std::size_t room = 0;
    for (const MutableBytes target : targets) room += target.size();
    const net::IoResult result = stream_->read_some(targets);
    if (result.kind == net::IoResult::Kind::would_block) break;
    if (result.kind == net::IoResult::Kind::end) return end(lost("the broker closed it"));
    if (result.kind == net::IoResult::Kind::failed) {
      return end(lost(std::strerror(result.os_error)));
    }
    frames_.commit(result.bytes);
    if (!cut()) return;
    if (result.bytes < room) break;  // the socket is drained; asking again would say so
  }
  if (state_ == State::ended) return;
  frames_.park();
  if (!std::exchange(read_waiting_, true)) stream_->wait_readable(self);
}

bool Connection::cut() {
  while (state_ != State::ended) {
    switch (frames_.next()) {
      case net::FrameBuffer::Step::need_bytes:
        return true;
      case net::FrameBuffer::Step::bad_length:
        end(Error(Errc::corrupt,
                  fmt::format("{} {}", peer_.name,
                              describe_answer(frames_.first_bytes(), !answered_once_,
                                              options_.max_response_bytes))));
        return false;
      case net::FrameBuffer::Step::need_frame: {
        const std::size_t size = frames_.needed_bytes();
        frames_.start(std::make_shared<net::Frame>(size, loop_.pool_for(size),
                                                   net::ByteBudget::Charge()));
        break;
      }
      case net::FrameBuffer::Step::frame:
        if (!take_frame(frames_.take())) return false;
    }
  }
  return false;
}

bool Connection::take_frame(std::shared_ptr<net::Frame> frame) {
  const auto bad = [this](std::string_view what) {
    end(Error(Errc::corrupt, fmt::format("{} {}; the connection was closed", peer_.name, what)));
    return false;
  };
  if (flying_.empty()) return bad("sent an answer to which there is no request");
  const Flying& oldest = flying_.front();
  const auto split = wire::decode_response_frame(std::as_const(*frame).bytes(),
                                                 oldest.call->response_api, oldest.version);
  if (!split) return bad(fmt::format("sent an answer without a header"));
  if (split->correlation_id != oldest.correlation_id) {
    return bad(fmt::format("sent the answer to request {} where that to request {} ({}) was due",
                           split->correlation_id, oldest.correlation_id,
                           wire::to_string(oldest.call->request_api.key)));
  }
  const Flying flying = std::move(flying_.front());
  flying_.pop_front();
  answered_once_ = true;
  active_at_ = loop_.now();
  const Status status =
      flying.call->answer(split->body, flying.version, peer_.node, std::move(frame));
  if (!status) {
    return bad(fmt::format("sent a {} (version {}) that cannot be read: {}",
                           flying.call->response_api.name, flying.version,
                           status.error().message()));
  }
  return state_ != State::ended;
}

void Connection::watch(MonoNs due) {
  if (watched_ != 0 && watched_ <= due) return;
  watched_ = due;
  deadline_.set(due);
}

void Connection::deadline_missed() {
  const auto self = shared_from_this();
  watched_ = 0;
  const MonoNs now = loop_.now();
  if (state_ == State::opening) {
    return end(Error(Errc::timed_out, fmt::format("{} cannot be reached: no connection after {} ms",
                                                  peer_.name, options_.connect_timeout.count())));
  }
  MonoNs next = std::numeric_limits<MonoNs>::max();
  for (const Flying& flying : flying_) next = std::min(next, flying.call->due);
  if (flying_.empty()) return;
  if (next > now) return watch(next);
  // Answers come in order, so what was sent later would wait as well; and a peer that has gone
  // without a word shows only in this way.
  const auto late = std::ranges::find(flying_, next, [](const Flying& f) { return f.call->due; });
  const std::string_view api = wire::to_string(late->call->request_api.key);
  end(Error(Errc::timed_out, fmt::format("{} did not answer {} in time; the connection was closed",
                                         peer_.name, api)));
}

Error Connection::lost(std::string_view what) const {
  if (answered_once_) {
    return Error(Errc::closed, fmt::format("the connection to {} was lost: {}", peer_.name, what));
  }
  return Error(Errc::closed,
               fmt::format("the connection to {} was lost before its first answer: {}; is it a "
                           "plain-text Kafka listener?",
                           peer_.name, what));
}

void Connection::close(const Error& why) {
  const auto self = shared_from_this();
  events_ = {};
  end(why);
}

void Connection::end(const Error& why) {
  if (state_ == State::ended) return;
  const auto self = shared_from_this();
  state_ = State::ended;
  attempt_.reset();
  deadline_.clear();
  if (stream_) stream_->close();
  fail_all(why);
  const Events events = std::exchange(events_, {});
  if (events.ended) events.ended(why);
}

void Connection::fail_all(const Error& why) {
  auto flying = std::exchange(flying_, {});
  auto output = std::exchange(output_, {});
  for (const Flying& one : flying) one.call->fail(why);
  for (const Chunk& chunk : output) {
    if (chunk.unanswered) chunk.unanswered->fail(why);
  }
}

}  // namespace horolog::client
