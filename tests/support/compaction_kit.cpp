#include "tests/support/compaction_kit.hpp"

namespace horolog::test {
namespace {

std::optional<ByteView> view(const std::optional<std::string>& text) {
  return text ? std::optional(as_bytes(*text)) : std::nullopt;
}

std::optional<std::string> copy(const std::optional<ByteView>& bytes) {
  return bytes ? std::optional(std::string(as_text(*bytes))) : std::nullopt;
}

SeenRecord seen(const record::RecordView& record) {
  SeenRecord out{.offset = record.offset,
                 .key = copy(record.key),
                 .value = copy(record.value),
                 .timestamp = record.timestamp,
                 .headers = {}};
  for (const auto& header : record.headers) {
    out.headers.emplace_back(header.key, copy(header.value).value_or("null"));
  }
  return out;
}

}  // namespace

ByteBuffer make_keyed(const KeyedBatch& spec) {
  const bool sequenced = spec.producer_id >= 0;
  record::BatchBuilder builder(
      {.codec = spec.codec,
       .producer_id = spec.producer_id,
       .producer_epoch = sequenced ? spec.producer_epoch : ProducerEpoch{-1},
       .base_sequence = sequenced ? spec.sequence : -1,
       .transactional = spec.transactional});
  TimestampMs timestamp = spec.timestamp;
  for (const KeyedRecord& record : spec.records) {
    const record::HeaderView header{.key = "h", .value = view(record.key)};
    builder.add(view(record.key), view(record.value), timestamp++, {&header, 1});
  }
  return builder.build().value();
}

std::vector<SeenRecord> read_keyed(const storage::PartitionLog& log, Offset from,
                                   std::size_t max_bytes) {
  std::vector<SeenRecord> records;
  ByteBuffer scratch;
  while (true) {
    const auto read = log.read(from, max_bytes, storage::Visibility::log_end);
    if (!read) {
      ADD_FAILURE() << read.error().message();
      return records;
    }
    if (read->slices.empty()) return records;
    Offset next = from;
    for (const storage::Slice& slice : read->slices) {
      const ByteBuffer bytes = bytes_of(slice);
      record::BatchIterator it(bytes);
      while (it.next()) {
        EXPECT_TRUE(record::verify_crc(it.batch()).ok());
        EXPECT_GE(it.batch().last_offset(), next);
        auto reader = record::RecordReader::open(it.batch(), scratch).value();
        while (reader.next()) {
          if (reader.record().offset < from || it.batch().is_control()) continue;
          EXPECT_GE(reader.record().offset, next);
          next = reader.record().offset + 1;
          records.push_back(seen(reader.record()));
        }
        EXPECT_TRUE(reader.status().ok());
        next = std::max(next, it.batch().next_offset());
      }
      EXPECT_EQ(it.end_position(), bytes.size()) << "a slice that is not whole batches";
    }
    if (next == from) {
      ADD_FAILURE() << "a read at " << from << " gives nothing new";
      return records;
    }
    from = next;
  }
}

std::map<std::string, std::pair<Offset, std::string>> last_values(
    const std::vector<SeenRecord>& records) {
  std::map<std::string, std::pair<Offset, std::string>> last;
  for (const SeenRecord& record : records) {
    if (!record.key) continue;
    if (record.value) {
      last[*record.key] = {record.offset, *record.value};
    } else {
      last.erase(*record.key);
    }
  }
  return last;
}

std::size_t map_bytes_for(std::size_t keys) {
  return (keys * 10 / 9 + 2) * storage::KeyMap::slot_bytes;
}

}  // namespace horolog::test
