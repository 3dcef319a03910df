#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "client/bootstrap.hpp"
#include "client/link.hpp"
#include "client/metadata.hpp"

namespace horolog::client {

/// The links to all brokers. Bootstrap addresses, whose node ids nobody knows, are nodes with
/// negative numbers from -2 down. Belongs to the loop's thread.
class Router {
 public:
  Router(Loop& loop, Transport& transport, const ClientOptions& options,
         std::vector<HostPort> bootstrap);
  ~Router();
  Router(const Router&) = delete;
  Router& operator=(const Router&) = delete;

  /// Whether send_to() has an address for it.
  bool knows(NodeId node) const;
  void send_to(NodeId node, Lane lane, std::unique_ptr<Call> call);
  /// To a connected broker, or to the first that connects: the cluster's brokers are tried before
  /// the bootstrap addresses, each set in random order. Fails when due, or, with
  /// wait_for_brokers = false, when every address has failed.
  void send_any(Lane lane, std::unique_ptr<Call> call);

  /// Follows the brokers' addresses.
  void learn(const Metadata& metadata);
  void close_lane(Lane lane, const Error& why);
  void close_idle(MonoNs before);
  /// Fails all calls, for good.
  void close(const Error& why);

  /// Why there is no connection to any broker, if that is so: for errors of those who wait for one.
  std::string trouble() const;
  std::int16_t feature(std::string_view name) const { return served_.feature(name); }

 private:
  /// Calls for any broker that wait for a connection on one lane, and the search for one.
  struct Search {
    std::deque<std::unique_ptr<Call>> waiting;
    std::set<NodeId> failed;  ///< in this round
    NodeId trying = no_node;
    std::vector<Error> errors;
    std::unique_ptr<net::Deadline> deadline;
  };

  Link& link(NodeId node, Lane lane);
  Link::Address address_of(NodeId node) const;
  void link_ready(Link& link);
  void link_failed(Link& link, const Error& why);
  void search(Lane lane, Search& search);
  NodeId candidate(const Search& search) const;
  void exhausted(Lane lane, Search& search);
  void give_up_late(Lane lane);
  void arm(Search& search);
  void retire(std::unique_ptr<Link> link, const Error& why);

  Loop& loop_;
  const ClientOptions& options_;
  const std::vector<HostPort> bootstrap_;
  Link::Host host_;
  std::map<NodeId, BrokerInfo> brokers_;
  std::map<std::pair<NodeId, Lane>, std::unique_ptr<Link>> links_;
  std::map<Lane, Search> searches_;
  Served served_;
};

}  // namespace horolog::client
