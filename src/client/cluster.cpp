#include "client/cluster.hpp"

#include <atomic>
#include <list>

#include "client/backoff.hpp"
#include "client/cluster_core.hpp"
#include "client/transport.hpp"

namespace horolog::client {

Result<std::shared_ptr<Cluster>> Cluster::open(ClientOptions options, std::shared_ptr<Loop> loop,
                                               std::shared_ptr<Transport> transport) {
  HOROLOG_ASSIGN(auto bootstrap, parse_bootstrap(options.bootstrap));
  if (options.request_timeout.count() <= 0 || options.connect_timeout.count() <= 0) {
    return Error(Errc::invalid_argument, "request_timeout and connect_timeout must be above 0");
  }
  if (!loop) loop = Loop::start();
  if (!transport) transport = tcp_transport();
  auto core = std::make_shared<Core>(std::move(options), std::move(bootstrap), std::move(loop),
                                     std::move(transport));
  return std::shared_ptr<Cluster>(new Cluster(std::move(core)));
}

Cluster::Cluster(std::shared_ptr<Core> core) : core_(std::move(core)) {}

Cluster::~Cluster() {
  close();
  // This may run inside a callback that a part of the core is calling: the core goes when that has
  // returned.
  const std::shared_ptr<Loop> loop = core_->loop;
  loop->post([core = std::move(core_)] {});
}

void Cluster::close() {
  if (core_->closed.exchange(true)) return;
  core_->loop->run([core = core_] { core->close(); });
}

Loop& Cluster::loop() { return *core_->loop; }
const std::shared_ptr<Loop>& Cluster::shared_loop() const { return core_->loop; }
const ClientOptions& Cluster::options() const { return core_->options; }

std::shared_ptr<const Metadata> Cluster::metadata() const { return core_->keeper.current(); }

void Cluster::start(Target target, std::unique_ptr<Call> call, MonoNs timeout_ns) {
  call->due = core_->due(timeout_ns);
  core_->route(target, std::move(call));
}

Lane Cluster::new_lane() { return core_->next_lane++; }

void Cluster::release_lane(Lane lane) {
  core_->router.close_lane(lane, Error(Errc::closed, "the lane was released"));
}

std::int16_t Cluster::feature(std::string_view name) const { return core_->router.feature(name); }

void Cluster::topic(std::string name, MonoNs timeout_ns, bool create, TopicDone done) {
  core_->topic(std::move(name), core_->due(timeout_ns), create, std::move(done));
}

void Cluster::refresh(std::optional<std::set<std::string>> topics, MonoNs timeout_ns,
                      std::function<void(Status)> done) {
  if (core_->closed) {
    return core_->loop->post([done = std::move(done)] { done(Core::closed_error()); });
  }
  const bool all = !topics.has_value();
  core_->keeper.refresh({.topics = std::move(topics).value_or(std::set<std::string>()),
                         .all = all,
                         .timeout_ns = timeout_ns},
                        std::move(done));
}

void Cluster::leader_failed(const TopicPartition& tp) {
  core_->keeper.learn_leader(tp, no_node, -1);
}

void Cluster::leader_hint(const TopicPartition& tp, NodeId leader, LeaderEpoch epoch,
                          std::optional<BrokerInfo> address) {
  if (address && address->id == leader) core_->keeper.learn_broker(std::move(*address));
  if (core_->router.knows(leader)) return core_->keeper.learn_leader(tp, leader, epoch);
  leader_failed(tp);
}

Cluster::Watch Cluster::watch_metadata(std::function<void()> changed) {
  auto watch = std::make_shared<std::function<void()>>(std::move(changed));
  core_->watches.push_back(watch);
  return watch;
}

void Cluster::coordinator_failed(CoordinatorKind kind, const std::string& key) {
  core_->coordinators.forget({kind, key});
}

NodeId Cluster::coordinator(CoordinatorKind kind, const std::string& key) const {
  return core_->coordinators.known({kind, key});
}

}  // namespace horolog::client
