#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "client/call.hpp"
#include "protocol/messages/api_versions.hpp"

namespace horolog::client {

/// ApiVersions, the first request on a connection. A broker that does not know the version asked
/// for answers in version 0, whatever was asked (KIP-511).
class VersionsCall final : public Call {
 public:
  using Done = std::function<void(Result<wire::ApiVersionsResponse>)>;

  explicit VersionsCall(Done done)
      : Call(wire::ApiVersionsRequest::api, wire::ApiVersionsResponse::api, {}),
        done_(std::move(done)) {}

  Encoded encode(std::int16_t version, std::int32_t correlation_id,
                 const std::string& client_id) override {
    const wire::ApiVersionsRequest request{.client_software_name = "horolog",
                                           .client_software_version = HOROLOG_VERSION};
    return {wire::encode_request(version >= 3 ? request : wire::ApiVersionsRequest{}, version,
                                 correlation_id, client_id),
            {}};
  }

  Status answer(ByteView body, std::int16_t version, NodeId,
                std::shared_ptr<const net::Frame>) override {
    constexpr auto unsupported = static_cast<std::int16_t>(wire::ErrorCode::unsupported_version);
    if (body.size() >= 2 && load_be<std::int16_t>(body.data()) == unsupported) version = 0;
    auto message = wire::decode<wire::ApiVersionsResponse>(body, version);
    const Status status = message ? Status() : Status(message.error());
    done_(std::move(message));
    return status;
  }

  void fail(Error error) override { done_(std::move(error)); }

 private:
  Done done_;
};

}  // namespace horolog::client
