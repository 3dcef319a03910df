#include "tools/progress.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "tools/context.hpp"
#include "tools/text.hpp"

namespace horolog::command {
namespace {

constexpr std::chrono::milliseconds first_look{500};
constexpr std::chrono::milliseconds between_looks{100};
constexpr std::string_view clear_line = "\r\x1b[K";
constexpr std::size_t bar_width = 30;

bool wants_progress(const Context& context) {
  const char* term = std::getenv("TERM");
  const bool dumb = term != nullptr && std::string_view(term) == "dumb";
  return context.console().err_is_terminal && !dumb && !context.has("--quiet") &&
         !context.has("--no-progress");
}

}  // namespace

Progress::Progress(const Context& context, std::function<std::string()> text)
    : err_(context.console().err), text_(std::move(text)) {
  if (wants_progress(context)) drawer_ = std::thread([this] { draw(); });
}

Progress::~Progress() {
  if (!drawer_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    over_ = true;
  }
  changed_.notify_one();
  drawer_.join();
}

void Progress::draw() {
  std::unique_lock lock(mutex_);
  bool drawn = false;
  while (!changed_.wait_for(lock, drawn ? between_looks : first_look, [this] { return over_; })) {
    fmt::print(err_, "{}{}", clear_line, text_());
    std::fflush(err_);
    drawn = true;
  }
  if (!drawn) return;
  fmt::print(err_, "{}", clear_line);
  std::fflush(err_);
}

std::string progress_bar(std::uint64_t done, std::uint64_t total) {
  if (total == 0) return format_bytes(static_cast<std::int64_t>(done));
  const std::uint64_t at = std::min(done, total);
  const auto filled = static_cast<std::size_t>(static_cast<double>(at) /
                                               static_cast<double>(total) * bar_width);
  std::string bar(filled, '=');
  if (filled < bar_width) bar += '>';
  return fmt::format("[{:<{}}] {:3} %  {} of {}", bar, bar_width, at * 100 / total,
                     format_bytes(static_cast<std::int64_t>(done)),
                     format_bytes(static_cast<std::int64_t>(total)));
}

}  // namespace horolog::command
