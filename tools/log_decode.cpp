#include "tools/log_decode.hpp"

#include <fmt/format.h>

#include "protocol/codec.hpp"
#include "protocol/dump.hpp"
#include "protocol/records/control.hpp"
#include "protocol/records/group_metadata.hpp"
#include "protocol/records/metadata_brokers.hpp"
#include "protocol/records/metadata_frame.hpp"
#include "protocol/records/metadata_log.hpp"
#include "protocol/records/metadata_topics.hpp"
#include "protocol/records/offset_commit.hpp"
#include "protocol/records/transaction_log.hpp"

namespace horolog::command {
namespace {

constexpr std::int16_t control_abort = 0;
constexpr std::int16_t control_commit = 1;
constexpr std::int16_t control_leader_change = 2;
constexpr std::int16_t control_snapshot_header = 3;
constexpr std::int16_t control_snapshot_footer = 4;

template <typename T>
std::string message_text(ByteView body, std::int16_t version) {
  const auto message = wire::decode<T>(body, version);
  if (!message) return fmt::format("(not decoded: {})", message.error().message());
  return wire::dump(*message, version);
}

/// Key and value start with a version; a null value is a deletion.
template <typename T>
std::string versioned_text(ByteView bytes) {
  if (bytes.size() < sizeof(std::int16_t)) return "(not decoded: too short)";
  return message_text<T>(bytes.subspan(sizeof(std::int16_t)), load_be<std::int16_t>(bytes.data()));
}

template <typename Key, typename Value>
std::string pair_text(std::string_view name, ByteView key, const std::optional<ByteView>& value,
                      std::int16_t key_schema) {
  const std::string key_text = message_text<Key>(key.subspan(sizeof(std::int16_t)), key_schema);
  if (!value) return fmt::format("{} {} deleted", name, key_text);
  return fmt::format("{} {} {}", name, key_text, versioned_text<Value>(*value));
}

std::string group_text(const record::RecordView& record) {
  if (!record.key || record.key->size() < sizeof(std::int16_t)) return "(not decoded: no key)";
  const auto version = load_be<std::int16_t>(record.key->data());
  // The version of the key tells which kind of record it is; its fields have one form.
  if (version == 0 || version == 1) {
    return pair_text<wire::OffsetCommitKey, wire::OffsetCommitValue>("offset", *record.key,
                                                                     record.value, 0);
  }
  if (version == 2) {
    return pair_text<wire::GroupMetadataKey, wire::GroupMetadataValue>("group", *record.key,
                                                                       record.value, 0);
  }
  return fmt::format("(not decoded: record of type {})", version);
}

std::string transaction_text(const record::RecordView& record) {
  if (!record.key || record.key->size() < sizeof(std::int16_t)) return "(not decoded: no key)";
  const auto version = load_be<std::int16_t>(record.key->data());
  if (version != 0) return fmt::format("(not decoded: record of type {})", version);
  return pair_text<wire::TransactionLogKey, wire::TransactionLogValue>("transaction", *record.key,
                                                                       record.value, 0);
}

template <typename... T>
std::string any_of(const wire::MetadataFrame& frame) {
  std::string text;
  const auto attempt = [&]<typename M>(const M*) {
    if (frame.record_type != M::api.record_type) return;
    text = fmt::format("{} {}", M::api.name, message_text<M>(frame.body, frame.version));
  };
  (attempt(static_cast<const T*>(nullptr)), ...);
  if (text.empty()) text = fmt::format("(not decoded: record of type {})", frame.record_type);
  return text;
}

std::string metadata_text(const record::RecordView& record) {
  if (!record.value) return "(not decoded: no value)";
  const auto frame = wire::decode_metadata_frame(*record.value);
  if (!frame) return fmt::format("(not decoded: {})", frame.error().message());
  return any_of<wire::TopicRecord, wire::PartitionRecord, wire::PartitionChangeRecord,
                wire::RemoveTopicRecord, wire::ConfigRecord, wire::FeatureLevelRecord,
                wire::ProducerIdsRecord, wire::NoOpRecord, wire::BeginTransactionRecord,
                wire::EndTransactionRecord, wire::AbortTransactionRecord,
                wire::RegisterBrokerRecord, wire::RegisterControllerRecord,
                wire::BrokerRegistrationChangeRecord>(*frame);
}

}  // namespace

LogContent content_of(std::string_view topic) {
  if (topic == "__consumer_offsets") return LogContent::group_offsets;
  if (topic == "__transaction_state") return LogContent::transactions;
  if (topic == "__cluster_metadata") return LogContent::metadata;
  return LogContent::data;
}

std::string decode_record(LogContent content, const record::RecordView& record) {
  switch (content) {
    case LogContent::group_offsets: return group_text(record);
    case LogContent::transactions: return transaction_text(record);
    case LogContent::metadata: return metadata_text(record);
    case LogContent::data: break;
  }
  return {};
}

std::string decode_control(const record::RecordView& record) {
  if (!record.key || record.key->size() < 2 * sizeof(std::int16_t)) {
    return "(not decoded: the key is too short)";
  }
  const auto type = load_be<std::int16_t>(record.key->data() + sizeof(std::int16_t));
  const ByteView value = record.value.value_or(ByteView());
  if (type == control_abort || type == control_commit) {
    const std::string word = type == control_commit ? "commit" : "abort";
    if (value.size() < 6) return word;
    return fmt::format("{} coordinator_epoch={}", word,
                       load_be<std::int32_t>(value.data() + sizeof(std::int16_t)));
  }
  // These say their version in their first field, which is part of the message.
  const std::int16_t version =
      value.size() >= sizeof(std::int16_t) ? load_be<std::int16_t>(value.data()) : std::int16_t{0};
  if (type == control_leader_change) {
    return "leader change " + message_text<wire::LeaderChangeMessage>(value, version);
  }
  if (type == control_snapshot_header) {
    return "snapshot header " + message_text<wire::SnapshotHeaderRecord>(value, version);
  }
  if (type == control_snapshot_footer) {
    return "snapshot footer " + message_text<wire::SnapshotFooterRecord>(value, version);
  }
  return fmt::format("(not decoded: control record of type {})", type);
}

}  // namespace horolog::command
