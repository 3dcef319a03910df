#include "scheduler/status_endpoint.hpp"

#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio.hpp>

#include "admin/http_server.hpp"
#include "admin/source.hpp"
#include "scheduler/service.hpp"

namespace horolog::scheduler {
namespace {

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
    if (service_ != nullptr) service_->metrics().write(out);
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
