#pragma once

#include <memory>

#include "client/committed_reader.hpp"
#include "worker/controls.hpp"

namespace horolog::worker {

/// Follows `horolog.tasks`. One thread.
class ControlWatch {
 public:
  /// Reads the topic to its end. Errc::not_found: it does not exist.
  static Result<ControlWatch> open(const std::shared_ptr<client::Cluster>& cluster);

  /// Takes in what has come; does not wait. True: something has changed.
  Result<bool> look();
  const Controls& controls() const { return controls_; }

 private:
  explicit ControlWatch(client::CommittedReader reader) : reader_(std::move(reader)) {}
  bool take(const RecordView& record);

  client::CommittedReader reader_;
  Controls controls_;
};

}  // namespace horolog::worker
