#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "horolog/record.hpp"
#include "horolog/task_types.hpp"
#include "scheduler/records.hpp"
#include "worker/completed_offsets.hpp"

namespace horolog::worker {

/// The letters of one dead-letter topic, and which of them are settled. Pure.
class DeadLetters {
 public:
  /// What the group for it had committed. Before the first add().
  void settled_before(const TopicPartition& place, CompletedOffsets settled);
  /// A record, in order within its partition. Errc::corrupt: it is no dead letter.
  Status add(const RecordView& record);

  const std::vector<DeadLetter>& all() const { return all_; }
  std::vector<DeadLetter> open() const;
  /// The latest one of that task that is not settled; nullptr without one.
  const DeadLetter* find_open(const std::string& fire_id) const;

  /// Errc::too_large: too far from the first open one to be written down in `metadata_bytes`.
  Status settle(const DeadLetter& letter, std::size_t metadata_bytes);
  /// What is to be committed after settle().
  std::map<TopicPartition, CompletedOffsets> changed() const;

 private:
  struct Partition {
    CompletedOffsets settled;
    Offset seen = 0;
    bool changed = false;
  };
  std::map<TopicPartition, Partition> partitions_;
  std::vector<DeadLetter> all_;
};

/// The name of the topic with the letters of these tasks; `topic` may be that already.
std::string letters_topic(const std::string& topic);

/// The line of history of a letter that is settled.
scheduler::OutRecord settled_record(const DeadLetter& letter, std::string_view event,
                                    std::string reason, TimestampMs now);

}  // namespace horolog::worker
