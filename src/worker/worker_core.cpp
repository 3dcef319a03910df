#include "worker/worker_core.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <limits>
#include <thread>
#include <utility>

#include "base/log.hpp"
#include "client/cluster.hpp"
#include "worker/committer.hpp"
#include "worker/middleware.hpp"
#include "worker/pool.hpp"
#include "worker/worker_topics.hpp"

namespace horolog::worker {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view component = "worker";
/// How often time limits are looked at; a record ends the wait at once.
constexpr std::chrono::milliseconds look_interval = 50ms;
constexpr std::chrono::milliseconds most_transaction_timeout = 5s;

Error invalid(std::string message) { return {Errc::invalid_argument, std::move(message)}; }

Status check(const WorkerOptions& options) {
  if (options.group.empty()) return invalid("group is missing: workers share the work by it");
  if (options.concurrency < 1) return invalid("concurrency is 0: at least one handler must run");
  if (options.per_key < 1) return invalid("per_key is 0: at least one task per key must run");
  if (options.prefetch < 1) return invalid("prefetch is 0: at least one task must be fetched");
  if (options.retry.max_attempts < 1)
    return invalid("retry.max_attempts is 0: the first attempt counts, so 1 means no retry");
  if (options.retry.backoff < 1ms)
    return invalid("retry.backoff is below a millisecond: a task that fails at once would be tried "
                   "again without end; give it a second");
  if (options.min_concurrency > options.concurrency)
    return invalid(fmt::format("min_concurrency {} is above concurrency {}: the first is the "
                               "floor, the second the ceiling", options.min_concurrency,
                               options.concurrency));
  if (options.retry.jitter < 0 || options.retry.jitter > 1)
    return invalid("retry.jitter is not between 0 and 1");
  constexpr int most_deaths = CompletedOffsets::most_deaths;
  if (options.max_deaths != 0 && (options.max_deaths < 3 || options.max_deaths > most_deaths))
    return invalid(fmt::format("max_deaths is {}, and must be from 3 to {} (fewer would put tasks "
                               "aside that only ran beside the one that kills its worker), or 0",
                               options.max_deaths, most_deaths));
  if (options.ageing < 1ms) return invalid("ageing is below a millisecond");
  if (options.transaction_timeout > most_transaction_timeout || options.transaction_timeout < 100ms)
    return invalid("transaction_timeout is not between 100ms and 5s: an open transaction holds "
                   "back the scheduler");
  for (const auto& [name, lane] : options.lanes)
    if (!(lane.share > 0)) return invalid(fmt::format("lane '{}': share is not above 0", name));
  return {};
}

std::string made_up_name() {
  char host[256] = {};
  if (gethostname(host, sizeof host - 1) != 0) host[0] = '\0';
  return fmt::format("{}-{}-{}", host, getpid(), Uuid::random().to_hex().substr(0, 8));
}

}  // namespace

WorkerCore::WorkerCore(WorkerOptions options)
    : options_(std::move(options)), board_(options_, handlers_, clock_) {}

Result<std::shared_ptr<WorkerCore>> WorkerCore::make(WorkerOptions options) {
  HOROLOG_TRY(check(options));
  if (options.name.empty()) options.name = made_up_name();
  std::shared_ptr<WorkerCore> core(new WorkerCore(std::move(options)));
  if (const std::string& address = core->options_.metrics_address; !address.empty()) {
    HOROLOG_ASSIGN(core->endpoint_, MetricsEndpoint::listen(address, core->board_));
  }
  return core;
}

void WorkerCore::handle(std::string topic, Handler handler) {
  handlers_.insert_or_assign(std::move(topic), std::move(handler));
}

