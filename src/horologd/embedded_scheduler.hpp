#pragma once

#include <memory>

#include "admin/metrics_writer.hpp"
#include "base/clock.hpp"
#include "horologd/settings.hpp"
#include "net/server.hpp"
#include "net/shard.hpp"

namespace horolog {

/// The scheduler inside the broker. It is a client like any other, a member of the schedulers'
/// group with its own transactional ids; only its connections are streams in memory instead of
/// sockets, so that it needs no listener. start() and stop() belong to one thread; the rest is
/// thread-safe.
class EmbeddedScheduler {
 public:
  /// `server`, `shards` and `clock` outlive it.
  EmbeddedScheduler(const Settings& settings, net::Server& server, net::ShardPool& shards,
                    const Clock& clock);
  /// As stop().
  ~EmbeddedScheduler();
  EmbeddedScheduler(const EmbeddedScheduler&) = delete;
  EmbeddedScheduler& operator=(const EmbeddedScheduler&) = delete;

  /// Returns when the scheduler's topics are there, after start() of the server and its shards. A
  /// broker that cannot have them (a full disk) serves without firing: the log says so, and it is
  /// tried again until it succeeds.
  void start();
  /// Ends what is being fired, leaves the group and closes the connections; bounded, also when the
  /// broker does not answer any more. Before the server's stop().
  void stop();

  void collect(admin::MetricsWriter& out) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace horolog
