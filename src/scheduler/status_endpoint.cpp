#include "scheduler/status_endpoint.hpp"

#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio.hpp>

#include "admin/http_server.hpp"
#include "admin/metrics_writer.hpp"
#include "admin/source.hpp"
#include "scheduler/service.hpp"

namespace horolog::scheduler {
namespace {

void write_metrics(const ServiceMetrics& m, admin::MetricsWriter& out) {
  const auto count = [&](std::string_view name, std::string_view help, const Counter& counter) {
    out.counter(name, help, counter.value());
  };
  count("horolog_scheduler_fired_total", "Records fired.", m.fired);
  count("horolog_scheduler_missed_total", "Nominal times given up by catch-up.", m.missed);
  count("horolog_scheduler_skipped_total", "Run records of fires that were skipped.", m.skipped);
  count("horolog_scheduler_rejected_total", "Commands rejected.", m.rejected);
  count("horolog_scheduler_stalled_total", "Times that a target stopped taking records.",
        m.stalled);
  count("horolog_scheduler_commands_total", "Commands read.", m.commands);
  count("horolog_scheduler_transactions_committed_total", "Transactions committed.", m.committed);
  count("horolog_scheduler_transactions_aborted_total",
        "Transactions aborted or of unknown outcome.", m.aborted);
  count("horolog_scheduler_takeovers_total", "Takeovers of partitions begun.", m.takeovers);
  out.gauge("horolog_scheduler_partitions_owned", "Partitions whose schedules are fired here.",
            static_cast<double>(m.owned.value()));
  out.gauge("horolog_scheduler_pending", "Schedules in the partitions owned here.",
            static_cast<double>(m.pending.value()));
  out.histogram("horolog_scheduler_fire_lateness_seconds",
                "From the due time until the fire was committed.", m.lateness.snapshot());
  out.histogram("horolog_scheduler_tick_duration_seconds",
                "One tick of a partition, with its transaction.", m.tick.snapshot());
}

class Status final : public admin::Source {
 public:
  std::vector<std::string> not_ready_reasons() const override {
    const std::scoped_lock lock(mutex_);
    if (service_ == nullptr) return {"starting or stopping"};
    if (!service_->in_group()) return {"not a member of the group"};
    return {};
  }
  void collect(admin::MetricsWriter& out) const override {
    const std::scoped_lock lock(mutex_);
    if (service_ != nullptr) write_metrics(service_->metrics(), out);
  }
  void show(const Service* service) {
    const std::scoped_lock lock(mutex_);
    service_ = service;
  }

 private:
  mutable std::mutex mutex_;
  const Service* service_ = nullptr;
};

}  // namespace

struct StatusEndpoint::Impl {
  Status status;
  boost::asio::io_context context{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work =
      boost::asio::make_work_guard(context);
  std::unique_ptr<admin::HttpServer> server;
  std::thread thread;
};

StatusEndpoint::StatusEndpoint(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Result<std::unique_ptr<StatusEndpoint>> StatusEndpoint::listen(const net::Endpoint& address) {
  auto impl = std::make_unique<Impl>();
  HOROLOG_ASSIGN(impl->server, admin::HttpServer::listen(impl->context.get_executor(), address,
                                                         impl->status, HOROLOG_VERSION));
  impl->thread = std::thread([context = &impl->context] { context->run(); });
  return std::unique_ptr<StatusEndpoint>(new StatusEndpoint(std::move(impl)));
}

/// The source outlives the loop, which ends when what stop() posted has run.
StatusEndpoint::~StatusEndpoint() {
  impl_->server->stop();
  impl_->work.reset();
  impl_->thread.join();
}

std::string StatusEndpoint::address() const { return impl_->server->address().to_string(); }

void StatusEndpoint::show(const Service* service) { impl_->status.show(service); }

}  // namespace horolog::scheduler
