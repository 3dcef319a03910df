#include "tools/task_exec.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

#include "tools/task_environment.hpp"

namespace horolog::command {
namespace {

using Time = std::chrono::steady_clock::time_point;

constexpr int exit_dead = 65;  // EX_DATAERR of sysexits.h
constexpr int exit_not_found = 127;
constexpr int look_interval_ms = 50;
constexpr std::chrono::seconds kill_after{3};
/// Of what a command prints, the end is kept: errors stand there.
constexpr std::size_t kept_output = 3'000;

class File {
 public:
  explicit File(int fd = -1) : fd_(fd) {}
  ~File() { reset(); }
  File(File&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  File& operator=(File&& other) noexcept {
    reset();
    fd_ = std::exchange(other.fd_, -1);
    return *this;
  }
  int get() const { return fd_; }
  void reset() {
    if (fd_ >= 0) close(std::exchange(fd_, -1));
  }

 private:
  int fd_;
};

struct Pipe {
  File read, write;
};

/// Closed on exec, so that no other command that starts at the same time keeps them open.
bool open_pipe(Pipe& made) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return false;
  made = {File(ends[0]), File(ends[1])};
  return true;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> list;
  for (std::string& text : texts) list.push_back(text.data());
  list.push_back(nullptr);
  return list;
}

std::vector<std::string> whole_environment(const Task& task) {
  std::vector<std::string> all;
  for (char** at = environ; *at != nullptr; ++at)
    if (!std::string_view(*at).starts_with("HOROLOG_TASK_")) all.emplace_back(*at);
  for (std::string& each : task_environment(task.record(), task.fire_id(), task.attempt()))
    all.push_back(std::move(each));
  return all;
}

/// A command under way: a process in a group of its own.
class Running {
 public:
  /// Empty, or why it did not start.
  std::string start(const std::string& command, const Task& task) {
    Pipe in, out;
    if (!open_pipe(in) || !open_pipe(out)) return std::strerror(errno);
    std::vector<std::string> words{"sh", "-c", command};
    std::vector<std::string> environment = whole_environment(task);
    // All memory is taken before the fork: after it only calls that are safe in a signal handler.
    const auto word_list = pointers(words), environment_list = pointers(environment);
    sigset_t none;
    sigemptyset(&none);
    pid_ = fork();
    if (pid_ < 0) return std::strerror(errno);
    if (pid_ == 0) {
      setpgid(0, 0);
      dup2(in.read.get(), STDIN_FILENO);
      dup2(out.write.get(), STDOUT_FILENO);
      dup2(out.write.get(), STDERR_FILENO);
      signal(SIGPIPE, SIG_DFL);
      pthread_sigmask(SIG_SETMASK, &none, nullptr);
      execve("/bin/sh", word_list.data(), environment_list.data());
      _exit(exit_not_found);
    }
    setpgid(pid_, pid_);
    exit_ = File(static_cast<int>(syscall(SYS_pidfd_open, pid_, 0)));
    in_ = std::move(in.write);
    out_ = std::move(out.read);
    for (const int fd : {in_.get(), out_.get()}) fcntl(fd, F_SETFL, O_NONBLOCK);
    left_ = task.value();
    return {};
  }

  /// Feeds it and reads it until it has ended; stops it when the task is cancelled.
  int finish(const Task& task) {
    Time kill_at = Time::max();
    while (true) {
      if (left_.empty()) in_.reset();
      std::array<pollfd, 3> files{{{exit_.get(), POLLIN, 0},
                                   {out_.get(), POLLIN, 0},
                                   {in_.get(), POLLOUT, 0}}};
      poll(files.data(), files.size(), look_interval_ms);
      read_output();
      if (files[2].revents != 0) feed();
      int status = 0;
      if (waitpid(pid_, &status, WNOHANG) == pid_) {
        read_output();
        return status;
      }
      const Time now = std::chrono::steady_clock::now();
      if (task.cancelled() && kill_at == Time::max()) {
        kill(-pid_, SIGTERM);
        kill_at = now + kill_after;
        stopped_ = true;
      } else if (now >= kill_at) {
        kill(-pid_, SIGKILL);
      }
    }
  }

  bool stopped() const { return stopped_; }
  const std::string& output() const { return output_; }

 private:
  void feed() {
    const ssize_t written = write(in_.get(), left_.data(), left_.size());
    if (written > 0) left_.remove_prefix(static_cast<std::size_t>(written));
    // It may well not read its input.
    if (written < 0 && errno != EAGAIN && errno != EINTR) left_ = {};
  }

  void read_output() {
    char buffer[4096];
    ssize_t got = 0;
    while (out_.get() >= 0 && (got = read(out_.get(), buffer, sizeof buffer)) > 0) {
      output_.append(buffer, static_cast<std::size_t>(got));
      if (output_.size() > 2 * kept_output) output_.erase(0, output_.size() - kept_output);
    }
    if (got == 0) out_.reset();
  }

  pid_t pid_ = -1;
  File exit_, in_, out_;
  std::string_view left_;
  std::string output_;
  bool stopped_ = false;
};

std::string with_output(std::string what, std::string output) {
  if (output.size() > kept_output) output.erase(0, output.size() - kept_output);
  while (!output.empty() && (output.back() == '\n' || output.back() == ' ')) output.pop_back();
  return output.empty() ? what : what + ": " + output;
}

}  // namespace

Outcome run_task_command(const std::string& command, const Task& task) {
  Running running;
  if (const std::string why = running.start(command, task); !why.empty())
    return Outcome::failed("cannot start a process: " + why);
  const int status = running.finish(task);
  if (running.stopped())
    return Outcome::failed(with_output("stopped: its time was over", running.output()));
  if (WIFSIGNALED(status))
    return Outcome::failed(with_output(fmt::format("killed by signal {} ({})", WTERMSIG(status),
                                                   strsignal(WTERMSIG(status))),
                                       running.output()));
  const int code = WEXITSTATUS(status);
  if (code == 0) return Outcome::done();
  std::string reason = with_output(fmt::format("exit {}", code), running.output());
  return code == exit_dead ? Outcome::dead(std::move(reason)) : Outcome::failed(std::move(reason));
}

std::string why_not_runnable(const std::string& command) {
  const std::size_t start = command.find_first_not_of(" \t\n");
  if (start == std::string::npos) return "it is empty";
  const std::string word = command.substr(start, command.find_first_of(" \t\n", start) - start);
  // Anything that the shell must make sense of first is left to it.
  if (word.find_first_of("'\"\\$`;&|<>(){}=*?[!#~") != std::string::npos) return {};
  const pid_t child = fork();
  if (child == 0) {
    execl("/bin/sh", "sh", "-c", "command -v -- \"$1\" >/dev/null", "sh", word.c_str(),
          static_cast<char*>(nullptr));
    _exit(exit_not_found);
  }
  int status = 0;
  const bool asked = child > 0 && waitpid(child, &status, 0) == child;
  if (!asked || (WIFEXITED(status) && WEXITSTATUS(status) == 0)) return {};
  return fmt::format("there is no program '{}'", word);
}

}  // namespace horolog::command
