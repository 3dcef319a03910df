#include <fmt/format.h>

#include <cstdio>
#include <span>
#include <string_view>
#include <vector>

#include "bench/limits/limits.hpp"
#include "bench/load/load.hpp"
#include "bench/micro/micro.hpp"
#include "bench/options.hpp"
#include "bench/report.hpp"
#include "bench/runs/runs.hpp"

namespace horolog::bench {
namespace {

struct Command {
  std::string_view name;
  std::string_view help;
  void (*run)(Arguments args);
};

constexpr Command limit_commands[] = {
    {"produce-sink", "receive, CRC-32C, append, 60-byte reply", limit_produce_sink},
    {"durable-ack", "the same with the reply after a group-committed sync", limit_durable_ack},
    {"fetch-source", "cached file to socket: sendfile, pread+send, mmap+send", limit_fetch_source},
    {"dirty-files", "N dirty files made durable: serial, threads, syncfs", limit_dirty_files},
    {"round-trip", "1 KiB there, 60 bytes back, both sides blocking", limit_round_trip},
    {"small-requests", "closed loop of small requests, nothing kept", limit_small_requests},
    {"timer", "sleep to absolute deadlines, nothing done", limit_timer},
};

/// Without a name: every limit program with its defaults.
void run_limits(Arguments args) {
  if (args.empty()) {
    for (const Command& command : limit_commands) command.run({});
    return;
  }
  for (const Command& command : limit_commands) {
    if (command.name == args[0]) return command.run(args.subspan(1));
  }
  std::string names;
  for (const Command& command : limit_commands) {
    names += fmt::format("\n  {:<16} {}", command.name, command.help);
  }
  usage_error(fmt::format("limits: '{}' is none of{}", args[0], names));
}

constexpr Command commands[] = {
    {"limits", "limit programs: what the machine gives", run_limits},
    {"micro", "micro benchmarks of Google Benchmark", run_micro},
    {"clean", "compact a log with keys, in this process", run_clean},
    {"produce", "closed-loop produce load", run_produce},
    {"consume", "fetch a topic from its start and discard it", run_consume},
    {"latency", "open-loop produce by intended send time: acks, or end to end", run_latency},
    {"e2e", "the same from intended send time to consumer", run_end_to_end},
    {"durable", "blocking clients, one small write at a time; Kafka's protocol or Redis",
     run_durable},
    {"connect", "open connections that only stay: time and memory of each", run_connect},
    {"group", "rebalances of a consumer group", run_group},
    {"txn", "closed-loop transactions, by either protocol, with offsets or without", run_txn},
    {"lateness", "a read_committed reader of what a scheduler fires: how late it is seen",
     run_lateness},
    {"client", "client libraries: our own or librdkafka, sending, reading, end to end",
     run_client},
    {"task", "tasks through workers, exactly once: throughput, how soon they start, slow keys",
     run_task},
    {"recovery", "a broker's start after a crash or a stop", run_recovery},
    {"partitions", "a broker with many partitions: create, stop, start, memory", run_partitions},
    {"idle", "what a broker costs when nothing happens", run_idle},
    {"cleaning", "acks while the broker compacts, beside acks while it does not", run_cleaning},
    {"run", "a load several times, on one broker or on two in turn", run_repeated},
    {"versus", "the same work on Horolog and on kafka or redis in turn", run_versus},
    {"render", "a file of results as table, CSV or a page with charts", run_render},
    {"compare", "two files of results: what got better or worse beyond the noise", run_compare},
};

int main_with(std::span<const std::string_view> args) {
  if (!args.empty() && args[0] == "--buckets") {
    Report::buckets = true;
    args = args.subspan(1);
  }
  if (!args.empty()) {
    for (const Command& command : commands) {
      if (command.name == args[0]) {
        command.run(args.subspan(1));
        return 0;
      }
    }
  }
  const bool asked = !args.empty() && args[0] == "--help";
  std::FILE* out = asked ? stdout : stderr;
  fmt::print(out, "horolog-bench [--buckets] COMMAND [--option value …]; each has --help\n");
  for (const Command& command : commands) {
    fmt::print(out, "  {:<10} {}\n", command.name, command.help);
  }
  return asked ? 0 : 2;
}

}  // namespace
}  // namespace horolog::bench

int main(int argc, char** argv) {
  const std::vector<std::string_view> args(argv + 1, argv + argc);
  return horolog::bench::main_with(args);
}
