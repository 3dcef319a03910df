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

/// Asks for the quotas of the entities that match every component.
struct DescribeClientQuotasRequest {
  static constexpr Api api{.name = "DescribeClientQuotasRequest",
                           .key = ApiKey::describe_client_quotas,
                           .versions = {0, 1},
                           .flexible_since = 1};

  struct Component {
    std::string entity_type{};
    std::int8_t match_type = 0;  ///< 0: this name, 1: the default entity, 2: any name
    std::optional<std::string> match = "";

    void describe(Visitor& v);
  };

  std::vector<Component> components{};
  bool strict = false;  ///< leave out entities with further components

  void describe(Visitor& v);
};

/// Entities with their quotas; null entries with an error.
struct DescribeClientQuotasResponse {
  static constexpr Api api{.name = "DescribeClientQuotasResponse",
                           .key = ApiKey::describe_client_quotas,
                           .versions = {0, 1},
                           .flexible_since = 1};

  struct Entity {
    std::string entity_type{};
    std::optional<std::string> entity_name = "";

    void describe(Visitor& v);
  };

  struct Value {
    std::string key{};
    double value = 0;

    void describe(Visitor& v);
  };

  struct Entry {
    std::vector<Entity> entity{};
    std::vector<Value> values{};

    void describe(Visitor& v);
  };

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::optional<std::string> error_message = "";
  std::optional<std::vector<Entry>> entries{std::in_place};

  void describe(Visitor& v);
};

}  // namespace horolog::wire
