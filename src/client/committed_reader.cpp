#include "client/committed_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "client/cluster.hpp"

namespace horolog::client {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// Control records at a partition's end bring no record that would end a poll.
constexpr milliseconds look_again{50};

Result<Consumer> open_consumer(const std::shared_ptr<Cluster>& cluster,
                               milliseconds fetch_wait = look_again) {
  ConsumerOptions options;
  options.auto_commit = false;
  options.offset_reset = OffsetReset::earliest;
  options.isolation = Isolation::read_committed;
  options.max_poll_records = 10'000;
  options.fetch_max_wait = fetch_wait;
  return Consumer::open(std::move(options), cluster);
}

}  // namespace

Result<CommittedReader> CommittedReader::open(const std::shared_ptr<Cluster>& cluster,
                                              const From& from, milliseconds fetch_wait) {
  HOROLOG_ASSIGN(Consumer consumer, open_consumer(cluster, fetch_wait));
  std::vector<TopicPartition> partitions;
  for (const auto& [place, offset] : from) partitions.push_back(place);
  const milliseconds patience = cluster->options().request_timeout;
  HOROLOG_ASSIGN(const auto starts, consumer.beginning_offsets(partitions, patience));
  HOROLOG_TRY(consumer.assign(partitions));
  for (const auto& [place, offset] : from)
    HOROLOG_TRY(consumer.seek(place, std::max(offset, starts.at(place))));
  return CommittedReader(std::move(consumer), std::move(partitions), patience);
}

Status CommittedReader::poll(milliseconds wait, const Each& each) {
  HOROLOG_ASSIGN(const RecordBatch batch, consumer_.poll(wait));
  for (const RecordView& record : batch) each(record);
  return {};
}

Result<bool> CommittedReader::reached(const std::map<TopicPartition, Offset>& ends) {
  for (const auto& [place, end] : ends) {
    HOROLOG_ASSIGN(const Offset position, consumer_.position(place, patience_));
    if (position < end) return false;
  }
  return true;
}

Status CommittedReader::read_to_end(const Each& each, bool and_open,
                                    steady_clock::time_point deadline) {
  HOROLOG_ASSIGN(const auto ends,
                 consumer_.end_offsets(partitions_, patience_,
                                       and_open ? Isolation::read_uncommitted
                                                : Isolation::read_committed));
  auto progress = steady_clock::now();
  for (;;) {
    HOROLOG_ASSIGN(const bool done, reached(ends));
    if (done) return {};
    HOROLOG_ASSIGN(const RecordBatch batch, consumer_.poll(look_again));
    for (const RecordView& record : batch) each(record);
    const auto now = steady_clock::now();
    if (!batch.empty()) progress = now;
    if (now > deadline || now - progress > patience_)
      return Error(Errc::timed_out, fmt::format("the end of {} was not reached in time",
                                                partitions_.front().topic));
  }
}

Result<PartitionIndex> count_partitions(const std::shared_ptr<Cluster>& cluster,
                                        const std::string& topic) {
  HOROLOG_ASSIGN(Consumer consumer, open_consumer(cluster));
  return consumer.partitions_for(topic, cluster->options().request_timeout);
}

Result<std::map<TopicPartition, Offset>> stable_ends(const std::shared_ptr<Cluster>& cluster,
                                                     const std::vector<TopicPartition>& places) {
  HOROLOG_ASSIGN(Consumer consumer, open_consumer(cluster));
  return consumer.end_offsets(places, cluster->options().request_timeout);
}

Result<std::map<TopicPartition, Offset>> offsets_at(const std::shared_ptr<Cluster>& cluster,
                                                    const std::vector<TopicPartition>& places,
                                                    TimestampMs time) {
  HOROLOG_ASSIGN(Consumer consumer, open_consumer(cluster));
  std::map<TopicPartition, TimestampMs> times;
  for (const TopicPartition& place : places) times[place] = time;
  HOROLOG_ASSIGN(const auto found,
                 consumer.offsets_for_times(times, cluster->options().request_timeout));
  std::map<TopicPartition, Offset> offsets;
  for (const auto& [place, at] : found) offsets[place] = at.offset;
  return offsets;
}

}  // namespace horolog::client
