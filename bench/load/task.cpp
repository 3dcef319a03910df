#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstring>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "bench/load/broker.hpp"
#include "bench/load/load.hpp"
#include "bench/options.hpp"
#include "bench/report.hpp"
#include "horolog/admin.hpp"
#include "horolog/producer.hpp"
#include "horolog/worker.hpp"

/// Tasks through horolog::Worker, exactly once: run records, offsets and retries in transactions.
/// A task's payload begins with the monotonic time at which it was due, so that what is measured
/// is produced → handler called, in one process.
namespace horolog::bench {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t stamp_bytes = 8;
constexpr std::string_view slow_key = "slow";

struct Shape {
  explicit Shape(const Options& options)
      : tasks(static_cast<std::uint64_t>(options.number("tasks"))),
        slow(static_cast<std::uint64_t>(options.number("slow"))),
        slow_for(options.number("slow-ms")),
        failing(static_cast<std::uint64_t>(options.number("failing"))),
        rate(options.real("rate")),
        bytes(std::max(options.bytes("record"), std::uint64_t{stamp_bytes})),
        workers(static_cast<std::size_t>(options.number("workers"))),
        concurrency(static_cast<std::size_t>(options.number("concurrency"))),
        prefetch(static_cast<std::size_t>(options.number("prefetch"))),
        by_key(options.yes("by-key")) {
    if (tasks < 1 || workers < 1 || concurrency < 1 || prefetch < 1)
      usage_error("task: --tasks, --workers, --concurrency and --prefetch are at least 1");
    if (slow > 0 && !by_key) usage_error("task: --slow needs --by-key yes");
  }

  std::uint64_t tasks, slow;
  std::chrono::milliseconds slow_for;
  std::uint64_t failing;  ///< the first attempt of one in so many; 0: of none
  double rate;            ///< 0: all tasks are there before the workers start
  std::uint64_t bytes;
  std::size_t workers, concurrency, prefetch;
  bool by_key;
};

std::int64_t stamp_of(std::string_view value) {
  std::int64_t due = 0;
  if (value.size() >= stamp_bytes) std::memcpy(&due, value.data(), stamp_bytes);
  return due;
}

/// What the handlers see.
class Watch {
 public:
  explicit Watch(const Shape& shape) : shape_(shape) {}

  Outcome handle(const Task& task) {
    const std::int64_t now = mono_ns();
    if (task.key().text() == slow_key) {
      std::this_thread::sleep_for(shape_.slow_for);
      return Outcome::done();
    }
    if (task.attempt() > 1) return Outcome::done();
    if (shape_.rate > 0) {
      const std::lock_guard lock(mutex_);
      wait_.record(now - stamp_of(task.value()));
    }
    const std::uint64_t n = started_.fetch_add(1) + 1;
    if (n == 1) first_ns_ = now;
    if (shape_.failing > 0 && n % shape_.failing == 0) return Outcome::failed("one in so many");
    return Outcome::done();
  }

  std::uint64_t started() const { return started_; }
  std::int64_t first_ns() const { return first_ns_; }
  /// Only once all have started.
  const LatencyHistogram& wait() const { return wait_; }

 private:
  const Shape& shape_;
  std::atomic<std::uint64_t> started_ = 0;
  std::atomic<std::int64_t> first_ns_ = 0;
  std::mutex mutex_;
  LatencyHistogram wait_;
};

/// Sends tasks; ends the program when one is not taken.
class Source {
 public:
  Source(const Shape& shape, const LoadTarget& target)
      : target_(target), value_(shape.bytes, std::byte{'t'}) {
    ProducerOptions options;
    options.client.bootstrap = target.address;
    options.linger = shape.rate > 0 ? 0ms : 5ms;
    auto opened = Producer::open(std::move(options));
    if (!opened) run_error(opened.error().message());
    producer_.emplace(std::move(opened).value());
  }

  void send(std::int64_t due, Bytes key = {}) {
    std::memcpy(value_.data(), &due, stamp_bytes);
    const Status sent = producer_->send(
        {.topic = target_.topic, .key = key, .value = value_}, [](const Result<Position>& at) {
          if (!at) run_error(at.error().message());
        });
    if (!sent) run_error(sent.error().message());
  }

  void flush() {
    if (const Status done = producer_->flush(10min); !done) run_error(done.error().message());
  }

 private:
  const LoadTarget& target_;
  ByteBuffer value_;
  std::optional<Producer> producer_;
};

std::string key_of(std::uint64_t n) { return fmt::format("key-{}", n * 7919 % 1000); }

/// A broker that has just started makes them in a moment.
void wait_for_scheduler(const LoadTarget& target) {
  ClientOptions options;
  options.bootstrap = target.address;
  auto admin = Admin::open(std::move(options));
  if (!admin) run_error(admin.error().message());
  for (int n = 0; n < 100; ++n) {
    const auto found = admin->describe_topics({"horolog.runs", "horolog.schedules"});
    const auto there = [](const auto& topic) { return topic.second.ok(); };
    if (found && std::all_of(found->begin(), found->end(), there)) return;
    std::this_thread::sleep_for(100ms);
  }
  run_error("the cluster has no topics horolog.runs and horolog.schedules: no scheduler runs");
}

/// Several workers in one group, each with connections and threads of its own.
class Crew {
 public:
  Crew(const Shape& shape, const LoadTarget& target, Watch& watch) {
    const std::string group = target.topic + "-workers";
    for (std::size_t n = 0; n < shape.workers; ++n) {
      WorkerOptions options;
      options.client.bootstrap = target.address;
      options.group = group;
      options.concurrency = shape.concurrency;
      options.prefetch = shape.prefetch;
      options.ordering = shape.by_key ? Ordering::by_key : Ordering::none;
      options.retry = {.max_attempts = 2, .backoff = 100ms, .max_backoff = 100ms};
      auto opened = Worker::open(std::move(options));
      if (!opened) run_error(opened.error().message());
      workers_.push_back(std::make_unique<Worker>(std::move(opened).value()));
      workers_.back()->handle(target.topic, [&watch](Task& task) { return watch.handle(task); });
    }
    for (const auto& worker : workers_)
      threads_.emplace_back([&worker] {
        if (const Status ended = worker->run(); !ended) run_error(ended.error().message());
      });
  }

