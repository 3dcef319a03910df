#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace horolog {

/// A host and a port, as written: no brackets around an IPv6 address.
struct HostPort {
  std::string host;  ///< empty = every interface
  std::uint16_t port = 0;
  /// "127.0.0.1:9092", "[::1]:9092".
  std::string to_string() const;
  bool operator==(const HostPort&) const = default;
};

/// One Kafka listener: its name is what advertised.listeners refers to.
struct ListenerSetting {
  std::string name;
  HostPort address;
  bool operator==(const ListenerSetting&) const = default;
};

/// Where an effective value came from; later ones win.
enum class SettingSource : std::uint8_t { built_in, file, environment, command_line };

/// One setting as DescribeConfigs and --print-config show it.
struct SettingEntry {
  struct Synonym {
    std::string name;
    std::string value;
    SettingSource source;
  };
  std::string name;
  std::string value;  ///< plain: numbers in Kafka's unit; empty when sensitive
  std::string default_value;
  SettingSource source = SettingSource::built_in;
  std::string where;  ///< "horologd.yaml:3:1", "KAFKA_NODE_ID", "--set"; empty for a default
  std::string type;   ///< boolean, int, long, double, string, list, password
  std::string doc;
  bool read_only = true;  ///< needs a restart
  bool sensitive = false;
  std::vector<Synonym> synonyms;  ///< what could have set it, the winner first, the default last
};

/// The configuration as the composition root uses it: parsed, checked against each other, in plain
/// units (bytes, milliseconds). Defaults and meanings stand in settings_table.cpp.
struct Settings {
  std::int64_t node_id = 0;
  std::string data_directory;
  std::vector<ListenerSetting> listeners;
  std::map<std::string, HostPort> advertised;  ///< by listener name
  std::optional<HostPort> admin_listener;      ///< nullopt = off
  /// Somebody chose the admin address: a taken port is an error then, not a warning.
  bool admin_listener_configured = false;

  std::int64_t network_threads = 0;  ///< 0 = one per core
  std::int64_t io_threads = 0;
  std::int64_t max_request_bytes = 0;
  std::int64_t max_queued_request_bytes = 0;  ///< -1 = the built-in limit
  std::int64_t max_connections = 0;
  std::int64_t max_connections_per_ip = 0;
  std::int64_t connections_max_idle_ms = 0;
  std::int64_t fetch_max_bytes = 0;
  std::int64_t fetch_session_slots = 0;

  bool auto_create_topics = false;
  bool delete_topics = false;
  std::int64_t num_partitions = 0;
  bool clamp_replication_factor = false;

  std::string durability;  ///< "commit" or "os"
  std::int64_t disk_low_bytes = 0;
  std::int64_t message_max_bytes = 0;
  std::int64_t segment_bytes = 0;
  std::int64_t roll_ms = 0;
  std::int64_t roll_jitter_ms = 0;
  std::int64_t index_bytes = 0;
  std::int64_t index_interval_bytes = 0;
  std::int64_t retention_ms = 0;     ///< -1 = for ever
  std::int64_t retention_bytes = 0;  ///< -1 = no bound
  std::int64_t retention_check_ms = 0;
  std::int64_t flush_messages = 0;
  std::int64_t flush_ms = 0;
  std::int64_t segment_delete_delay_ms = 0;
  std::int64_t timestamp_before_max_ms = 0;
  std::int64_t timestamp_after_max_ms = 0;
  std::string timestamp_type;    ///< "CreateTime" or "LogAppendTime"
  std::string cleanup_policy;    ///< "delete", "compact" or both, by comma
  std::string compression_type;  ///< a codec's name, "uncompressed" or "producer"
  std::int64_t gzip_level = 0;
  std::int64_t lz4_level = 0;
  std::int64_t zstd_level = 0;
  bool preallocate = false;
  bool cleaner_enable = false;
  std::int64_t cleaner_threads = 0;
  std::int64_t cleaner_dedupe_buffer_bytes = 0;
  double cleaner_dedupe_buffer_load = 0;
  std::int64_t cleaner_io_max_bytes_per_second = 0;
  std::int64_t cleaner_backoff_ms = 0;
  double cleaner_min_cleanable_ratio = 0;
  std::int64_t cleaner_delete_retention_ms = 0;
  std::int64_t cleaner_min_compaction_lag_ms = 0;
  std::int64_t cleaner_max_compaction_lag_ms = 0;
  std::int64_t producer_id_expiration_ms = 0;

  std::int64_t offsets_topic_partitions = 0;
  std::int64_t offsets_retention_minutes = 0;
  std::int64_t offset_metadata_max_bytes = 0;
  std::int64_t group_initial_rebalance_delay_ms = 0;
  std::int64_t group_min_session_timeout_ms = 0;
  std::int64_t group_max_session_timeout_ms = 0;
  std::int64_t group_max_size = 0;

  std::int64_t transaction_max_timeout_ms = 0;
  std::int64_t transactional_id_expiration_ms = 0;
  std::int64_t transactional_id_cleanup_interval_ms = 0;
  std::int64_t transaction_topic_partitions = 0;
  std::int64_t transaction_topic_segment_bytes = 0;

  bool scheduler_enabled = false;
  std::int64_t scheduler_partitions = 0;
  std::string scheduler_targets_allow;  ///< patterns, by comma
  std::string scheduler_state_directory;  ///< empty = the data directory's name and .scheduler

  std::string log_level;   ///< debug, info, warn, error
  std::string log_format;  ///< auto, logfmt, json

  /// Every setting of the table, in its order.
  std::vector<SettingEntry> entries;
};

}  // namespace horolog
