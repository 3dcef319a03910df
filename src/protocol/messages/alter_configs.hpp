#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/api.hpp"
#include "protocol/error_code.hpp"

namespace horolog::wire {

class Visitor;

/// Replaces all settings of a resource: what is not named goes back to its default.
struct AlterConfigsRequest {
  static constexpr Api api{.name = "AlterConfigsRequest",
                           .key = ApiKey::alter_configs,
                           .versions = {0, 2},
                           .flexible_since = 2};

  struct Config {
    std::string name{};
    std::optional<std::string> value = "";

    void describe(Visitor& v);
  };

  struct Resource {
    std::int8_t resource_type = 0;
    std::string resource_name{};
    std::vector<Config> configs{};

    void describe(Visitor& v);
  };

  std::vector<Resource> resources{};
  bool validate_only = false;

  void describe(Visitor& v);
};

/// The outcome for each resource.
struct AlterConfigsResponse {
  static constexpr Api api{.name = "AlterConfigsResponse",
                           .key = ApiKey::alter_configs,
                           .versions = {0, 2},
                           .flexible_since = 2};

  struct Resource {
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message = "";
    std::int8_t resource_type = 0;
    std::string resource_name{};

    void describe(Visitor& v);
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<Resource> responses{};

  void describe(Visitor& v);
};

}  // namespace horolog::wire
