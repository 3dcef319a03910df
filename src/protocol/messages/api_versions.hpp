#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/api.hpp"
#include "protocol/error_code.hpp"

namespace horolog::wire {

class Visitor;

/// Asks what the broker serves; the first request on most connections. From version 3 on the client
/// says which software it is.
struct ApiVersionsRequest {
  static constexpr Api api{.name = "ApiVersionsRequest",
                           .key = ApiKey::api_versions,
                           .versions = {0, 4},
                           .flexible_since = 3};

  std::string client_software_name{};
  std::string client_software_version{};

  void describe(Visitor& v);
};

/// The served versions of every API. Features are for clients that use transactions version 2 or
/// the newer group protocols.
struct ApiVersionsResponse {
  static constexpr Api api{.name = "ApiVersionsResponse",
                           .key = ApiKey::api_versions,
                           .versions = {0, 4},
                           .flexible_since = 3};

  struct Range {
    std::int16_t api_key = 0;
    std::int16_t min_version = 0;
    std::int16_t max_version = 0;

    void describe(Visitor& v);
  };

  struct SupportedFeature {
    std::string name{};
    std::int16_t min_version = 0;
    std::int16_t max_version = 0;

    void describe(Visitor& v);
  };

  struct FinalizedFeature {
    std::string name{};
    std::int16_t max_version_level = 0;
    std::int16_t min_version_level = 0;

    void describe(Visitor& v);
  };

  ErrorCode error_code = ErrorCode::none;
  std::vector<Range> api_keys{};
  std::int32_t throttle_time_ms = 0;
  std::vector<SupportedFeature> supported_features{};
  std::int64_t finalized_features_epoch = -1;
  std::vector<FinalizedFeature> finalized_features{};
  bool zk_migration_ready = false;

  void describe(Visitor& v);
};

}  // namespace horolog::wire
