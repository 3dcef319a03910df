#pragma once

#include "broker/context.hpp"
#include "net/request_handler.hpp"

namespace horolog::broker {

/// The door between net and the handlers: parses the header, checks API and version against the one
/// served table, and calls the handler. What is not served closes the connection, as Kafka does,
/// with a log line that names the client; only ApiVersions answers with an error (KIP-511).
class Dispatcher final : public net::RequestHandler {
 public:
  explicit Dispatcher(Context& context);
  void handle(net::ConnectionInfo& connection, net::Request request,
              net::Responder responder) override;
  void connection_closed(net::ConnectionInfo& connection) override;

 private:
  Context& context_;
};

}  // namespace horolog::broker
