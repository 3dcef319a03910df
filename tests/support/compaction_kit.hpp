#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/log_kit.hpp"

/// What tests of compaction share: batches with keys, and what a reader finds of them.
namespace horolog::test {

struct KeyedRecord {
  std::optional<std::string> key;
  std::optional<std::string> value;  ///< nullopt: a tombstone
};

struct KeyedBatch {
  std::vector<KeyedRecord> records;
  TimestampMs timestamp = 1'000;
  record::Codec codec = record::Codec::none;
  ProducerId producer_id = no_producer_id;
  ProducerEpoch producer_epoch = 0;
  std::int32_t sequence = 0;
  bool transactional = false;
};
ByteBuffer make_keyed(const KeyedBatch& spec);

struct SeenRecord {
  Offset offset = 0;
  std::optional<std::string> key;
  std::optional<std::string> value;
  TimestampMs timestamp = 0;
  std::vector<std::pair<std::string, std::string>> headers;
  bool operator==(const SeenRecord&) const = default;
};

/// Every record from `from` on, by reads of at most `max_bytes`; offsets must rise and CRCs hold.
/// Control batches are passed over.
std::vector<SeenRecord> read_keyed(const storage::PartitionLog& log, Offset from = 0,
                                   std::size_t max_bytes = 1 << 20);

/// Key to offset and value of its last record; keys whose last record is a tombstone are left out.
std::map<std::string, std::pair<Offset, std::string>> last_values(
    const std::vector<SeenRecord>& records);

/// Key map bytes that hold so many keys before the map is full.
std::size_t map_bytes_for(std::size_t keys);

}  // namespace horolog::test
