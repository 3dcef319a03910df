#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/api.hpp"
#include "protocol/error_code.hpp"

namespace horolog::wire {

class Visitor;

/// Raises or lowers finalized feature levels.
struct UpdateFeaturesRequest {
  static constexpr Api api{.name = "UpdateFeaturesRequest",
                           .key = ApiKey::update_features,
                           .versions = {0, 2},
                           .flexible_since = 0};

  struct Update {
    std::string feature{};
    std::int16_t max_version_level = 0;
    bool allow_downgrade = false;
    std::int8_t upgrade_type = 1;  ///< 1: upgrade, 2: safe downgrade, 3: unsafe downgrade

    void describe(Visitor& v);
  };

  std::int32_t timeout_ms = 60000;
  std::vector<Update> feature_updates{};
  bool validate_only = false;

  void describe(Visitor& v);
};

/// One result up to version 1 for each feature, from version 2 on for all together.
struct UpdateFeaturesResponse {
  static constexpr Api api{.name = "UpdateFeaturesResponse",
                           .key = ApiKey::update_features,
                           .versions = {0, 2},
                           .flexible_since = 0};

  struct Result {
    std::string feature{};
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message = "";

    void describe(Visitor& v);
  };

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::optional<std::string> error_message = "";
  std::vector<Result> results{};

  void describe(Visitor& v);
};

}  // namespace horolog::wire
