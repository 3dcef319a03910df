#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"

namespace horolog {

/// The horologd that was built beside the test program.
inline std::string program() {
  return (std::filesystem::read_symlink("/proc/self/exe").parent_path() / "horologd").string();
}

inline std::string read_file(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// One run of horologd. Killed when the test forgets to end it.
class Process {
 public:
  Process(const std::vector<std::string>& arguments, std::string error_path)
      : error_path_(std::move(error_path)) {
    int out[2];
    EXPECT_EQ(pipe2(out, O_CLOEXEC), 0);
    out_ = out[0];
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, error_path_.c_str(),
                                     O_CREAT | O_TRUNC | O_WRONLY, 0600);
    std::vector<std::string> words{program()};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    EXPECT_EQ(posix_spawn(&pid_, argv[0], &actions, nullptr, argv.data(), environ), 0)
        << argv[0] << ": build the target horologd first";
    posix_spawn_file_actions_destroy(&actions);
    close(out[1]);
  }
  ~Process() {
    if (pid_ > 0) {
      ::kill(pid_, SIGKILL);
      wait();
    }
    close(out_);
  }
  Process(const Process&) = delete;

  pid_t pid() const { return pid_; }
  void signal(int number) const { ::kill(pid_, number); }
  /// The exit code; -1 when a signal ended it.
  int wait() {
    int status = 0;
    waitpid(std::exchange(pid_, -1), &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  std::string read_line() {
    std::string line;
    char c = 0;
    while (read(out_, &c, 1) == 1 && c != '\n') line += c;
    return line;
  }
  std::string read_all() {
    std::string text;
    char buffer[4096];
    for (ssize_t n; (n = read(out_, buffer, sizeof buffer)) > 0;) {
      text.append(buffer, static_cast<std::size_t>(n));
    }
    return text;
  }
  std::string errors() const { return read_file(error_path_); }
  /// Waits until stderr holds `text`, which some other event of the test makes happen.
  bool await_error(const std::string& text) const {
    const SystemClock clock;
    const MonoNs until = clock.mono_ns() + 20'000'000'000;
    while (errors().find(text) == std::string::npos) {
      if (clock.mono_ns() > until) return false;
      poll(nullptr, 0, 5);
    }
    return true;
  }

 private:
  std::string error_path_;
  pid_t pid_ = -1;
  int out_ = -1;
};

}  // namespace horolog
