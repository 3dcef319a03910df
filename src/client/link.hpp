#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "client/connection.hpp"
#include "client/target.hpp"

namespace horolog::client {

/// The way to one broker on one lane: connects when there is something to send, holds calls until
/// it is ready, and comes back after a failure with growing pauses. Belongs to the loop's thread.
class Link {
 public:
  struct Host {
    Loop& loop;
    Transport& transport;
    const ClientOptions& options;
    /// A connection became ready.
    std::function<void(Link&)> ready;
    /// A connection attempt failed, or a connection that was ready was lost.
    std::function<void(Link&, const Error&)> failed;
  };

  struct Address {
    net::Endpoint endpoint;
    std::string name;  ///< for errors: "broker 1 at host:9092"
    std::string hint;  ///< what to do when it cannot be reached; may be empty
  };

  /// `host` outlives the link.
  Link(Host& host, NodeId node, Lane lane, Address address);
  ~Link();
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  /// Now or when there is a connection. Without one the call fails when it is due, or, with
  /// wait_for_brokers = false, at the next attempt that fails.
  void send(std::unique_ptr<Call> call);
  /// Connects although there is nothing to send, unless it is connected or connecting; the host
  /// hears how it went.
  void open();
  /// The broker has another address now: the connection to the old one is closed.
  void move_to(Address address);
  /// Fails everything with `why`; send() afterwards connects again.
  void close(const Error& why);
  /// Closes a connection that has not been used since `before`.
  void close_if_idle(MonoNs before);

  NodeId node() const { return node_; }
  Lane lane() const { return lane_; }
  bool ready() const { return connection_ && connection_->ready(); }
  std::size_t load() const {
    return waiting_.size() + (connection_ ? connection_->in_flight() : 0);
  }
  /// Failures in a row; 0 after a connection became ready.
  std::uint32_t failures() const { return failures_; }
  /// Why there is no connection, when an attempt has failed.
  const std::optional<Error>& last_error() const { return last_error_; }
  const Address& address() const { return address_; }
  /// Only when ready().
  const Served& served() const { return connection_->served(); }

 private:
  void connect();
  void connected();
  void lost(const Error& why);
  void wake();
  void arm();

  Host& host_;
  const NodeId node_;
  const Lane lane_;
  Address address_;
  std::shared_ptr<Connection> connection_;
  std::deque<std::unique_ptr<Call>> waiting_;
  bool wanted_ = false;     ///< by open()
  bool was_ready_ = false;  ///< the current connection has been
  std::uint32_t failures_ = 0;
  MonoNs next_attempt_ = 0;
  std::optional<Error> last_error_;
  net::Deadline deadline_;
};

}  // namespace horolog::client
