// The library's worker as a program, for tests/interop/cases/tasks.py.
//
//   own_worker HOST:PORT GROUP CONCURRENCY TOPIC…
//
// A task's payload says what happens to it: "ok", "fail" (always), "until N" (fails before attempt
// N), "dead", "throw", "slow MS" (may be cancelled), "deaf MS" and "hang MS" (are not), "exit"
// (ends the whole process, the first time), "crash" (each time, as a bad pointer would), "gate
// NAME" (until there is a file of that name).
// HOROLOG_SEEN names a folder for such files, for a mark of each "exit" that was obeyed, and for
// starts-PID with a line for each handler that is called. Ends when its stdin does. Prints a JSON
// line; exit code 1 when the worker failed.
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <mutex>
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

/// A line is whole in the file before the handler goes on: a kill does not lose it.
void note_start(const std::string& folder, const Task& task) {
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  std::ofstream out(fmt::format("{}/starts-{}", folder, getpid()), std::ios::app);
  out << task.fire_id() << ' ' << task.attempt() << std::endl;
}

void exit_once(const std::string& folder, const Task& task) {
  const std::string mark = fmt::format("{}/exit-{}", folder, task.fire_id());
  if (mkdir(mark.c_str(), 0755) == 0) _exit(3);
}

void wait_for_file(const std::string& path) {
  while (access(path.c_str(), F_OK) != 0) std::this_thread::sleep_for(50ms);
}

Outcome handle(Task& task) {
  const std::string words(task.value());
  if (const char* folder = std::getenv("HOROLOG_SEEN")) {
    note_start(folder, task);
    if (words.starts_with("exit")) exit_once(folder, task);
    if (words.starts_with("gate")) wait_for_file(fmt::format("{}/{}", folder, words.substr(5)));
  }
  if (words.starts_with("crash")) std::raise(SIGSEGV);
  if (words.starts_with("fail")) return Outcome::failed("as it was told");
  if (words.starts_with("dead")) return Outcome::dead("as it was told");
  if (words.starts_with("throw")) throw std::runtime_error("thrown as it was told");
  if (words.starts_with("until") && task.attempt() < number_in(words))
    return Outcome::failed("not yet");
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(number_in(words));
  if (words.starts_with("deaf") || words.starts_with("hang")) std::this_thread::sleep_until(end);
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
  if (const char* deaths = std::getenv("HOROLOG_MAX_DEATHS"))
    options.max_deaths = std::atoi(deaths);
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
