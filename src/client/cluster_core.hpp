#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "client/cluster.hpp"
#include "client/coordinators.hpp"
#include "client/metadata_keeper.hpp"
#include "client/router.hpp"

namespace horolog::client {

/// What a Cluster consists of, and how its parts speak to each other.
struct Cluster::Core {
  Core(ClientOptions options_, std::vector<HostPort> bootstrap, std::shared_ptr<Loop> loop_,
       std::shared_ptr<Transport> transport_);

  static Error closed_error() { return Error(Errc::cancelled, "the client was closed"); }
  MonoNs due(MonoNs timeout_ns) const;

  /// Sends the call, or has it wait for what is not known yet.
  void route(const Target& target, std::unique_ptr<Call> call);
  void topic(std::string name, MonoNs due, bool create, TopicDone done);
  void close();

  const ClientOptions options;
  const std::shared_ptr<Loop> loop;
  const std::shared_ptr<Transport> transport;
  std::atomic<bool> closed{false};
  Lane next_lane = shared_lane + 1;
  Router router;
  MetadataKeeper keeper;
  Coordinators coordinators;
  std::vector<std::weak_ptr<std::function<void()>>> watches;

 private:
  /// The node that `target` means now; no_node when that has to be looked up.
  NodeId resolve(const Target& target) const;
  void wait_for_metadata(const Target& target, std::unique_ptr<Call> call);
  void wait_for_coordinator(const Target& target, std::unique_ptr<Call> call);
  void ask_metadata(const MetadataKeeper::Question& question, MetadataKeeper::Answered answered);
  void ask_coordinator(const Coordinators::Key& key, Coordinators::Answered answered);
  void metadata_changed();
  void close_idle();

  net::Deadline idle_check_;
};

}  // namespace horolog::client
