#pragma once

#include <memory>
#include <string>

#include "horolog/error.hpp"
#include "worker/board.hpp"

namespace horolog::worker {

/// /metrics, /livez, /readyz and /version of a worker, on a thread of its own.
class MetricsEndpoint {
 public:
  /// `address`: HOST:PORT. Errc::invalid_argument, or busy when the port is taken. The board
  /// outlives this.
  static Result<std::unique_ptr<MetricsEndpoint>> listen(const std::string& address, Board& board);
  ~MetricsEndpoint();
  MetricsEndpoint(const MetricsEndpoint&) = delete;
  MetricsEndpoint& operator=(const MetricsEndpoint&) = delete;

  std::string address() const;
  /// Any thread.
  void set_ready(bool ready);

 private:
  struct Impl;
  explicit MetricsEndpoint(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace horolog::worker
