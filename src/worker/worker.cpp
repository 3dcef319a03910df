#include "horolog/worker.hpp"

#include "worker/worker_core.hpp"

namespace horolog {

Worker::Worker(std::shared_ptr<worker::WorkerCore> core) : core_(std::move(core)) {}
Worker::~Worker() = default;
Worker::Worker(Worker&&) noexcept = default;
Worker& Worker::operator=(Worker&&) noexcept = default;

Result<Worker> Worker::open(WorkerOptions options) {
  HOROLOG_ASSIGN(auto core, worker::WorkerCore::make(std::move(options)));
  return Worker(std::move(core));
}

void Worker::handle(std::string topic, Handler handler) {
  core_->handle(std::move(topic), std::move(handler));
}
void Worker::use(Middleware middleware) { core_->use(std::move(middleware)); }
Status Worker::run() { return core_->run(); }
void Worker::stop() { core_->stop(); }
WorkerMetrics Worker::metrics() const { return core_->metrics(); }
std::string Worker::metrics_address() const { return core_->metrics_address(); }
const std::string& Worker::name() const { return core_->name(); }

}  // namespace horolog
