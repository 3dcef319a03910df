#include "bench/process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <map>
#include <utility>

#include "bench/options.hpp"

namespace horolog::bench {
namespace {

constexpr int stop_timeout_ms = 30'000;

struct Started {
  pid_t pid;
  Descriptor output;
};

/// `error_fd` is where the program's stderr goes.
Started start(const std::vector<std::string>& command, int error_fd) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) system_error("pipe");
  Descriptor read_end(ends[0]);
  const Descriptor write_end(ends[1]);
  std::vector<char*> words;
  for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid < 0) system_error("fork");
  if (pid == 0) {
    // Only calls that are safe after a fork of a program with threads.
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(127);
    dup2(write_end.get(), STDOUT_FILENO);
    dup2(error_fd, STDERR_FILENO);
    execvp(words[0], words.data());
    _exit(127);
  }
  return {pid, std::move(read_end)};
}

std::string read_all(const Descriptor& fd) {
  std::string text;
  char buffer[4096];
  for (;;) {
    const ssize_t got = read(fd.get(), buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) system_error("read from a program");
    if (got == 0) return text;
    text.append(buffer, static_cast<std::size_t>(got));
  }
}

int status_of(pid_t pid) {
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

/// Never destroyed: exit() may run what is in it at any time.
std::map<const void*, std::function<void()>>& undos() {
  static auto* const all = new std::map<const void*, std::function<void()>>();
  return *all;
}

}  // namespace

Process::Process(std::vector<std::string> command, const std::string& log_file)
    : command_(std::move(command)) {
  const Descriptor log(
      open(log_file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  if (log.get() < 0) system_error(log_file);
  Started started = start(command_, log.get());
  pid_ = started.pid;
  output_ = std::move(started.output);
}

Process::~Process() { stop(); }

std::string Process::read_line() {
  std::string line;
  char c = 0;
  for (;;) {
    const ssize_t got = read(output_.get(), &c, 1);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0 || c == '\n') return line;
    line += c;
  }
}

bool Process::wait_for_end(int milliseconds) {
  for (int waited = 0; waited <= milliseconds; waited += 5) {
    if (waitpid(pid_, nullptr, WNOHANG) != 0) {
      pid_ = -1;
      return true;
    }
    const timespec pause{0, 5'000'000};
    nanosleep(&pause, nullptr);
  }
  return false;
}

void Process::stop() {
  if (pid_ < 0) return;
  kill(pid_, SIGTERM);
  if (wait_for_end(stop_timeout_ms)) return;
  fmt::print(stderr, "horolog-bench: {} does not end: killed\n", command_.front());
  crash();
}

void Process::crash() {
  if (pid_ < 0) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

std::string run_program(const std::vector<std::string>& command) {
  const Started started = start(command, STDERR_FILENO);
  std::string output = read_all(started.output);
  const int status = status_of(started.pid);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    run_error(fmt::format("'{}' failed ({})", fmt::join(command, " "),
                          WIFEXITED(status) ? fmt::format("exit {}", WEXITSTATUS(status))
                                            : fmt::format("signal {}", WTERMSIG(status))));
  }
  return output;
}

void run_quietly(const std::vector<std::string>& command) {
  status_of(start(command, STDERR_FILENO).pid);
}

void undo_at_exit(const void* owner, std::function<void()> undo) {
  if (undos().empty()) {
    std::atexit([] {
      for (const auto& [who, call] : std::exchange(undos(), {})) call();
    });
  }
  undos()[owner] = std::move(undo);
}

void forget_undo(const void* owner) { undos().erase(owner); }

std::string own_path() { return std::filesystem::read_symlink("/proc/self/exe"); }

}  // namespace horolog::bench
