#pragma once

#include <memory>

#include "net/request_handler.hpp"

namespace horolog::broker {

class FetchPoll;
class FetchSession;

/// What the handlers keep with a connection; belongs to the connection's shard.
struct ConnectionState {
  /// The fetch session that was used here last: no look-up in the shared cache as long as the
  /// client stays with it.
  std::shared_ptr<FetchSession> fetch_session;
  /// The last Fetch: what is parked when the connection closes is not waited for.
  std::weak_ptr<FetchPoll> fetch;

  static ConnectionState& of(net::ConnectionInfo& connection) {
    if (connection.attachment == nullptr) {
      connection.attachment = std::make_shared<ConnectionState>();
    }
    return *static_cast<ConnectionState*>(connection.attachment.get());
  }
};

}  // namespace horolog::broker
