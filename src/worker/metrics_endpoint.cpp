#include "worker/metrics_endpoint.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <optional>
#include <string_view>
#include <utility>

#include "admin/http_thread.hpp"
#include "admin/metrics_writer.hpp"

namespace horolog::worker {
namespace {

class BoardSource final : public admin::Source {
 public:
  explicit BoardSource(Board& board) : board_(board) {}

  std::vector<std::string> not_ready_reasons() const override {
    if (ready) return {};
    return {"starting or stopping"};
  }

  void collect(admin::MetricsWriter& out) const override {
    const WorkerMetrics now = board_.metrics();
    const auto ended = [&](std::string_view state, std::uint64_t count) {
      out.counter("horolog_worker_attempts_total", "Attempts whose end is committed.", count,
                  {{"state", state}});
    };
    ended("succeeded", now.succeeded);
    ended("failed", now.failed);
    ended("dead", now.dead);
    ended("expired", now.expired);
    ended("stopped", now.stopped);
    ended("cancelled", now.cancelled);
    out.counter("horolog_worker_transactions_total", "Transactions committed.", now.transactions);
    out.counter("horolog_worker_transactions_failed_total", "Transactions that were done again.",
                now.transactions_failed);
    const auto gauge = [&](std::string_view name, std::string_view help, std::size_t value) {
      out.gauge(name, help, static_cast<double>(value));
    };
    gauge("horolog_worker_running", "Handlers that run.", now.running);
    gauge("horolog_worker_waiting", "Tasks fetched and not started.", now.waiting);
    gauge("horolog_worker_paused", "Of these, tasks whose topic is paused.", now.paused);
    gauge("horolog_worker_concurrency", "Handlers that may run.", now.concurrency);
    const TimestampMs wall = SystemClock().wall_ms();
    const TimestampMs oldest = now.oldest_waiting == no_timestamp ? wall : now.oldest_waiting;
    out.gauge("horolog_worker_oldest_waiting_seconds",
              "Age of the oldest task fetched and not started.",
              static_cast<double>(std::max<TimestampMs>(wall - oldest, 0)) / 1'000);
    out.histogram("horolog_worker_processing_seconds",
                  "From a record's timestamp until its attempt was committed.",
                  board_.timings().processing.snapshot());
    out.histogram("horolog_worker_execution_seconds", "Attempts in their handler.",
                  board_.timings().execution.snapshot());
  }

  std::atomic<bool> ready = false;

 private:
  Board& board_;
};

/// "127.0.0.1:9465", "[::1]:0".
std::optional<net::Endpoint> parse_address(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  net::Endpoint out{std::string(host), 0};
  const char* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data() + colon + 1, last, out.port);
  if (error != std::errc{} || end != last) return std::nullopt;
  return out;
}

}  // namespace

struct MetricsEndpoint::Impl {
  explicit Impl(Board& board) : source(board) {}
  BoardSource source;
  std::unique_ptr<admin::HttpThread> server;
};

MetricsEndpoint::MetricsEndpoint(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
MetricsEndpoint::~MetricsEndpoint() = default;

Result<std::unique_ptr<MetricsEndpoint>> MetricsEndpoint::listen(const std::string& address,
                                                                 Board& board) {
  const auto parsed = parse_address(address);
  if (!parsed)
    return Error(Errc::invalid_argument,
                 fmt::format("metrics_address '{}' is not HOST:PORT, such as 127.0.0.1:9465",
                             address));
  auto impl = std::make_unique<Impl>(board);
  auto server = admin::HttpThread::listen(*parsed, impl->source, HOROLOG_VERSION);
  if (!server) return server.error().with_context("metrics_address " + address);
  impl->server = std::move(*server);
  return std::unique_ptr<MetricsEndpoint>(new MetricsEndpoint(std::move(impl)));
}

std::string MetricsEndpoint::address() const { return impl_->server->address(); }
void MetricsEndpoint::set_ready(bool ready) { impl_->source.ready = ready; }

}  // namespace horolog::worker
