#include "horologd/admin_endpoint.hpp"

#include <utility>

#include "admin/http_server.hpp"
#include "base/log.hpp"
#include "horologd/broker_metrics.hpp"

namespace horolog {

/// `metrics` outlives the server, and with it the loop: see HttpServer.
struct AdminEndpoint::Impl {
  std::unique_ptr<BrokerMetrics> metrics;
  std::unique_ptr<admin::HttpServer> server;
};

Result<std::unique_ptr<AdminEndpoint>> AdminEndpoint::open(const Settings& settings,
                                                           broker::Context& context,
                                                           net::Server& server,
                                                           const EmbeddedScheduler* scheduler) {
  if (!settings.admin_listener) return std::unique_ptr<AdminEndpoint>();
  auto impl = std::make_unique<Impl>();
  impl->metrics = std::make_unique<BrokerMetrics>(context, server, scheduler);
  const net::Endpoint address{settings.admin_listener->host, settings.admin_listener->port};
  auto listening = admin::HttpServer::listen(context.shards.at(0).executor(), address,
                                             *impl->metrics, HOROLOG_VERSION);
  if (!listening) {
    if (settings.admin_listener_configured || listening.error().code() != Errc::busy) {
      return listening.error().with_context("admin.listener");
    }
    log::warn("admin", "health and metrics are off: the default port is taken",
              {log::field("error", listening.error().message())});
    return std::unique_ptr<AdminEndpoint>();
  }
  impl->server = std::move(*listening);
  return std::unique_ptr<AdminEndpoint>(new AdminEndpoint(std::move(impl)));
}

AdminEndpoint::AdminEndpoint(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
AdminEndpoint::~AdminEndpoint() = default;

std::string AdminEndpoint::address() const { return impl_->server->address().to_string(); }
void AdminEndpoint::refresh() {
  impl_->metrics->refresh_groups();
  impl_->metrics->refresh_transactions();
}
void AdminEndpoint::announce_stopping() { impl_->metrics->announce_stopping(); }
void AdminEndpoint::stop() { impl_->server->stop(); }

}  // namespace horolog
