#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "horolog/error.hpp"
#include "horolog/types.hpp"

namespace horolog::storage {

/// Which leader epoch wrote from which offset on (KIP-101): Kafka's `leader-epoch-checkpoint`, a
/// text: "0", the number of entries, and a line "epoch start-offset" for each. Thread-safe.
class EpochCache {
 public:
  struct Entry {
    LeaderEpoch epoch = -1;
    Offset start_offset = no_offset;
    bool operator==(const Entry&) const = default;
  };

  /// Notes that `epoch` starts at `start_offset`; nothing when it is the latest already. Entries it
  /// contradicts (a later epoch, or one that wrote nothing) go.
  void assign(LeaderEpoch epoch, Offset start_offset);
  /// The epoch asked for, or the largest below it, and where it ends; {-1, -1} when unknown.
  Entry end_of(LeaderEpoch epoch, Offset log_end) const;
  /// The epoch that wrote `offset`, -1 when unknown.
  LeaderEpoch epoch_at(Offset offset) const;
  LeaderEpoch latest() const;

  /// Retention: forgets epochs that end at or before `log_start`.
  void truncate_front(Offset log_start);
  /// Recovery: forgets epochs that start at or after `log_end`.
  void truncate_back(Offset log_end);

  std::vector<Entry> entries() const;
  void reset(std::vector<Entry> entries);
  /// True once after each change.
  bool take_changed();
  void set_changed();

  static ByteBuffer encode(const std::vector<Entry>& entries);
  static Result<std::vector<Entry>> decode(ByteView bytes);

 private:
  mutable std::mutex mutex_;
  std::vector<Entry> entries_;
  bool changed_ = false;
};

}  // namespace horolog::storage
