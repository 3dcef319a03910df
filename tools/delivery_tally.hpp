#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "horolog/producer_record.hpp"
#include "horolog/types.hpp"

namespace horolog::command {

/// What became of the records of one run. Callbacks come on the client's thread, everything else
/// on the thread that sends.
class DeliveryTally {
 public:
  struct Partition {
    std::int64_t records = 0;
    Offset first = no_offset;  ///< no_offset with acks=0
    Offset last = no_offset;
  };
  struct Failure {
    std::uint64_t line;  ///< where the record began
    Error error;
  };

  /// For one record of `topic` that began on this line.
  DeliveryCallback callback(std::string_view topic, std::uint64_t line);
  /// A record that was not even taken.
  void failed(std::uint64_t line, const Error& error);

  std::int64_t count_delivered() const;
  std::int64_t count_failed() const;
  std::map<TopicPartition, Partition> partitions() const;
  /// The first few, in the order in which they were told.
  std::vector<Failure> failures() const;

 private:
  static constexpr std::size_t kept_failures = 5;

  /// A callback holds a pointer to this and a line, which std::function keeps without allocating.
  struct Topic {
    DeliveryTally* tally = nullptr;
    std::map<PartitionIndex, Partition> partitions;
  };

  void told(Topic& topic, std::uint64_t line, const Result<Position>& at);

  mutable std::mutex mutex_;
  std::map<std::string, Topic, std::less<>> topics_;
  std::int64_t delivered_ = 0;
  std::int64_t failed_ = 0;
  std::vector<Failure> failures_;
};

}  // namespace horolog::command
