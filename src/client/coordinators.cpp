#include "client/coordinators.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "client/backoff.hpp"
#include "client/broker_error.hpp"
#include "client/loop.hpp"

namespace horolog::client {
namespace {

std::string describe(const Coordinators::Key& key) {
  return fmt::format("the coordinator of {} {}",
                     key.first == CoordinatorKind::group ? "group" : "transactional.id",
                     key.second);
}

/// The one coordinator in an answer of any version.
wire::FindCoordinatorResponse::Coordinator only(const Reply<wire::FindCoordinatorResponse>& reply,
                                                const std::string& key) {
  if (reply.version < 4) {
    return {.key = key,
            .node_id = reply->node_id,
            .host = reply->host,
            .port = reply->port,
            .error_code = reply->error_code,
            .error_message = reply->error_message};
  }
  const auto found = std::ranges::find(reply->coordinators, key,
                                       &wire::FindCoordinatorResponse::Coordinator::key);
  if (found != reply->coordinators.end()) return *found;
  return {.key = key,
          .error_code = wire::ErrorCode::unknown_server_error,
          .error_message = "the broker's answer leaves it out"};
}

}  // namespace

NodeId Coordinators::known(const Key& key) const {
  const auto found = known_.find(key);
  return found == known_.end() ? no_node : found->second;
}

void Coordinators::find(const Key& key, MonoNs due, std::function<void(NodeId)> found,
                        std::function<void(Error)> fail) {
  Search& search = searches_[key];
  if (!search.deadline) {
    search.deadline =
        std::make_unique<net::Deadline>(host_.loop.deadlines(), [this, key] { wake(key); });
  }
  search.waiters.push_back({due, std::move(found), std::move(fail)});
  if (!search.asking && search.ask_at <= host_.loop.now()) ask(key, search);
  arm(search);
}

void Coordinators::ask(const Key& key, Search& search) {
  search.asking = true;
  host_.ask(key, [this, key](const Result<Reply<wire::FindCoordinatorResponse>>& reply) {
    answered(key, reply);
  });
}

void Coordinators::answered(const Key& key,
                            const Result<Reply<wire::FindCoordinatorResponse>>& reply) {
  const auto found = searches_.find(key);
  if (found == searches_.end()) return;  // closed
  Search& search = found->second;
  search.asking = false;
  Error error(Errc::closed, "");
  bool passes = false;
  if (reply) {
    const auto coordinator = only(*reply, key.second);
    if (coordinator.error_code == wire::ErrorCode::none && coordinator.node_id >= 0 &&
        coordinator.port > 0 && coordinator.port <= 0xFFFF) {
      host_.learn({.id = coordinator.node_id,
                   .address = {coordinator.host, static_cast<std::uint16_t>(coordinator.port)},
                   .rack = {}});
      return finish(key, coordinator.node_id);
    }
    error = broker_error(coordinator.error_code, describe(key) + " cannot be found",
                         coordinator.error_message);
    passes = error.retriable();
  } else {
    error = reply.error().with_context(describe(key) + " cannot be found");
    passes = error.code() == Errc::closed || error.code() == Errc::timed_out;
  }
  if (!passes || search.waiters.empty()) return finish(key, error);
  search.last_failure = error.message();
  const Backoff backoff =
      Backoff::of(host_.options.retry_backoff, host_.options.retry_backoff_max);
  search.ask_at = host_.loop.now() + backoff.delay(++search.failures, host_.loop.random());
  arm(search);
}

void Coordinators::finish(const Key& key, const Result<NodeId>& outcome) {
  auto search = searches_.extract(key);
  if (outcome) known_[key] = *outcome;
  for (Waiter& waiter : search.mapped().waiters) {
    if (outcome) {
      waiter.found(*outcome);
    } else {
      waiter.fail(outcome.error());
    }
  }
}

void Coordinators::wake(const Key& key) {
  Search& search = searches_.at(key);
  const MonoNs now = host_.loop.now();
  std::list<Waiter> late;
  for (auto at = search.waiters.begin(); at != search.waiters.end();) {
    const auto next = std::next(at);
    if (at->due <= now) late.splice(late.end(), search.waiters, at);
    at = next;
  }
  const Error why(Errc::timed_out, search.last_failure.empty()
                                       ? describe(key) + " was not found in time" + host_.trouble()
                                       : search.last_failure);
  // Kept until the end: this runs inside the search's own deadline.
  decltype(searches_)::node_type over;
  if (search.waiters.empty() && !search.asking) {
    over = searches_.extract(key);
  } else {
    if (!search.asking && search.ask_at <= now) ask(key, search);
    arm(search);
  }
  for (Waiter& waiter : late) waiter.fail(why);
}

void Coordinators::arm(Search& search) {
  MonoNs next = std::numeric_limits<MonoNs>::max();
  for (const Waiter& waiter : search.waiters) next = std::min(next, waiter.due);
  if (!search.asking) next = std::min(next, search.ask_at);
  if (next == std::numeric_limits<MonoNs>::max()) return search.deadline->clear();
  search.deadline->set(next);
}

void Coordinators::forget(const Key& key) { known_.erase(key); }

void Coordinators::close(const Error& why) {
  auto searches = std::exchange(searches_, {});
  known_.clear();
  for (auto& [key, search] : searches) {
    for (Waiter& waiter : search.waiters) waiter.fail(why);
  }
}

}  // namespace horolog::client
