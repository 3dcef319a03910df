#pragma once

#include <memory>
#include <vector>

#include "base/clock.hpp"
#include "client/consumer_batch.hpp"
#include "horolog/record_batch.hpp"

namespace horolog::worker {

/// Moves only when a test says so.
class SetClock final : public Clock {
 public:
  TimestampMs wall_ms() const override { return 1'000'000 + ns / 1'000'000; }
  MonoNs mono_ns() const override { return ns; }
  MonoNs ns = 1'000'000'000;
};

/// What a fetch brings. `tp` and `key` must outlive it.
inline std::shared_ptr<const RecordBatch> records_at(const TopicPartition& tp,
                                                     const std::vector<Offset>& offsets,
                                                     const char* key = nullptr) {
  auto storage = std::make_shared<client::BatchStorage>();
  for (const Offset offset : offsets)
    storage->records.push_back({.topic = tp.topic,
                                .partition = tp.partition,
                                .offset = offset,
                                .timestamp = 5,
                                .key = key == nullptr ? Bytes() : Bytes(key),
                                .value = "x",
                                .headers = {}});
  return std::make_shared<const RecordBatch>(std::move(storage));
}

}  // namespace horolog::worker
