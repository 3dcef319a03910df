#pragma once

#include <string>

#include "horolog/error.hpp"

namespace horolog::command {

/// Records on their way to a file descriptor, in large writes. One thread.
class StreamOutput {
 public:
  /// Does not own `fd`. A pipe is widened, so that its reader and this program wait for each other
  /// less often.
  explicit StreamOutput(int fd);

  /// Append here, then call flush() once `full()`, and before waiting for anything.
  std::string& buffer() { return buffer_; }
  bool full() const { return buffer_.size() >= flush_bytes; }
  /// Nobody reads any more, or a signal came: the rest is dropped, which is no error.
  Status flush();
  bool closed() const { return closed_; }
  /// Whether the reader of the pipe has gone, without writing anything.
  bool reader_gone() const;

 private:
  static constexpr std::size_t flush_bytes = std::size_t{128} * 1024;

  int fd_;
  std::string buffer_;
  bool closed_ = false;
};

/// SIGINT and SIGTERM only set a flag from here on, a second one ends the program; SIGPIPE is
/// ignored, as writes say that the reader has gone.
void catch_stop_signals();
bool stop_requested();

}  // namespace horolog::command
