#pragma once

#include <memory>
#include <string>

#include "broker/context.hpp"
#include "horolog/error.hpp"
#include "horologd/embedded_scheduler.hpp"
#include "horologd/settings.hpp"
#include "net/server.hpp"

namespace horolog {

/// Health and metrics over HTTP, joined to the broker. When the default address is taken the broker
/// starts without it, with a warning that names the holder; a configured address that is taken is
/// an error.
class AdminEndpoint {
 public:
  /// Null when it is switched off, or could not have its default port. `context`, `server` and
  /// `scheduler` (null: there is none) outlive it. Serves from a shard, so it answers only once the
  /// shards run.
  static Result<std::unique_ptr<AdminEndpoint>> open(const Settings& settings,
                                                     broker::Context& context, net::Server& server,
                                                     const EmbeddedScheduler* scheduler);
  ~AdminEndpoint();
  AdminEndpoint(const AdminEndpoint&) = delete;
  AdminEndpoint& operator=(const AdminEndpoint&) = delete;

  std::string address() const;
  /// Once a second: brings what metrics cannot ask for at once up to date.
  void refresh();
  /// From here on /readyz says that the broker is stopping.
  void announce_stopping();
  void stop();

 private:
  struct Impl;
  explicit AdminEndpoint(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace horolog
