#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace horolog::command {

class Context;

/// A line on stderr that says how far a long command is, drawn over itself at most ten times a
/// second and gone when this is destroyed. Nothing where stderr is no terminal or a dumb one, nor
/// with --quiet or --no-progress; nothing within the first moments, which most commands end in.
class Progress {
 public:
  /// `text` is called on a thread of its own; what it looks at must outlive this.
  Progress(const Context& context, std::function<std::string()> text);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

 private:
  void draw();

  std::FILE* err_;
  std::function<std::string()> text_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool over_ = false;
  std::thread drawer_;
};

/// "[=====>    ]  52 %  1.3 GB of 2.5 GB"; without a total only what is done. In bytes.
std::string progress_bar(std::uint64_t done, std::uint64_t total);

}  // namespace horolog::command
