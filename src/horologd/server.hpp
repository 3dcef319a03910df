#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "horolog/error.hpp"
#include "horologd/settings.hpp"

namespace horolog {

/// The composition root: makes the data directory's log store, the shards, the broker and the admin
/// endpoint, joins them, and takes them apart in the right order. One per process.
class Server {
 public:
  /// Loads the data directory (recovering it if the last run crashed) and starts serving. Errors:
  /// Errc::busy (port or directory taken), Errc::corrupt (damaged data: exit code 4),
  /// Errc::invalid_argument (settings), Errc::io.
  static Result<std::unique_ptr<Server>> start(const Settings& settings);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// "127.0.0.1:9092", one per listener, with the ports that were really bound.
  std::vector<std::string> bound_addresses() const;
  /// The admin endpoint's address; empty when it is off.
  std::string admin_address() const;
  /// One line for the log and systemd's status: "1,200 partitions, clean start".
  std::string load_summary() const;

  /// Takes over what may change while running; the rest was reported by the caller.
  void reload(const Settings& settings);
  /// Why the server should end by itself (a failed sync), or empty.
  std::string failure() const;

  /// Finishes what was started, closes the logs and leaves the clean-shutdown mark.
  Status stop();

 private:
  struct Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace horolog
