#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <thread>
#include <vector>

#include "broker/context.hpp"

namespace horolog::broker {

/// Compacts the logs of topics with cleanup.policy=compact, the one with the largest share of
/// uncompacted bytes first, those over max.compaction.lag.ms before all others. In threads of its
/// own (log.cleaner.threads), which wait when they are throttled and yield to those that serve
/// requests, as a thread of the blocking pool must not. A log that cannot be compacted is told of
/// once and left alone until a restart; the others go on.
///
/// When the disk is below its low-water mark, the log whose compaction can free most goes first,
/// whatever its share, one at a time, and what it replaced is unlinked at once; when that frees
/// nothing, compaction rests until there is room again.
///
/// clean_one() is public so that tests decide when it happens.
class Cleaner {
 public:
  explicit Cleaner(Context& context) : context_(context) {}
  ~Cleaner();

  void start();
  /// Ends the cleans under way, which loses nothing, and joins.
  void stop();

  /// Compacts the log that needs it most, in the calling thread. False when none needed it, or it
  /// could not be done now.
  bool clean_one();

 private:
  struct Candidate {
    std::shared_ptr<Partition> partition;
    storage::Cleanable cleanable;
  };

  void run();
  bool stopping() const;
  /// Takes the log that is due, and marks it as being cleaned.
  std::optional<Candidate> take();
  std::optional<Candidate> choose(const std::vector<Candidate>& due, bool low) const;
  bool clean(const Candidate& candidate);
  void note_failure(const Partition& partition, const Error& error);
  void give_back(const Partition& partition);
  /// The throttle: waits until `bytes` more may have passed. Errc::cancelled when stopping.
  Status pace(std::uint64_t bytes);

  Context& context_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  bool resting_ = false;  ///< no room, and compaction does not make any
  std::set<TopicPartition> busy_;
  std::map<TopicPartition, Uuid> uncleanable_;
  MonoNs next_byte_at_ = 0;  ///< when the throttle lets the next one pass
  std::vector<std::thread> threads_;
};

}  // namespace horolog::broker
