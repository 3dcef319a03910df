#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "protocol/api.hpp"
#include "protocol/error_code.hpp"

namespace horolog::wire {

class Visitor;

/// Asks for the configuration of topics (resource type 2), brokers (4) and groups (32).
struct DescribeConfigsRequest {
  static constexpr Api api{.name = "DescribeConfigsRequest",
                           .key = ApiKey::describe_configs,
                           .versions = {1, 4},
                           .flexible_since = 4};

  struct Resource {
    std::int8_t resource_type = 0;
    std::string resource_name{};
    /// null asks for all settings
    std::optional<std::vector<std::string>> configuration_keys{std::in_place};

    void describe(Visitor& v);
  };

  std::vector<Resource> resources{};
  bool include_synonyms = false;
  bool include_documentation = false;

  void describe(Visitor& v);
};

/// Settings with their source: 1 topic, 2 dynamic broker, 3 dynamic default, 4 static broker, 5
/// default, 8 group.
struct DescribeConfigsResponse {
  static constexpr Api api{.name = "DescribeConfigsResponse",
                           .key = ApiKey::describe_configs,
                           .versions = {1, 4},
                           .flexible_since = 4};

  struct Synonym {
    std::string name{};
    std::optional<std::string> value = "";
    std::int8_t source = 0;

    void describe(Visitor& v);
  };

  struct Config {
    std::string name{};
    std::optional<std::string> value = "";
    bool read_only = false;
    std::int8_t config_source = -1;
    bool is_sensitive = false;
    std::vector<Synonym> synonyms{};
    std::int8_t config_type = 0;
    std::optional<std::string> documentation = "";

    void describe(Visitor& v);
  };

  struct Resource {
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message = "";
    std::int8_t resource_type = 0;
    std::string resource_name{};
    std::vector<Config> configs{};

    void describe(Visitor& v);
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<Resource> results{};

  void describe(Visitor& v);
};

}  // namespace horolog::wire
