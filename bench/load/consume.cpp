#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "bench/load/broker.hpp"
#include "bench/load/fetch_stream.hpp"
#include "bench/load/load.hpp"
#include "bench/options.hpp"
#include "bench/report.hpp"

namespace horolog::bench {
namespace {

struct Reader {
  std::unique_ptr<FetchStream> stream;
  Offset end;
};

}  // namespace

void run_consume(std::span<const std::string_view> args) {
  const Options options("consume",
                        with_load_options({
                            {"connections", "1", "connections; each reads a partition to its end"},
                            {"max-bytes", "8M", "of one answer"},
                            {"passes", "1", "times everything is read"},
                            {"isolation", "uncommitted", "uncommitted or committed"},
                        }),
                        args);
  if (options.text("topic").empty()) usage_error("consume: --topic is needed");
  const bool committed = options.text("isolation") == "committed";
  if (!committed && options.text("isolation") != "uncommitted") {
    usage_error("--isolation: uncommitted or committed");
  }
  const LoadTarget target(options);
  Broker broker(target.address);
  const auto max_bytes = static_cast<std::int32_t>(options.bytes("max-bytes"));
  const auto before = target.read();
  const std::int64_t start = mono_ns();
  std::uint64_t bytes = 0;
  std::uint64_t requests = 0;
  for (std::int64_t pass = 0; pass < options.number("passes"); ++pass) {
    std::vector<Reader> readers;
    std::vector<pollfd> polls;
    for (std::int64_t n = 0; n < options.number("connections"); ++n) {
      const auto partition = static_cast<std::int32_t>(n % target.partitions);
      readers.push_back({std::make_unique<FetchStream>(target.address, target.topic, partition, 0,
                                                       max_bytes, 1000, committed),
                         broker.end_offset(target.topic, partition)});
      polls.push_back({.fd = readers.back().stream->fd(), .events = POLLIN, .revents = 0});
    }
    std::size_t open = 0;
    for (std::size_t n = 0; n < readers.size(); ++n) {
      if (readers[n].end == 0) {
        polls[n].fd = -1;
        continue;
      }
      readers[n].stream->ask();
      ++open;
    }
    while (open > 0) {
      if (poll(polls.data(), polls.size(), -1) < 0) system_error("poll");
      for (std::size_t n = 0; n < readers.size(); ++n) {
        if ((polls[n].revents & (POLLIN | POLLHUP | POLLERR)) == 0) continue;
        bytes += readers[n].stream->take();
        ++requests;
        if (readers[n].stream->offset() < readers[n].end) {
          readers[n].stream->ask();
        } else {
          polls[n].fd = -1;
          --open;
        }
      }
    }
  }
  const double seconds = static_cast<double>(mono_ns() - start) / 1e9;
  const auto after = target.read();
  Report report("consume");
  report.add("topic", target.topic);
  report.add("connections", options.number("connections"));
  report.add("max_bytes", max_bytes);
  report.add("isolation", options.text("isolation"));
  report.add_throughput(bytes, requests, seconds);
  target.add_usage(report, before, after, {.bytes = bytes, .requests = requests});
  report.print();
}

}  // namespace horolog::bench
