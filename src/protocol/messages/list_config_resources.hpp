#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/api.hpp"
#include "protocol/error_code.hpp"

namespace horolog::wire {

class Visitor;

/// Asks for the resources that have settings of their own. Version 0 asks for client metrics (type
/// 16) alone.
struct ListConfigResourcesRequest {
  static constexpr Api api{.name = "ListConfigResourcesRequest",
                           .key = ApiKey::list_config_resources,
                           .versions = {0, 1},
                           .flexible_since = 0};

  std::vector<std::int8_t> resource_types{};  ///< empty: every type

  void describe(Visitor& v);
};

/// The resources, by type and name.
struct ListConfigResourcesResponse {
  static constexpr Api api{.name = "ListConfigResourcesResponse",
                           .key = ApiKey::list_config_resources,
                           .versions = {0, 1},
                           .flexible_since = 0};

  struct Resource {
    std::string resource_name{};
    std::int8_t resource_type = 16;

    void describe(Visitor& v);
  };

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::vector<Resource> config_resources{};

  void describe(Visitor& v);
};

}  // namespace horolog::wire
