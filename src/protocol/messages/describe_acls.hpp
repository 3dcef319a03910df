#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/api.hpp"
#include "protocol/error_code.hpp"

namespace horolog::wire {

class Visitor;

/// Asks for the access rules that a filter matches. Null matches any name, principal or host.
struct DescribeAclsRequest {
  static constexpr Api api{.name = "DescribeAclsRequest",
                           .key = ApiKey::describe_acls,
                           .versions = {1, 3},
                           .flexible_since = 2};

  std::int8_t resource_type_filter = 0;
  std::optional<std::string> resource_name_filter = "";
  std::int8_t pattern_type_filter = 3;
  std::optional<std::string> principal_filter = "";
  std::optional<std::string> host_filter = "";
  std::int8_t operation = 0;
  std::int8_t permission_type = 0;

  void describe(Visitor& v);
};

/// The rules, by resource.
struct DescribeAclsResponse {
  static constexpr Api api{.name = "DescribeAclsResponse",
                           .key = ApiKey::describe_acls,
                           .versions = {1, 3},
                           .flexible_since = 2};

  struct Acl {
    std::string principal{};
    std::string host{};
    std::int8_t operation = 0;
    std::int8_t permission_type = 0;

    void describe(Visitor& v);
  };

  struct Resource {
    std::int8_t resource_type = 0;
    std::string resource_name{};
    std::int8_t pattern_type = 3;
    std::vector<Acl> acls{};

    void describe(Visitor& v);
  };

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::optional<std::string> error_message = "";
  std::vector<Resource> resources{};

  void describe(Visitor& v);
};

}  // namespace horolog::wire
