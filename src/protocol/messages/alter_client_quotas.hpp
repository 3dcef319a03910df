#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/api.hpp"
#include "protocol/error_code.hpp"

namespace horolog::wire {

class Visitor;

/// Sets and removes quotas.
struct AlterClientQuotasRequest {
  static constexpr Api api{.name = "AlterClientQuotasRequest",
                           .key = ApiKey::alter_client_quotas,
                           .versions = {0, 1},
                           .flexible_since = 1};

  struct Entity {
    std::string entity_type{};
    std::optional<std::string> entity_name = "";

    void describe(Visitor& v);
  };

  struct Operation {
    std::string key{};
    double value = 0;
    bool remove = false;

    void describe(Visitor& v);
  };

  struct Entry {
    std::vector<Entity> entity{};
    std::vector<Operation> ops{};

    void describe(Visitor& v);
  };

  std::vector<Entry> entries{};
  bool validate_only = false;

  void describe(Visitor& v);
};

/// The result for each entity.
struct AlterClientQuotasResponse {
  static constexpr Api api{.name = "AlterClientQuotasResponse",
                           .key = ApiKey::alter_client_quotas,
                           .versions = {0, 1},
                           .flexible_since = 1};

  struct Entity {
    std::string entity_type{};
    std::optional<std::string> entity_name = "";

    void describe(Visitor& v);
  };

  struct Entry {
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message = "";
    std::vector<Entity> entity{};

    void describe(Visitor& v);
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<Entry> entries{};

  void describe(Visitor& v);
};

}  // namespace horolog::wire
