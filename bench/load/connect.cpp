#include <fmt/format.h>
#include <sys/resource.h>

#include <vector>

#include "bench/load/broker.hpp"
#include "bench/load/load.hpp"
#include "bench/options.hpp"
#include "bench/report.hpp"
#include "protocol/messages/api_versions.hpp"

/// What connections cost that only stay: opened one after the other, each used once, then left.
namespace horolog::bench {
namespace {

void pause_ms(long milliseconds) {
  const timespec wait{milliseconds / 1000, milliseconds % 1000 * 1'000'000};
  nanosleep(&wait, nullptr);
}

void allow_descriptors(std::int64_t wanted) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  const auto needed = static_cast<rlim_t>(wanted) + 64;
  if (limit.rlim_cur >= needed) return;
  if (limit.rlim_max < needed) {
    run_error(fmt::format("{} connections need a limit of open files (ulimit -n) above {}", wanted,
                          limit.rlim_max));
  }
  limit.rlim_cur = needed;
  setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

void run_connect(std::span<const std::string_view> args) {
  const Options options("connect",
                        with_load_options({
                            {"connections", "1000", "connections to open and leave"},
                            {"settle", "1", "seconds before memory is read, each time"},
                        }),
                        args);
  const LoadTarget target(options);
  if (!target.pid) usage_error("connect: --broker-pid is needed: its memory is the result");
  const std::int64_t wanted = options.number("connections");
  allow_descriptors(wanted);
  const auto settle = static_cast<long>(options.real("settle") * 1000);
  wire::ApiVersionsRequest hello;
  // The first connections make the broker load code and fill caches.
  for (int n = 0; n < 8; ++n) Broker(target.address).call<wire::ApiVersionsResponse>(hello, 0);
  pause_ms(settle);
  const BrokerReading before = target.read();
  std::vector<Broker> open;
  open.reserve(static_cast<std::size_t>(wanted));
  LatencyHistogram latency;
  const std::int64_t start = mono_ns();
  for (std::int64_t n = 0; n < wanted; ++n) {
    const std::int64_t began = mono_ns();
    open.emplace_back(target.address).call<wire::ApiVersionsResponse>(hello, 0);
    latency.record(mono_ns() - began);
  }
  const double seconds = static_cast<double>(mono_ns() - start) / 1e9;
  pause_ms(settle);
  const BrokerReading after = target.read();
  // They must all still be there: memory of closed connections would flatter.
  for (Broker& one : open) one.call<wire::ApiVersionsResponse>(hello, 0);
  const auto grown = [&](std::uint64_t ProcessUsage::* field) {
    return (static_cast<double>((*after.process).*field) -
            static_cast<double>((*before.process).*field)) / static_cast<double>(wanted);
  };
  Report report("connect");
  report.add("connections", wanted);
  report.add("seconds", seconds);
  report.add("connects_per_s", static_cast<double>(wanted) / seconds);
  report.add("anonymous_bytes_per_connection", grown(&ProcessUsage::anonymous_bytes));
  report.add("rss_bytes_per_connection", grown(&ProcessUsage::rss_bytes));
  target.add_usage(report, before, after, {.requests = static_cast<std::uint64_t>(wanted)});
  report.add("latency", latency);
  report.print();
}

}  // namespace horolog::bench
