#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "client/cluster.hpp"
#include "client/transport.hpp"
#include "net/memory_stream.hpp"
#include "protocol/codec.hpp"

namespace horolog::client::test {

class FakeClock final : public Clock {
 public:
  TimestampMs wall_ms() const override { return now / 1'000'000; }
  MonoNs mono_ns() const override { return now; }
  /// Atomic: a call that waits may run on a thread of its own (ConsumerKit::beside).
  std::atomic<MonoNs> now = 1'000'000'000'000;
};

/// One broker of a script: answers what it was told to, byte by byte if need be. It has the address
/// "broker:<port>", and node id port - 9000.
class ScriptedBroker {
 public:
  struct Connection {
    std::unique_ptr<net::ByteStream> stream;
    ByteBuffer input;
    std::vector<std::string> requests;  ///< names of the APIs, in order
  };
  using Handler = std::function<void(Connection&, const wire::RequestFrame&)>;

  explicit ScriptedBroker(std::uint16_t port_) : port(port_) {}

  /// What it does with requests of one API; without one it does not answer.
  std::map<wire::ApiKey, Handler> handlers;
  /// Connection attempts fail while it is false.
  bool listening = true;
  int attempts = 0;
  const std::uint16_t port;
  std::vector<std::unique_ptr<Connection>> connections;

  NodeId node() const { return port - 9000; }
  /// Requests of one API on all connections so far.
  int count(wire::ApiKey key) const;

  template <typename M>
  void on(std::function<M(std::int16_t version)> make) {
    handlers[M::api.key] = [make](Connection& connection, const wire::RequestFrame& request) {
      send(connection, request, make(request.header.api_version));
    };
  }
  template <typename M>
  static void send(Connection& connection, const wire::RequestFrame& request, const M& message) {
    write(connection, wire::encode_response(request.header, message).bytes);
  }
  static void write(Connection& connection, ByteView bytes);
  static void hang_up(Connection& connection) { connection.stream->close(); }

  /// Reads and answers; returns whether there was something to do.
  bool step();
};

/// A loop that is run by hand, its clock, and brokers by port.
class Stage {
 public:
  Stage();
  ~Stage();

  ScriptedBroker& broker(std::uint16_t port);
  /// The broker answers ApiVersions as a new one does.
  ScriptedBroker& modern(std::uint16_t port);
  /// ApiVersions as Kafka 2.1 answers it: no version above 2, and to others an error in version 0.
  ScriptedBroker& kafka_2_1(std::uint16_t port);

  void open(ClientOptions options);
  /// Runs loop and brokers until nothing moves any more.
  void run();
  /// Lets time pass in small steps, running all the way.
  void pass(std::chrono::milliseconds time);

  /// A cluster of the given brokers in which broker `leader` leads partition 0 of "t".
  void cluster_of(std::vector<std::uint16_t> ports, NodeId leader, LeaderEpoch epoch = 0);

  FakeClock clock;
  std::shared_ptr<Loop> loop;
  std::map<std::uint16_t, std::unique_ptr<ScriptedBroker>> brokers;
  std::shared_ptr<Cluster> cluster;
};

}  // namespace horolog::client::test
