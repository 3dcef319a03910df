#include <array>

#include "storage/topic_config.hpp"

namespace horolog::storage {
namespace {

using enum ConfigType;

constexpr double unbounded = 9.3e18;
constexpr double int_max = 2147483647;
constexpr std::string_view max_long = "9223372036854775807";
constexpr std::array<std::string_view, 2> cleanup_choices{"compact", "delete"};
constexpr std::array<std::string_view, 6> compression_choices{"uncompressed", "zstd", "lz4",
                                                              "snappy",       "gzip", "producer"};
constexpr std::array<std::string_view, 2> timestamp_choices{"CreateTime", "LogAppendTime"};
constexpr std::array<std::string_view, 2> durability_choices{"commit", "os"};

/// Stored and shown; on one node nothing depends on it.
constexpr TopicConfigSpec stored(std::string_view name, ConfigType type, std::string_view value,
                                 std::string_view broker_name, std::string_view doc,
                                 double min = -unbounded) {
  return {name, type, value, broker_name, doc, min, unbounded, {}, false, false};
}

constexpr TopicConfigSpec choice(std::string_view name, ConfigType type, std::string_view value,
                                 std::string_view broker_name, std::string_view doc,
                                 std::span<const std::string_view> choices) {
  return {name, type, value, broker_name, doc, -unbounded, unbounded, choices, true, false};
}

// In the order in which Apache Kafka's CreateTopics answer lists them: by name.
constexpr std::array specs{
    choice("cleanup.policy", list, "delete", "log.cleanup.policy",
           "What happens to old segments: delete drops them by retention.ms and retention.bytes; "
           "compact keeps the last record of each key; both may be set.",
           cleanup_choices),
    TopicConfigSpec{"compression.gzip.level", integer, "-1", "compression.gzip.level",
                    "Level for compression.type=gzip: 1 to 9, or -1 for the codec's own default.",
                    -1, 9},
    TopicConfigSpec{"compression.lz4.level", integer, "9", "compression.lz4.level",
                    "Level for compression.type=lz4.", 1, 17},
    choice("compression.type", string, "producer", "compression.type",
           "How batches are stored: producer keeps what was sent, uncompressed stores plain, and "
           "gzip, snappy, lz4 or zstd compress again with that codec.",
           compression_choices),
    TopicConfigSpec{"compression.zstd.level", integer, "3", "compression.zstd.level",
                    "Level for compression.type=zstd.", -131072, 22},
    TopicConfigSpec{"delete.retention.ms", long_integer, "86400000",
                    "log.cleaner.delete.retention.ms",
                    "How long a record without a value (a tombstone) stays after the compaction "
                    "that found it first.",
                    0},
    TopicConfigSpec{"file.delete.delay.ms", long_integer, "60000", "log.segment.delete.delay.ms",
                    "How long the files of a dropped segment stay before they are unlinked.", 0},
    TopicConfigSpec{"flush.messages", long_integer, max_long, "log.flush.interval.messages",
                    "Sync after this many records, whatever horolog.durability says.", 1},
    TopicConfigSpec{"flush.ms", long_integer, max_long, "",
                    "Sync after this many milliseconds, whatever horolog.durability says.", 0},
    stored("follower.replication.throttled.replicas", list, "", "",
           "Replicas whose followers are throttled. There is one replica here."),
    choice("horolog.durability", string, "commit", "horolog.durability",
           "What an acknowledgement means. commit: acks=all is answered after a sync, and "
           "consumers see only what a power cut cannot take back. os: answered after the append, "
           "as Apache Kafka does.",
           durability_choices),
    TopicConfigSpec{"index.interval.bytes", integer, "4096", "log.index.interval.bytes",
                    "Bytes of log between two entries of the offset index.", 0, int_max},
    TopicConfigSpec{"internal.segment.bytes",
                    integer,
                    "",
                    "",
                    "As segment.bytes, without its lower bound. For tests.",
                    1,
                    int_max,
                    {},
                    true,
                    true},
    stored("leader.replication.throttled.replicas", list, "", "",
           "Replicas whose leaders are throttled. There is one replica here."),
    stored("local.retention.bytes", long_integer, "-2", "log.local.retention.bytes",
           "Local part of a tiered log, in bytes. Nothing is tiered here.", -2),
    stored("local.retention.ms", long_integer, "-2", "log.local.retention.ms",
           "Local part of a tiered log, in milliseconds. Nothing is tiered here.", -2),
    TopicConfigSpec{"max.compaction.lag.ms", long_integer, max_long,
                    "log.cleaner.max.compaction.lag.ms",
                    "A log with records older than this (by their timestamps) is compacted, "
                    "whatever its share of uncompacted bytes; its segments are closed after it.",
                    1},
    TopicConfigSpec{"max.message.bytes", integer, "1048588", "message.max.bytes",
                    "The largest batch a producer may send, as it is sent.", 0, int_max},
    TopicConfigSpec{"message.timestamp.after.max.ms", long_integer, "3600000",
                    "log.message.timestamp.after.max.ms",
                    "How far a record's timestamp may lie ahead of the broker's clock "
                    "(CreateTime).",
                    0},
    TopicConfigSpec{"message.timestamp.before.max.ms", long_integer, max_long,
                    "log.message.timestamp.before.max.ms",
                    "How far a record's timestamp may lie behind the broker's clock (CreateTime).",
                    0},
    choice("message.timestamp.type", string, "CreateTime", "log.message.timestamp.type",
           "Whether records carry the producer's time (CreateTime) or the time of the append "
           "(LogAppendTime).",
           timestamp_choices),
    TopicConfigSpec{"min.cleanable.dirty.ratio",
                    real,
                    "0.5",
                    "log.cleaner.min.cleanable.ratio",
                    "Share of a log's bytes that must be uncompacted before it is compacted.",
                    0,
                    1},
    TopicConfigSpec{"min.compaction.lag.ms", long_integer, "0",
                    "log.cleaner.min.compaction.lag.ms",
                    "A record is not compacted before this time has passed since it was appended.",
                    0},
    stored("min.insync.replicas", integer, "1", "min.insync.replicas",
           "In-sync replicas that acks=all needs. There is one replica here.", 1),
    TopicConfigSpec{"preallocate", boolean, "false", "log.preallocate",
                    "Allocate a segment's file in full when the segment is made."},
    stored("remote.log.copy.disable", boolean, "false", "",
           "Stops uploads of a tiered log. Nothing is tiered here."),
    stored("remote.log.delete.on.disable", boolean, "false", "",
           "Deletes tiered data when tiering is switched off. Nothing is tiered here."),
    stored("remote.storage.enable", boolean, "false", "",
           "Tiered storage for the topic. There is none here: true is refused."),
    TopicConfigSpec{"retention.bytes", long_integer, "-1", "log.retention.bytes",
                    "A partition above this size drops its oldest segments (policy delete); -1 = "
                    "no limit."},
    TopicConfigSpec{"retention.ms", long_integer, "604800000", "log.retention.ms",
                    "Segments whose records were appended longer ago are dropped (policy delete); "
                    "-1 = no limit.",
                    -1},
    TopicConfigSpec{"segment.bytes", integer, "1073741824", "log.segment.bytes",
                    "Size at which a segment is full. Retention works on whole segments.", 1048576,
                    int_max},
    TopicConfigSpec{"segment.index.bytes", integer, "10485760", "log.index.size.max.bytes",
                    "Largest size of a segment's offset index; a segment whose index is full is "
                    "full.",
                    4, int_max},
    TopicConfigSpec{"segment.jitter.ms", long_integer, "0", "log.roll.jitter.ms",
                    "Up to this much is taken off segment.ms, so that segments do not roll at "
                    "once.",
                    0},
    TopicConfigSpec{"segment.ms", long_integer, "604800000", "log.roll.ms",
                    "Time after which a segment is closed even if it is not full.", 1},
    stored("unclean.leader.election.enable", boolean, "false", "unclean.leader.election.enable",
           "Whether a replica that is not in sync may lead. There is one replica here."),
};

static_assert(specs.size() == 35, "34 of Apache Kafka 4.3.1 and horolog.durability");

}  // namespace

std::span<const TopicConfigSpec> topic_config_specs() { return specs; }

const TopicConfigSpec* find_topic_config(std::string_view name) {
  for (const TopicConfigSpec& spec : specs) {
    if (spec.name == name) return &spec;
  }
  return nullptr;
}

}  // namespace horolog::storage
