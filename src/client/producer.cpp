#include "horolog/producer.hpp"

#include <fmt/format.h>

#include <utility>

#include "client/producer_core.hpp"

namespace horolog {
namespace {

Error bad(std::string_view option, std::string_view why) {
  return Error(Errc::invalid_argument, fmt::format("{}: {}", option, why));
}

Status check(const ProducerOptions& options) {
  const bool transactional = !options.transactional_id.empty();
  if (transactional && !options.idempotent) {
    return bad("idempotent", "false cannot go with a transactional_id");
  }
  if (options.idempotent && options.acks != Acks::all) {
    return bad("acks", "an idempotent producer needs all (or set idempotent to false)");
  }
  if (options.max_in_flight < 1 || (options.idempotent && options.max_in_flight > 5)) {
    return bad("max_in_flight", "1 to 5 when idempotent, at least 1 otherwise");
  }
  if (options.batch_bytes < 256) return bad("batch_bytes", "at least 256");
  if (options.max_request_bytes < 256) return bad("max_request_bytes", "at least 256");
  if (options.linger.count() < 0) return bad("linger", "not below 0");
  if (options.max_block.count() < 0) return bad("max_block", "not below 0");
  if (options.delivery_timeout < options.linger || options.delivery_timeout.count() <= 0) {
    return bad("delivery_timeout", "above 0 and not below linger");
  }
  if (transactional && options.transaction_timeout.count() <= 0) {
    return bad("transaction_timeout", "above 0");
  }
  return {};
}

Error would_wait_for_itself(std::string_view function) {
  return Error(Errc::busy, fmt::format("{} in a callback would wait for itself: use the form that "
                                       "takes a callback",
                                       function));
}

/// Starts an operation and waits for it.
template <typename Start>
Status wait_for(const client::ProducerCore& core, std::string_view function, Start start) {
  if (core.on_loop()) return would_wait_for_itself(function);
  std::promise<Status> promise;
  auto result = promise.get_future();
  start([&promise](Status status) { promise.set_value(std::move(status)); });
  return result.get();
}

}  // namespace

Result<Producer> Producer::open(ProducerOptions options) {
  HOROLOG_TRY(check(options));
  HOROLOG_ASSIGN(auto cluster, client::Cluster::open(options.client));
  auto core =
      std::make_shared<client::ProducerCore>(std::move(options), std::move(cluster), true);
  core->start();
  return Producer(std::move(core));
}

Result<Producer> Producer::open(ProducerOptions options,
                                std::shared_ptr<client::Cluster> cluster) {
  HOROLOG_TRY(check(options));
  options.client = cluster->options();
  auto core =
      std::make_shared<client::ProducerCore>(std::move(options), std::move(cluster), false);
  core->start();
  return Producer(std::move(core));
}

Producer::Producer(std::shared_ptr<client::ProducerCore> core) : core_(std::move(core)) {}
Producer::Producer(Producer&&) noexcept = default;

Producer& Producer::operator=(Producer&& other) noexcept {
  if (core_ && core_ != other.core_) static_cast<void>(core_->close());
  core_ = std::move(other.core_);
  return *this;
}

Producer::~Producer() {
  if (core_) static_cast<void>(core_->close());
}

Status Producer::send(const OutgoingRecord& record, DeliveryCallback callback) {
  return core_->send(record, std::move(callback), true);
}

Status Producer::try_send(const OutgoingRecord& record, DeliveryCallback callback) {
  return core_->send(record, std::move(callback), false);
}

std::future<Result<Position>> Producer::submit(const OutgoingRecord& record) {
  auto promise = std::make_shared<std::promise<Result<Position>>>();
  auto future = promise->get_future();
  const Status taken =
      send(record, [promise](const Result<Position>& at) { promise->set_value(at); });
  if (!taken) promise->set_value(taken.error());
  return future;
}

Status Producer::flush(std::chrono::milliseconds timeout) {
  return wait_for(*core_, "flush", [&](DoneCallback done) { flush(timeout, std::move(done)); });
}

void Producer::flush(std::chrono::milliseconds timeout, DoneCallback done) {
  core_->flush(timeout, std::move(done));
}

Status Producer::init_transactions(std::chrono::milliseconds timeout) {
  return wait_for(*core_, "init_transactions",
                  [&](DoneCallback done) { init_transactions(timeout, std::move(done)); });
}

void Producer::init_transactions(std::chrono::milliseconds timeout, DoneCallback done) {
  if (!core_->transactional()) {
    return done(bad("transactional_id", "a producer without one has no transactions"));
  }
  core_->init(timeout, std::move(done));
}

Status Producer::begin_transaction() {
  if (!core_->transactional()) {
    return bad("transactional_id", "a producer without one has no transactions");
  }
  return core_->begin();
}

Status Producer::send_offsets(std::vector<OffsetToCommit> offsets, const GroupMetadata& group,
                              std::chrono::milliseconds timeout) {
  return wait_for(*core_, "send_offsets", [&](DoneCallback done) {
    send_offsets(std::move(offsets), group, timeout, std::move(done));
  });
}

void Producer::send_offsets(std::vector<OffsetToCommit> offsets, const GroupMetadata& group,
                            std::chrono::milliseconds timeout, DoneCallback done) {
  core_->send_offsets(std::move(offsets), group, timeout, std::move(done));
}

Status Producer::commit_transaction(std::chrono::milliseconds timeout) {
  return wait_for(*core_, "commit_transaction",
                  [&](DoneCallback done) { commit_transaction(timeout, std::move(done)); });
}

void Producer::commit_transaction(std::chrono::milliseconds timeout, DoneCallback done) {
  if (!core_->transactional()) {
    return done(bad("transactional_id", "a producer without one has no transactions"));
  }
  core_->commit(timeout, std::move(done));
}

Status Producer::abort_transaction(std::chrono::milliseconds timeout) {
  return wait_for(*core_, "abort_transaction",
                  [&](DoneCallback done) { abort_transaction(timeout, std::move(done)); });
}

void Producer::abort_transaction(std::chrono::milliseconds timeout, DoneCallback done) {
  if (!core_->transactional()) {
    return done(bad("transactional_id", "a producer without one has no transactions"));
  }
  core_->abort(timeout, std::move(done));
}

TransactionState Producer::transaction_state() const { return core_->state(); }

ProducerMetrics Producer::metrics() const { return core_->metrics(); }

Status Producer::close(std::chrono::milliseconds timeout) {
  if (core_->on_loop()) return would_wait_for_itself("close");
  const TransactionState state = core_->state();
  Status aborted;
  if (state == TransactionState::open || state == TransactionState::must_abort) {
    aborted = abort_transaction(timeout);
  }
  core_->stop_taking();
  Status flushed = flush(timeout);
  Status closed = core_->close();
  if (!aborted) return aborted;
  if (!flushed && flushed.error().code() != Errc::cancelled) return flushed;
  return closed;
}

}  // namespace horolog
