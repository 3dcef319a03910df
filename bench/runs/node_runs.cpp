#include <fmt/format.h>

#include <ctime>
#include <optional>

#include "bench/load/broker.hpp"
#include "bench/load/frame_load.hpp"
#include "bench/load/frames.hpp"
#include "bench/nodes.hpp"
#include "bench/report.hpp"
#include "bench/runs/runs.hpp"

/// Runs whose subject is the broker's process: its start after a crash, with many partitions, and
/// what it costs when nothing happens.
namespace horolog::bench {
namespace {

void pause_seconds(double seconds) {
  const auto whole = static_cast<time_t>(seconds);
  const timespec wait{whole, static_cast<long>((seconds - static_cast<double>(whole)) * 1e9)};
  nanosleep(&wait, nullptr);
}

/// Another command of this program on a node.
void run_on(const Node& node, std::vector<std::string> words) {
  words.insert(words.begin(), own_path());
  const auto more = node.load_words();
  words.insert(words.end(), more.begin(), more.end());
  run_program(words);
}

/// One record to partition 0 that is answered when it is durable.
void produce_one(const std::string& address, const std::string& topic) {
  LoadPlan plan;
  plan.address = address;
  plan.frames.push_back(produce_frame(topic, 0, -1, make_batch(1, 1)).bytes);
  plan.requests = 1;
  plan.error_at = produce_error_at(topic);
  run_load(plan);
}

/// One record into every partition, so that each has its files.
void touch_all(const Node& node, const std::string& topic, std::int64_t partitions) {
  const std::int64_t batch = static_cast<std::int64_t>(make_batch(1024, 1024).size());
  run_on(node, {"produce", "--topic", topic, "--create", "no", "--partitions",
                std::to_string(partitions), "--connections", std::to_string(partitions),
                "--in-flight", "1", "--batch", "1K", "--bytes",
                std::to_string(partitions * batch)});
}

void add_memory(Report& report, const ProcessUsage& usage) {
  report.add("broker_rss_bytes", usage.rss_bytes);
  report.add("broker_anonymous_bytes", usage.anonymous_bytes);
}

}  // namespace

void run_recovery(std::span<const std::string_view> args) {
  const Options options("recovery",
                        with_node_options({
                            {"bytes", "1G", "bytes of batches in the log"},
                            {"how", "kill", "how the broker ends: kill (a crash) or stop"},
                        }),
                        args);
  const std::string how = options.text("how");
  if (how != "kill" && how != "stop") usage_error("--how: kill or stop");
  const ScratchFolder scratch(options.text("dir"));
  const std::string program = horologd_of(options);
  {
    HorologNode node(program, scratch.path());
    run_on(node, {"produce", "--topic", "big", "--acks", "1", "--batch", "128K", "--bytes",
                  options.text("bytes")});
    if (how == "kill") {
      node.process().crash();
    } else {
      node.process().stop();
    }
  }
  const std::int64_t start = mono_ns();
  const HorologNode again(program, scratch.path());
  produce_one(again.address(), "big");
  const double first = static_cast<double>(mono_ns() - start) / 1e9;
  Report report("recovery");
  report.add("how", how);
  report.add("bytes", options.bytes("bytes"));
  report.add("ready_s", again.ready_seconds());
  report.add("first_produce_s", first);
  add_memory(report, usage_of(again.pid()));
  report.print();
}

void run_partitions(std::span<const std::string_view> args) {
  const Options options("partitions",
                        with_node_options({
                            {"partitions", "2000", "partitions of one topic"},
                            {"settle", "1", "seconds before memory is read"},
                        }),
                        args);
  const std::int64_t partitions = options.number("partitions");
  const ScratchFolder scratch(options.text("dir"));
  const std::string program = horologd_of(options);
  double create = 0;
  double stop = 0;
  {
    HorologNode node(program, scratch.path());
    const std::int64_t start = mono_ns();
    Broker(node.address()).create_topic("many", static_cast<std::int32_t>(partitions), {});
    create = static_cast<double>(mono_ns() - start) / 1e9;
    touch_all(node, "many", partitions);
    const std::int64_t end = mono_ns();
    node.process().stop();
    stop = static_cast<double>(mono_ns() - end) / 1e9;
  }
  const HorologNode again(program, scratch.path());
  pause_seconds(options.real("settle"));
  Report report("partitions");
  report.add("partitions", partitions);
  report.add("create_s", create);
  report.add("stop_s", stop);
  report.add("ready_s", again.ready_seconds());
  add_memory(report, usage_of(again.pid()));
  report.print();
}

void run_idle(std::span<const std::string_view> args) {
  const Options options("idle",
                        with_node_options({
                            {"partitions", "0", "partitions that were written to once"},
                            {"settle", "2", "seconds before it counts as idle"},
                            {"seconds", "5", "how long it is watched"},
                        }),
                        args);
  const ScratchFolder scratch(options.text("dir"));
  const HorologNode node(horologd_of(options), scratch.path());
  const std::int64_t partitions = options.number("partitions");
  if (partitions > 0) {
    Broker(node.address()).create_topic("idle", static_cast<std::int32_t>(partitions), {});
    touch_all(node, "idle", partitions);
  }
  pause_seconds(options.real("settle"));
  const double seconds = options.real("seconds");
  const ProcessUsage before = usage_of(node.pid());
  pause_seconds(seconds);
  const ProcessUsage after = usage_of(node.pid());
  Report report("idle");
  report.add("partitions", partitions);
  report.add("seconds", seconds);
  report.add("ready_s", node.ready_seconds());
  report.add("idle_cpu_percent", 100 * (after.cpu_seconds - before.cpu_seconds) / seconds);
  report.add("wakeups_per_s",
             static_cast<double>(after.context_switches - before.context_switches) / seconds);
  add_memory(report, after);
  report.print();
}

}  // namespace horolog::bench
