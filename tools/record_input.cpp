#include "tools/record_input.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace horolog::command {
namespace {

constexpr std::size_t chunk = std::size_t{256} * 1024;
/// A record beyond this has no end where one was expected; brokers take far less.
constexpr std::size_t most_bytes = std::size_t{128} * 1024 * 1024;

}  // namespace

Error RecordInput::at_line(const Error& error) const {
  return error.with_context(fmt::format("{}:{}", name_, line_));
}

Result<bool> RecordInput::next(InputRecord& out) {
  const std::string_view last = std::string_view(buffer_).substr(at_, taken_);
  line_ += static_cast<std::uint64_t>(std::count(last.begin(), last.end(), '\n'));
  at_ += taken_;
  taken_ = 0;
  for (;;) {
    const std::string_view input = std::string_view(buffer_).substr(at_);
    if (!input.empty()) {
      const auto taken = reader_.read(input, at_end_, out);
      if (!taken) return at_line(taken.error());
      taken_ = *taken;
      if (taken_ > 0) return true;
    }
    if (at_end_) return false;
    if (input.size() > most_bytes) {
      return at_line({Errc::too_large, fmt::format("this record does not end within {} bytes",
                                                   most_bytes)});
    }
    HOROLOG_TRY(fill());
  }
}

/// As much again as is there, so that a long record is not looked through too often.
Status RecordInput::fill() {
  buffer_.erase(0, std::exchange(at_, 0));
  const std::size_t held = buffer_.size();
  buffer_.resize(held + std::max(chunk, held));
  ssize_t got = 0;
  do {
    got = read(fd_, buffer_.data() + held, buffer_.size() - held);
  } while (got < 0 && errno == EINTR);
  const int error = errno;
  buffer_.resize(held + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  at_end_ = got == 0;
  if (got >= 0) return {};
  return Error(Errc::io, fmt::format("cannot read {}: {}", name_, std::strerror(error)), error);
}

}  // namespace horolog::command
