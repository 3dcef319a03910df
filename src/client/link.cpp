#include "client/link.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "client/backoff.hpp"
#include "client/loop.hpp"

namespace horolog::client {

Link::Link(Host& host, NodeId node, Lane lane, Address address)
    : host_(host),
      node_(node),
      lane_(lane),
      address_(std::move(address)),
      deadline_(host.loop.deadlines(), [this] { wake(); }) {}

Link::~Link() { HOROLOG_ASSERT(waiting_.empty() && !connection_); }

void Link::send(std::unique_ptr<Call> call) {
  if (ready()) return connection_->send(std::move(call));
  waiting_.push_back(std::move(call));
  if (!connection_ && host_.loop.now() >= next_attempt_) connect();
  arm();
}

void Link::open() {
  if (connection_) return;
  wanted_ = true;
  if (host_.loop.now() >= next_attempt_) connect();
  arm();
}

void Link::connect() {
  wanted_ = false;
  was_ready_ = false;
  connection_ = std::make_shared<Connection>(
      host_.loop, host_.options, Connection::Peer{node_, address_.endpoint, address_.name},
      Connection::Events{.ready = [this] { connected(); },
                         .ended = [this](const Error& why) { lost(why); }});
  connection_->open(host_.transport);
}

void Link::connected() {
  was_ready_ = true;
  failures_ = 0;
  last_error_.reset();
  auto waiting = std::exchange(waiting_, {});
  for (auto& call : waiting) connection_->send(std::move(call));
  arm();
  host_.ready(*this);
}

void Link::lost(const Error& why) {
  connection_.reset();
  // The first attempt after a working connection is made at once.
  if (!was_ready_) ++failures_;
  const bool hinted = !was_ready_ && !address_.hint.empty();
  last_error_ = hinted ? Error(why.code(), fmt::format("{}; {}", why.message(), address_.hint),
                               why.os_error())
                       : why;
  const Backoff backoff =
      Backoff::of(host_.options.reconnect_backoff, host_.options.reconnect_backoff_max);
  next_attempt_ = host_.loop.now();
  if (failures_ != 0) next_attempt_ += backoff.delay(failures_, host_.loop.random());
  std::deque<std::unique_ptr<Call>> unsent;
  if (!host_.options.wait_for_brokers) unsent = std::exchange(waiting_, {});
  arm();
  const Error error = *last_error_;
  for (auto& call : unsent) call->fail(error);
  host_.failed(*this, error);
}

void Link::wake() {
  const MonoNs now = host_.loop.now();
  std::deque<std::unique_ptr<Call>> late;
  for (auto& call : waiting_) {
    if (call->due <= now) late.push_back(std::move(call));
  }
  std::erase(waiting_, nullptr);
  const bool wanted = wanted_ || !waiting_.empty();
  if (wanted && !connection_ && now >= next_attempt_) connect();
  arm();
  for (auto& call : late) {
    const std::string why = last_error_ ? last_error_->message()
                                        : fmt::format("no connection to {} yet", address_.name);
    call->fail(Error(Errc::timed_out,
                     fmt::format("{} was not sent in time: {}",
                                 wire::to_string(call->request_api.key), why)));
  }
}

void Link::arm() {
  MonoNs next = std::numeric_limits<MonoNs>::max();
  for (const auto& call : waiting_) next = std::min(next, call->due);
  if (!connection_ && (wanted_ || !waiting_.empty())) next = std::min(next, next_attempt_);
  if (next == std::numeric_limits<MonoNs>::max()) return deadline_.clear();
  deadline_.set(next);
}

void Link::move_to(Address address) {
  const bool same = address.endpoint == address_.endpoint;
  address_ = std::move(address);
  if (same) return;
  failures_ = 0;
  next_attempt_ = 0;
  last_error_.reset();
  const auto old = std::exchange(connection_, nullptr);
  if (!waiting_.empty() || wanted_) connect();
  arm();
  if (!old) return;
  old->close(Error(Errc::closed, fmt::format("{} is {} now", old->peer().name, address_.name)));
}

void Link::close(const Error& why) {
  deadline_.clear();
  wanted_ = false;
  auto waiting = std::exchange(waiting_, {});
  if (const auto old = std::exchange(connection_, nullptr)) old->close(why);
  for (auto& call : waiting) call->fail(why);
}

void Link::close_if_idle(MonoNs before) {
  if (!ready() || connection_->in_flight() != 0 || connection_->active_at() >= before) return;
  std::exchange(connection_, nullptr)->close(Error(Errc::closed, "idle"));
}

}  // namespace horolog::client
