#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "client/partitioner.hpp"
#include "client/producer_batch.hpp"
#include "horolog/error.hpp"
#include "horolog/producer_record.hpp"
#include "horolog/types.hpp"

namespace horolog::client {

struct PartitionFlow;
struct TopicQueues;

/// What callers have put into one partition and the sender has not taken. Its address is good as
/// long as the Accumulator.
struct PartitionQueue {
  TopicQueues* topic = nullptr;
  PartitionIndex partition = 0;

  // Under the accumulator's lock.
  ProducerBatch* open = nullptr;
  BatchList closed;
  bool announced = false;  ///< take_announced() will tell, or has told, and it is not empty since

  PartitionFlow* flow = nullptr;  ///< the sender's own
};

/// The partitions of a topic that were written to.
struct TopicQueues {
  std::string name;
  std::int32_t partitions = 0;  ///< 0: not known yet
  std::optional<Error> error;   ///< why they are not known, for one caller
  StickyPartition sticky;
  std::vector<std::unique_ptr<PartitionQueue>> queues;
};

/// Where records wait to be sent: one open batch per partition, which callers fill in their own
/// threads, and full ones behind it, in order. The bound on memory is what pushes back: a caller
/// waits until batches are done with, or gives up without its record being taken.
///
/// Thread-safe. A record costs one uncontended lock, one look-up by topic name and one copy.
class Accumulator {
 public:
  struct Settings {
    std::size_t batch_bytes = 16 * 1024;
    std::size_t memory_bytes = 32 * 1024 * 1024;
    std::size_t record_bytes_max = 1024 * 1024;  ///< one record with its batch's header
    MonoNs linger_ns = 0;
    MonoNs block_ns = 0;  ///< how long a caller waits for metadata and memory
  };
  /// What the accumulator wants of its owner; called without the lock held, in any thread.
  struct Hooks {
    /// There may be something to take.
    std::function<void()> wake;
    /// The partitions of this topic are needed: set_partitions() or set_topic_error() must follow.
    std::function<void(const std::string& topic)> need_topic;
    /// In this thread nothing may wait.
    std::function<bool()> must_not_wait;
    Partitioner partitioner{};
  };

  Accumulator(Settings settings, const Clock& clock, Hooks hooks);
  Accumulator(const Accumulator&) = delete;
  Accumulator& operator=(const Accumulator&) = delete;

  /// Takes the record, or says why not (then the callback is not called, now or later):
  /// Errc::too_large, Errc::busy (memory, and must not or does not want to wait), Errc::timed_out
  /// (waited for block_ns), Errc::closed, Errc::invalid_argument (partition).
  Status append(OutgoingRecord record, DeliveryCallback callback, bool may_wait = true);

  // What the owner tells.

  void set_partitions(std::string_view topic, std::int32_t partitions);
  /// The next caller that needs the topic gets this error; the one after it asks again.
  void set_topic_error(std::string_view topic, const Error& error);
  /// Nothing is taken any more.
  void close();

  // The sender's side, in one thread.

  /// The partitions that got their first record since they were last empty.
  void take_announced(std::vector<PartitionQueue*>& out);

  struct Taken {
    ProducerBatch* batch = nullptr;
    /// When the open batch will have lingered, if that is what take() waits for.
    std::optional<MonoNs> ready_ns{};
    /// Nothing is left: the partition will be announced again.
    bool empty = false;
  };
  /// The next batch of the partition, if it is full, has lingered, or is to be flushed.
  Taken take(PartitionQueue& queue, MonoNs now);
  /// The next batch, ready or not, if it was started before `ns`.
  ProducerBatch* take_older(PartitionQueue& queue, MonoNs ns);
  /// Any batch that waits, to be failed.
  ProducerBatch* take_any(PartitionQueue& queue);

  /// A batch for the second half of one that is split; beyond the bound on memory.
  ProducerBatch* extra(ProducerBatch& like);
  /// After the batch was completed: its memory is free for others.
  void release(ProducerBatch* batch);

  /// Everything that was taken so far shall be sent without lingering; returns a mark for done().
  std::uint64_t flush();
  /// Whether everything before the mark is completed.
  bool done(std::uint64_t mark) const;
  bool empty() const;

  std::size_t memory_used() const;

 private:
  enum class Need : std::uint8_t { nothing, topic, memory };

  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };

  Result<Need> try_append(OutgoingRecord& record, DeliveryCallback& callback, bool& wake);
  TopicQueues& topic_of(std::string_view name);
  Result<PartitionIndex> choose(TopicQueues& topic, const OutgoingRecord& record);
  PartitionQueue& queue_of(TopicQueues& topic, PartitionIndex partition);
  ProducerBatch* start_batch(PartitionQueue& queue, std::size_t bytes);
  ProducerBatch* fresh(PartitionQueue& queue, std::size_t capacity);
  void close_open(PartitionQueue& queue);
  ProducerBatch* pop(PartitionQueue& queue);
  bool memory_for(std::size_t bytes) const;
  void link(ProducerBatch* batch, ProducerBatch* after);
  void unlink(ProducerBatch* batch);

  const Settings settings_;
  const Clock& clock_;
  const Hooks hooks_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::unordered_map<std::string, std::unique_ptr<TopicQueues>, Hash, std::equal_to<>> topics_;
  TopicQueues* last_topic_ = nullptr;  ///< of the record before: most callers stay with one
  std::vector<PartitionQueue*> announced_;
  std::vector<std::unique_ptr<ProducerBatch>> batches_;
  std::vector<ProducerBatch*> spare_;
  ProducerBatch* oldest_ = nullptr;
  ProducerBatch* youngest_ = nullptr;
  std::uint64_t next_number_ = 1;
  std::uint64_t flush_before_ = 0;
  std::size_t used_ = 0;
  std::size_t waiting_for_memory_ = 0;
  bool closed_ = false;
  std::mt19937_64 random_;
};

}  // namespace horolog::client
