// ListOffsets 1–11 and OffsetForLeaderEpoch 2–4. A look-up by time may read a disk and open
// compressed batches, so it runs on the blocking pool.

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "broker/handlers.hpp"
#include "protocol/messages/list_offsets.hpp"
#include "protocol/messages/offset_for_leader_epoch.hpp"

namespace horolog::broker {
namespace {

using wire::ErrorCode;
using Answer = wire::ListOffsetsResponse::Partition;

/// Timestamps that are no times (KIP-79, KIP-734, KIP-405, KIP-1023).
enum Special : std::int64_t {
  latest = -1,
  earliest = -2,
  max_timestamp = -3,
  earliest_local = -4,
  latest_tiered = -5,
  earliest_pending_upload = -6,
};

constexpr std::int16_t first_version_with_epoch = 4;
constexpr std::int8_t read_committed = 1;

struct SpecialVersion {
  std::int64_t timestamp;
  std::int16_t since;
};
constexpr SpecialVersion special_versions[] = {{latest, 1},        {earliest, 1},
                                               {max_timestamp, 7}, {earliest_local, 8},
                                               {latest_tiered, 9}, {earliest_pending_upload, 11}};

bool is_known_timestamp(std::int64_t timestamp, std::int16_t version) {
  if (timestamp >= 0) return true;
  return std::any_of(std::begin(special_versions), std::end(special_versions), [&](auto special) {
    return special.timestamp == timestamp && version >= special.since;
  });
}

ErrorCode fence(LeaderEpoch current, LeaderEpoch asked) {
  if (asked < 0 || asked == current) return ErrorCode::none;
  return asked < current ? ErrorCode::fenced_leader_epoch : ErrorCode::unknown_leader_epoch;
}

ErrorCode missing_code(Context& context, const TopicPartition& id) {
  return context.store.quarantine_reason(id) ? ErrorCode::kafka_storage_error
                                             : ErrorCode::unknown_topic_or_partition;
}

/// Where a reader of the isolation level finds nothing more.
Offset fetchable_end(const storage::PartitionLog& log, std::int8_t isolation_level) {
  return isolation_level == read_committed ? log.last_stable_offset() : log.high_watermark();
}

void look_up(const storage::PartitionLog& log, std::int64_t timestamp, std::int8_t isolation_level,
             Answer& answer) {
  answer.leader_epoch = log.leader_epoch();
  if (timestamp == latest) {
    answer.offset = fetchable_end(log, isolation_level);
    return;
  }
  if (timestamp == earliest || timestamp == earliest_local) {
    answer.offset = log.log_start_offset();
    return;
  }
  // Nothing is tiered here.
  if (timestamp == latest_tiered || timestamp == earliest_pending_upload) {
    answer.leader_epoch = -1;
    return;
  }
  const auto found =
      timestamp == max_timestamp ? log.find_max_timestamp() : log.find_by_time(timestamp);
  if (!found) {
    answer.error_code = ErrorCode::kafka_storage_error;
    return;
  }
  if (timestamp >= 0 && found->offset >= fetchable_end(log, isolation_level)) {
    answer.leader_epoch = -1;
    return;
  }
  answer.timestamp = found->timestamp;
  answer.offset = found->offset;
  answer.leader_epoch = found->offset == no_offset ? -1 : found->leader_epoch;
}

bool needs_disk(const wire::ListOffsetsRequest& asked) {
  for (const auto& topic : asked.topics) {
    for (const auto& partition : topic.partitions) {
      if (partition.timestamp >= 0 || partition.timestamp == max_timestamp) return true;
    }
  }
  return false;
}

std::size_t times_asked(const wire::ListOffsetsRequest& asked, const std::string& topic,
                        PartitionIndex index) {
  std::size_t count = 0;
  for (const auto& t : asked.topics) {
    if (t.name != topic) continue;
    count += static_cast<std::size_t>(
        std::count_if(t.partitions.begin(), t.partitions.end(),
                      [&](const auto& p) { return p.partition_index == index; }));
  }
  return count;
}

void answer_list_offsets(Context& context, Request request, const wire::ListOffsetsRequest& asked) {
  wire::ListOffsetsResponse response;
  std::set<std::pair<std::string, PartitionIndex>> answered;
  for (const auto& topic : asked.topics) {
    auto& out = response.topics.emplace_back();
    out.name = topic.name;
    for (const auto& partition : topic.partitions) {
      if (!answered.emplace(topic.name, partition.partition_index).second) continue;
      Answer& answer = out.partitions.emplace_back();
      answer.partition_index = partition.partition_index;
      const auto found = context.partitions.find(topic.name, partition.partition_index);
      if (times_asked(asked, topic.name, partition.partition_index) > 1) {
        answer.error_code = ErrorCode::invalid_request;
      } else if (found == nullptr) {
        answer.error_code = missing_code(context, {topic.name, partition.partition_index});
      } else if (!is_known_timestamp(partition.timestamp, request.version())) {
        answer.error_code = ErrorCode::unsupported_version;
      } else {
        answer.error_code = fence(found->log().leader_epoch(), partition.current_leader_epoch);
      }
      if (answer.error_code == ErrorCode::none) {
        look_up(found->log(), partition.timestamp, asked.isolation_level, answer);
      }
      if (request.version() < first_version_with_epoch) answer.leader_epoch = -1;
    }
  }
  request.reply(response);
}

}  // namespace

void handle_list_offsets(Context& context, Request request) {
  auto asked = request.decode<wire::ListOffsetsRequest>();
  if (!asked) return;
  if (!needs_disk(*asked)) {
    answer_list_offsets(context, std::move(request), *asked);
    return;
  }
  auto held = std::make_shared<std::pair<Request, wire::ListOffsetsRequest>>(std::move(request),
                                                                             std::move(*asked));
  context.pool.post(
      [&context, held] { answer_list_offsets(context, std::move(held->first), held->second); });
}

void handle_offset_for_leader_epoch(Context& context, Request request) {
  auto asked = request.decode<wire::OffsetForLeaderEpochRequest>();
  if (!asked) return;
  wire::OffsetForLeaderEpochResponse response;
  for (const auto& topic : asked->topics) {
    auto& out = response.topics.emplace_back();
    out.topic = topic.topic;
    for (const auto& partition : topic.partitions) {
      auto& answer = out.partitions.emplace_back();
      answer.partition = partition.partition;
      const auto found = context.partitions.find(topic.topic, partition.partition);
      if (found == nullptr) {
        answer.error_code = missing_code(context, {topic.topic, partition.partition});
        continue;
      }
      answer.error_code = fence(found->log().leader_epoch(), partition.current_leader_epoch);
      if (answer.error_code != ErrorCode::none) continue;
      const auto end = found->log().end_of_epoch(partition.leader_epoch);
      answer.leader_epoch = end.epoch;
      answer.end_offset = end.end_offset;
    }
  }
  request.reply(response);
}

}  // namespace horolog::broker
