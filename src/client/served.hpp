#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "horolog/error.hpp"
#include "protocol/api.hpp"

namespace horolog::wire {
struct ApiVersionsResponse;
}

namespace horolog::client {

/// What one broker serves, from its answer to ApiVersions.
class Served {
 public:
  Served() = default;
  explicit Served(const wire::ApiVersionsResponse& answer);

  std::optional<wire::VersionRange> range(wire::ApiKey key) const;
  /// The highest version that the schema, the caller (`cap`) and the broker have in common.
  /// Errc::unsupported, with the three ranges, when there is none; `broker` names the broker.
  Result<std::int16_t> pick(const wire::Api& api, wire::VersionRange cap,
                            std::string_view broker) const;

  /// The finalized level of a cluster feature ("transaction.version"); 0 when it has none.
  std::int16_t feature(std::string_view name) const;

 private:
  std::map<wire::ApiKey, wire::VersionRange> ranges_;
  std::map<std::string, std::int16_t, std::less<>> features_;
};

}  // namespace horolog::client
