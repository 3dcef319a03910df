#include <algorithm>

#include "horologd/setting_spec.hpp"

namespace horolog {
namespace {

using enum SettingType;
using S = Settings;

constexpr std::int64_t int_max = std::numeric_limits<std::int32_t>::max();
constexpr auto bytes = Unit::bytes;
constexpr auto ms = Unit::milliseconds;

const SettingSpec table[] = {
    {.name = "node.id", .type = int32, .fallback = "1", .min = 0, .max = int_max,
     .target = &S::node_id, .section = "Identity, data and addresses",
     .doc = "Number of this node, as clients see it. Fixed once the data directory exists."},
    {.name = "broker.id", .type = int32, .min = 0, .max = int_max, .alias_of = "node.id"},
    {.name = "log.dirs", .type = list, .fallback = "./horolog-data",
     .doc = "The data directory: one path. Created when it is missing. Also --data-dir."},
    {.name = "log.dir", .type = list, .alias_of = "log.dirs"},
    {.name = "listeners", .type = list, .fallback = "PLAINTEXT://127.0.0.1:9092",
     .doc = "Where Kafka clients connect: HOST:PORT or NAME://HOST:PORT, several by comma; IPv6 in "
            "brackets, no host = every interface, port 0 = any free one. Also --listen. There is "
            "no authentication yet: whoever reaches a listener may read, write and delete."},
    {.name = "advertised.listeners", .type = list,
     .doc = "What clients are told to connect to, as NAME://HOST:PORT per listener. A listener "
            "without an entry tells each client the address by which that client reached it."},
    {.name = "listener.security.protocol.map", .type = list,
     .fallback = "PLAINTEXT:PLAINTEXT",
     .doc = "NAME:PROTOCOL for listeners with names of their own. PLAINTEXT is what is served."},
    {.name = "controller.listener.names", .type = list,
     .doc = "Listeners of this name are left out: there is no separate controller."},
    {.name = "process.roles", .type = list,
     .doc = "Accepted so that a Kafka configuration can be used; Horolog always has both roles."},
    {.name = "admin.listener", .type = text, .fallback = "127.0.0.1:9644",
     .doc = "HTTP address of /livez, /readyz, /metrics and /version; empty = off. If the default "
            "port is taken the broker starts without it, a configured one that is taken is an "
            "error."},

    {.name = "num.network.threads", .type = int32, .fallback = "0", .min = 0, .max = 1024,
     .target = &S::network_threads, .section = "Threads and connections",
     .doc = "Threads that serve connections; 0 = one per core."},
    {.name = "num.io.threads", .type = int32, .fallback = "0", .min = 0, .max = 1024,
     .target = &S::io_threads,
     .doc = "Threads that wait for the disk, so that no connection has to; 0 = two per core, at "
            "least 4."},
    {.name = "socket.request.max.bytes", .type = int32, .unit = bytes, .fallback = "100MiB",
     .min = 1024, .max = int_max, .target = &S::max_request_bytes,
     .doc = "Largest request; a larger one closes its connection."},
    {.name = "queued.max.request.bytes", .type = int64, .unit = bytes, .fallback = "256MiB",
     .min = -1, .target = &S::max_queued_request_bytes,
     .doc = "Bytes of requests held at once by all connections; above it reading pauses. -1 = "
            "the default."},
    {.name = "max.connections", .type = int32, .fallback = "16000", .min = 1, .max = int_max,
     .target = &S::max_connections, .doc = "Connections at once."},
    {.name = "max.connections.per.ip", .type = int32, .fallback = "16000", .min = 1,
     .max = int_max, .target = &S::max_connections_per_ip,
     .doc = "Connections at once from one address."},
    {.name = "connections.max.idle.ms", .type = int64, .unit = ms, .fallback = "10min",
     .min = 1000, .target = &S::connections_max_idle_ms,
     .doc = "A connection without a request for this long is closed."},
    {.name = "fetch.max.bytes", .type = int32, .unit = bytes, .fallback = "55MiB", .min = 1024,
     .max = int_max, .dynamic = true, .target = &S::fetch_max_bytes,
     .doc = "Most record bytes in one fetch answer, whatever the client asks for."},
    {.name = "max.incremental.fetch.session.cache.slots", .type = int32, .fallback = "1000",
     .min = 0, .max = int_max, .target = &S::fetch_session_slots,
     .doc = "Clients whose partitions are remembered between their fetches, so that an idle poll "
            "costs nothing per partition; others name all partitions each time. 0 = none."},

    {.name = "auto.create.topics.enable", .type = boolean, .fallback = "true", .dynamic = true,
     .target = &S::auto_create_topics, .section = "Topics",
     .doc = "Whether asking for an unknown topic creates it, where the client allows that too."},
    {.name = "delete.topic.enable", .type = boolean, .fallback = "true", .dynamic = true,
     .target = &S::delete_topics, .doc = "Whether topics may be deleted."},
    {.name = "num.partitions", .type = int32, .fallback = "1", .min = 1, .max = 100'000,
     .dynamic = true, .target = &S::num_partitions,
     .doc = "Partitions of a topic that is created without a number."},
    {.name = "horolog.replication.factor.clamp", .type = boolean, .fallback = "false",
     .dynamic = true, .target = &S::clamp_replication_factor,
     .doc = "Take a replication factor above 1 as 1 instead of refusing the topic: there is one "
            "node."},

    {.name = "horolog.durability", .type = text, .fallback = "commit", .choices = "commit,os",
     .dynamic = true, .target = &S::durability, .section = "Durability and disk",
     .doc = "commit: acks=all is answered after a sync to the disk, and consumers see only what "
            "a power cut cannot take back. os: answered from the page cache, as Kafka does: "
            "survives a crash of the broker, not a power cut."},
    {.name = "horolog.disk.low.bytes", .type = int64, .unit = bytes, .fallback = "256MiB",
     .min = 0, .dynamic = true, .target = &S::disk_low_bytes,
     .doc = "Below this much free space produce gets a retriable error; deletes and offset "
            "commits go on."},
    {.name = "log.flush.interval.messages", .type = int64, .fallback = "9223372036854775807",
     .min = 1, .dynamic = true, .target = &S::flush_messages,
     .doc = "Sync after this many records and answer then, also with horolog.durability os "
            "(topic: flush.messages). Without it os syncs after 5 s or 512 MiB."},
    {.name = "log.flush.interval.ms", .type = int64, .unit = ms,
     .fallback = "9223372036854775807", .min = 0, .dynamic = true, .target = &S::flush_ms,
     .doc = "Longest time that records may stay unsynced (topic: flush.ms)."},

    {.name = "message.max.bytes", .type = int32, .unit = bytes, .fallback = "1048588", .min = 0,
     .max = 100 << 20, .dynamic = true, .target = &S::message_max_bytes,
     .section = "Defaults of topics (a topic's own configuration wins)",
     .doc = "Largest record batch (topic: max.message.bytes)."},
    {.name = "log.segment.bytes", .type = int32, .unit = bytes, .fallback = "1GiB",
     .min = 1 << 20, .max = int_max, .dynamic = true, .target = &S::segment_bytes,
     .doc = "Size at which a new segment file begins (topic: segment.bytes)."},
    {.name = "log.roll.ms", .type = int64, .unit = ms, .fallback = "7d", .min = 1,
     .dynamic = true, .target = &S::roll_ms,
     .doc = "Age at which a new segment file begins (topic: segment.ms)."},
    {.name = "log.roll.hours", .type = int32, .unit = Unit::hours, .min = 1, .max = int_max,
     .alias_of = "log.roll.ms"},
    {.name = "log.roll.jitter.ms", .type = int64, .unit = ms, .fallback = "0", .min = 0,
     .dynamic = true, .target = &S::roll_jitter_ms,
     .doc = "At most this much is taken off log.roll.ms, at random (topic: segment.jitter.ms)."},
    {.name = "log.roll.jitter.hours", .type = int32, .unit = Unit::hours, .min = 0,
     .max = int_max, .alias_of = "log.roll.jitter.ms"},
    {.name = "log.index.size.max.bytes", .type = int32, .unit = bytes, .fallback = "10MiB",
     .min = 4, .max = int_max, .dynamic = true, .target = &S::index_bytes,
     .doc = "Most bytes of one offset index (topic: segment.index.bytes)."},
    {.name = "log.index.interval.bytes", .type = int32, .unit = bytes, .fallback = "4KiB",
     .min = 0, .max = int_max, .dynamic = true, .target = &S::index_interval_bytes,
     .doc = "One index entry per this many bytes of log (topic: index.interval.bytes)."},
    {.name = "log.retention.ms", .type = int64, .unit = ms, .fallback = "7d", .min = -1,
     .dynamic = true, .target = &S::retention_ms,
     .doc = "How long records are kept, by the time they arrived; -1 = for ever (topic: "
            "retention.ms)."},
    {.name = "log.retention.minutes", .type = int32, .unit = Unit::minutes, .min = -1,
     .max = int_max, .alias_of = "log.retention.ms"},
    {.name = "log.retention.hours", .type = int32, .unit = Unit::hours, .min = -1,
     .max = int_max, .alias_of = "log.retention.ms"},
    {.name = "log.retention.bytes", .type = int64, .unit = bytes, .fallback = "-1", .min = -1,
     .dynamic = true, .target = &S::retention_bytes,
     .doc = "How much of each partition is kept; -1 = no bound (topic: retention.bytes)."},
    {.name = "log.retention.check.interval.ms", .type = int64, .unit = ms, .fallback = "5min",
     .min = 1, .dynamic = true, .target = &S::retention_check_ms,
     .doc = "How often old segments are looked for."},
    {.name = "log.segment.delete.delay.ms", .type = int64, .unit = ms, .fallback = "1min",
     .min = 0, .dynamic = true, .target = &S::segment_delete_delay_ms,
     .doc = "Time from renaming a file that goes to unlinking it (topic: file.delete.delay.ms)."},
    {.name = "log.cleanup.policy", .type = list, .fallback = "delete",
     .choices = "delete,compact", .dynamic = true, .target = &S::cleanup_policy,
     .doc = "What happens to old records: delete drops segments by age and size, compact keeps "
            "the last record of each key (topic: cleanup.policy)."},
    {.name = "log.message.timestamp.type", .type = text, .fallback = "CreateTime",
     .choices = "CreateTime,LogAppendTime", .dynamic = true, .target = &S::timestamp_type,
     .doc = "Whose clock stamps records: the producer's or the broker's (topic: "
            "message.timestamp.type)."},
    {.name = "log.message.timestamp.before.max.ms", .type = int64, .unit = ms,
     .fallback = "9223372036854775807", .min = 0,
     .dynamic = true, .target = &S::timestamp_before_max_ms,
     .doc = "Records stamped further back than this are refused (topic: "
            "message.timestamp.before.max.ms)."},
    {.name = "log.message.timestamp.after.max.ms", .type = int64, .unit = ms, .fallback = "1h",
     .min = 0, .dynamic = true, .target = &S::timestamp_after_max_ms,
     .doc = "Records stamped further ahead than this are refused (topic: "
            "message.timestamp.after.max.ms)."},
    {.name = "compression.type", .type = text, .fallback = "producer",
     .choices = "producer,uncompressed,gzip,snappy,lz4,zstd",
     .dynamic = true, .target = &S::compression_type,
     .doc = "Codec of stored batches; producer = as they come (topic: compression.type)."},
    {.name = "compression.gzip.level", .type = int32, .fallback = "-1", .min = -1, .max = 9,
     .dynamic = true, .target = &S::gzip_level, .doc = "1 to 9, or -1 for the codec's own."},
    {.name = "compression.lz4.level", .type = int32, .fallback = "9", .min = 1, .max = 17,
     .dynamic = true, .target = &S::lz4_level, .doc = "1 to 17."},
    {.name = "compression.zstd.level", .type = int32, .fallback = "3", .min = -131072, .max = 22,
     .dynamic = true, .target = &S::zstd_level, .doc = "-131072 to 22."},
    {.name = "log.preallocate", .type = boolean, .fallback = "false",
     .dynamic = true, .target = &S::preallocate,
     .doc = "Allocate a whole segment at once. Horolog writes ahead in chunks either way (topic: "
            "preallocate)."},
    {.name = "producer.id.expiration.ms", .type = int32, .unit = ms, .fallback = "1d", .min = 1,
     .max = int_max, .target = &S::producer_id_expiration_ms,
     .doc = "An idempotent producer that wrote nothing for this long is forgotten."},

    {.name = "log.cleaner.enable", .type = boolean, .fallback = "true",
     .target = &S::cleaner_enable, .section = "Compaction (cleanup.policy=compact)",
     .doc = "Whether logs are compacted. Without it the internal topics grow for ever."},
    {.name = "log.cleaner.threads", .type = int32, .fallback = "1", .min = 1, .max = 64,
     .target = &S::cleaner_threads, .doc = "Logs that are compacted at the same time."},
    {.name = "log.cleaner.dedupe.buffer.size", .type = int64, .unit = bytes,
     .fallback = "128MiB", .min = 1 << 20, .target = &S::cleaner_dedupe_buffer_bytes,
     .doc = "Most memory for the keys of logs being compacted, all threads together: at most 32 "
            "bytes per key. Keys that do not fit wait for another pass."},
    {.name = "log.cleaner.io.buffer.load.factor", .type = real, .fallback = "0.9", .min = 0,
     .max = 1, .target = &S::cleaner_dedupe_buffer_load,
     .doc = "How full that memory may get, 0 to 1; lower is faster and takes more passes."},
    {.name = "log.cleaner.io.max.bytes.per.second", .type = int64, .unit = bytes,
     .fallback = "9223372036854775807", .min = 1, .target = &S::cleaner_io_max_bytes_per_second,
     .doc = "Most bytes that compaction reads and writes per second, all threads together."},
    {.name = "log.cleaner.backoff.ms", .type = int64, .unit = ms, .fallback = "15s", .min = 0,
     .target = &S::cleaner_backoff_ms,
     .doc = "How long to rest when no log needs to be compacted."},
    {.name = "log.cleaner.min.cleanable.ratio", .type = real, .fallback = "0.5", .min = 0,
     .max = 1, .target = &S::cleaner_min_cleanable_ratio,
     .doc = "Share of a log's bytes that must be uncompacted before it is compacted (topic: "
            "min.cleanable.dirty.ratio)."},
    {.name = "log.cleaner.delete.retention.ms", .type = int64, .unit = ms, .fallback = "1d",
     .min = 0, .target = &S::cleaner_delete_retention_ms,
     .doc = "How long a record without a value stays after the compaction that found it first "
            "(topic: delete.retention.ms)."},
    {.name = "log.cleaner.min.compaction.lag.ms", .type = int64, .unit = ms, .fallback = "0",
     .min = 0, .target = &S::cleaner_min_compaction_lag_ms,
     .doc = "A record is not compacted before this time has passed since it was appended (topic: "
            "min.compaction.lag.ms)."},
    {.name = "log.cleaner.max.compaction.lag.ms", .type = int64, .unit = ms,
     .fallback = "9223372036854775807", .min = 1, .target = &S::cleaner_max_compaction_lag_ms,
     .doc = "A log with older records is compacted whatever its share of uncompacted bytes "
            "(topic: max.compaction.lag.ms)."},

    {.name = "offsets.topic.num.partitions", .type = int32, .fallback = "4", .min = 1,
     .max = 1000, .target = &S::offsets_topic_partitions, .section = "Consumer groups",
     .doc = "Partitions of __consumer_offsets when it is created. Fixed from then on."},
    {.name = "offsets.retention.minutes", .type = int32, .unit = Unit::minutes, .fallback = "7d",
     .min = 1, .max = int_max, .dynamic = true, .target = &S::offsets_retention_minutes,
     .doc = "Committed offsets of an empty group are kept this long."},
    {.name = "offset.metadata.max.bytes", .type = int32, .unit = bytes, .fallback = "4KiB",
     .min = 0, .max = int_max, .dynamic = true, .target = &S::offset_metadata_max_bytes,
     .doc = "Longest note that a client may commit with an offset."},
    {.name = "group.initial.rebalance.delay.ms", .type = int32, .unit = ms, .fallback = "0",
     .min = 0, .max = int_max, .dynamic = true, .target = &S::group_initial_rebalance_delay_ms,
     .doc = "Wait for more members before the first assignment of an empty group."},
    {.name = "group.min.session.timeout.ms", .type = int32, .unit = ms, .fallback = "6s",
     .min = 0, .max = int_max, .dynamic = true, .target = &S::group_min_session_timeout_ms,
     .doc = "Shortest session timeout that a member may ask for."},
    {.name = "group.max.session.timeout.ms", .type = int32, .unit = ms, .fallback = "30min",
     .min = 0, .max = int_max, .dynamic = true, .target = &S::group_max_session_timeout_ms,
     .doc = "Longest session timeout that a member may ask for."},
    {.name = "group.max.size", .type = int32, .fallback = "10000", .min = 1, .max = int_max,
     .dynamic = true, .target = &S::group_max_size, .doc = "Members of one group."},

    {.name = "transaction.max.timeout.ms", .type = int32, .unit = ms, .fallback = "15min",
     .min = 1, .max = int_max, .dynamic = true, .target = &S::transaction_max_timeout_ms,
     .section = "Transactions",
     .doc = "Longest time that a producer may keep a transaction open; it is aborted then."},
    {.name = "transactional.id.expiration.ms", .type = int32, .unit = ms, .fallback = "7d",
     .min = 1, .max = int_max, .dynamic = true, .target = &S::transactional_id_expiration_ms,
     .doc = "A transactional id without a transaction for this long is forgotten."},
    {.name = "transaction.remove.expired.transaction.cleanup.interval.ms", .type = int32,
     .unit = ms, .fallback = "1h", .min = 1, .max = int_max, .dynamic = true,
     .target = &S::transactional_id_cleanup_interval_ms,
     .doc = "How often forgotten transactional ids are looked for."},
    {.name = "transaction.state.log.num.partitions", .type = int32, .fallback = "4", .min = 1,
     .max = 1000, .target = &S::transaction_topic_partitions,
     .doc = "Partitions of __transaction_state when it is created. Fixed from then on."},
    {.name = "transaction.state.log.segment.bytes", .type = int32, .unit = bytes,
     .fallback = "100MiB", .min = 1 << 20, .max = int_max,
     .target = &S::transaction_topic_segment_bytes,
     .doc = "Segment size of __transaction_state when it is created."},

    {.name = "scheduler.enabled", .type = boolean, .fallback = "true",
     .target = &S::scheduler_enabled, .section = "Schedules",
     .doc = "Whether this broker fires schedules: records of the topic horolog.schedules that say "
            "when what is written where. It shares them with every horolog-scheduler of the same "
            "cluster."},
    {.name = "scheduler.partitions", .type = int32, .fallback = "8", .min = 1, .max = 1000,
     .target = &S::scheduler_partitions,
     .doc = "Partitions of the scheduler's topics when they are created. Fixed from then on."},
    {.name = "scheduler.targets.allow", .type = list, .fallback = "*",
     .target = &S::scheduler_targets_allow,
     .doc = "Topics that schedules may write to, as patterns by comma; * is any text. Internal "
            "topics and horolog.* are refused in any case."},
    {.name = "scheduler.state.dir", .type = text, .target = &S::scheduler_state_directory,
     .doc = "Directory for schedules that are not due soon, with checkpoints from which a start "
            "goes on. A copy of the topics: it may be deleted while the broker is down. For this "
            "broker alone; empty = the data directory's name and .scheduler."},

    {.name = "horolog.log.level", .type = text, .fallback = "info",
     .choices = "debug,info,warn,error", .dynamic = true, .target = &S::log_level,
     .section = "Log lines of the broker itself (stderr)", .doc = "Least level that is written."},
    {.name = "horolog.log.format", .type = text, .fallback = "auto",
     .choices = "auto,logfmt,json", .dynamic = true, .target = &S::log_format,
     .doc = "auto = logfmt on a terminal, JSON otherwise."},
};

}  // namespace

std::span<const SettingSpec> setting_table() { return table; }

const SettingSpec* find_setting(std::string_view name) {
  const auto* found = std::ranges::find(table, name, &SettingSpec::name);
  return found == std::end(table) ? nullptr : found;
}

}  // namespace horolog
