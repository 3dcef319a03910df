#include "horologd/server.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <thread>
#include <utility>

#include "base/log.hpp"
#include "base/thread_pool.hpp"
#include "broker/cleaner.hpp"
#include "broker/context.hpp"
#include "broker/dispatch.hpp"
#include "broker/fetch_session_cache.hpp"
#include "broker/group_service.hpp"
#include "broker/housekeeper.hpp"
#include "broker/producer_ids.hpp"
#include "broker/topic_manager.hpp"
#include "broker/transaction_service.hpp"
#include "horologd/admin_endpoint.hpp"
#include "horologd/broker_settings.hpp"
#include "horologd/embedded_scheduler.hpp"
#include "net/server.hpp"
#include "storage/file.hpp"

namespace horolog {
namespace {

constexpr std::size_t min_pool_threads = 4;
/// A clean stop takes at most 5 s, the closing of the logs included.
constexpr std::chrono::seconds stop_patience{3};
/// Each waits for the disk most of the time.
constexpr std::size_t closing_threads = 16;
constexpr std::int64_t longest_idle_ms = 365LL * 24 * 3600 * 1000;

std::size_t cores() { return std::max(1U, std::thread::hardware_concurrency()); }

std::size_t shard_count(const Settings& settings) {
  return settings.network_threads > 0 ? static_cast<std::size_t>(settings.network_threads)
                                      : cores();
}

std::size_t pool_threads(const Settings& settings) {
  return settings.io_threads > 0 ? static_cast<std::size_t>(settings.io_threads)
                                 : std::max(min_pool_threads, 2 * cores());
}

storage::StoreOptions store_options(const Settings& settings) {
  storage::StoreOptions options;
  options.directory = settings.data_directory;
  options.node_id = static_cast<std::int32_t>(settings.node_id);
  options.defaults = std::make_shared<const storage::LogConfig>(make_log_defaults(settings));
  options.disk_low_bytes = static_cast<std::uint64_t>(settings.disk_low_bytes);
  options.producer_expiration_ms = settings.producer_id_expiration_ms;
  return options;
}

net::ServerOptions server_options(const Settings& settings) {
  net::ServerOptions options;
  options.session.frame_bytes = static_cast<std::size_t>(settings.max_request_bytes);
  options.session.idle_ns =
      std::min(settings.connections_max_idle_ms, longest_idle_ms) * 1'000'000;
  options.connections_total = static_cast<std::size_t>(settings.max_connections);
  options.connections_per_address = static_cast<std::size_t>(settings.max_connections_per_ip);
  if (settings.max_queued_request_bytes > 0) {
    options.queued_request_bytes = static_cast<std::size_t>(settings.max_queued_request_bytes);
  }
  return options;
}

}  // namespace

/// Members are destroyed in reverse: what is used outlives what uses it.
struct Server::Impl {
  SystemClock clock;
  std::unique_ptr<storage::FileSystem> files = storage::make_posix_file_system();
  ThreadPool pool;
  net::ShardPool shards;
  std::unique_ptr<storage::LogStore> store;
  std::unique_ptr<broker::Flusher> flusher;
  std::unique_ptr<broker::PartitionTable> partitions;
  std::unique_ptr<broker::TopicManager> topics;
  std::unique_ptr<broker::ProducerIds> producer_ids;
  std::unique_ptr<broker::GroupService> groups;
  std::unique_ptr<broker::FetchSessionCache> fetch_sessions;
  std::unique_ptr<broker::TransactionService> transactions;
  broker::RequestMetrics request_metrics;
  std::unique_ptr<broker::Context> context;
  std::unique_ptr<broker::Dispatcher> dispatcher;
  std::unique_ptr<broker::Housekeeper> housekeeper;
  std::unique_ptr<broker::Cleaner> cleaner;
  std::unique_ptr<net::Server> server;
  std::vector<net::Endpoint> bound;
  std::unique_ptr<EmbeddedScheduler> scheduler;
  std::unique_ptr<AdminEndpoint> admin;
  bool stopped = false;

  explicit Impl(const Settings& settings)
      : pool("pool", pool_threads(settings)), shards(shard_count(settings), clock) {}