  WorkerMetrics did() const {
    WorkerMetrics sum;
    for (const auto& worker : workers_) {
      const WorkerMetrics each = worker->metrics();
      sum.succeeded += each.succeeded;
      sum.failed += each.failed;
      sum.dead += each.dead;
      sum.transactions += each.transactions;
      sum.transactions_failed += each.transactions_failed;
    }
    return sum;
  }

  void wait_for(std::uint64_t succeeded) const {
    while (did().succeeded < succeeded) std::this_thread::sleep_for(5ms);
  }

  void stop() {
    for (const auto& worker : workers_) worker->stop();
    for (std::thread& thread : threads_) thread.join();
  }

 private:
  std::vector<std::unique_ptr<Worker>> workers_;
  std::vector<std::thread> threads_;
};

/// A task is worked on before the clock starts: the group has met.
void warm_up(Source& source, const Crew& crew) {
  source.send(0, slow_key);
  source.flush();
  crew.wait_for(1);
}

void open_loop(Source& source, const Shape& shape) {
  const std::int64_t start = mono_ns();
  for (std::uint64_t n = 0; n < shape.tasks; ++n) {
    const std::int64_t due = start + static_cast<std::int64_t>(static_cast<double>(n) * 1e9 /
                                                               shape.rate);
    const std::int64_t left = due - mono_ns();
    if (left > 0) std::this_thread::sleep_for(std::chrono::nanoseconds(left));
    source.send(due, key_of(n));
  }
  source.flush();
}

void print(const Shape& shape, const LoadTarget& target, const Watch& watch,
           const WorkerMetrics& did, double seconds, double cpu, const BrokerReading& before) {
  const auto per_task = [&](double what) { return what / static_cast<double>(shape.tasks); };
  const Work work{shape.tasks * shape.bytes, did.transactions, shape.tasks};
  Report report("task");
  report.add("ack_meaning", target.ack_meaning(-1));
  report.add("tasks", shape.tasks);
  report.add("task_bytes", shape.bytes);
  report.add("workers", shape.workers);
  report.add("concurrency", shape.concurrency);
  report.add("prefetch", shape.prefetch);
  report.add("by_key", shape.by_key ? "yes" : "no");
  report.add("slow_tasks", shape.slow);
  report.add("failed_attempts", did.failed);
  report.add("seconds", seconds);
  report.add("tasks_per_s", static_cast<double>(shape.tasks) / seconds);
  report.add("tasks_per_transaction", static_cast<double>(did.succeeded + did.failed) /
                                          static_cast<double>(did.transactions));
  report.add("transactions_failed", did.transactions_failed);
  report.add("client_cpu_us_per_task", per_task(cpu * 1e6));
  if (shape.rate > 0) {
    report.add("rate", shape.rate);
    report.add("start_latency", watch.wait());
  }
  target.add_usage(report, before, target.read(), work);
  report.print();
}

}  // namespace

void run_task(std::span<const std::string_view> args) {
  const Options options(
      "task",
      with_load_options({
          {"tasks", "200000", "tasks to work on"},
          {"record", "100", "bytes of a task's payload"},
          {"workers", "1", "workers in the group, each with its own threads and connections"},
          {"concurrency", "16", "handlers of one worker"},
          {"prefetch", "10000", "fetched tasks that may wait in one worker"},
          {"rate", "0", "tasks a second, while workers run; 0: all are there before they start"},
          {"failing", "0", "the first attempt of one in so many tasks fails; 0: of none"},
          {"by-key", "no", "yes: tasks of one key one after the other"},
          {"slow", "0", "tasks of one key that are sent first, and wait for one another"},
          {"slow-ms", "20", "how long each of these takes"},
      }),
      args);
  const Shape shape(options);
  const LoadTarget target(options);
  target.prepare();
  wait_for_scheduler(target);
  Watch watch(shape);
  Source source(shape, target);
  if (shape.rate <= 0) {
    for (std::uint64_t n = 0; n < shape.tasks; ++n)
      source.send(0, shape.by_key ? Bytes(key_of(n)) : Bytes());
    source.flush();
  }
  Crew crew(shape, target, watch);
  if (shape.rate > 0) {
    warm_up(source, crew);
    for (std::uint64_t n = 0; n < shape.slow; ++n) source.send(0, slow_key);
    source.flush();
    if (shape.slow > 0) std::this_thread::sleep_for(1s);
  }
  const BrokerReading before = target.read();
  const double cpu_before = process_cpu_seconds();
  const std::int64_t began = mono_ns();
  if (shape.rate > 0) {
    open_loop(source, shape);
    while (watch.started() < shape.tasks) std::this_thread::sleep_for(5ms);
  } else {
    crew.wait_for(shape.tasks);
  }
  const std::int64_t took = mono_ns() - (shape.rate > 0 ? began : watch.first_ns());
  const double cpu = process_cpu_seconds() - cpu_before;
  print(shape, target, watch, crew.did(), static_cast<double>(took) / 1e9, cpu, before);
  // Handlers of slow tasks would go on for minutes.
  if (shape.slow > 0) std::_Exit(0);
  crew.stop();
}

}  // namespace horolog::bench
