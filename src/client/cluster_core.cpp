#include "client/cluster_core.hpp"

#include <algorithm>

#include "client/backoff.hpp"
#include "client/broker_error.hpp"
#include "protocol/messages/find_coordinator.hpp"
#include "protocol/messages/metadata.hpp"

namespace horolog::client {

Cluster::Core::Core(ClientOptions options_, std::vector<HostPort> bootstrap,
                    std::shared_ptr<Loop> loop_, std::shared_ptr<Transport> transport_)
    : options(std::move(options_)),
      loop(std::move(loop_)),
      transport(std::move(transport_)),
      router(*loop, *transport, options, std::move(bootstrap)),
      keeper({.loop = *loop,
              .options = options,
              .ask = [this](const auto& question,
                            auto answered) { ask_metadata(question, std::move(answered)); },
              .changed = [this] { metadata_changed(); },
              .trouble = [this] { return router.trouble(); }}),
      coordinators({.loop = *loop,
                    .options = options,
                    .ask = [this](const auto& key,
                                  auto answered) { ask_coordinator(key, std::move(answered)); },
                    .learn = [this](BrokerInfo info) { keeper.learn_broker(std::move(info)); },
                    .trouble = [this] { return router.trouble(); }}),
      idle_check_(loop->deadlines(), [this] { close_idle(); }) {}

MonoNs Cluster::Core::due(MonoNs timeout_ns) const {
  return loop->now() + (timeout_ns > 0 ? timeout_ns : to_ns(options.request_timeout));
}

void Cluster::Core::route(const Target& target, std::unique_ptr<Call> call) {
  if (closed) {
    loop->post([held = std::shared_ptr<Call>(std::move(call))] { held->fail(closed_error()); });
    return;
  }
  idle_check_.set(loop->now() + to_ns(options.connection_max_idle));
  if (target.kind == Target::Kind::any) return router.send_any(target.lane, std::move(call));
  if (target.kind == Target::Kind::leader) keeper.touch(target.partition.topic);
  const NodeId node = resolve(target);
  if (node != no_node) return router.send_to(node, target.lane, std::move(call));
  if (target.kind == Target::Kind::coordinator) {
    return wait_for_coordinator(target, std::move(call));
  }
  wait_for_metadata(target, std::move(call));
}

NodeId Cluster::Core::resolve(const Target& target) const {
  const auto metadata = keeper.current();
  NodeId node = no_node;
  switch (target.kind) {
    case Target::Kind::any: break;
    case Target::Kind::node: node = target.id; break;
    case Target::Kind::controller: node = metadata->controller; break;
    case Target::Kind::leader:
      if (const auto* known =
              metadata->partition(target.partition.topic, target.partition.partition)) {
        node = known->leader;
      }
      break;
    case Target::Kind::coordinator:
      node = coordinators.known({target.coordinator_kind, target.key});
      break;
  }
  return router.knows(node) ? node : no_node;
}

void Cluster::Core::wait_for_metadata(const Target& target, std::unique_ptr<Call> call) {
  const MonoNs due = call->due;
  const bool leader = target.kind == Target::Kind::leader;
  const auto held = std::make_shared<std::unique_ptr<Call>>(std::move(call));
  keeper.wait({.topic = leader ? target.partition.topic : std::string(),
               .due = due,
               .retry = [this, target, held] {
                 const NodeId node = resolve(target);
                 if (node == no_node) return false;
                 router.send_to(node, target.lane, std::move(*held));
                 return true;
               },
               .fail = [held](const Error& error) { (*held)->fail(error); }});
}

void Cluster::Core::wait_for_coordinator(const Target& target, std::unique_ptr<Call> call) {
  const MonoNs due = call->due;
  const auto held = std::make_shared<std::unique_ptr<Call>>(std::move(call));
  coordinators.find(
      {target.coordinator_kind, target.key}, due,
      [this, lane = target.lane, held](NodeId node) {
        router.send_to(node, lane, std::move(*held));
      },
      [held](const Error& error) { (*held)->fail(error); });
}

void Cluster::Core::topic(std::string name, MonoNs due, bool create, TopicDone done) {
  if (closed) {
    return loop->post([done = std::move(done)] { done(closed_error()); });
  }
  keeper.touch(name);
  if (auto known = keeper.current()->topic(name)) {
    return loop->post([done = std::move(done), known] { done(known); });
  }
  keeper.wait({.topic = name,
               .create = create,
               .due = due,
               .retry = [this, name, done] {
                 auto known = keeper.current()->topic(name);
                 if (!known) return false;
                 done(std::move(known));
                 return true;
               },
               .fail = [done](const Error& error) { done(error); }});
}

void Cluster::Core::ask_metadata(const MetadataKeeper::Question& question,
                                 MetadataKeeper::Answered answered) {
  const auto build = [question](std::int16_t version) {
    wire::MetadataRequest request;
    if (question.all) {
      // Version 0 says "all" by an empty list.
      if (version >= 1) request.topics = std::nullopt;
    } else {
      for (const std::string& name : question.topics) {
        request.topics->push_back({.topic_id = {}, .name = name});
      }
    }
    if (version >= 4) request.allow_auto_topic_creation = question.create;
    return Outgoing<wire::MetadataRequest>(std::move(request));
  };
  auto call = std::make_unique<TypedCall<wire::MetadataRequest>>(
      build,
      [answered = std::move(answered)](Result<Reply<wire::MetadataResponse>> reply) {
        if (!reply) return answered(reply.error());
        answered(std::make_shared<const wire::MetadataResponse>(std::move(reply->message)));
      },
      CallOptions{});
  call->due = due(question.timeout_ns);
  router.send_any(shared_lane, std::move(call));
}

void Cluster::Core::ask_coordinator(const Coordinators::Key& key,
                                    Coordinators::Answered answered) {
  const auto build = [key](std::int16_t version) {
    wire::FindCoordinatorRequest request;
    if (version >= 1) request.key_type = static_cast<std::int8_t>(key.first);
    if (version >= 4) {
      request.coordinator_keys = {key.second};
    } else {
      request.key = key.second;
    }
    return Outgoing<wire::FindCoordinatorRequest>(std::move(request));
  };
  // Version 0 knows groups only.
  const std::int16_t least = key.first == CoordinatorKind::group ? 0 : 1;
  auto call = std::make_unique<TypedCall<wire::FindCoordinatorRequest>>(
      build, std::move(answered), CallOptions{.cap = {least, 0x7FFF}});
  call->due = due(0);
  router.send_any(shared_lane, std::move(call));
}

void Cluster::Core::metadata_changed() {
  router.learn(*keeper.current());
  std::erase_if(watches, [](const auto& watch) { return watch.expired(); });
  const auto told = watches;
  for (const auto& weak : told) {
    if (const auto watch = weak.lock()) (*watch)();
  }
}

void Cluster::Core::close_idle() {
  const MonoNs idle = to_ns(options.connection_max_idle);
  router.close_idle(loop->now() - idle);
  idle_check_.set(loop->now() + idle);
}

void Cluster::Core::close() {
  idle_check_.clear();
  const Error why = closed_error();
  // Last the router: its calls are also those of the others.
  keeper.close(why);
  coordinators.close(why);
  router.close(why);
}

}  // namespace horolog::client
