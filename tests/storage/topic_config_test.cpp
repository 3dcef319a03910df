#include "storage/topic_config.hpp"

#include <gtest/gtest.h>

#include "record/codec.hpp"

namespace horolog::storage {
namespace {

using Configs = std::map<std::string, std::string>;

std::string refusal(const Configs& configs) {
  const auto parsed = parse_topic_config(LogConfig{}, configs);
  return parsed.ok() ? "accepted" : parsed.error().message();
}

TEST(TopicConfig, TableIsSortedAndItsDefaultsAreValid) {
  std::string_view last;
  for (const TopicConfigSpec& spec : topic_config_specs()) {
    EXPECT_LT(last, spec.name);
    last = spec.name;
    EXPECT_FALSE(spec.documentation.empty()) << spec.name;
    if (spec.default_value.empty()) continue;
    const Status checked = check_topic_config(spec.name, std::string(spec.default_value));
    EXPECT_TRUE(checked.ok()) << spec.name;
  }
  EXPECT_EQ(topic_config_specs().size(), 35U);
}

TEST(TopicConfig, DefaultsOfTheTableAreThoseOfLogConfig) {
  for (const TopicConfigSpec& spec : topic_config_specs()) {
    const auto text = topic_config_text(LogConfig{}, spec.name);
    EXPECT_EQ(text.value_or(std::string(spec.default_value)), spec.default_value) << spec.name;
  }
}

TEST(TopicConfig, EachHonouredValueReachesTheLogConfig) {
  const auto parsed = parse_topic_config(LogConfig{}, {{"cleanup.policy", "compact, delete"},
                                                       {"compression.type", "zstd"},
                                                       {"compression.zstd.level", "7"},
                                                       {"file.delete.delay.ms", "11"},
                                                       {"flush.messages", "12"},
                                                       {"flush.ms", "13"},
                                                       {"horolog.durability", "os"},
                                                       {"index.interval.bytes", "14"},
                                                       {"max.message.bytes", "15"},
                                                       {"message.timestamp.after.max.ms", "16"},
                                                       {"message.timestamp.before.max.ms", "17"},
                                                       {"message.timestamp.type", "LogAppendTime"},
                                                       {"preallocate", "TRUE"},
                                                       {"retention.bytes", "18"},
                                                       {"retention.ms", "-1"},
                                                       {"segment.bytes", "1048576"},
                                                       {"segment.index.bytes", "20"},
                                                       {"segment.jitter.ms", "21"},
                                                       {"segment.ms", " 22 "}});
  ASSERT_TRUE(parsed.ok()) << parsed.error().message();
  EXPECT_TRUE(parsed->cleanup_compact);
  EXPECT_TRUE(parsed->cleanup_delete);
  EXPECT_EQ(parsed->compression_codec, static_cast<int>(record::Codec::zstd));
  EXPECT_EQ(parsed->compression_level, 7);
  EXPECT_EQ(parsed->file_delete_delay_ms, 11);
  EXPECT_EQ(parsed->flush_messages, 12);
  EXPECT_EQ(parsed->flush_ms, 13);
  EXPECT_EQ(parsed->durability, Durability::os);
  EXPECT_EQ(parsed->index_interval_bytes, 14);
  EXPECT_EQ(parsed->max_message_bytes, 15);
  EXPECT_EQ(parsed->timestamp_after_max_ms, 16);
  EXPECT_EQ(parsed->timestamp_before_max_ms, 17);
  EXPECT_EQ(parsed->timestamp_type, TimestampType::log_append_time);
  EXPECT_TRUE(parsed->preallocate);
  EXPECT_EQ(parsed->retention_bytes, 18);
  EXPECT_EQ(parsed->retention_ms, -1);
  EXPECT_EQ(parsed->segment_bytes, 1048576);
  EXPECT_EQ(parsed->segment_index_bytes, 20);
  EXPECT_EQ(parsed->segment_jitter_ms, 21);
  EXPECT_EQ(parsed->segment_ms, 22);
}

TEST(TopicConfig, InternalSegmentSizeOverridesTheOther) {
  const auto parsed = parse_topic_config(
      LogConfig{}, {{"segment.bytes", "1048576"}, {"internal.segment.bytes", "4096"}});
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed->segment_bytes, 4096);
}

// The texts are those of Apache Kafka 4.3.1, which clients show.
TEST(TopicConfig, RefusalsSayWhatKafkaSays) {
  EXPECT_EQ(refusal({{"nope", "1"}}), "Unknown topic config name: nope");
  EXPECT_EQ(refusal({{"retention.ms", "x"}}),
            "Invalid value x for configuration retention.ms: Not a number of type LONG");
  EXPECT_EQ(refusal({{"retention.ms", "-2"}}),
            "Invalid value -2 for configuration retention.ms: Value must be at least -1");
  EXPECT_EQ(refusal({{"max.message.bytes", "3000000000"}}),
            "Invalid value 3000000000 for configuration max.message.bytes: Not a number of type "
            "INT");
  EXPECT_EQ(refusal({{"segment.bytes", "10"}}),
            "Invalid value 10 for configuration segment.bytes: Value must be at least 1048576");
  EXPECT_EQ(refusal({{"cleanup.policy", "foo"}}),
            "Invalid value foo for configuration cleanup.policy: String must be one of: compact, "
            "delete");
  EXPECT_EQ(refusal({{"compression.type", "foo"}}),
            "Invalid value foo for configuration compression.type: String must be one of: "
            "uncompressed, zstd, lz4, snappy, gzip, producer");
  EXPECT_EQ(refusal({{"compression.gzip.level", "0"}}),
            "Invalid value 0 for configuration compression.gzip.level: Value must be between 1 and "
            "9 or equal to -1");
  EXPECT_EQ(refusal({{"preallocate", "yes"}}),
            "Invalid value yes for configuration preallocate: Expected value to be either true or "
            "false");
  EXPECT_EQ(refusal({{"leader.replication.throttled.replicas", "x"}}),
            "Invalid value [x] for configuration leader.replication.throttled.replicas: "
            "leader.replication.throttled.replicas must be the literal '*' or a list of replicas "
            "in the following format: [partitionId]:[brokerId],[partitionId]:[brokerId],...");
  EXPECT_EQ(refusal({{"min.compaction.lag.ms", "10"}, {"max.compaction.lag.ms", "5"}}),
            "conflict topic config setting min.compaction.lag.ms (10) > max.compaction.lag.ms (5)");
  EXPECT_EQ(refusal({{"remote.storage.enable", "true"}}),
            "Tiered Storage functionality is disabled in the broker. Topic cannot be configured "
            "with remote log storage.");
  EXPECT_EQ(refusal({{"horolog.durability", "maybe"}}),
            "Invalid value maybe for configuration horolog.durability: String must be one of: "
            "commit, os");
}

TEST(TopicConfig, AcceptsWhatKafkaAccepts) {
  EXPECT_EQ(refusal({{"cleanup.policy", ""}}), "accepted");
  EXPECT_EQ(refusal({{"cleanup.policy", "delete,delete"}}), "accepted");
  EXPECT_EQ(refusal({{"retention.bytes", "-5"}}), "accepted");
  EXPECT_EQ(refusal({{"leader.replication.throttled.replicas", "0:1,1:1"}}), "accepted");
  EXPECT_EQ(refusal({{"follower.replication.throttled.replicas", "*"}}), "accepted");
}

TEST(TopicConfig, BrokerSettingsOfTheCatalogAreDefaultsOfTopics) {
  CatalogSnapshot catalog;
  catalog.cluster_configs = {{"log.retention.ms", "1000"}, {"log.segment.bytes", "2097152"}};
  catalog.broker_configs = {{"log.retention.ms", "2000"}};
  const auto plain = effective_topic_config(LogConfig{}, catalog, {});
  ASSERT_TRUE(plain.ok());
  EXPECT_EQ(plain->retention_ms, 2000);
  EXPECT_EQ(plain->segment_bytes, 2097152);
  const auto own = effective_topic_config(LogConfig{}, catalog, {{"retention.ms", "3000"}});
  ASSERT_TRUE(own.ok());
  EXPECT_EQ(own->retention_ms, 3000);
}

TEST(TopicConfig, AnotherCodecForgetsTheLevelOfTheDefault) {
  LogConfig defaults;
  defaults.compression_codec = static_cast<int>(record::Codec::gzip);
  defaults.compression_level = 9;
  EXPECT_EQ(parse_topic_config(defaults, {})->compression_level, 9);
  const auto other = parse_topic_config(defaults, {{"compression.type", "lz4"}});
  EXPECT_EQ(other->compression_codec, static_cast<int>(record::Codec::lz4));
  EXPECT_EQ(other->compression_level, record::default_level);
}

}  // namespace
}  // namespace horolog::storage
