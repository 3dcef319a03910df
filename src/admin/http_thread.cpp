#include "admin/http_thread.hpp"

#include <thread>
#include <utility>

#include <boost/asio.hpp>

#include "admin/http_server.hpp"

namespace horolog::admin {

struct HttpThread::Impl {
  boost::asio::io_context context{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work =
      boost::asio::make_work_guard(context);
  std::unique_ptr<HttpServer> server;
  std::thread thread;
};

HttpThread::HttpThread(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Result<std::unique_ptr<HttpThread>> HttpThread::listen(const net::Endpoint& address,
                                                       const Source& source,
                                                       std::string version) {
  auto impl = std::make_unique<Impl>();
  HOROLOG_ASSIGN(impl->server, HttpServer::listen(impl->context.get_executor(), address, source,
                                                  std::move(version)));
  impl->thread = std::thread([context = &impl->context] { context->run(); });
  return std::unique_ptr<HttpThread>(new HttpThread(std::move(impl)));
}

/// The loop ends when what stop() posted has run.
HttpThread::~HttpThread() {
  impl_->server->stop();
  impl_->work.reset();
  impl_->thread.join();
}

std::string HttpThread::address() const { return impl_->server->address().to_string(); }

}  // namespace horolog::admin
