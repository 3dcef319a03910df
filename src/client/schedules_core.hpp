#pragma once

#include <functional>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "client/committed_reader.hpp"
#include "client/schedule_records.hpp"
#include "horolog/producer.hpp"
#include "horolog/schedules.hpp"

namespace horolog::client {

class Cluster;

/// What Schedules is made of: a producer for commands and readers for everything else, on one
/// cluster. One thread at a time.
class SchedulesCore {
 public:
  SchedulesCore(std::shared_ptr<Cluster> cluster, bool owns)
      : cluster_(std::move(cluster)), owns_(owns) {}
  ~SchedulesCore();

  /// A command that is not yet known to be stored.
  struct Sending {
    SentCommand command;
    std::future<Result<Position>> stored;
  };
  /// Before one or many: start() looks up anew where state and history end.
  void begin() { ends_.clear(); }
  Result<Sending> start(const std::string& key, const std::vector<Header>& headers, Bytes value,
                        Schedules::IfGeneration if_generation);
  static Result<SentCommand> stored(Sending sending);

  /// See Schedules::scan().
  Status scan(const StateReader::Keep& keep, const StateReader::Each& each);
  /// nullopt: there is no such schedule.
  Result<std::optional<ScheduleState>> state_of(const std::string& key);
  Result<std::vector<CommandDecision>> decisions(const std::vector<SentCommand>& commands,
                                                 Schedules::Timeout timeout);
  Status runs(const std::optional<std::string>& key, TimestampMs since,
              const std::function<void(ScheduleRun)>& each);
  Status records(const std::string& topic, TimestampMs since,
                 const std::function<void(const RecordView&)>& each);
  Result<std::vector<StoredCalendar>> calendars();
  Result<Offset> write_calendar(const std::string& name, Bytes value);

 private:
  /// N, of the topics of commands, state and runs.
  Result<PartitionIndex> partitions();
  Result<Producer*> producer();
  /// Reads partitions of the state to their ends, and hands out what `state` has taken.
  Status read_state(const CommittedReader::From& from, StateReader state,
                    const StateReader::Each& each);
  /// Partitions of a topic with the offsets where reading `since` begins.
  Result<CommittedReader::From> begin_at(std::vector<TopicPartition> places, TimestampMs since);

  std::shared_ptr<Cluster> cluster_;
  bool owns_;
  std::optional<Producer> producer_;
  PartitionIndex partitions_ = 0;
  /// Where state and runs of a partition ended before the first command since begin().
  std::map<PartitionIndex, std::pair<Offset, Offset>> ends_;
};

}  // namespace horolog::client