Result<Consumer> WorkerCore::open_consumer(std::shared_ptr<client::Cluster> cluster,
                                           const std::vector<std::string>& topics) {
  ConsumerOptions wanted;
  wanted.group = options_.group;
  wanted.assignors = {"cooperative-sticky"};
  wanted.session_timeout = options_.session_timeout;
  wanted.heartbeat_interval = options_.heartbeat_interval;
  wanted.max_poll_interval = options_.cancel_grace * 2 + 60s;
  wanted.auto_commit = false;
  wanted.offset_reset = OffsetReset::earliest;
  wanted.isolation = Isolation::read_committed;
  wanted.max_poll_records = std::min<std::size_t>(options_.prefetch, 2'000);
  HOROLOG_ASSIGN(Consumer consumer, Consumer::open(std::move(wanted), std::move(cluster)));
  HOROLOG_TRY(consumer.subscribe(
      topics, {.assigned = [this](const auto& partitions) { on_assigned(partitions); },
               .revoked = [this](const auto& partitions) { on_revoked(partitions); },
               .lost = [this](const auto& partitions) { board_.lose(partitions); }}));
  return consumer;
}

Result<CancelWatch> WorkerCore::open_watch(std::shared_ptr<client::Cluster> cluster,
                                           std::int32_t partitions) {
  ConsumerOptions wanted;
  wanted.isolation = Isolation::read_committed;
  wanted.offset_reset = OffsetReset::latest;
  HOROLOG_ASSIGN(Consumer consumer, Consumer::open(std::move(wanted), std::move(cluster)));
  return CancelWatch(std::move(consumer), partitions);
}

Result<std::unique_ptr<Committer>> WorkerCore::open_committer(
    std::shared_ptr<client::Cluster> cluster, std::int32_t partitions) {
  ProducerOptions wanted;
  wanted.linger = 1ms;
  wanted.batch_bytes = std::size_t{256} * 1024;
  wanted.max_block = 3s;
  wanted.delivery_timeout = options_.transaction_timeout;
  wanted.create_topics = false;
  wanted.transactional_id =
      fmt::format("horolog-worker-{}-{}", options_.group, Uuid::random().to_hex());
  wanted.transaction_timeout = options_.transaction_timeout;
  HOROLOG_ASSIGN(Producer producer, Producer::open(std::move(wanted), cluster));
  Committer::Setup setup{.worker = options_.name,
                         .group = options_.group,
                         .partitions = partitions,
                         .patience = options_.transaction_timeout};
  auto committer = std::make_unique<Committer>(std::move(setup), std::move(producer),
                                               Admin(std::move(cluster)), board_);
  HOROLOG_TRY(committer->prepare());
  return committer;
}

Status WorkerCore::run() {
  if (handlers_.empty()) return invalid("no topic has a handler: call handle() first");
  std::vector<std::string> topics;
  for (auto& [topic, handler] : handlers_) {
    topics.push_back(topic);
    handler = wrapped(std::move(handler), middleware_);
  }
  HOROLOG_ASSIGN(const auto cluster, client::Cluster::open(options_.client));
  Admin admin(cluster);
  HOROLOG_ASSIGN(const std::int32_t partitions, prepare_topics(admin, topics));
  respect_metadata_limit(admin);
  HOROLOG_ASSIGN(const auto committer, open_committer(cluster, partitions));
  HOROLOG_ASSIGN(watch_, open_watch(cluster, partitions));
  HOROLOG_ASSIGN(controls_, ControlWatch::open(cluster));
  heed_controls();
  HOROLOG_ASSIGN(consumer_, open_consumer(cluster, topics));
  std::thread committing([&] { committer->run(); });
  if (endpoint_) endpoint_->set_ready(true);
  Status ended;
  {
    const Pool pool(options_.concurrency, board_, shared_from_this());
    ended = work();
    if (endpoint_) endpoint_->set_ready(false);
    const Status drained = drain();
    if (ended) ended = drained;
    committer->give_up();
    board_.leave_all();
    board_.stop_committing();
    committing.join();
  }
  committer->close();
  if (const auto closed = consumer_->close(options_.transaction_timeout); !closed)
    log::warn(component, "the group was not left cleanly",
              {log::field("why", closed.error().message())});
  consumer_.reset();
  watch_.reset();
  controls_.reset();
  return ended;
}

/// A commit with more than the broker keeps would be refused for good.
void WorkerCore::respect_metadata_limit(Admin& admin) {
  const auto limit = metadata_limit(admin, options_.metadata_bytes);
  if (limit) {
    options_.metadata_bytes = *limit;
    return;
  }
  log::warn(component, "the brokers do not tell how much metadata they keep with an offset",
            {log::field("why", limit.error().message()),
             log::field("assumed", options_.metadata_bytes)});
}

Status WorkerCore::work() {
  while (!stop_) {
    HOROLOG_TRY(poll_once());
    if (failed_) return *failed_;
    hold_back();
  }
  return {};
}

Status WorkerCore::poll_once() {
  auto batch = consumer_->poll(look_interval);
  board_.set_group(consumer_->group_metadata());
  board_.sweep();
  look_for_stops();
  look_for_controls();
  if (batch) {
    if (!batch->empty())
      board_.take_in(std::make_shared<const RecordBatch>(std::move(*batch)));
    return {};
  }
  const Error& error = batch.error();
  const bool passes = error.retriable() || error.code() == Errc::timed_out ||
                      error.code() == Errc::closed || error.code() == Errc::io;
  if (!passes || error.remedy() == Remedy::reopen) return error;
  log::warn(component, "polling failed", {log::field("why", error.message())});
  std::this_thread::sleep_for(look_interval);
  return {};
}

void WorkerCore::look_for_stops() {
  const auto found = watch_->look(board_.oldest_stoppable());
  if (!found) {
    log::warn(component, "cannot look for requests to stop",
              {log::field("why", found.error().message())});
    return;
  }
  for (const std::string& fire_id : *found) board_.ask_to_stop(fire_id);
}

void WorkerCore::look_for_controls() {
  const auto changed = controls_->look();
  if (!changed) {
    log::warn(component, "cannot look for what is paused or cancelled",
              {log::field("why", changed.error().message())});
  } else if (*changed) {
    heed_controls();
  }
}

void WorkerCore::heed_controls() {
  const Controls& controls = controls_->controls();
  board_.set_controls(controls);
  for (const auto& [topic, handler] : handlers_) {
    const auto at = controls.paused().find(topic);
    if (at != controls.paused().end() && paused_.insert(topic).second)
      log::info(component, "a topic is paused",
                {log::field("topic", topic), log::field("reason", at->second.reason)});
    if (at == controls.paused().end() && paused_.erase(topic) > 0)
      log::info(component, "a topic is resumed", {log::field("topic", topic)});
  }
}

void WorkerCore::hold_back() {
  const std::size_t waiting = board_.waiting();
  if (waiting >= options_.prefetch) full_ = true;
  if (waiting < options_.prefetch / 2 + 1) full_ = false;
  const auto held = consumer_->paused();
  std::vector<TopicPartition> hold, let_go;
  for (const TopicPartition& each : consumer_->assignment()) {
    const bool wanted = full_ || controls_->controls().is_paused(each.topic);
    if (wanted != held.contains(each)) (wanted ? hold : let_go).push_back(each);
  }
  // One that fails is tried again with the next look.
  for (const Status& done : {hold.empty() ? Status() : consumer_->pause(hold),
                             let_go.empty() ? Status() : consumer_->resume(let_go)})
    if (!done)
      log::warn(component, "cannot hold back", {log::field("why", done.error().message())});
}

bool WorkerCore::wait_idle(std::chrono::milliseconds timeout) {
  const MonoNs until = clock_.mono_ns() + timeout.count() * 1'000'000;
  while (!board_.idle()) {
    if (clock_.mono_ns() >= until) return false;
    const auto all = consumer_->assignment();
    const bool paused = consumer_->pause({all.begin(), all.end()}).ok();
    // A record that comes all the same does not start any more.
    if (const auto polled = poll_once(); !polled || !paused) board_.wait_settled(look_interval);
  }
  return true;
}

Status WorkerCore::drain() {
  board_.stop_starting();
  if (wait_idle(options_.drain_timeout)) return {};
  board_.cancel_all();
  if (wait_idle(options_.cancel_grace)) return {};
  return Error(Errc::timed_out,
               fmt::format("{} handlers were still running {} ms after the stop, and were left "
                           "behind: their tasks are handed out again", board_.running(),
                           (options_.drain_timeout + options_.cancel_grace).count()));
}

Result<AssignmentPtr> WorkerCore::look_up(const TopicPartition& tp, const Offsets& committed,
                                          Offset end) {
  const auto at = committed.find(tp);
  const Offset watch_end = counts_deaths(options_) ? end : 0;
  if (at == committed.end())
    return std::make_shared<Assignment>(tp, CompletedOffsets(), watch_end);
  auto done = CompletedOffsets::parse(at->second.offset, at->second.metadata);
  if (!done)
    return done.error().with_context(fmt::format(
        "group {}, {}: move the offset with 'horolog group reset' to go on", options_.group,
        tp.to_string()));
  HOROLOG_TRY(consumer_->seek(tp, at->second));
  return std::make_shared<Assignment>(tp, std::move(*done), watch_end);
}

void WorkerCore::on_assigned(const std::vector<TopicPartition>& partitions) {
  board_.set_group(consumer_->group_metadata());
  if (partitions.empty()) return;
  auto committed = consumer_->committed(partitions, 30s);
  if (!committed) {
    failed_ = committed.error().with_context("looking up what the group had committed");
    return;
  }
  std::map<TopicPartition, Offset> ends;
  if (counts_deaths(options_)) {
    if (auto found = consumer_->end_offsets(partitions, 30s)) {
      ends = std::move(*found);
    } else {
      log::warn(component, "where the partitions end is not known: a few tasks more are watched",
                {log::field("why", found.error().message())});
    }
  }
  for (const TopicPartition& tp : partitions) {
    const auto end = ends.find(tp);
    auto assignment =
        look_up(tp, *committed, end == ends.end() ? std::numeric_limits<Offset>::max()
                                                  : end->second);
    if (!assignment) {
      failed_ = std::move(assignment).error();
      return;
    }
    board_.assign(std::move(*assignment));
  }
}

void WorkerCore::on_revoked(const std::vector<TopicPartition>& partitions) {
  board_.close(partitions);
  const MonoNs until = clock_.mono_ns() + options_.cancel_grace.count() * 1'000'000;
  while (!board_.settled(partitions) && clock_.mono_ns() < until) {
    board_.wait_settled(look_interval);
    board_.sweep();
  }
  board_.leave(partitions);
  const MonoNs give_up = clock_.mono_ns() + options_.cancel_grace.count() * 1'000'000;
  while (!board_.left(partitions) && clock_.mono_ns() < give_up)
    board_.wait_settled(look_interval);
  board_.lose(partitions);
}

}  // namespace horolog::worker
