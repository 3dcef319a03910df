#include "client/producer_core.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/assert.hpp"
#include "client/loop.hpp"

namespace horolog::client {
namespace {

Error closed_error() {
  return Error(Errc::cancelled, "the producer was closed before this was done");
}

}  // namespace

Accumulator::Settings ProducerCore::accumulator_settings(const ProducerOptions& options) {
  return {.batch_bytes = options.batch_bytes,
          .memory_bytes = options.buffer_memory,
          .record_bytes_max = options.max_request_bytes,
          .linger_ns = to_ns(options.linger),
          .block_ns = to_ns(options.max_block)};
}

ProducerSender::Settings ProducerCore::sender_settings(const ProducerOptions& options) {
  return {.codec = static_cast<record::Codec>(options.compression),
          .level = options.compression_level,
          .idempotent = options.idempotent,
          .transactional = !options.transactional_id.empty(),
          .in_flight_max = options.max_in_flight,
          .request_bytes_max = options.max_request_bytes,
          .delivery_timeout_ns = to_ns(options.delivery_timeout),
          .backoff = Backoff::of(options.client.retry_backoff, options.client.retry_backoff_max)};
}

Accumulator::Hooks ProducerCore::accumulator_hooks() {
  // The accumulator is a part of this object: no call of its hooks outlives it.
  return {.wake = [this] { wake(); },
          .need_topic =
              [this](const std::string& topic) {
                cluster_->loop().post([self = shared_from_this(), topic] { self->look_up(topic); });
              },
          .must_not_wait = [this] { return on_loop(); },
          .partitioner = options_.partitioner};
}

ProducerSender::Hooks ProducerCore::sender_hooks() {
  return {.leader =
              [this](const PartitionQueue& queue) {
                const PartitionInfo* found =
                    metadata_->partition(queue.topic->name, queue.partition);
                return found == nullptr ? no_node : found->leader;
              },
          .leader_failed =
              [this](const PartitionQueue& queue) {
                cluster_->leader_failed({queue.topic->name, queue.partition});
              },
          .random = [this] { return cluster_->loop().random(); },
          .transaction_failed =
              [this](const Error& why, bool gap) { machine_.records_failed(why, gap); }};
}

TransactionMachine::Hooks ProducerCore::transaction_hooks() {
  return {.second_protocol = [this] { return cluster_->feature("transaction.version") >= 2; },
          .mark = [this] { return accumulator_.flush(); },
          .delivered = [this](std::uint64_t mark) { return accumulator_.done(mark); },
          .sent_any = [this] { return sender_.sent_any(); },
          .identity =
              [this](ProducerId id, ProducerEpoch epoch) { sender_.set_identity(id, epoch); },
          .opened =
              [this](std::uint64_t number, bool must_join) {
                sender_.accept();
                sender_.start_transaction(number, must_join);
              },
          .refuse =
              [this](const Error& why) {
                accepting_ = false;
                sender_.refuse(why);
                pump_again_ = true;
              },
          .added =
              [this](const std::vector<TopicPartition>& partitions) {
                for (const TopicPartition& each : partitions) sender_.joined(each);
                pump_again_ = true;
              },
          .random = [this] { return cluster_->loop().random(); }};
}

ProducerCore::ProducerCore(ProducerOptions options, std::shared_ptr<Cluster> cluster,
                           bool owns_cluster)
    : options_(std::move(options)),
      cluster_(std::move(cluster)),
      owns_cluster_(owns_cluster),
      accumulator_(accumulator_settings(options_), cluster_->loop().clock(), accumulator_hooks()),
      sender_(sender_settings(options_), accumulator_, sender_hooks()),
      machine_({.backoff = Backoff::of(options_.client.retry_backoff,
                                       options_.client.retry_backoff_max)},
               transaction_hooks()),
      accepting_(options_.transactional_id.empty()),
      metadata_(cluster_->metadata()) {}

void ProducerCore::start() {
  cluster_->loop().post([self = shared_from_this()] {
    if (self->closed_) return;
    self->timer_ = std::make_unique<net::Deadline>(self->cluster_->loop().deadlines(),
                                                   [core = self.get()] { core->pump(); });
    self->watch_ = self->cluster_->watch_metadata(
        [weak = std::weak_ptr(self)] {
          if (const auto core = weak.lock()) core->metadata_changed();
        });
    self->pump();
  });
}

Status ProducerCore::send(const OutgoingRecord& record, DeliveryCallback callback, bool may_wait) {
  if (!accepting_.load(std::memory_order_acquire)) {
    return Error(Errc::invalid_argument,
                 fmt::format("send: no transaction is open (the producer is {}); "
                             "begin_transaction() first",
                             to_string(state())))
        .with_remedy(state() == TransactionState::must_abort ? Remedy::abort_transaction
                                                             : Remedy::none);
  }
  return accumulator_.append(record, std::move(callback), may_wait);
}

void ProducerCore::wake() {
  // One task for all that happens until it runs.
  if (woken_.exchange(true, std::memory_order_acq_rel)) return;
  cluster_->loop().post([self = shared_from_this()] { self->pump(); });
}

void ProducerCore::pump() {
  // A callback of the caller may come back to here.
  pump_again_ = true;
  if (pumping_ || closed_) return;
  pumping_ = true;
  while (std::exchange(pump_again_, false) && !closed_) pump_once();
  pumping_ = false;
  if (!closed_) set_timer();
}

void ProducerCore::pump_once() {
  woken_.store(false, std::memory_order_release);
  const MonoNs at = now();
  metadata_ = cluster_->metadata();
  bundles_.clear();
  sender_.turn(at, bundles_);
  for (ProduceBundle& bundle : bundles_) send_bundle(std::move(bundle));
  if (transactional()) {
    machine_.add(sender_.take_joining());
    if (const auto request = machine_.next(at)) send_request(*request);
  } else if (sender_.wants_identity() && !getting_identity_ && at >= identity_after_) {
    get_identity();
  }
  for (const std::string& topic : sender_.leaderless()) look_up(topic);
  check_flushes(at);
}

void ProducerCore::check_flushes(MonoNs at) {
  for (auto each = flushes_.begin(); each != flushes_.end();) {
    const bool done = accumulator_.done(each->mark);
    if (!done && at < each->due) {
      ++each;
      continue;
    }
    const DoneCallback tell = std::move(each->done);
    each = flushes_.erase(each);
    if (done) {
      tell({});
    } else {
      tell(Error(Errc::timed_out, "flush: some records are still under way"));
    }
    // The callback may have asked for another one.
    each = flushes_.begin();
  }
}

void ProducerCore::set_timer() {
  std::optional<MonoNs> due = sender_.next_turn();
  const auto earlier = [&](std::optional<MonoNs> when) {
    if (when) due = due ? std::min(*due, *when) : *when;
  };
  if (transactional()) earlier(machine_.next_turn());
  for (const FlushWaiter& each : flushes_) earlier(each.due);
  if (sender_.wants_identity() && !getting_identity_) earlier(identity_after_);
  for (const std::string& topic : sender_.leaderless()) {
    const auto found = look_up_after_.find(topic);
    if (found != look_up_after_.end() && !looking_up_.contains(topic)) earlier(found->second);
  }
  if (due) {
    timer_->set(*due);
  } else {
    timer_->clear();
  }
}

void ProducerCore::post_operation(DoneCallback done, Time timeout,
                                  std::function<void(MonoNs, DoneCallback)> start) {
  const MonoNs due = now() + to_ns(timeout);
  cluster_->loop().post([self = shared_from_this(), done = std::move(done), due,
                         start = std::move(start)]() mutable {
    if (self->closed_) {
      if (done) done(closed_error());
      return;
    }
    start(due, std::move(done));
    self->pump();
  });
}

void ProducerCore::flush(Time timeout, DoneCallback done) {
  const std::uint64_t mark = accumulator_.flush();
  post_operation(std::move(done), timeout, [this, mark](MonoNs due, DoneCallback then) {
    flushes_.push_back({mark, due, std::move(then)});
  });
}

void ProducerCore::init(Time timeout, DoneCallback done) {
  accepting_ = false;
  post_operation(std::move(done), timeout, [this](MonoNs due, DoneCallback then) {
    machine_.init(due, std::move(then));
  });
}

Status ProducerCore::begin() {
  Status result = closed_error();
  cluster_->loop().run([&] {
    if (closed_) return;
    result = machine_.begin();
    if (result.ok()) accepting_.store(true, std::memory_order_release);
  });
  return result;
}

void ProducerCore::send_offsets(std::vector<OffsetToCommit> offsets, GroupMetadata group,
                                Time timeout, DoneCallback done) {
  post_operation(std::move(done), timeout,
                 [this, offsets = std::move(offsets), group = std::move(group)](
                     MonoNs due, DoneCallback then) {
                   machine_.send_offsets(offsets, group, due, std::move(then));
                 });
}

void ProducerCore::commit(Time timeout, DoneCallback done) {
  accepting_ = false;
  post_operation(std::move(done), timeout, [this](MonoNs due, DoneCallback then) {
    machine_.commit(due, std::move(then));
  });
}

void ProducerCore::abort(Time timeout, DoneCallback done) {
  accepting_ = false;
  post_operation(std::move(done), timeout, [this](MonoNs due, DoneCallback then) {
    machine_.abort(due, std::move(then));
  });
}

ProducerMetrics ProducerCore::metrics() const {
  const ProducerSender::Counts& counts = sender_.counts();
  return {.records_delivered = counts.records_delivered.load(),
          .records_failed = counts.records_failed.load(),
          .bytes_delivered = counts.bytes_delivered.load(),
          .batches_sent = counts.batches_sent.load(),
          .batches_retried = counts.batches_retried.load(),
          .requests_sent = requests_.load(),
          .buffered_bytes = accumulator_.memory_used()};
}

Status ProducerCore::close() {
  if (closing_.exchange(true)) return {};
  accumulator_.close();
  Status result;
  cluster_->loop().run([&] {
    const Error why = closed_error();
    if (!accumulator_.empty()) result = why;
    closed_ = true;
    sender_.abandon(why);
    machine_.close(why);
    for (FlushWaiter& each : std::exchange(flushes_, {})) each.done(why);
    timer_.reset();
    watch_.reset();
  });
  if (owns_cluster_) cluster_->close();
  return result;
}

}  // namespace horolog::client
