#include "net/server.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"
#include "net/listener.hpp"

namespace horolog::net {

namespace {

/// A request larger than the budget of all requests could never be read, and no time at all to be
/// idle in means no limit (Kafka's -1).
ServerOptions checked(ServerOptions options) {
  constexpr MonoNs for_ever_ns = 100LL * 365 * 24 * 3600 * second_ns;
  options.queued_request_bytes =
      std::max(options.queued_request_bytes, options.session.frame_bytes);
  if (options.session.idle_ns <= 0) options.session.idle_ns = for_ever_ns;
  return options;
}

}  // namespace

Server::Server(ShardPool& shards, Executor& blocking, RequestHandler& handler,
               ServerOptions options)
    : shards_(shards),
      options_(checked(options)),
      connection_limits_(std::make_shared<ConnectionLimits>(options.connections_total,
                                                            options.connections_per_address)),
      host_{handler, blocking, options_.session,
            std::make_shared<ByteBudget>(options_.queued_request_bytes),
            [this](Shard& shard, std::uint64_t id) { session_closed(shard, id); }},
      homes_(shards.size()) {}

Server::~Server() { stop(std::chrono::milliseconds(0)); }

Result<Endpoint> Server::listen(const ListenerConfig& config) {
  Shard& shard = shards_.at(listeners_.size() % shards_.size());
  HOROLOG_ASSIGN(auto listener, Listener::open(*this, shard, config));
  listeners_.push_back(listener);
  return listener->bound();
}

void Server::start() {
  for (const auto& listener : listeners_) listener->start();
}

void Server::serve(std::unique_ptr<ByteStream> stream, Shard& shard, std::string listener,
                   std::string principal) {
  adopt(std::move(stream), shard, std::move(listener), std::move(principal), {});
}

void Server::adopt(std::unique_ptr<ByteStream> stream, Shard& shard, std::string listener,
                   std::string principal, ConnectionLimits::Place place) {
  ConnectionInfo info(next_connection_id_.fetch_add(1), shard);
  info.peer = stream->peer();
  info.local = stream->local();
  info.listener = std::move(listener);
  if (!principal.empty()) info.principal = std::move(principal);
  // Counted before it is there, so that a burst of connections spreads and stop() waits for it.
  sessions_.fetch_add(1);
  shard.load().fetch_add(1, std::memory_order_relaxed);
  shard.counters().connections.add();
  shard.counters().connections_opened.add();
  auto session = std::make_shared<Session>(host_, std::move(info), std::move(stream));
  shard.post_move([this, resident = Resident{std::move(session), std::move(place)}]() mutable {
    settle(std::move(resident));
  });
}

void Server::settle(Resident resident) {
  const std::shared_ptr<Session> session = resident.session;
  Home& home = homes_[session->info().shard.index()];
  home.sessions.emplace(session->info().id, std::move(resident));
  if (home.stopping) return session->close(log::Level::debug, "the broker stops");
  session->start();
}

void Server::session_closed(Shard& shard, std::uint64_t id) {
  homes_[shard.index()].sessions.erase(id);
  shard.load().fetch_sub(1, std::memory_order_relaxed);
  shard.counters().connections.subtract();
  const std::lock_guard lock(idle_mutex_);
  if (sessions_.fetch_sub(1) == 1) idle_.notify_all();
}

void Server::on_every_home(void (*task)(Home&)) {
  for (std::size_t i = 0; i < shards_.size(); ++i) {
    {
      const std::lock_guard lock(idle_mutex_);
      ++home_tasks_;
    }
    shards_.at(i).post([this, i, task] {
      task(homes_[i]);
      const std::lock_guard lock(idle_mutex_);
      --home_tasks_;
      idle_.notify_all();
    });
  }
}

void Server::begin_stop() {
  // Before the homes' tasks: when those have run, no listener accepts any more.
  for (const auto& listener : listeners_) listener->stop();
  on_every_home([](Home& home) {
    home.stopping = true;
    for (const auto& [id, resident] : home.sessions) resident.session->stop_gently();
  });
}

void Server::close_all() {
  on_every_home([](Home& home) {
    // close() takes the session out of the map.
    while (!home.sessions.empty()) {
      const auto session = home.sessions.begin()->second.session;
      session->close(log::Level::info, "the broker stops and the peer did not let it finish");
    }
  });
}

void Server::stop(std::chrono::milliseconds patience) {
  if (std::exchange(stopped_, true)) return;
  begin_stop();
  if (!shards_.running()) {
    shards_.run_ready();
    close_all();
    shards_.run_ready();
    HOROLOG_ASSERT(empty());
    return;
  }
  std::unique_lock lock(idle_mutex_);
  if (idle_.wait_for(lock, patience, [this] { return empty(); })) return;
  lock.unlock();
  close_all();
  lock.lock();
  idle_.wait(lock, [this] { return empty(); });
}

}  // namespace horolog::net
