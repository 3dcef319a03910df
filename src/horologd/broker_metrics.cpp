#include "horologd/broker_metrics.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <utility>

#include "broker/fetch_session_cache.hpp"
#include "broker/group_service.hpp"
#include "broker/transaction_service.hpp"
#include "protocol/api_table.hpp"

namespace horolog {

std::vector<std::string> BrokerMetrics::not_ready_reasons() const {
  std::vector<std::string> reasons;
  if (stopping_.load()) reasons.emplace_back("stopping");
  if (const auto failure = context_.store.failure()) reasons.push_back(*failure);
  if (!context_.store.disk_has_room()) reasons.emplace_back("the disk is below its low-water mark");
  return reasons;
}

void BrokerMetrics::collect(admin::MetricsWriter& out) const {
  collect_requests(out);
  collect_network(out);
  collect_storage(out);
  collect_cleaner(out);
  collect_groups(out);
  collect_transactions(out);
  collect_process(out);
  if (scheduler_ != nullptr) scheduler_->collect(out);
}

void BrokerMetrics::collect_requests(admin::MetricsWriter& out) const {
  const broker::RequestMetrics& metrics = context_.metrics;
  for (const wire::ApiRow& api : wire::served_apis()) {
    const auto& row = metrics.apis[static_cast<std::size_t>(api.key)];
    out.counter("horolog_requests_total", "Requests answered.", row.requests.value(),
                {{"api", api.name}});
    if (row.requests.value() == 0) continue;
    out.histogram("horolog_request_duration_seconds",
                  "From the whole request read to its answer queued; long polls wait on purpose.",
                  row.seconds.snapshot(), {{"api", api.name}});
  }
  out.counter("horolog_produced_bytes_total", "Bytes of record batches appended by Produce.",
              metrics.bytes_in.value());
  out.counter("horolog_produced_records_total", "Records appended by Produce.",
              metrics.records_in.value());
  out.counter("horolog_produced_batches_total", "Record batches appended by Produce.",
              metrics.batches_in.value());
  out.counter("horolog_invalid_batches_total", "Record batches refused.",
              metrics.invalid_batches.value());
  out.counter("horolog_duplicate_batches_total", "Idempotent retries recognised.",
              metrics.duplicate_batches.value());
  out.counter("horolog_fetched_bytes_total", "Bytes of record batches sent by Fetch.",
              metrics.bytes_out.value());
  out.counter("horolog_parked_fetches_total", "Fetches that had to wait for records.",
              metrics.parked_fetches.value());
  out.gauge("horolog_fetch_sessions", "Clients whose fetched partitions are remembered.",
            static_cast<double>(context_.fetch_sessions.size()));
}

void BrokerMetrics::collect_network(admin::MetricsWriter& out) const {
  const net::Counters& net = server_.counters();
  out.gauge("horolog_connections", "Open connections.",
            static_cast<double>(net.connections.value()));
  out.counter("horolog_connections_opened_total", "Connections accepted.",
              net.connections_opened.value());
  out.counter("horolog_connections_refused_total", "Connections refused by a limit.",
              net.connections_refused.value());
  out.counter("horolog_accept_errors_total", "Failed accepts.", net.accept_errors.value());
  out.counter("horolog_network_bytes_in_total", "Bytes read from connections.",
              net.bytes_in.value());
  out.counter("horolog_network_bytes_out_total", "Bytes written to connections.",
              net.bytes_out.value());
  out.counter("horolog_protocol_errors_total", "Connections closed for what the peer sent.",
              net.protocol_errors.value());
  out.counter("horolog_deadlines_missed_total", "Connections closed for being too slow or idle.",
              net.deadlines_missed.value());
  out.counter("horolog_reads_paused_total", "Times a connection had to wait to be read.",
              net.reads_paused.value());
  out.gauge("horolog_queued_request_bytes", "Request bytes in memory.",
            static_cast<double>(server_.queued_request_bytes()));
}

void BrokerMetrics::collect_storage(admin::MetricsWriter& out) const {
  const broker::Flusher::Counters& flusher = context_.flusher.counters();
  out.counter("horolog_group_commits_total", "Rounds of syncs.", flusher.rounds.value());
  out.counter("horolog_syncs_total", "Log files synced.", flusher.syncs.value());
  out.counter("horolog_sync_failures_total", "Failed syncs; the first stops the broker.",
              flusher.failures.value());
  out.histogram("horolog_sync_duration_seconds", "How long a sync of one log took.",
                flusher.sync_seconds.snapshot());
  const storage::DiskSpace space = context_.store.disk_space();
  out.gauge("horolog_disk_free_bytes", "Free bytes where the data directory lies.",
            static_cast<double>(space.free_bytes));
  out.gauge("horolog_disk_total_bytes", "Size of that file system.",
            static_cast<double>(space.total_bytes));
  struct Sum {
    std::uint64_t bytes = 0;
    std::size_t segments = 0;
    std::size_t partitions = 0;
  };
  std::map<std::string, Sum> topics;
  for (const auto& partition : context_.partitions.all()) {
    Sum& sum = topics[partition->id().topic];
    sum.bytes += partition->log().size_bytes();
    sum.segments += partition->log().segment_count();
    ++sum.partitions;
  }
  for (const auto& [topic, sum] : topics) {
    out.gauge("horolog_log_size_bytes", "Bytes of a topic's logs.", static_cast<double>(sum.bytes),
              {{"topic", topic}});
    out.gauge("horolog_log_segments", "Segments of a topic's logs.",
              static_cast<double>(sum.segments), {{"topic", topic}});
    out.gauge("horolog_topic_partitions", "Partitions served.", static_cast<double>(sum.partitions),
              {{"topic", topic}});
  }
}

void BrokerMetrics::collect_cleaner(admin::MetricsWriter& out) const {
  const broker::CleanerMetrics& cleaner = context_.cleaner_metrics;
  out.counter("horolog_cleaner_cleans_total", "Compactions of a log.", cleaner.cleans.value());
  out.counter("horolog_cleaner_failures_total", "Compactions that failed.",
              cleaner.failures.value());
  out.histogram("horolog_cleaner_duration_seconds", "How long a compaction of a log took.",
                cleaner.seconds.snapshot());
  out.counter("horolog_cleaner_read_bytes_total", "Bytes read by compaction.",
              cleaner.bytes_read.value());
  out.counter("horolog_cleaner_replaced_bytes_total", "Bytes of segments written anew.",
              cleaner.bytes_before.value());
  out.counter("horolog_cleaner_written_bytes_total", "Bytes of what took their place.",
              cleaner.bytes_after.value());
  out.counter("horolog_cleaner_removed_records_total", "Records that compaction took out.",
              cleaner.records_removed.value());
  out.gauge("horolog_cleaner_uncleanable_partitions",
            "Partitions that could not be compacted; the log says why.",
            static_cast<double>(cleaner.uncleanable.value()));
  out.gauge("horolog_cleaner_dirty_ratio_max", "Largest share of uncompacted bytes of a log.",
            static_cast<double>(cleaner.dirty_permille_max.value()) / 1000);
}

void BrokerMetrics::refresh_groups() {
  context_.groups.committed_offsets([this](std::vector<broker::CommittedOffset> offsets) {
    const std::lock_guard lock(mutex_);
    committed_ = std::move(offsets);
  });
}

void BrokerMetrics::collect_groups(admin::MetricsWriter& out) const {
  const std::lock_guard lock(mutex_);
  for (const broker::CommittedOffset& committed : committed_) {
    const std::string index = std::to_string(committed.partition);
    const admin::Labels labels = {
        {"group", committed.group}, {"topic", committed.topic}, {"partition", index}};
    out.gauge("horolog_group_committed_offset", "Committed offset.",
              static_cast<double>(committed.offset), labels);
    const auto partition = context_.partitions.find(committed.topic, committed.partition);
    if (partition == nullptr) continue;
    const Offset lag = std::max<Offset>(partition->log().high_watermark() - committed.offset, 0);
    out.gauge("horolog_group_lag_records", "High watermark minus committed offset.",
              static_cast<double>(lag), labels);
  }
}

void BrokerMetrics::refresh_transactions() {
  context_.transactions.count([this](broker::TransactionCounts counts) {
    const std::lock_guard lock(mutex_);
    transactions_ = counts;
  });
}

void BrokerMetrics::collect_transactions(admin::MetricsWriter& out) const {
  const broker::TransactionMetrics& metrics = context_.transactions.metrics();
  out.counter("horolog_transactions_committed_total", "Decisions to commit.",
              metrics.commits.value());
  out.counter("horolog_transactions_aborted_total",
              "Decisions to abort: of producers, of their successors, by the timeout.",
              metrics.aborts.value());
  out.counter("horolog_transaction_markers_total", "Markers written.", metrics.markers.value());
  out.counter("horolog_transaction_marker_retries_total",
              "Markers that could not be written at the first attempt.",
              metrics.marker_retries.value());
  out.counter("horolog_transaction_fenced_total", "Requests of producers that were replaced.",
              metrics.fenced_requests.value());
  out.counter("horolog_transaction_unverified_batches_total",
              "Batches refused because their transaction does not have the partition.",
              metrics.unverified_batches.value());
  out.counter("horolog_transaction_orphans_total",
              "Transactions aborted at start because their coordinator had no trace of them.",
              metrics.orphans.value());
  const std::lock_guard lock(mutex_);
  out.gauge("horolog_transactional_ids", "Transactional ids known.",
            static_cast<double>(transactions_.ids));
  out.gauge("horolog_transactions_open", "Transactions that are not decided.",
            static_cast<double>(transactions_.open));
  out.gauge("horolog_transactions_ending", "Transactions whose markers are being written.",
            static_cast<double>(transactions_.ending));
}

void BrokerMetrics::collect_process(admin::MetricsWriter& out) const {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  out.counter_seconds("horolog_process_cpu_seconds_total", "CPU time used, user and system.",
                      seconds(usage.ru_utime) + seconds(usage.ru_stime));
  out.gauge("horolog_uptime_seconds", "Since the start.",
            static_cast<double>(context_.clock.mono_ns() - started_) / 1e9);
}

}  // namespace horolog
