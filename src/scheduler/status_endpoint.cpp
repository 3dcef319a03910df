#include "scheduler/status_endpoint.hpp"

#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "admin/http_thread.hpp"
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
  std::unique_ptr<admin::HttpThread> server;
};

StatusEndpoint::StatusEndpoint(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Result<std::unique_ptr<StatusEndpoint>> StatusEndpoint::listen(const net::Endpoint& address) {
  auto impl = std::make_unique<Impl>();
  HOROLOG_ASSIGN(impl->server, admin::HttpThread::listen(address, impl->status, HOROLOG_VERSION));
  return std::unique_ptr<StatusEndpoint>(new StatusEndpoint(std::move(impl)));
}

StatusEndpoint::~StatusEndpoint() = default;

std::string StatusEndpoint::address() const { return impl_->server->address(); }

void StatusEndpoint::show(const Service* service) { impl_->status.show(service); }

}  // namespace horolog::scheduler
