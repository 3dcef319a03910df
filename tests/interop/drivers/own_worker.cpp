// The library's worker as a program, for tests/interop/cases/tasks.py.
//
//   own_worker HOST:PORT GROUP CONCURRENCY TOPIC…
//
// A task's payload says what happens to it: "ok", "fail" (always), "until N" (fails before attempt
// N), "dead", "throw", "slow MS" (may be cancelled), "deaf MS" (is not). Ends when its stdin does.
// Prints a JSON line; exit code 1 when the worker failed.
#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>

#include "horolog/worker.hpp"

namespace {

using namespace std::chrono_literals;
using horolog::Outcome;
using horolog::Task;

std::int64_t number_in(std::string_view words) {
  const std::size_t space = words.find(' ');
  return space == std::string_view::npos ? 0 : std::atoll(words.data() + space + 1);
}

Outcome handle(Task& task) {
  const std::string words(task.value());
  if (words.starts_with("fail")) return Outcome::failed("as it was told");
  if (words.starts_with("dead")) return Outcome::dead("as it was told");
  if (words.starts_with("throw")) throw std::runtime_error("thrown as it was told");
  if (words.starts_with("until") && task.attempt() < number_in(words))
    return Outcome::failed("not yet");
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(number_in(words));
  if (words.starts_with("deaf")) std::this_thread::sleep_until(end);
  while (words.starts_with("slow") && std::chrono::steady_clock::now() < end) {
    if (task.cancelled()) return Outcome::failed("cancelled");
    std::this_thread::sleep_for(5ms);
  }
  return Outcome::done();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 5) return 2;
  horolog::WorkerOptions options;
  options.client.bootstrap = argv[1];
  options.group = argv[2];
  options.concurrency = static_cast<std::size_t>(std::atoi(argv[3]));
  options.retry = {.max_attempts = 3, .backoff = 200ms, .max_backoff = 1s};
  options.cancel_grace = 1s;
  options.drain_timeout = 5s;
  options.session_timeout = 6s;
  options.heartbeat_interval = 1s;
  auto worker = horolog::Worker::open(options);
  if (!worker) {
    fmt::print("{{\"error\": \"{}\"}}\n", worker.error().message());
    return 1;
  }
  for (int i = 4; i < argc; ++i) worker->handle(argv[i], handle);
  std::thread watcher([&] {
    for (std::string line; std::getline(std::cin, line);) {
    }
    worker->stop();
  });
  const auto ended = worker->run();
  const auto did = worker->metrics();
  fmt::print("{{\"succeeded\": {}, \"failed\": {}, \"dead\": {}, \"expired\": {}, "
             "\"transactions\": {}, \"transactions_failed\": {}, \"error\": \"{}\"}}\n",
             did.succeeded, did.failed, did.dead, did.expired, did.transactions,
             did.transactions_failed, ended ? "" : ended.error().message());
  std::fflush(stdout);
  // A handler that was left behind may still use what main() owns.
  if (!ended) std::_Exit(1);
  watcher.join();
  return 0;
}
