// horolog task work: the worker runtime with a command of the shell as its handler.

#include <fmt/format.h>
#include <pthread.h>
#include <signal.h>

#include <atomic>
#include <chrono>
#include <optional>
#include <thread>

#include "horolog/worker.hpp"
#include "tools/cluster_access.hpp"
#include "tools/task_access.hpp"
#include "tools/task_commands.hpp"
#include "tools/task_exec.hpp"

namespace horolog::command {
namespace {

constexpr Column work_columns[] = {
    {.name = "worker", .key = true},
    {"group"},
    {"succeeded", ColumnType::integer},
    {"failed", ColumnType::integer, "attempts that are repeated"},
    {"dead", ColumnType::integer, "put aside into TOPIC.dlq"},
    {"expired", ColumnType::integer, "not started: their horolog-expires had passed"},
    {.name = "stopped", .type = ColumnType::integer,
     .meaning = "their schedule asked for it: overlap cancel-other", .when_used = true},
    {.name = "cancelled", .type = ColumnType::integer,
     .meaning = "not started or not repeated: task cancel", .when_used = true},
    {.name = "transactions", .type = ColumnType::integer, .wide = true},
    {.name = "transactions_failed", .type = ColumnType::integer,
     .meaning = "and done again", .wide = true},
};
constexpr SectionSpec work_output[] = {{"work", work_columns, true}};

std::chrono::milliseconds ms(std::int64_t value) { return std::chrono::milliseconds(value); }

/// SIGTERM and SIGINT, taken by a thread of their own: the first one drains, a later one ends the
/// program as ever. Those right behind the first say the same again: timeout(1) and others tell
/// both the process and its group. Must be made before other threads are, so that these do not
/// take the signals.
class Signals {
 public:
  Signals() {
    sigemptyset(&set_);
    for (const int number : {SIGTERM, SIGINT}) sigaddset(&set_, number);
    pthread_sigmask(SIG_BLOCK, &set_, nullptr);
  }
  ~Signals() {
    over_ = true;
    if (thread_.joinable()) {
      pthread_kill(thread_.native_handle(), SIGTERM);
      thread_.join();
    }
  }
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  void drain(Worker& worker, Context& context) {
    thread_ = std::thread([this, &worker, &context] {
      using Clock = std::chrono::steady_clock;
      std::optional<Clock::time_point> draining;
      while (!over_) {
        int number = 0;
        sigwait(&set_, &number);
        if (over_) return;
        if (draining && Clock::now() - *draining < std::chrono::seconds(1)) continue;
        if (draining) {
          signal(number, SIG_DFL);
          pthread_sigmask(SIG_UNBLOCK, &set_, nullptr);
          raise(number);
        }
        context.note("finishing what runs; once more to end at once");
        worker.stop();
        draining = Clock::now();
      }
    });
  }

 private:
  sigset_t set_;
  std::atomic<bool> over_ = false;
  std::thread thread_;
};

WorkerOptions options_of(const Context& context) {
  WorkerOptions options;
  options.client = client_options(context);
  options.client.wait_for_brokers = true;
  options.group = context.text("--group").value_or(context.args()[0] + "-workers");
  options.name = context.text("--name").value_or("");
  options.concurrency = static_cast<std::size_t>(context.integer("--concurrency", 8));
  options.min_concurrency = static_cast<std::size_t>(context.integer("--min-concurrency", 0));
  if (context.has("--metrics-port"))
    options.metrics_address = fmt::format("{}:{}",
                                          context.text("--metrics-host").value_or("127.0.0.1"),
                                          context.integer("--metrics-port", 0));
  options.ordering = context.has("--ordered") ? Ordering::by_key : Ordering::none;
  options.per_key = static_cast<std::size_t>(context.integer("--per-key", 1));
  options.per_second = static_cast<double>(context.integer("--rate", 0));
  RetryPolicy& retry = options.retry;
  retry.max_attempts = context.integer("--max-attempts", retry.max_attempts);
  retry.backoff = ms(context.duration_ms("--backoff", retry.backoff.count()));
  retry.max_backoff = ms(context.duration_ms("--max-backoff", retry.max_backoff.count()));
  // The command has a process of its own: a worker that dies does not die of its task.
  options.max_deaths = 0;
  options.timeout = ms(context.duration_ms("--task-timeout", 0));
  options.drain_timeout =
      ms(context.duration_ms("--drain-timeout", options.drain_timeout.count()));
  return options;
}

Report summary(const Worker& worker, const std::string& group) {
  const WorkerMetrics did = worker.metrics();
  const auto count = [](std::uint64_t value) { return static_cast<std::int64_t>(value); };
  Report report;
  report.add(work_output[0])
      .rows.push_back({worker.name(), group, count(did.succeeded), count(did.failed),
                       count(did.dead), count(did.expired), count(did.stopped),
                       count(did.cancelled), count(did.transactions),
                       count(did.transactions_failed)});
  return report;
}

}  // namespace

std::span<const SectionSpec> task_work_output() { return work_output; }

Exit run_task_work(Context& context) {
  const auto command = context.text("--exec");
  if (!command)
    return context.fail(Exit::usage, "--exec is missing: which command works on the tasks?",
                        "horolog task work emails --exec './send-mail'");
  if (const std::string why = why_not_runnable(*command); !why.empty())
    return context.fail(Exit::usage, fmt::format("--exec '{}': {}", *command, why),
                        "write its path, or install it");
  for (const std::string_view flag :
       {"--concurrency", "--min-concurrency", "--max-attempts", "--per-key"})
    if (context.integer(flag, 1) < 1)
      return context.fail(Exit::usage,
                          fmt::format("{} {} must be at least 1", flag, context.integer(flag, 1)),
                          flag == "--max-attempts" ? "the first attempt counts: 1 means no retry"
                                                   : std::string_view());
  // A command that does not read its input must not end us.
  signal(SIGPIPE, SIG_IGN);
  Signals signals;
  const WorkerOptions options = options_of(context);
  auto worker = Worker::open(options);
  if (!worker) return context.fail(in_flags(worker.error()));
  for (const std::string& topic : context.args())
    worker->handle(topic, [&](Task& task) { return run_task_command(*command, task); });
  signals.drain(*worker, context);
  context.note(fmt::format("{} works on {} in group {}", worker->name(),
                           context.args()[0], options.group));
  if (const std::string at = worker->metrics_address(); !at.empty())
    context.note(fmt::format("metrics at http://{}/metrics", at));
  const Status ended = worker->run();
  context.print(summary(*worker, options.group));
  return ended ? Exit::ok : fail_cluster(context, ended.error());
}

}  // namespace horolog::command
