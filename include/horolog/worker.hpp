#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "horolog/error.hpp"
#include "horolog/options.hpp"
#include "horolog/task.hpp"
#include "horolog/types.hpp"

namespace horolog {

namespace worker {
class WorkerCore;
}

/// When a failed task is tried again. The headers horolog-max-attempts and horolog-backoff of a
/// task come before the first two.
struct RetryPolicy {
  std::int64_t max_attempts = 5;  ///< the first one counts; 1: never tried again
  /// Before the second attempt; doubled before each later one.
  std::chrono::milliseconds backoff{1'000};
  std::chrono::milliseconds max_backoff{300'000};
  /// Each wait is spread evenly by this part of it, up and down: 0 to 1.
  double jitter = 0.2;
};

/// A share of the worker for the tasks of one `horolog-lane`, such as a tenant.
struct LaneOptions {
  /// Against the others that have tasks waiting: 2 gets twice as many starts as 1.
  double share = 1;
  std::size_t concurrency = 0;  ///< at the same time, in this worker; 0: no limit of its own
  double per_second = 0;        ///< starts, in this worker; 0: no limit
};

/// Of which tasks at most a number runs at the same time.
enum class Ordering : std::uint8_t {
  none,
  /// Tasks of one topic with the same key start in the order of their offsets, `per_key` at a time
  /// (with 1, one ends before the next starts). A retry has lost its place: it comes later.
  by_key,
};

struct WorkerOptions {
  ClientOptions client{};
  /// group.id of the consumer group whose members share the work.
  std::string group{};
  /// How this worker is named in run records; made of host, process id and a random part if empty.
  std::string name{};

  /// Handlers that run at the same time: the pool's threads.
  std::size_t concurrency = 16;
  /// With 1 or more the number of handlers moves between this and `concurrency`: one more while
  /// all places are taken, fewer when attempts take much longer than they did with fewer of them.
  /// For handlers that wait for something shared, such as a database; 0: always `concurrency`.
  std::size_t min_concurrency = 0;
  Ordering ordering = Ordering::none;
  std::size_t per_key = 1;
  /// Starts per second of all tasks; 0: no limit.
  double per_second = 0;
  /// By the lane's name; tasks without a lane are in the lane "". Others are like LaneOptions{}.
  std::map<std::string, LaneOptions> lanes{};
  /// A waiting task's priority counts one more after each such time, so that nothing starves.
  std::chrono::milliseconds ageing{10'000};

  RetryPolicy retry{};
  /// A task that so many workers started, and died (or lost their membership) before it ended, is
  /// put aside: 3 to 5; 0: never, it is handed out for ever. After a death the tasks that may have
  /// caused it start a few at a time, after a second one each by itself, so that only the last
  /// deaths count against a task. The first one leaves no trace. Not counted either with less than
  /// 256 metadata_bytes.
  int max_deaths = 3;
  /// Of one attempt, when its task has no horolog-timeout; 0: no limit.
  std::chrono::milliseconds timeout{0};
  /// How long a handler may go on after its time is over or its partition is to be given up. Then
  /// the attempt counts as failed, or as never made, whatever the handler does; its thread stays
  /// taken until it returns.
  std::chrono::milliseconds cancel_grace{5'000};
  /// stop(): how long handlers may finish before they are cancelled.
  std::chrono::milliseconds drain_timeout{30'000};
  /// An attempt that runs longer than this is announced by a `started` run record.
  std::chrono::milliseconds announce_after{1'000};

  /// Fetched tasks that may wait in memory.
  std::size_t prefetch = 10'000;
  /// offset.metadata.max.bytes of the broker: how much it keeps of what is complete out of order.
  std::size_t metadata_bytes = 4'096;
  /// transaction.timeout.ms: transactions take milliseconds; at most 5 s.
  std::chrono::milliseconds transaction_timeout{5'000};
  std::chrono::milliseconds session_timeout{10'000};
  std::chrono::milliseconds heartbeat_interval{2'000};

  /// "127.0.0.1:9465": where /metrics (Prometheus), /livez and /readyz are served; port 0: any;
  /// empty: nowhere.
  std::string metrics_address{};
};

/// What a worker did since run() began. Read whole, on any thread.
struct WorkerMetrics {
  std::uint64_t succeeded = 0;  ///< committed, as all of these
  std::uint64_t failed = 0;     ///< attempts that will be repeated
  std::uint64_t dead = 0;
  std::uint64_t expired = 0;
  std::uint64_t stopped = 0;  ///< their schedule asked for it (overlap cancel-other)
  std::uint64_t cancelled = 0;  ///< Tasks::cancel() came before their start, or their repetition
  std::uint64_t transactions = 0;
  std::uint64_t transactions_failed = 0;  ///< and done again
  std::size_t running = 0;                ///< handlers, now
  std::size_t waiting = 0;                ///< fetched and not started, now
  std::size_t paused = 0;                 ///< of these, those whose topic is paused
  std::size_t concurrency = 0;            ///< how many handlers may run now
  /// The oldest record among those that wait; no_timestamp without one.
  TimestampMs oldest_waiting = no_timestamp;
};

/// Works on tasks: takes records of its topics, runs their handlers on a pool, and writes what
/// became of each in one transaction: the group's offset, a run record, and for a failed one its
/// retry (a one-shot schedule) or its dead letter. For readers with read_committed every task ends
/// in exactly one final state, and every attempt is counted once; handlers themselves may run again
/// after a crash (deduplicate by Task::fire_id()).
///
///     HOROLOG_ASSIGN(auto worker, Worker::open({.client = {.bootstrap = "localhost:9092"},
///                                               .group = "mailers"}));
///     worker.handle("emails", [](Task& task) -> Outcome { return send_mail(task.value()); });
///     HOROLOG_TRY(worker.run());
///
/// Needs the scheduler's topics on the cluster (a horolog-scheduler makes them, and fires the
/// retries). Makes `<topic>.dlq` and `horolog.tasks` where they are missing. What is paused or
/// cancelled there (Tasks) does not start. Formats: src/worker/FORMAT.md.
class Worker {
 public:
  /// Errc::invalid_argument names the option; busy: the port for metrics. Nothing is connected yet.
  static Result<Worker> open(WorkerOptions options);
  /// run() has returned. Threads of handlers that did not end by then are left behind.
  ~Worker();
  Worker(Worker&&) noexcept;
  Worker& operator=(Worker&&) noexcept;

  /// Before run(). One handler per topic; a later one replaces it.
  void handle(std::string topic, Handler handler);
  /// Before run(). Around the handlers of all topics; the first one given is the outermost.
  void use(Middleware middleware);
  /// Once. Works until stop(), on this thread and the pool's, then drains. Errc::not_found: a topic
  /// or the scheduler's topics; timed_out: handlers were still running when the drain was over
  /// (what they did is not recorded: their tasks are handed out again).
  Status run();
  /// Any thread, any number of times. Not in a signal handler.
  void stop();

  WorkerMetrics metrics() const;
  /// Where metrics are served, with the port that was bound; empty without them.
  std::string metrics_address() const;
  const std::string& name() const;

 private:
  explicit Worker(std::shared_ptr<worker::WorkerCore> core);
  std::shared_ptr<worker::WorkerCore> core_;
};

}  // namespace horolog
