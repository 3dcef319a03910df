#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "horolog/error.hpp"
#include "record/batch.hpp"
#include "storage/file.hpp"

namespace horolog::command {

/// A stretch of a log file: a batch, or what is none.
struct WalkItem {
  enum class Kind : std::uint8_t {
    batch,    ///< whole, with a good checksum
    damage,   ///< bytes that are no good batch; the walk went on behind them
    prewritten,  ///< zeros to the end of the file: space for what comes
  };
  Kind kind = Kind::batch;
  std::uint64_t position = 0;
  std::uint64_t size = 0;
  record::BatchView batch;  ///< valid until the walk goes on
  std::string what;         ///< of damage
};

/// Walks a log file from front to back, as far as possible: after damage it looks for the next
/// place where a whole batch with a good checksum starts. Ends early when `seen` gives false.
/// Errc::io when the disk fails.
Status walk_log(const storage::File& file, const std::function<bool(const WalkItem&)>& seen);

}  // namespace horolog::command
