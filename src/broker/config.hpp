#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "net/endpoint.hpp"

namespace horolog::broker {

/// What the broker itself needs of the settings: parsed, in plain units, under the names of Kafka's
/// settings where they exist. Fixed at start; what SIGHUP or AlterConfigs may change is behind
/// Context::config(), which gives the current version.
struct BrokerConfig {
  std::int32_t node_id = 1;
  /// advertised.listeners by listener name. A listener without one answers each connection with
  /// the address by which that client reached us.
  std::map<std::string, net::Endpoint> advertised;

  bool auto_create_topics = true;
  bool delete_topics = true;
  std::int32_t num_partitions = 1;
  /// horolog.replication.factor.clamp: factors above 1 are taken as 1 instead of refused.
  bool clamp_replication_factor = false;

  std::int32_t offsets_topic_partitions = 4;
  std::int64_t offsets_retention_ms = 7LL * 24 * 3600 * 1000;
  std::int32_t offset_metadata_max_bytes = 4096;
  std::int32_t group_initial_rebalance_delay_ms = 0;
  std::int32_t group_min_session_timeout_ms = 6'000;
  std::int32_t group_max_session_timeout_ms = 1'800'000;
  std::int32_t group_max_size = 10'000;

  std::int32_t transaction_topic_partitions = 4;
  std::int64_t transaction_topic_segment_bytes = 104'857'600;
  std::int32_t transaction_max_timeout_ms = 900'000;
  std::int64_t transactional_id_expiration_ms = 7LL * 24 * 3600 * 1000;
  std::int64_t transactional_id_cleanup_interval_ms = 3'600'000;

  std::int64_t fetch_max_bytes = 55LL << 20;
  std::int64_t retention_check_interval_ms = 300'000;
  std::int64_t producer_id_expiration_ms = 86'400'000;

  /// log.cleaner.*: compaction.
  struct CleanerConfig {
    bool enable = true;
    int threads = 1;
    std::int64_t dedupe_buffer_bytes = 128LL << 20;  ///< of all threads together
    double dedupe_buffer_load = 0.9;
    std::int64_t io_max_bytes_per_second = std::numeric_limits<std::int64_t>::max();
    std::int64_t backoff_ms = 15'000;
  };
  CleanerConfig cleaner;

  /// Every broker setting for DescribeConfigs on a broker, made by horologd's settings table.
  struct Described {
    std::string name;
    std::optional<std::string> value;  ///< nullopt = not set, or hidden because sensitive
    std::string default_value;
    bool set_by_user = false;  ///< file, environment or command line
    bool read_only = true;     ///< needs a restart
    bool sensitive = false;
    std::string type;  ///< int, long, string, boolean, list, double, short, password, class
    std::string documentation;
  };
  std::vector<Described> described;
};

}  // namespace horolog::broker
