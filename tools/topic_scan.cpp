#include "tools/topic_scan.hpp"

#include <chrono>
#include <map>
#include <vector>

#include "horolog/consumer.hpp"
#include "tools/cluster_access.hpp"

namespace horolog::command {
namespace {

using namespace std::chrono_literals;

/// Removes the partitions that have been read to their ends.
Status drop_read(Consumer& consumer, std::map<TopicPartition, Offset>& ends, Consumer::Timeout t) {
  for (auto at = ends.begin(); at != ends.end();) {
    HOROLOG_ASSIGN(const Offset position, consumer.position(at->first, t));
    at = position >= at->second ? ends.erase(at) : std::next(at);
  }
  return {};
}

}  // namespace

Status scan_topic(const Context& context, const std::string& topic, const ScanFrom& from,
                  const std::function<void(const RecordView&)>& each) {
  ConsumerOptions options;
  options.client = client_options(context);
  const auto timeout = options.client.request_timeout;
  options.isolation = Isolation::read_committed;
  options.offset_reset = OffsetReset::earliest;
  options.fetch_max_wait = 50ms;
  HOROLOG_ASSIGN(Consumer consumer, Consumer::open(std::move(options)));
  HOROLOG_ASSIGN(const PartitionIndex count, consumer.partitions_for(topic, timeout));
  std::vector<TopicPartition> partitions;
  for (PartitionIndex p = 0; p < count; ++p) partitions.push_back({topic, p});
  HOROLOG_TRY(consumer.assign(partitions));
  HOROLOG_ASSIGN(auto ends, consumer.end_offsets(partitions, timeout));
  if (from.since == no_timestamp) {
    HOROLOG_TRY(consumer.seek_to_beginning(partitions));
  } else {
    HOROLOG_TRY(consumer.seek_to_time(partitions, from.since, timeout));
  }
  for (const auto& [tp, offset] : from.offsets) HOROLOG_TRY(consumer.seek(tp, offset));
  auto heard = std::chrono::steady_clock::now();
  HOROLOG_TRY(drop_read(consumer, ends, timeout));
  while (!ends.empty()) {
    HOROLOG_ASSIGN(const RecordBatch batch, consumer.poll(200ms));
    for (const RecordView& record : batch) {
      const auto end = ends.find({std::string(record.topic), record.partition});
      if (end != ends.end() && record.offset < end->second) each(record);
    }
    HOROLOG_TRY(drop_read(consumer, ends, timeout));
    const auto now = std::chrono::steady_clock::now();
    if (!batch.empty()) heard = now;
    if (now - heard > timeout)
      return Error(Errc::timed_out, "nothing more comes of " + ends.begin()->first.to_string());
  }
  return {};
}

}  // namespace horolog::command
