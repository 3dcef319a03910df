#pragma once

#include <map>
#include <vector>

#include "horolog/consumer.hpp"
#include "tools/consume_ranges.hpp"
#include "tools/stream_output.hpp"

namespace horolog::command {

/// Prints what a consumer gives, until everything asked for is there. One thread.
class ConsumeRun {
 public:
  /// All of them must outlive it.
  ConsumeRun(Context& context, const ConsumeRequest& request, Consumer& consumer,
             StreamOutput& output)
      : context_(context), request_(request), consumer_(consumer), output_(output) {}

  /// These partitions, by hand.
  Status assign(const std::vector<ConsumeRange>& ranges);
  /// As a member of the request's group.
  Status subscribe(std::vector<std::string> topics);

  /// The error of the cluster or of the output. Whether a signal ended it: stop_requested().
  Status run();

 private:
  struct Partition {
    Offset until = no_offset;
    Offset next = 0;  ///< behind what was printed or passed over
    bool done = false;
    FormatContext bounds{};
  };

  Partition& partition_of(const RecordView& record);
  bool wanted(const RecordView& record) const;
  /// False when it is time to stop.
  Result<bool> print(const RecordBatch& batch);
  Result<bool> round();
  void look_at_positions();
  bool all_done();
  Status check_patience();
  void took_partitions(const std::vector<TopicPartition>& partitions);
  Status commit();

  Context& context_;
  const ConsumeRequest& request_;
  Consumer& consumer_;
  StreamOutput& output_;
  std::map<TopicPartition, Partition> partitions_;
  // Of the record before: records of one partition come together.
  const char* last_topic_ = nullptr;
  PartitionIndex last_index_ = -1;
  Partition* last_ = nullptr;
  bool assigned_ = false;  ///< a group has given out its partitions at least once
  std::optional<Error> lookup_error_;
  Offsets handled_;  ///< of a group, not committed yet
  TimestampMs committed_at_ = 0;
  TimestampMs last_record_ = 0;
  TimestampMs last_progress_ = 0;
  std::int64_t printed_ = 0;
};

}  // namespace horolog::command
