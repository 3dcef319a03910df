#include "client/router.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "client/loop.hpp"

namespace horolog::client {
namespace {

constexpr NodeId first_bootstrap = -2;

/// What to say when no broker could be reached: each reason once.
Error unreachable(const std::vector<Error>& errors) {
  if (errors.size() == 1) return errors.front();
  std::string text = "no broker can be reached: ";
  std::set<std::string_view> said;
  for (const Error& error : errors) {
    if (!said.insert(error.message()).second) continue;
    if (said.size() > 1) text += "; ";
    text += error.message();
  }
  return Error(errors.back().code(), std::move(text), errors.back().os_error());
}

}  // namespace

Router::Router(Loop& loop, Transport& transport, const ClientOptions& options,
               std::vector<HostPort> bootstrap)
    : loop_(loop),
      options_(options),
      bootstrap_(std::move(bootstrap)),
      host_{.loop = loop,
            .transport = transport,
            .options = options,
            .ready = [this](Link& link) { link_ready(link); },
            .failed = [this](Link& link, const Error& why) { link_failed(link, why); }} {}

Router::~Router() { close(Error(Errc::cancelled, "the client was closed")); }

bool Router::knows(NodeId node) const {
  if (node >= 0) return brokers_.contains(node);
  return node <= first_bootstrap &&
         static_cast<std::size_t>(first_bootstrap - node) < bootstrap_.size();
}

Link::Address Router::address_of(NodeId node) const {
  if (node < 0) {
    const HostPort& to = bootstrap_[static_cast<std::size_t>(first_bootstrap - node)];
    net::Endpoint endpoint{to.host, to.port};
    std::string name = endpoint.to_string();
    return {std::move(endpoint), std::move(name), {}};
  }
  const HostPort& to = brokers_.at(node).address;
  net::Endpoint endpoint{to.host, to.port};
  std::string name = fmt::format("broker {} at {}", node, endpoint.to_string());
  std::string hint;
  if (std::ranges::find(bootstrap_, to) == bootstrap_.end()) {
    hint = fmt::format(
        "the cluster gave this address to its clients, bootstrap was {}: if {} is not reachable "
        "from here, set the broker's advertised.listeners to an address that is",
        options_.bootstrap, endpoint.to_string());
  }
  return {std::move(endpoint), std::move(name), std::move(hint)};
}

Link& Router::link(NodeId node, Lane lane) {
  auto& place = links_[{node, lane}];
  if (!place) place = std::make_unique<Link>(host_, node, lane, address_of(node));
  return *place;
}

void Router::send_to(NodeId node, Lane lane, std::unique_ptr<Call> call) {
  link(node, lane).send(std::move(call));
}

void Router::send_any(Lane lane, std::unique_ptr<Call> call) {
  Link* best = nullptr;
  for (const auto& [key, link] : links_) {
    if (key.second != lane || !link->ready()) continue;
    if (best == nullptr || link->load() < best->load()) best = link.get();
  }
  if (best != nullptr) return best->send(std::move(call));
  Search& search = searches_[lane];
  if (!search.deadline) {
    search.deadline = std::make_unique<net::Deadline>(loop_.deadlines(),
                                                      [this, lane] { give_up_late(lane); });
  }
  search.waiting.push_back(std::move(call));
  arm(search);
  if (search.trying == no_node) this->search(lane, search);
}

NodeId Router::candidate(const Search& search) const {
  const auto pick = [&](const std::vector<NodeId>& among) {
    if (among.empty()) return no_node;
    const auto at = static_cast<std::size_t>(loop_.random() * static_cast<double>(among.size()));
    return among[std::min(at, among.size() - 1)];
  };
  std::vector<NodeId> left;
  for (const auto& [id, broker] : brokers_) {
    if (!search.failed.contains(id)) left.push_back(id);
  }
  if (!left.empty()) return pick(left);
  for (std::size_t i = 0; i < bootstrap_.size(); ++i) {
    const NodeId id = first_bootstrap - static_cast<NodeId>(i);
    if (!search.failed.contains(id)) left.push_back(id);
  }
  return pick(left);
}

void Router::search(Lane lane, Search& search) {
  const NodeId next = candidate(search);
  if (next == no_node) return exhausted(lane, search);
  search.trying = next;
  link(next, lane).open();
}

void Router::exhausted(Lane lane, Search& search) {
  search.failed.clear();
  search.trying = no_node;
  const auto errors = std::exchange(search.errors, {});
  if (!options_.wait_for_brokers) {
    auto waiting = std::exchange(search.waiting, {});
    arm(search);
    const Error why = unreachable(errors);
    for (auto& call : waiting) call->fail(why);
    return;
  }
  // The links pause by themselves before they connect again.
  this->search(lane, search);
}

void Router::link_ready(Link& link) {
  served_ = link.served();
  const auto found = searches_.find(link.lane());
  if (found == searches_.end()) return;
  Search& search = found->second;
  search.failed.clear();
  search.errors.clear();
  search.trying = no_node;
  auto waiting = std::exchange(search.waiting, {});
  arm(search);
  for (auto& call : waiting) link.send(std::move(call));
}

void Router::link_failed(Link& link, const Error& why) {
  const auto found = searches_.find(link.lane());
  if (found == searches_.end()) return;
  Search& search = found->second;
  if (search.waiting.empty()) {
    search.trying = no_node;
    return;
  }
  search.failed.insert(link.node());
  search.errors.push_back(why);
  if (search.trying == link.node() || search.trying == no_node) {
    this->search(link.lane(), search);
  }
}

void Router::give_up_late(Lane lane) {
  Search& search = searches_.at(lane);
  const MonoNs now = loop_.now();
  std::vector<std::unique_ptr<Call>> late;
  for (auto& call : search.waiting) {
    if (call->due <= now) late.push_back(std::move(call));
  }
  std::erase(search.waiting, nullptr);
  arm(search);
  std::vector<Error> reasons = search.errors;
  for (const auto& [key, link] : links_) {
    if (key.second == lane && link->last_error()) reasons.push_back(*link->last_error());
  }
  for (auto& call : late) {
    const std::string_view api = wire::to_string(call->request_api.key);
    const std::string why = reasons.empty() ? "no connection to " + options_.bootstrap + " yet"
                                            : unreachable(reasons).message();
    call->fail(Error(Errc::timed_out, fmt::format("{} was not sent in time: {}", api, why)));
  }
}

std::string Router::trouble() const {
  std::vector<Error> reasons;
  for (const auto& [key, link] : links_) {
    if (link->ready()) return {};
    if (link->last_error()) reasons.push_back(*link->last_error());
  }
  return reasons.empty() ? std::string() : ": " + unreachable(reasons).message();
}

void Router::arm(Search& search) {
  MonoNs next = std::numeric_limits<MonoNs>::max();
  for (const auto& call : search.waiting) next = std::min(next, call->due);
  if (search.waiting.empty()) return search.deadline->clear();
  search.deadline->set(next);
}

void Router::learn(const Metadata& metadata) {
  brokers_ = metadata.brokers;
  std::vector<std::unique_ptr<Link>> gone;
  std::vector<Link*> stay;
  for (auto at = links_.begin(); at != links_.end();) {
    const NodeId node = at->first.first;
    if (knows(node)) {
      if (node >= 0) stay.push_back(at->second.get());
      ++at;
    } else {
      gone.push_back(std::move(at->second));
      at = links_.erase(at);
    }
  }
  for (Link* link : stay) link->move_to(address_of(link->node()));
  for (auto& link : gone) {
    const Error why(Errc::closed, link->address().name + " has left the cluster");
    retire(std::move(link), why);
  }
  for (auto& [lane, search] : searches_) {
    if (search.trying == no_node || knows(search.trying)) continue;
    search.trying = no_node;
    if (!search.waiting.empty()) this->search(lane, search);
  }
}

void Router::retire(std::unique_ptr<Link> link, const Error& why) {
  const std::shared_ptr<Link> last = std::move(link);
  last->close(why);
  // What it calls may be what called us: it goes when that has returned.
  loop_.post([last] {});
}

void Router::close_lane(Lane lane, const Error& why) {
  std::vector<std::unique_ptr<Link>> gone;
  for (auto at = links_.begin(); at != links_.end();) {
    if (at->first.second == lane) {
      gone.push_back(std::move(at->second));
      at = links_.erase(at);
    } else {
      ++at;
    }
  }
  auto search = searches_.extract(lane);
  for (auto& link : gone) retire(std::move(link), why);
  if (search.empty()) return;
  for (auto& call : search.mapped().waiting) call->fail(why);
}

void Router::close_idle(MonoNs before) {
  for (const auto& [key, link] : links_) link->close_if_idle(before);
}

void Router::close(const Error& why) {
  auto links = std::exchange(links_, {});
  auto searches = std::exchange(searches_, {});
  for (auto& [key, link] : links) retire(std::move(link), why);
  for (auto& [lane, search] : searches) {
    for (auto& call : search.waiting) call->fail(why);
  }
}

}  // namespace horolog::client
