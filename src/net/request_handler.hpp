#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "net/endpoint.hpp"
#include "net/frame.hpp"
#include "net/response.hpp"

namespace horolog::net {

class Shard;

/// What is known about a connection. Belongs to the connection's shard: read and write it only
/// there. Lives until connection_closed() has returned and the last Responder is gone.
struct ConnectionInfo {
  ConnectionInfo(std::uint64_t id_, Shard& shard_) : id(id_), shard(shard_) {}

  const std::uint64_t id;  ///< unique in this process
  Shard& shard;
  Endpoint peer;
  /// The address by which the peer reached us: what Metadata answers when no advertised address is
  /// configured.
  Endpoint local;
  std::string listener;  ///< its configured name
  std::string principal = "User:ANONYMOUS";
  /// From ApiVersions; empty until the client has said so.
  std::string client_software_name;
  std::string client_software_version;
  std::uint64_t requests = 0;  ///< handed to the handler so far
  /// For the handler's own use.
  std::shared_ptr<void> attachment;
};

/// A whole request frame, header included, as it came.
struct Request {
  std::shared_ptr<Frame> frame;
  ByteView bytes;          ///< the frame's bytes; valid while `frame` is held
  MonoNs received_at = 0;  ///< when its last byte was read
};

/// Where answers go: a session, or a test.
class ResponseSink {
 public:
  virtual ~ResponseSink() = default;
  /// Called once for every slot, on any thread.
  virtual void finish(std::uint64_t slot, Answer answer) = 0;
};

/// The duty to answer one request; answers leave in the order of the requests whatever the order in
/// which they are given. Give exactly one, from any thread. Destroyed without one, it closes the
/// connection: a client that waits for ever is worse than one that has to reconnect.
class Responder {
 public:
  Responder() = default;
  Responder(std::shared_ptr<ResponseSink> sink, std::uint64_t slot)
      : sink_(std::move(sink)), slot_(slot) {}
  Responder(Responder&&) noexcept = default;
  Responder& operator=(Responder&& other) noexcept {
    if (this != &other) {
      drop();
      sink_ = std::move(other.sink_);
      slot_ = other.slot_;
    }
    return *this;
  }
  ~Responder() { drop(); }

  /// False when the answer has been given (or this was moved from).
  explicit operator bool() const { return sink_ != nullptr; }

  void send(Response response);
  /// The request is answered by silence (acks=0).
  void send_nothing();
  /// Ends the connection once the answers to earlier requests are out. The reason is logged.
  void close(std::string reason);

 private:
  void give(Answer answer);
  void drop() noexcept;

  std::shared_ptr<ResponseSink> sink_;
  std::uint64_t slot_ = 0;
};

/// Serves requests. Both functions are called on the connection's shard and must not block it; for
/// one connection handle() is called in the order of the requests. One handler serves every shard,
/// so it must bear concurrent calls for different connections.
class RequestHandler {
 public:
  virtual ~RequestHandler() = default;
  virtual void handle(ConnectionInfo& connection, Request request, Responder responder) = 0;
  /// The connection is gone; called once. Responders that are still out may be used or dropped:
  /// their answers go nowhere.
  virtual void connection_closed(ConnectionInfo& connection) = 0;
};

}  // namespace horolog::net
