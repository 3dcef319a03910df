#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/api.hpp"
#include "protocol/error_code.hpp"

namespace horolog::wire {

class Visitor;

/// Changes single settings: config_operation 0 sets, 1 deletes, 2 appends to and 3 subtracts from a
/// list.
struct IncrementalAlterConfigsRequest {
  static constexpr Api api{.name = "IncrementalAlterConfigsRequest",
                           .key = ApiKey::incremental_alter_configs,
                           .versions = {0, 1},
                           .flexible_since = 1};

  struct Config {
    std::string name{};
    std::int8_t config_operation = 0;
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
struct IncrementalAlterConfigsResponse {
  static constexpr Api api{.name = "IncrementalAlterConfigsResponse",
                           .key = ApiKey::incremental_alter_configs,
                           .versions = {0, 1},
                           .flexible_since = 1};

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
