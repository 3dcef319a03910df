#include "tools/stream_output.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

namespace horolog::command {
namespace {

constexpr int pipe_bytes = 1 << 20;

volatile std::sig_atomic_t stop_signal = 0;

extern "C" void note_signal(int number) { stop_signal = number; }

}  // namespace

StreamOutput::StreamOutput(int fd) : fd_(fd) {
  buffer_.reserve(2 * flush_bytes);
  // Fails where it is no pipe, or the user has too many pages in pipes: then it stays as it is.
  static_cast<void>(fcntl(fd_, F_SETPIPE_SZ, pipe_bytes));
}

Status StreamOutput::flush() {
  std::size_t at = 0;
  while (at < buffer_.size() && !closed_) {
    const ssize_t written = write(fd_, buffer_.data() + at, buffer_.size() - at);
    if (written >= 0) {
      at += static_cast<std::size_t>(written);
    } else if (errno == EPIPE || (errno == EINTR && stop_requested())) {
      closed_ = true;
    } else if (errno != EINTR) {
      const int error = errno;
      return Error(error == ENOSPC ? Errc::disk_full : Errc::io,
                   fmt::format("cannot write to standard output: {}", std::strerror(error)),
                   error);
    }
  }
  buffer_.clear();
  return {};
}

bool StreamOutput::reader_gone() const {
  pollfd one{.fd = fd_, .events = 0, .revents = 0};
  return ::poll(&one, 1, 0) == 1 && (one.revents & POLLERR) != 0;
}

void catch_stop_signals() {
  struct sigaction action {};
  action.sa_handler = note_signal;
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  action.sa_handler = SIG_IGN;
  action.sa_flags = 0;
  sigaction(SIGPIPE, &action, nullptr);
}

bool stop_requested() { return stop_signal != 0; }

}  // namespace horolog::command
