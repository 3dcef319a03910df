#include "horologd/broker_settings.hpp"

#include "base/assert.hpp"
#include "record/codec.hpp"

namespace horolog {
namespace {

void set_compression(const Settings& settings, storage::LogConfig& config) {
  config.compression_codec = -1;
  if (settings.compression_type == "producer") return;
  const auto codec = settings.compression_type == "uncompressed"
                         ? record::Codec::none
                         : record::parse_codec(settings.compression_type);
  HOROLOG_ASSERT(codec.has_value());  // the settings table allows nothing else
  config.compression_codec = static_cast<int>(*codec);
  switch (*codec) {
    case record::Codec::gzip:
      config.compression_level = static_cast<int>(settings.gzip_level);
      break;
    case record::Codec::lz4:
      config.compression_level = static_cast<int>(settings.lz4_level);
      break;
    case record::Codec::zstd:
      config.compression_level = static_cast<int>(settings.zstd_level);
      break;
    default:
      break;
  }
}

}  // namespace

storage::LogConfig make_log_defaults(const Settings& settings) {
  storage::LogConfig config;
  config.cleanup_delete = settings.cleanup_policy.find("delete") != std::string::npos;
  config.cleanup_compact = settings.cleanup_policy.find("compact") != std::string::npos;
  config.segment_bytes = settings.segment_bytes;
  config.segment_ms = settings.roll_ms;
  config.segment_jitter_ms = settings.roll_jitter_ms;
  config.segment_index_bytes = settings.index_bytes;
  config.index_interval_bytes = settings.index_interval_bytes;
  config.retention_ms = settings.retention_ms;
  config.retention_bytes = settings.retention_bytes;
  config.max_message_bytes = settings.message_max_bytes;
  config.flush_messages = settings.flush_messages;
  config.flush_ms = settings.flush_ms;
  config.file_delete_delay_ms = settings.segment_delete_delay_ms;
  config.timestamp_before_max_ms = settings.timestamp_before_max_ms;
  config.timestamp_after_max_ms = settings.timestamp_after_max_ms;
  config.timestamp_type = settings.timestamp_type == "LogAppendTime"
                              ? storage::TimestampType::log_append_time
                              : storage::TimestampType::create_time;
  set_compression(settings, config);
  config.preallocate = settings.preallocate;
  config.min_cleanable_dirty_ratio = settings.cleaner_min_cleanable_ratio;
  config.delete_retention_ms = settings.cleaner_delete_retention_ms;
  config.min_compaction_lag_ms = settings.cleaner_min_compaction_lag_ms;
  config.max_compaction_lag_ms = settings.cleaner_max_compaction_lag_ms;
  config.durability =
      settings.durability == "os" ? storage::Durability::os : storage::Durability::commit;
  return config;
}

broker::BrokerConfig make_broker_config(const Settings& settings) {
  broker::BrokerConfig config;
  config.node_id = static_cast<std::int32_t>(settings.node_id);
  for (const auto& [name, address] : settings.advertised) {
    config.advertised[name] = {address.host, address.port};
  }
  config.auto_create_topics = settings.auto_create_topics;
  config.delete_topics = settings.delete_topics;
  config.num_partitions = static_cast<std::int32_t>(settings.num_partitions);
  config.clamp_replication_factor = settings.clamp_replication_factor;
  config.offsets_topic_partitions = static_cast<std::int32_t>(settings.offsets_topic_partitions);
  config.offsets_retention_ms = settings.offsets_retention_minutes * 60'000;
  config.offset_metadata_max_bytes = static_cast<std::int32_t>(settings.offset_metadata_max_bytes);
  config.group_initial_rebalance_delay_ms =
      static_cast<std::int32_t>(settings.group_initial_rebalance_delay_ms);
  config.group_min_session_timeout_ms =
      static_cast<std::int32_t>(settings.group_min_session_timeout_ms);
  config.group_max_session_timeout_ms =
      static_cast<std::int32_t>(settings.group_max_session_timeout_ms);
  config.group_max_size = static_cast<std::int32_t>(settings.group_max_size);
  config.transaction_topic_partitions =
      static_cast<std::int32_t>(settings.transaction_topic_partitions);
  config.transaction_topic_segment_bytes = settings.transaction_topic_segment_bytes;
  config.transaction_max_timeout_ms =
      static_cast<std::int32_t>(settings.transaction_max_timeout_ms);
  config.transactional_id_expiration_ms = settings.transactional_id_expiration_ms;
  config.transactional_id_cleanup_interval_ms = settings.transactional_id_cleanup_interval_ms;
  config.fetch_max_bytes = settings.fetch_max_bytes;
  config.retention_check_interval_ms = settings.retention_check_ms;
  config.producer_id_expiration_ms = settings.producer_id_expiration_ms;
  config.cleaner = {.enable = settings.cleaner_enable,
                    .threads = static_cast<int>(settings.cleaner_threads),
                    .dedupe_buffer_bytes = settings.cleaner_dedupe_buffer_bytes,
                    .dedupe_buffer_load = settings.cleaner_dedupe_buffer_load,
                    .io_max_bytes_per_second = settings.cleaner_io_max_bytes_per_second,
                    .backoff_ms = settings.cleaner_backoff_ms};
  for (const SettingEntry& entry : settings.entries) {
    broker::BrokerConfig::Described& out = config.described.emplace_back();
    out.name = entry.name;
    if (!entry.sensitive) out.value = entry.value;
    out.default_value = entry.default_value;
    out.set_by_user = entry.source != SettingSource::built_in;
    out.read_only = entry.read_only;
    out.sensitive = entry.sensitive;
    out.type = entry.type;
    out.documentation = entry.doc;
  }
  return config;
}

}  // namespace horolog
