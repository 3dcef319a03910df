#include <fmt/format.h>

#include "record/codec.hpp"
#include "storage/topic_config.hpp"

namespace horolog::storage {
namespace {

std::string cleanup_text(const LogConfig& config) {
  if (config.cleanup_compact) return config.cleanup_delete ? "compact,delete" : "compact";
  return config.cleanup_delete ? "delete" : "";
}

std::string compression_text(const LogConfig& config) {
  if (config.compression_codec < 0) return "producer";
  if (config.compression_codec == 0) return "uncompressed";
  return std::string(record::to_string(static_cast<record::Codec>(config.compression_codec)));
}

}  // namespace

std::optional<std::string> topic_config_text(const LogConfig& config, std::string_view name) {
  struct Number {
    std::string_view name;
    std::int64_t LogConfig::* member;
  };
  static constexpr Number numbers[] = {
      {"delete.retention.ms", &LogConfig::delete_retention_ms},
      {"file.delete.delay.ms", &LogConfig::file_delete_delay_ms},
      {"flush.messages", &LogConfig::flush_messages},
      {"flush.ms", &LogConfig::flush_ms},
      {"index.interval.bytes", &LogConfig::index_interval_bytes},
      {"max.compaction.lag.ms", &LogConfig::max_compaction_lag_ms},
      {"max.message.bytes", &LogConfig::max_message_bytes},
      {"message.timestamp.after.max.ms", &LogConfig::timestamp_after_max_ms},
      {"message.timestamp.before.max.ms", &LogConfig::timestamp_before_max_ms},
      {"min.compaction.lag.ms", &LogConfig::min_compaction_lag_ms},
      {"retention.bytes", &LogConfig::retention_bytes},
      {"retention.ms", &LogConfig::retention_ms},
      {"segment.bytes", &LogConfig::segment_bytes},
      {"segment.index.bytes", &LogConfig::segment_index_bytes},
      {"segment.jitter.ms", &LogConfig::segment_jitter_ms},
      {"segment.ms", &LogConfig::segment_ms},
  };
  for (const Number& number : numbers) {
    if (number.name == name) return fmt::format("{}", config.*number.member);
  }
  if (name == "cleanup.policy") return cleanup_text(config);
  if (name == "compression.type") return compression_text(config);
  if (name == "message.timestamp.type") {
    return config.timestamp_type == TimestampType::log_append_time ? "LogAppendTime" : "CreateTime";
  }
  if (name == "min.cleanable.dirty.ratio") {
    return fmt::format("{}", config.min_cleanable_dirty_ratio);
  }
  if (name == "preallocate") return config.preallocate ? "true" : "false";
  if (name == "horolog.durability") {
    return config.durability == Durability::os ? "os" : "commit";
  }
  return std::nullopt;
}

}  // namespace horolog::storage
