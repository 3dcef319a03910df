#include <fmt/format.h>

#include <algorithm>
#include <ctime>

#include "bench/load/broker.hpp"
#include "bench/metrics_page.hpp"
#include "bench/nodes.hpp"
#include "bench/report.hpp"
#include "bench/results/document.hpp"
#include "bench/runs/runs.hpp"

/// Whether compaction harms producers: acknowledgements of one topic while nothing else happens,
/// then while the broker compacts another one.
namespace horolog::bench {
namespace {

constexpr int attempts = 2000;
constexpr const char* never = "min.compaction.lag.ms=9000000000000000";

double bytes_read(const HorologNode& node) {
  return metric_in(metrics_page(node.admin()), "horolog_cleaner_read_bytes_total").value_or(0);
}

/// The `latency` command on the node; its result.
Run measure(const HorologNode& node, const Options& options) {
  std::vector<std::string> words = {own_path(), "--buckets", "latency", "--rate",
                                    options.text("rate"), "--seconds", options.text("seconds"),
                                    "--warmup", "0.5"};
  const auto more = node.load_words();
  words.insert(words.end(), more.begin(), more.end());
  auto run = parse_run("acks", "Horolog", 1, run_program(words));
  if (!run) run_error(run.error().message());
  return std::move(run).value();
}

/// The broker counts what a compaction read when that has ended.
void wait_until_cleaned(const HorologNode& node) {
  for (int attempt = 0; attempt < attempts; ++attempt) {
    if (bytes_read(node) > 0) return;
    const timespec pause{0, 10'000'000};
    nanosleep(&pause, nullptr);
  }
  run_error("the broker does not compact");
}

}  // namespace

void run_cleaning(std::span<const std::string_view> args) {
  const Options options("cleaning",
                        with_node_options({
                            {"bytes", "2G", "bytes to compact, nearly all superseded"},
                            {"rate", "1000", "records per second whose acks are measured"},
                            {"seconds", "3", "how long, each time"},
                        }),
                        args);
  const ScratchFolder scratch(options.text("dir"));
  const HorologNode node(horologd_of(options), scratch.path(),
                         {"log.cleaner.backoff.ms=200ms"});
  Broker broker(node.address());
  broker.create_topic("compacted", 1,
                      {"cleanup.policy=compact", "segment.bytes=67108864",
                       "min.cleanable.dirty.ratio=0.01", never});
  std::vector<std::string> fill = {own_path(), "produce", "--topic", "compacted", "--create", "no",
                                   "--acks", "1", "--batch", "128K", "--keys", "yes", "--bytes",
                                   options.text("bytes"), "--bootstrap", node.address()};
  run_program(fill);
  const Run quiet = measure(node, options);
  broker.alter_topic("compacted", "min.compaction.lag.ms", "0");
  // It begins within the 200 ms of the setting above, in the warm-up of what follows.
  const Run cleaning = measure(node, options);
  wait_until_cleaned(node);
  const auto& before = quiet.histograms.at("ack_latency");
  const auto& during = cleaning.histograms.at("ack_latency");
  Report report("cleaning");
  report.add("ack_meaning", cleaning.texts.at("ack_meaning"));
  report.add("compaction_read_mb", bytes_read(node) / 1e6);
  const auto p99 = [](const LatencyHistogram& one) {
    return static_cast<double>(std::max<std::int64_t>(one.quantile(0.99), 1));
  };
  report.add("p99_ratio", p99(during) / p99(before));
  report.add("quiet_latency", before);
  report.add("ack_latency", during);
  report.print();
}

}  // namespace horolog::bench
