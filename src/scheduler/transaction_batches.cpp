#include "scheduler/transaction_batches.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "base/murmur2.hpp"
#include "scheduler/names.hpp"

namespace horolog::scheduler {
namespace {

/// Below every broker's default of message.max.bytes, as long as single records are.
constexpr std::size_t most_batch_bytes = 512 * 1024;
constexpr std::size_t batch_header_bytes = 64;

std::size_t size_of(const OutRecord& record) {
  std::size_t size = 32;
  if (record.key) size += record.key->size();
  if (record.value) size += record.value->size();
  for (const Header& header : record.headers)
    size += 8 + header.name.size() + (header.value ? header.value->size() : 0);
  return size;
}

class Layout {
 public:
  void add(TopicPartition place, const OutRecord& record,
           std::size_t most = most_batch_bytes) {
    auto& batches = plan_[place].batches;
    std::size_t& filled = filled_[place];
    if (batches.empty() || filled + size_of(record) > std::min(most, most_batch_bytes)) {
      batches.emplace_back();
      filled = batch_header_bytes;
    }
    filled += size_of(record);
    ++batches.back().records;
    batches.back().content.push_back(&record);
  }
  BatchPlan take() { return std::move(plan_); }

 private:
  BatchPlan plan_;
  std::map<TopicPartition, std::size_t> filled_;
};

Result<PartitionIndex> partition_of(const Fire& fire, std::int32_t partitions) {
  if (!fire.partition)
    return murmur2_partition(as_bytes(fire.record.key.value_or(fire.schedule)), partitions);
  if (*fire.partition < partitions) return *fire.partition;
  return Error(Errc::not_found, fmt::format("{} has {} partitions: there is no partition {}",
                                            fire.topic, partitions, *fire.partition));
}

}  // namespace

std::size_t batch_bytes_of(const OutRecord& record) {
  return batch_header_bytes + size_of(record);
}

std::optional<std::string> why_refused(const Fire& fire, const TopicRoom& room) {
  if (const auto place = partition_of(fire, room.partitions); !place)
    return place.error().message();
  if (room.needs_keys && !fire.record.key)
    return fmt::format("its record has no key (horolog-key), and {} is compacted", fire.topic);
  if (batch_bytes_of(fire.record) <= room.batch_bytes) return std::nullopt;
  // That was an upper bound: the codec knows.
  const auto bytes = build_batch({1, {&fire.record}}, {.transactional = true}, 0);
  if (!bytes) return bytes.error().message();
  if (bytes->size() <= room.batch_bytes) return std::nullopt;
  return fmt::format("its record is too large: it takes {} bytes, and {} takes {} at once "
                     "(max.message.bytes)", bytes->size(), fire.topic, room.batch_bytes);
}

std::optional<BatchPlan> plan_batches(const Transaction& transaction, PartitionIndex partition,
                                      const FindRoom& find_room, std::vector<OutRecord>& runs,
                                      std::optional<BadTarget>& bad) {
  Layout layout;
  for (const Fire& fire : transaction.fires) {
    const auto room = find_room(fire.topic);
    const auto place = room ? partition_of(fire, room->partitions)
                            : Result<PartitionIndex>(room.error());
    if (!place) {
      bad = BadTarget{fire.topic, place.error()};
      return std::nullopt;
    }
    layout.add({fire.topic, *place}, fire.record, room->batch_bytes);
  }
  for (const OutRecord& record : transaction.state)
    layout.add({std::string(topic::state), partition}, record);
  runs.clear();
  runs.reserve(transaction.runs.size());
  for (const RunRecord& run : transaction.runs) {
    runs.push_back(run.to_record());
    layout.add({std::string(topic::runs), partition}, runs.back());
  }
  for (const Forward& forward : transaction.forwards)
    layout.add({std::string(topic::commands), forward.partition}, forward.record);
  return layout.take();
}

Result<ByteBuffer> build_batch(const PartitionBatches::One& batch,
                               const record::BatchOptions& options, TimestampMs now) {
  record::BatchBuilder builder(options);
  std::vector<record::HeaderView> headers;
  const auto view = [](const std::optional<std::string>& text) {
    return text ? std::optional<ByteView>(as_bytes(*text)) : std::nullopt;
  };
  for (const OutRecord* record : batch.content) {
    headers.clear();
    for (const Header& header : record->headers)
      headers.push_back({header.name, view(header.value)});
    builder.add(view(record->key), view(record->value), now, headers);
  }
  return builder.build();
}

}  // namespace horolog::scheduler
