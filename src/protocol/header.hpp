#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "protocol/api.hpp"

namespace horolog::wire {

class Visitor;

/// What stands before every request. Version 2 (flexible requests) adds tagged fields; the client
/// id keeps its two-byte length in both versions.
struct RequestHeader {
  static constexpr Api api{.name = "RequestHeader", .versions = {1, 2}, .flexible_since = 2};

  std::int16_t api_key = 0;
  std::int16_t api_version = 0;
  std::int32_t correlation_id = 0;
  std::optional<std::string> client_id = "";  ///< null when the client names none

  void describe(Visitor& v);
};

/// What stands before every response. Version 1 belongs to flexible responses, except to
/// ApiVersions, whose header is always version 0: its client cannot know yet what we speak.
struct ResponseHeader {
  static constexpr Api api{.name = "ResponseHeader", .versions = {0, 1}, .flexible_since = 1};

  std::int32_t correlation_id = 0;

  void describe(Visitor& v);
};

}  // namespace horolog::wire
