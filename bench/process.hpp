#pragma once

#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

#include "bench/socket.hpp"

namespace horolog::bench {

/// A program that runs beside the benchmark: a broker. Started here, ended here, by its process id,
/// at the latest by the destructor; the kernel ends it too when the benchmark dies. A program that
/// cannot be started ends the benchmark with a message.
class Process {
 public:
  /// Its stderr is appended to `log_file`; its stdout can be read line by line.
  Process(std::vector<std::string> command, const std::string& log_file);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const { return pid_; }
  /// The next line of its stdout without the newline; empty at the end.
  std::string read_line();
  /// SIGTERM, and SIGKILL for what does not end within 30 s.
  void stop();
  /// SIGKILL: a crash.
  void crash();

 private:
  bool wait_for_end(int milliseconds);

  std::vector<std::string> command_;
  pid_t pid_ = -1;
  Descriptor output_;
};

/// Runs a program to its end and gives its stdout. Anything but exit status 0 ends the benchmark;
/// its stderr is ours.
std::string run_program(const std::vector<std::string>& command);

/// The same for the end of the benchmark, when no message helps any more.
void run_quietly(const std::vector<std::string>& command);

/// What to undo when the program ends by exit() with `owner` still alive (run_error() runs no
/// destructors): processes nobody else would end, folders nobody else would remove.
void undo_at_exit(const void* owner, std::function<void()> undo);
void forget_undo(const void* owner);

/// The path of this program.
std::string own_path();

}  // namespace horolog::bench
