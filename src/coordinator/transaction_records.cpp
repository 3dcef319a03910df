#include "coordinator/transaction_records.hpp"

#include <fmt/format.h>

#include "coordinator/prefixed_bytes.hpp"
#include "protocol/records/transaction_log.hpp"

namespace horolog::coordinator {

namespace {

constexpr std::int16_t transaction_type = 0;
constexpr std::int16_t newest_value_version = 1;
/// From this finalised transaction.version on values are of version 1.
constexpr TransactionVersion first_with_tagged_fields = 1;

using StoredPartitions = std::vector<wire::TransactionLogValue::TopicPartitions>;

StoredPartitions to_stored(const std::set<TopicPartition>& partitions) {
  StoredPartitions stored;
  for (const auto& [topic, index] : partitions) {
    if (stored.empty() || stored.back().topic != topic) stored.emplace_back().topic = topic;
    stored.back().partition_ids.push_back(index);
  }
  return stored;
}

wire::TransactionLogValue to_wire(const TransactionMetadata& metadata, std::int16_t version) {
  wire::TransactionLogValue value;
  value.producer_id = metadata.producer_id;
  value.producer_epoch = metadata.producer_epoch;
  value.transaction_timeout_ms = metadata.timeout_ms;
  value.transaction_status = static_cast<std::int8_t>(metadata.state);
  value.transaction_partitions.reset();
  if (!metadata.is(TransactionState::empty)) {
    value.transaction_partitions = to_stored(metadata.partitions);
  }
  value.transaction_last_update_timestamp_ms = metadata.last_update;
  value.transaction_start_timestamp_ms = metadata.start;
  if (version == 0) return value;
  value.previous_producer_id = metadata.previous_producer_id;
  value.next_producer_id = metadata.next_producer_id;
  value.client_transaction_version = metadata.client_version;
  return value;
}

Error nonsense(const std::string& id, std::string_view what) {
  return Error(Errc::corrupt,
               fmt::format("the record of transactional id '{}' says what no coordinator writes: "
                           "{}",
                           id, what));
}

Result<TransactionMetadata> from_wire(const std::string& id,
                                      const wire::TransactionLogValue& value) {
  TransactionMetadata metadata;
  metadata.producer_id = value.producer_id;
  metadata.previous_producer_id = value.previous_producer_id;
  metadata.next_producer_id = value.next_producer_id;
  metadata.producer_epoch = value.producer_epoch;
  metadata.timeout_ms = value.transaction_timeout_ms;
  metadata.start = value.transaction_start_timestamp_ms;
  metadata.last_update = value.transaction_last_update_timestamp_ms;
  metadata.client_version = value.client_transaction_version;
  if (value.transaction_status < 0 ||
      value.transaction_status > static_cast<std::int8_t>(TransactionState::complete_abort)) {
    return nonsense(id, fmt::format("state {}", value.transaction_status));
  }
  metadata.state = static_cast<TransactionState>(value.transaction_status);
  if (metadata.producer_id < 0 || metadata.producer_epoch < 0) {
    return nonsense(
        id, fmt::format("producer id {}, epoch {}", metadata.producer_id, metadata.producer_epoch));
  }
  if (value.transaction_partitions) {
    for (const auto& topic : *value.transaction_partitions) {
      for (const PartitionIndex index : topic.partition_ids) {
        if (index < 0 || !metadata.partitions.insert({topic.topic, index}).second) {
          return nonsense(id, fmt::format("partition {} of '{}'", index, topic.topic));
        }
      }
    }
  }
  const bool open = metadata.is(TransactionState::ongoing) || metadata.is_decided();
  if (!open && !metadata.partitions.empty()) {
    return nonsense(id, fmt::format("{} partitions in state {}", metadata.partitions.size(),
                                    to_string(metadata.state)));
  }
  return metadata;
}

}  // namespace

Record encode_record(const TransactionRecord& record, TransactionVersion finalised) {
  wire::TransactionLogKey key;
  key.transactional_id = record.transactional_id;
  Record out{prefixed(transaction_type, key, 0), std::nullopt};
  if (record.value) {
    const std::int16_t version = finalised >= first_with_tagged_fields ? 1 : 0;
    out.value = prefixed(version, to_wire(*record.value, version), version);
  }
  return out;
}

Result<std::optional<TransactionRecord>> decode_transaction_record(ByteView key,
                                                                   std::optional<ByteView> value) {
  HOROLOG_ASSIGN(const std::int16_t type, take_prefix(key, "transaction record's key"));
  if (type != transaction_type) return std::optional<TransactionRecord>();
  HOROLOG_ASSIGN(wire::TransactionLogKey decoded_key,
                 wire::decode<wire::TransactionLogKey>(key, 0));
  TransactionRecord record{std::move(decoded_key.transactional_id), std::nullopt};
  if (!value) return std::optional<TransactionRecord>(std::move(record));
  HOROLOG_ASSIGN(const std::int16_t version, take_prefix(*value, "transaction record's value"));
  if (version < 0 || version > newest_value_version) {
    return Error(Errc::unsupported,
                 fmt::format("the record of transactional id '{}' has value version {}; this build "
                             "reads up to {}",
                             record.transactional_id, version, newest_value_version));
  }
  auto stored = wire::decode<wire::TransactionLogValue>(*value, version);
  if (!stored) {
    return stored.error().with_context(
        fmt::format("the record of transactional id '{}'", record.transactional_id));
  }
  HOROLOG_ASSIGN(record.value, from_wire(record.transactional_id, *stored));
  return std::optional<TransactionRecord>(std::move(record));
}

}  // namespace horolog::coordinator
