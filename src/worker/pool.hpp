#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <vector>

#include "worker/board.hpp"

namespace horolog::worker {

/// The threads that run handlers. Each takes tasks from the board until that says stop.
class Pool {
 public:
  /// `kept` holds the board, and all that it borrows, as long as a thread runs.
  Pool(std::size_t threads, Board& board, std::shared_ptr<void> kept);
  /// After Board::stop_starting(). Threads of handlers that have not returned by then are left to
  /// themselves.
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

 private:
  struct Member;
  Board& board_;
  std::vector<Member> members_;
};

}  // namespace horolog::worker
