#include "record/control_record.hpp"

#include <fmt/format.h>

#include "base/assert.hpp"
#include "record/builder.hpp"
#include "record/record.hpp"

namespace horolog::record {
namespace {

constexpr std::int16_t version = 0;
constexpr std::int16_t type_abort = 0;
constexpr std::int16_t type_commit = 1;
constexpr std::size_t key_bytes = 4;
constexpr std::size_t value_bytes = 6;

Error damaged(const BatchView& batch, std::string_view why) {
  return Error(Errc::corrupt, fmt::format("the control batch at offset {} is damaged: {}",
                                          batch.base_offset(), why));
}

}  // namespace

ByteBuffer build_end_transaction(const EndTransactionMarker& marker, ProducerId producer_id,
                                 ProducerEpoch producer_epoch, TimestampMs now) {
  ByteBuffer key;
  append_be(key, version);
  append_be(key, marker.commit ? type_commit : type_abort);
  ByteBuffer value;
  append_be(value, version);
  append_be(value, marker.coordinator_epoch);
  return build_single(key, value, now,
                      {.producer_id = producer_id,
                       .producer_epoch = producer_epoch,
                       .transactional = true,
                       .control = true});
}

Result<std::optional<EndTransactionMarker>> end_transaction_marker(const BatchView& batch) {
  HOROLOG_ASSERT(batch.is_control());
  if (batch.record_count() == 0) return std::optional<EndTransactionMarker>();
  ByteBuffer scratch;
  HOROLOG_ASSIGN(auto reader, RecordReader::open(batch, scratch));
  if (!reader.next()) return damaged(batch, "its record does not decode");
  const RecordView& record = reader.record();
  // Later versions may add fields behind those of version 0, so only the lower bounds are checked.
  if (!record.key || record.key->size() < key_bytes) return damaged(batch, "its key is too short");
  if (load_be<std::int16_t>(record.key->data()) < 0) {
    return damaged(batch, "its key has no version");
  }
  const auto type = load_be<std::int16_t>(record.key->data() + 2);
  if (type != type_abort && type != type_commit) return std::optional<EndTransactionMarker>();
  if (!record.value || record.value->size() < value_bytes) {
    return damaged(batch, "its value is too short");
  }
  if (load_be<std::int16_t>(record.value->data()) < 0) {
    return damaged(batch, "its value has no version");
  }
  return std::optional(EndTransactionMarker{
      .commit = type == type_commit,
      .coordinator_epoch = load_be<std::int32_t>(record.value->data() + 2)});
}

}  // namespace horolog::record
