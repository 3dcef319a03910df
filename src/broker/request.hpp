#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "broker/context.hpp"
#include "net/request_handler.hpp"
#include "protocol/codec.hpp"
#include "protocol/error_code.hpp"
#include "protocol/header.hpp"

namespace horolog::broker {

/// One request on its way through a handler: what was asked, by whom, and the slot for the answer.
/// Move-only; may travel to other threads (the answer finds its way back to the session). The
/// connection outlives it.
struct Request {
  net::ConnectionInfo* connection = nullptr;
  net::Request frame;          ///< keeps the bytes that views into the body point to
  wire::RequestHeader header;  ///< key, version, correlation id, client id
  ByteView body;               ///< after the header; valid as long as `frame`
  net::Responder responder;
  RequestMetrics* metrics = nullptr;
  const Clock* clock = nullptr;

  std::int16_t version() const { return header.api_version; }
  /// "client 'x' at 127.0.0.1:4711" for log lines.
  std::string who() const;

  /// Decodes the body. An error has been answered already (the connection is closed, with a log
  /// line that names API, version and client): the caller just returns. Bytes behind the message
  /// are ignored, as Kafka ignores them: librdkafka 2.16 sends three too many when it asks for all
  /// topics with Metadata 13.
  template <typename T>
  Result<T> decode() {
    auto message = wire::decode_prefix<T>(body, header.api_version);
    if (!message) refuse_malformed(message.error());
    return message;
  }

  /// Gives the frame's bytes back before the answer is known: a parked request must not hold what
  /// counts against the budget of queued bytes. Views into the body are gone afterwards.
  void release_bytes() {
    frame.frame.reset();
    frame.bytes = {};
    body = {};
  }

  /// Answers. Once per request; the Request is spent afterwards.
  template <typename T>
  void reply(const T& message) {
    send(wire::encode_response(header, message), {});
  }
  /// Answers with record batches spliced in: one payload per non-empty Records field, in order.
  template <typename T>
  void reply_spliced(const T& message, std::vector<std::shared_ptr<const net::Payload>> payloads) {
    send(wire::encode_response(header, message), std::move(payloads));
  }
  /// acks=0: the slot is skipped.
  void reply_nothing();
  /// Gives up on the connection, with a log line.
  void close(const std::string& reason);

 private:
  void send(wire::Spliced encoded, std::vector<std::shared_ptr<const net::Payload>> payloads);
  void refuse_malformed(const Error& error);
  void count();
};

}  // namespace horolog::broker
