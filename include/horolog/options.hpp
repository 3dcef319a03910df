#pragma once

#include <chrono>
#include <cstddef>
#include <string>

namespace horolog {

/// How a client finds its brokers and how patient it is. Producer, consumer and admin take one of
/// these; the names in Kafka's documentation stand beside each field. A plain value: copied into
/// the client, so it may go once the client is open.
///
/// Connections are plain text. Encryption and authentication are parts of a connection's start and
/// will be further fields here; until then a TLS port is recognised and named in the error.
struct ClientOptions {
  /// bootstrap.servers: "host:port[,host:port…]", tried in random order until one answers. A port
  /// may be left out (9092); an IPv6 address stands in brackets: "[::1]:9092".
  std::string bootstrap = "localhost:9092";
  /// client.id: how brokers name this client in quotas and logs.
  std::string client_id = "horolog";

  /// request.timeout.ms: how long one request may take, with finding its broker and connecting.
  std::chrono::milliseconds request_timeout{30'000};
  /// socket.connection.setup.timeout.ms: name lookup, TCP connect and version negotiation.
  std::chrono::milliseconds connect_timeout{10'000};

  /// retry.backoff.ms, retry.backoff.max.ms: before a request is repeated; doubled each time, and
  /// spread by ±20 %.
  std::chrono::milliseconds retry_backoff{100};
  std::chrono::milliseconds retry_backoff_max{1'000};
  /// reconnect.backoff.ms and reconnect.backoff.max.ms, in the same way.
  std::chrono::milliseconds reconnect_backoff{50};
  std::chrono::milliseconds reconnect_backoff_max{1'000};

  /// metadata.max.age.ms: topics and brokers in use are looked up anew after this time even if
  /// nothing failed.
  std::chrono::milliseconds metadata_max_age{300'000};
  /// connections.max.idle.ms: unused connections are closed; less than the broker's own 10 minutes.
  std::chrono::milliseconds connection_max_idle{540'000};

  /// The largest answer that is accepted. A peer that announces more has its connection closed.
  std::size_t max_response_bytes = std::size_t{100} * 1024 * 1024;

  /// Whether a request waits, up to its timeout, for a broker that cannot be reached. False: it
  /// fails as soon as every address that could serve it has failed once, as a command wants it.
  bool wait_for_brokers = true;
};

}  // namespace horolog
