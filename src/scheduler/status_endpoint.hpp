#pragma once

#include <memory>
#include <string>

#include "horolog/error.hpp"
#include "net/endpoint.hpp"

namespace horolog::scheduler {

class Service;

/// /livez, /readyz, /metrics and /version of horolog-scheduler, with a thread of its own. Not ready
/// before the service is given to it, nor while it is not a member of its group.
class StatusEndpoint {
 public:
  /// Errc::busy when the port is taken.
  static Result<std::unique_ptr<StatusEndpoint>> listen(const net::Endpoint& address);
  ~StatusEndpoint();
  StatusEndpoint(const StatusEndpoint&) = delete;
  StatusEndpoint& operator=(const StatusEndpoint&) = delete;

  std::string address() const;
  /// `service` outlives the endpoint, or is taken back with nullptr. Thread-safe.
  void show(const Service* service);

 private:
  struct Impl;
  explicit StatusEndpoint(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace horolog::scheduler