  Status open_store(const Settings& settings);
  void build_broker(const Settings& settings);
  Status listen(const Settings& settings);
  Status start(const Settings& settings);
  Status stop();
};

Status Server::Impl::open_store(const Settings& settings) {
  HOROLOG_ASSIGN(store,
                 storage::LogStore::open(*files, store_options(settings), &pool, clock.wall_ms()));
  const storage::LoadReport& report = store->report();
  for (const std::string& reason : report.quarantined) {
    log::error("storage", "partition quarantined: the others are served",
               {log::field("partition", reason)});
  }
  if (!report.clean && !report.created) {
    log::warn("storage", "recovered after an unclean stop",
              {log::field("partitions", report.recovered_partitions),
               log::field("bytes_checked", report.recovered_bytes),
               log::field("bytes_cut", report.cut_bytes)});
  }
  return {};
}

void Server::Impl::build_broker(const Settings& settings) {
  flusher = std::make_unique<broker::Flusher>(*store, clock, pool);
  partitions = std::make_unique<broker::PartitionTable>(*store, *flusher);
  partitions->refresh();
  topics = std::make_unique<broker::TopicManager>(*store, *partitions, clock);
  producer_ids = std::make_unique<broker::ProducerIds>(store->catalog(), clock);
  groups = std::make_unique<broker::GroupService>();
  fetch_sessions = std::make_unique<broker::FetchSessionCache>(
      static_cast<std::size_t>(settings.fetch_session_slots));
  transactions = std::make_unique<broker::TransactionService>();
  context = std::unique_ptr<broker::Context>(new broker::Context{
      clock,
      *store,
      shards,
      pool,
      *flusher,
      *partitions,
      *topics,
      *groups,
      *fetch_sessions,
      *transactions,
      *producer_ids,
      request_metrics,
      {},
      std::make_shared<const broker::BrokerConfig>(make_broker_config(settings))});
  dispatcher = std::make_unique<broker::Dispatcher>(*context);
  housekeeper = std::make_unique<broker::Housekeeper>(*store, *partitions, clock,
                                                      [this] { return context->config(); });
  flusher->on_progress([this] { housekeeper->checkpoint_soon(); });
  cleaner = std::make_unique<broker::Cleaner>(*context);
  server = std::make_unique<net::Server>(shards, pool, *dispatcher, server_options(settings));
}

Status Server::Impl::listen(const Settings& settings) {
  for (const ListenerSetting& listener : settings.listeners) {
    HOROLOG_ASSIGN(net::Endpoint endpoint,
                   server->listen({listener.name, listener.address.host, listener.address.port}));
    bound.push_back(std::move(endpoint));
  }
  return {};
}

Status Server::Impl::stop() {
  if (std::exchange(stopped, true)) return {};
  if (admin) admin->announce_stopping();
  // First: what it has begun is ended by a broker that is whole.
  if (scheduler) scheduler->stop();
  // Requests that wait for a sync still get it: the flusher outlives the sessions.
  if (cleaner) cleaner->stop();
  if (housekeeper) housekeeper->stop();
  if (transactions && context) transactions->stop();
  if (groups && context) groups->stop();
  if (server) server->stop(stop_patience);
  if (admin) admin->stop();
  shards.stop();
  pool.stop();
  if (flusher) flusher->stop();
  if (store == nullptr) return {};
  if (const auto failure = store->failure()) return Error(Errc::io, *failure);
  // The broker's own pool has ended: nothing of it may run while logs are closed.
  ThreadPool closers("close", closing_threads);
  return store->close(clock.wall_ms(), &closers);
}

Status Server::Impl::start(const Settings& settings) {
  HOROLOG_TRY(open_store(settings));
  build_broker(settings);
  HOROLOG_TRY(listen(settings));
  if (settings.scheduler_enabled) {
    scheduler = std::make_unique<EmbeddedScheduler>(settings, *server, shards, clock);
  }
  HOROLOG_ASSIGN(admin, AdminEndpoint::open(settings, *context, *server, scheduler.get()));
  if (admin) housekeeper->on_tick([this] { admin->refresh(); });
  flusher->start();
  shards.start();
  groups->start(*context);
  transactions->start(*context);
  housekeeper->start();
  cleaner->start();
  server->start();
  if (scheduler) scheduler->start();
  return {};
}

Result<std::unique_ptr<Server>> Server::start(const Settings& settings) {
  auto impl = std::make_unique<Impl>(settings);
  if (Status started = impl->start(settings); !started) {
    // A taken port must not make the next start recover: what was opened is closed cleanly.
    [[maybe_unused]] const Status stopped = impl->stop();
    return started.error();
  }
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Server::~Server() {
  if (const Status stopped = impl_->stop(); !stopped) {
    log::error("server", "unclean stop", {log::field("error", stopped.error().message())});
  }
}

std::vector<std::string> Server::bound_addresses() const {
  std::vector<std::string> out;
  for (const net::Endpoint& endpoint : impl_->bound) out.push_back(endpoint.to_string());
  return out;
}

std::string Server::admin_address() const { return impl_->admin ? impl_->admin->address() : ""; }

std::string Server::load_summary() const {
  const storage::LoadReport& report = impl_->store->report();
  return fmt::format("{} partitions, {}", report.partitions,
                     report.created ? "new data directory"
                     : report.clean ? "clean start"
                                    : "recovered after an unclean stop");
}

void Server::reload(const Settings& settings) {
  impl_->store->set_disk_low_bytes(static_cast<std::uint64_t>(settings.disk_low_bytes));
  impl_->topics->change_defaults(
      std::make_shared<const storage::LogConfig>(make_log_defaults(settings)));
  impl_->context->set_config(
      std::make_shared<const broker::BrokerConfig>(make_broker_config(settings)));
}

std::string Server::failure() const { return impl_->store->failure().value_or(""); }

Status Server::stop() { return impl_->stop(); }

}  // namespace horolog
