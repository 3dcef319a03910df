#include "bench/results/metrics.hpp"

namespace horolog::bench {
namespace {

constexpr Metric metrics[] = {
    {"records_per_s", "records/s", true},
    {"transactions_per_s", "transactions/s", true},
    {"mb_per_s", "MB/s", true},
    {"connects_per_s", "connections/s", true},
    {"latency.p50_us", "p50 µs", false},
    {"latency.p99_us", "p99 µs", false},
    {"ack_latency.p50_us", "ack p50 µs", false},
    {"ack_latency.p99_us", "ack p99 µs", false},
    {"end_to_end_latency.p50_us", "end to end p50 µs", false},
    {"end_to_end_latency.p99_us", "end to end p99 µs", false},
    {"rebalance.p50_us", "rebalance p50 µs", false},
    {"rebalance.p99_us", "rebalance p99 µs", false},
    {"ready_s", "seconds to ready", false},
    {"first_produce_s", "seconds to the first answer", false},
    {"create_s", "seconds to create", false},
    {"anonymous_bytes_per_connection", "bytes per connection", false},
    {"idle_cpu_percent", "CPU % when idle", false},
    {"wakeups_per_s", "wake-ups/s when idle", false},
    {"group_commits_per_transaction", "group commits per transaction", false},
    {"client_cpu_us_per_record", "client CPU µs/record", false},
    {"broker_cpu_s_per_gb", "broker CPU s/GB", false},
    {"broker_cpu_s_per_million_records", "broker CPU s/million records", false},
    {"broker_rss_bytes", "broker RSS MB", false, 1e-6},
};

}  // namespace

std::span<const Metric> judged_metrics() { return metrics; }

}  // namespace horolog::bench
