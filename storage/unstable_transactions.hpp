#pragma once

#include <deque>
#include <map>
#include <optional>

#include "horolog/types.hpp"
#include "storage/log_position.hpp"

namespace horolog::storage {

/// What holds a partition's last stable offset: transactions that are open, and those that have
/// ended with a marker that is not below the high watermark yet (with Durability::commit that is
/// every one for a moment: a power cut could still take the decision back). Each step takes
/// O(log n) of their number. Not thread-safe: lives under the publish mutex.
class UnstableTransactions {
 public:
  void begin(const LogPosition& first);
  /// The transaction that began at `first` has its marker at `marker`; markers come in order.
  void end(Offset first, Offset marker);
  /// Lets go of the ended ones whose marker is below the high watermark.
  void advance(Offset high_watermark);
  /// The first offset of the oldest one.
  const LogPosition* oldest() const;

 private:
  struct Ended {
    Offset first = 0;
    Offset marker = 0;
  };
  std::map<Offset, LogPosition> by_first_;
  std::deque<Ended> ended_;
};

}  // namespace horolog::storage
