#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/api.hpp"
#include "protocol/error_code.hpp"

namespace horolog::wire {

class Visitor;

/// Removes the access rules that filters match.
struct DeleteAclsRequest {
  static constexpr Api api{.name = "DeleteAclsRequest",
                           .key = ApiKey::delete_acls,
                           .versions = {1, 3},
                           .flexible_since = 2};

  struct Filter {
    std::int8_t resource_type_filter = 0;
    std::optional<std::string> resource_name_filter = "";
    std::int8_t pattern_type_filter = 3;
    std::optional<std::string> principal_filter = "";
    std::optional<std::string> host_filter = "";
    std::int8_t operation = 0;
    std::int8_t permission_type = 0;

    void describe(Visitor& v);
  };

  std::vector<Filter> filters{};

  void describe(Visitor& v);
};

/// What each filter matched.
struct DeleteAclsResponse {
  static constexpr Api api{.name = "DeleteAclsResponse",
                           .key = ApiKey::delete_acls,
                           .versions = {1, 3},
                           .flexible_since = 2};

  struct Match {
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message = "";
    std::int8_t resource_type = 0;
    std::string resource_name{};
    std::int8_t pattern_type = 3;
    std::string principal{};
    std::string host{};
    std::int8_t operation = 0;
    std::int8_t permission_type = 0;

    void describe(Visitor& v);
  };

  struct Result {
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message = "";
    std::vector<Match> matching_acls{};

    void describe(Visitor& v);
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<Result> filter_results{};

  void describe(Visitor& v);
};

}  // namespace horolog::wire
