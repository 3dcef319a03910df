#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "client/call.hpp"
#include "client/metadata.hpp"
#include "client/target.hpp"
#include "horolog/options.hpp"
#include "net/deadline.hpp"
#include "protocol/messages/find_coordinator.hpp"

namespace horolog::client {

class Loop;

/// Who coordinates which group and which transactional id, as far as it was asked for. Belongs to
/// the loop's thread.
class Coordinators {
 public:
  using Key = std::pair<CoordinatorKind, std::string>;
  using Answered = TypedCall<wire::FindCoordinatorRequest>::Done;
  struct Host {
    Loop& loop;
    const ClientOptions& options;
    std::function<void(const Key&, Answered)> ask;
    std::function<void(BrokerInfo)> learn;  ///< where a coordinator is
    std::function<std::string()> trouble;   ///< as of MetadataKeeper
  };
  explicit Coordinators(Host host) : host_(std::move(host)) {}

  /// no_node when it is not known.
  NodeId known(const Key& key) const;
  /// Looks it up. `found` or `fail` is called once, not inside this call; errors that pass are
  /// waited through until `due`.
  void find(const Key& key, MonoNs due, std::function<void(NodeId)> found,
            std::function<void(Error)> fail);
  void forget(const Key& key);
  void close(const Error& why);

 private:
  struct Waiter {
    MonoNs due;
    std::function<void(NodeId)> found;
    std::function<void(Error)> fail;
  };
  /// A look-up that runs or pauses.
  struct Search {
    std::list<Waiter> waiters;
    bool asking = false;
    std::uint32_t failures = 0;
    MonoNs ask_at = 0;
    std::string last_failure;
    std::unique_ptr<net::Deadline> deadline;
  };

  void ask(const Key& key, Search& search);
  void answered(const Key& key, const Result<Reply<wire::FindCoordinatorResponse>>& reply);
  void wake(const Key& key);
  void arm(Search& search);
  void finish(const Key& key, const Result<NodeId>& outcome);

  Host host_;
  std::map<Key, NodeId> known_;
  std::map<Key, Search> searches_;
};

}  // namespace horolog::client
