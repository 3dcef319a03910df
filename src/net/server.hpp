#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "base/executor.hpp"
#include "horolog/error.hpp"
#include "net/byte_budget.hpp"
#include "net/byte_stream.hpp"
#include "net/connection_limits.hpp"
#include "net/endpoint.hpp"
#include "net/request_handler.hpp"
#include "net/session.hpp"
#include "net/session_limits.hpp"
#include "net/shard.hpp"

namespace horolog::net {

class Listener;

struct ListenerConfig {
  std::string name;        ///< e.g. "PLAINTEXT"
  std::string host;        ///< address or host name; empty = every interface, IPv4 and IPv6
  std::uint16_t port = 0;  ///< 0 = any free port
};

struct ServerOptions {
  SessionLimits session;
  /// Of all connections; raised to session.frame_bytes when it is less.
  std::size_t queued_request_bytes = limits::queued_request_bytes;
  std::size_t connections_total = limits::connections_total;
  std::size_t connections_per_address = limits::connections_total;
};

/// The listeners and sessions of one request handler.
///
/// Order of life: shards, blocking pool and handler outlive the server, and the shards every
/// Responder; stop() the server before the shards are stopped. listen(), start() and stop() belong
/// to one thread, the rest is thread-safe.
class Server {
 public:
  /// `blocking` runs payload reads that have to wait for a disk.
  Server(ShardPool& shards, Executor& blocking, RequestHandler& handler,
         ServerOptions options = {});
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Binds and listens, and returns the address that was bound; connections are accepted after
  /// start(). Errc::busy when the port is taken (the text names the holder where the system tells).
  Result<Endpoint> listen(const ListenerConfig& config);
  void start();

  /// Serves a stream that is not a socket (the embedded scheduler). `stream` must belong to
  /// `shard`'s thread.
  void serve(std::unique_ptr<ByteStream> stream, Shard& shard, std::string listener,
             std::string principal);

  /// Stops accepting, lets every request that was read be answered (at most `patience`), then
  /// closes. Blocks; not from a shard. Final; called by the destructor when it was not before.
  void stop(std::chrono::milliseconds patience);
  /// The steps of stop(), for tests that run the shards themselves.
  void begin_stop();
  void close_all();

  std::size_t sessions() const { return sessions_.load(std::memory_order_relaxed); }
  std::size_t queued_request_bytes() const { return host_.budget->used(); }
  Counters& counters() { return shards_.counters(); }

 private:
  friend class Listener;
  struct Resident {
    std::shared_ptr<Session> session;
    ConnectionLimits::Place place;
  };
  /// The sessions of one shard, touched by its thread only.
  struct alignas(64) Home {
    std::unordered_map<std::uint64_t, Resident> sessions;
    bool stopping = false;
  };

  void adopt(std::unique_ptr<ByteStream> stream, Shard& shard, std::string listener,
             std::string principal, ConnectionLimits::Place place);
  void settle(Resident resident);
  void session_closed(Shard& shard, std::uint64_t id);
  /// Runs `task` for every shard's home, on that shard; stop() waits for it.
  void on_every_home(void (*task)(Home&));
  bool empty() const { return sessions_.load() == 0 && home_tasks_ == 0; }

  ShardPool& shards_;
  const ServerOptions options_;
  std::shared_ptr<ConnectionLimits> connection_limits_;
  SessionHost host_;
  std::vector<std::shared_ptr<Listener>> listeners_;
  std::vector<Home> homes_;  ///< by shard index
  std::atomic<std::uint64_t> next_connection_id_{1};
  std::atomic<std::size_t> sessions_{0};
  bool stopped_ = false;
  std::mutex idle_mutex_;
  std::condition_variable idle_;
  std::size_t home_tasks_ = 0;  ///< under idle_mutex_
};

}  // namespace horolog::net
