#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/api.hpp"
#include "protocol/error_code.hpp"

namespace horolog::wire {

class Visitor;

/// Adds access rules.
struct CreateAclsRequest {
  static constexpr Api api{.name = "CreateAclsRequest",
                           .key = ApiKey::create_acls,
                           .versions = {1, 3},
                           .flexible_since = 2};

  struct Creation {
    std::int8_t resource_type = 0;
    std::string resource_name{};
    std::int8_t resource_pattern_type = 3;
    std::string principal{};
    std::string host{};
    std::int8_t operation = 0;
    std::int8_t permission_type = 0;

    void describe(Visitor& v);
  };

  std::vector<Creation> creations{};

  void describe(Visitor& v);
};

/// The result for each rule.
struct CreateAclsResponse {
  static constexpr Api api{.name = "CreateAclsResponse",
                           .key = ApiKey::create_acls,
                           .versions = {1, 3},
                           .flexible_since = 2};

  struct Result {
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message = "";

    void describe(Visitor& v);
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<Result> results{};

  void describe(Visitor& v);
};

}  // namespace horolog::wire
