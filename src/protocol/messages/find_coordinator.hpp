#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/api.hpp"
#include "protocol/error_code.hpp"

namespace horolog::wire {

class Visitor;

/// Asks which broker coordinates a group (key_type 0), a transactional id (1) or a share partition
/// (2): one key up to version 3, several from version 4 on.
struct FindCoordinatorRequest {
  static constexpr Api api{.name = "FindCoordinatorRequest",
                           .key = ApiKey::find_coordinator,
                           .versions = {0, 6},
                           .flexible_since = 3};

  std::string key{};
  std::int8_t key_type = 0;
  std::vector<std::string> coordinator_keys{};

  void describe(Visitor& v);
};

/// The coordinator of the key, or of each key.
struct FindCoordinatorResponse {
  static constexpr Api api{.name = "FindCoordinatorResponse",
                           .key = ApiKey::find_coordinator,
                           .versions = {0, 6},
                           .flexible_since = 3};

  struct Coordinator {
    std::string key{};
    std::int32_t node_id = 0;
    std::string host{};
    std::int32_t port = 0;
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message = "";

    void describe(Visitor& v);
  };

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::optional<std::string> error_message = "";
  std::int32_t node_id = 0;
  std::string host{};
  std::int32_t port = 0;
  std::vector<Coordinator> coordinators{};

  void describe(Visitor& v);
};

}  // namespace horolog::wire
