#include "bench/load/lanes.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "bench/options.hpp"
#include "bench/report.hpp"

namespace horolog::bench {
namespace {

constexpr std::int64_t longest_wait_ns = 100'000'000;
constexpr std::size_t receive_bytes = 64 << 10;

}  // namespace

Lanes::Lanes(const std::string& address, std::size_t count, OnAnswer on_answer)
    : address_(address), on_answer_(std::move(on_answer)) {
  for (std::size_t n = 0; n < count; ++n) {
    inputs_.push_back({connect_to(address), {}});
    polls_.push_back({.fd = inputs_.back().socket.get(), .events = POLLIN, .revents = 0});
  }
}

void Lanes::send(std::size_t lane, ByteView frame) {
  send_all(inputs_[lane].socket.get(), frame);
}

void Lanes::send_at(std::size_t lane, ByteBuffer frame, std::int64_t when_ns) {
  delayed_.push_back({lane, std::move(frame), when_ns});
}

void Lanes::send_due() {
  const std::int64_t now = mono_ns();
  for (std::size_t n = 0; n < delayed_.size();) {
    if (delayed_[n].when_ns > now) {
      ++n;
      continue;
    }
    send(delayed_[n].lane, delayed_[n].frame);
    delayed_[n] = std::move(delayed_.back());
    delayed_.pop_back();
  }
}

void Lanes::step() {
  std::int64_t wait_ns = longest_wait_ns;
  for (const Delayed& delayed : delayed_) wait_ns = std::min(wait_ns, delayed.when_ns - mono_ns());
  const timespec wait{0, std::max<std::int64_t>(wait_ns, 0)};
  const int ready = ppoll(polls_.data(), polls_.size(), &wait, nullptr);
  if (ready < 0 && errno != EINTR) system_error("ppoll");
  for (std::size_t n = 0; ready > 0 && n < polls_.size(); ++n) {
    if (polls_[n].revents != 0) receive(n);
  }
  send_due();
}

void Lanes::receive(std::size_t lane) {
  ByteBuffer& bytes = inputs_[lane].bytes;
  const std::size_t held = bytes.size();
  bytes.resize(held + receive_bytes);
  const ssize_t got =
      recv(inputs_[lane].socket.get(), bytes.data() + held, receive_bytes, MSG_DONTWAIT);
  if (got < 0 && errno != EAGAIN && errno != EINTR) system_error("receive from " + address_);
  if (got == 0) run_error(address_ + " closed the connection (its log may say why)");
  bytes.resize(held + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  if (bytes.size() < 4) return;
  const std::size_t size = load_be<std::uint32_t>(bytes.data());
  if (bytes.size() - 4 < size) return;
  // One request is on the way, so one answer is all that can be here.
  const ByteBuffer frame = std::exchange(bytes, {});
  on_answer_(lane, ByteView(frame).subspan(4));
}

}  // namespace horolog::bench
