#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <memory>

#include "bench/nodes.hpp"
#include "bench/runs/contest.hpp"
#include "bench/runs/runs.hpp"

/// The same work on Horolog and on another system in turn, on this machine, in one run.
namespace horolog::bench {
namespace {

struct Length {
  std::string seconds;
  std::string warmup;
  std::string bulk_bytes;
  int repeats;
};

Length length_of(const Options& options) {
  Length length{"10", "1", "1G", static_cast<int>(options.number("repeat"))};
  if (options.yes("quick")) length = {"1", "0.2", "128M", std::min(length.repeats, 3)};
  if (const std::string seconds = options.text("seconds"); !seconds.empty()) {
    length.seconds = seconds;
  }
  return length;
}

using Words = std::vector<std::string>;

Words with(Words words, const Words& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

/// Adds to every task what the contender needs instead of it.
void replace(std::vector<Task>& tasks, const std::string& name,
             const std::function<Words(const Task&)>& words) {
  for (Task& task : tasks) task.instead.push_back({name, words(task)});
}

std::vector<Task> kafka_tasks(const Length& length) {
  const Words timed = {"--seconds", length.seconds, "--warmup", length.warmup};
  const Words bulk = {"produce", "--batch", "128K", "--bytes", length.bulk_bytes};
  return {
      {"bulk produce, acks=all, 128 KiB batches, 20 in flight", with(bulk, {"--acks", "all"})},
      {"one record a request, acks=all, 1 connection", with({"durable"}, timed)},
      {"one record a request, acks=all, 16 connections",
       with({"durable", "--connections", "16"}, timed)},
      {"acks=all at 1,000/s, by intended send time", with({"latency", "--rate", "1000"}, timed)},
      {"end to end at 1,000/s, by intended send time", with({"e2e", "--rate", "1000"}, timed)},
      {"transactions of 10 records, 1 producer", with({"txn"}, timed)},
      {"transactions of 10 records, 16 producers, 1 partition",
       with({"txn", "--producers", "16"}, timed)},
      {"transactions of 20 records in 20 partitions, 1 producer",
       with({"txn", "--partitions", "20", "--spread", "20", "--records", "20"}, timed)},
  };
}

std::string kafka_script(const Options& options) {
  std::string script = options.text("kafka-script");
  // Beside the program lies build/PRESET/bin; the script is in the source tree.
  const auto source = std::filesystem::path(own_path()) / "../../../..";
  if (script.empty()) script = (source / "bench/peers/kafka.sh").lexically_normal();
  return script;
}

void warm_up(const Node& node, const Length& length, const Options& options) {
  const std::string seconds = options.yes("quick") ? "2" : "30";
  for (const Words& load : {Words{"produce", "--acks", "1", "--batch", "16K"}, Words{"txn"},
                            Words{"latency", "--rate", "2000"}}) {
    run_program(with(with({own_path()}, load), with(node.load_words(), {"--seconds", seconds})));
  }
  fmt::print(stderr, "warmed up; {} s a run\n", length.seconds);
}

std::vector<Run> against_kafka(const Options& options, const std::string& folder) {
  const Length length = length_of(options);
  const HorologNode horolog(horologd_of(options), folder + "/horolog");
  const KafkaNode kafka(kafka_script(options), folder + "/kafka");
  warm_up(kafka, length, options);
  std::vector<Task> tasks = kafka_tasks(length);
  const std::string flushing = "Apache Kafka, flush.messages=1";
  replace(tasks, flushing, [](const Task& task) {
    return with(task.command, {"--config", "flush.messages=1"});
  });
  const std::string relaxed = "Horolog, durability os";
  replace(tasks, relaxed, [](const Task& task) {
    return with(task.command, {"--config", "horolog.durability=os"});
  });
  return hold_contest(tasks,
                      {{"Horolog", horolog.load_words()},
                       {"Apache Kafka as shipped", kafka.load_words()},
                       {relaxed, horolog.load_words()},
                       {flushing, kafka.load_words()}},
                      length.repeats);
}

std::vector<Task> redis_tasks(const Length& length, bool redis) {
  const Words timed = {"--seconds", length.seconds, "--warmup", length.warmup, "--peer",
                       redis ? "redis" : "kafka"};
  return {
      {"one 1 KiB record a request, 1 connection", with({"durable"}, timed)},
      {"one 1 KiB record a request, 16 connections",
       with({"durable", "--connections", "16"}, timed)},
      {"bulk, 127 records of 1 KiB a request, 20 in flight",
       with({"durable", "--records", "127", "--in-flight", "20"}, timed)},
  };
}

std::vector<Run> against_redis(const Options& options, const std::string& folder) {
  const Length length = length_of(options);
  const HorologNode horolog(horologd_of(options), folder + "/horolog");
  const RedisNode redis(options.text("redis-server"), folder + "/redis");
  const std::string name = "Redis streams, appendfsync always";
  std::vector<Task> tasks = redis_tasks(length, false);
  const auto theirs = redis_tasks(length, true);
  for (std::size_t n = 0; n < tasks.size(); ++n) {
    tasks[n].instead.push_back({name, theirs[n].command});
  }
  return hold_contest(tasks, {{"Horolog", horolog.load_words()}, {name, redis.load_words()}},
                      length.repeats);
}

}  // namespace

void run_versus(std::span<const std::string_view> args) {
  if (args.empty() || (args[0] != "kafka" && args[0] != "redis")) {
    usage_error("versus kafka|redis [--option value …]; each has --help");
  }
  const Options options("versus",
                        with_node_options(with_output_options({
                            {"quick", "no", "yes: shorter and fewer runs"},
                            {"seconds", "", "of each run; 10, or 1 when quick"},
                            {"kafka-script", "", "bench/peers/kafka.sh, which starts Apache Kafka"},
                            {"redis-server", "redis-server", "Redis' program"},
                        })),
                        args.subspan(1));
  const ScratchFolder scratch(options.text("dir"));
  Document document;
  document.machine = describe_machine(scratch.path());
  document.command = fmt::format("horolog-bench versus {}", fmt::join(args, " "));
  document.runs = args[0] == "kafka" ? against_kafka(options, scratch.path())
                                     : against_redis(options, scratch.path());
  deliver(document, options);
}

}  // namespace horolog::bench
