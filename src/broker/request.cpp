#include "broker/request.hpp"

#include <fmt/format.h>

#include "base/assert.hpp"
#include "base/log.hpp"

namespace horolog::broker {

std::string Request::who() const {
  return fmt::format("'{}' at {}", header.client_id.value_or(""), connection->peer.to_string());
}

void Request::send(wire::Spliced encoded,
                   std::vector<std::shared_ptr<const net::Payload>> payloads) {
  HOROLOG_ASSERT(encoded.splices.size() == payloads.size());
  net::Response response;
  response.bytes = std::move(encoded.bytes);
  response.splices.reserve(payloads.size());
  for (std::size_t i = 0; i < payloads.size(); ++i) {
    HOROLOG_ASSERT(encoded.splices[i].size == payloads[i]->size());
    response.splices.push_back({encoded.splices[i].at, std::move(payloads[i])});
  }
  count();
  responder.send(std::move(response));
}

void Request::reply_nothing() {
  count();
  responder.send_nothing();
}

void Request::close(const std::string& reason) {
  log::warn("broker", "connection closed",
            {log::field("reason", reason), log::field("client", who())});
  responder.close(reason);
}

void Request::refuse_malformed(const Error& error) {
  close(fmt::format("malformed {} version {}: {}",
                    wire::to_string(static_cast<wire::ApiKey>(header.api_key)), version(),
                    error.message()));
}

void Request::count() {
  const auto slot = static_cast<std::size_t>(header.api_key);
  if (slot >= RequestMetrics::api_slots) return;
  RequestMetrics::Api& api = metrics->apis[slot];
  api.requests.add();
  api.seconds.record_ns(clock->mono_ns() - frame.received_at);
}

}  // namespace horolog::broker
