#pragma once

#include <span>
#include <string_view>

#include "protocol/api.hpp"

namespace horolog::wire {

/// What this broker serves of one API. This table is the only place that says so: dispatch,
/// ApiVersions, the README's matrix and the tests read it.
struct ApiRow {
  ApiKey key = ApiKey::none;
  std::string_view name;
  VersionRange served;      ///< requests in these versions are decoded and answered
  VersionRange advertised;  ///< what ApiVersions says; wider than `served` only for Produce
  std::int16_t flexible_since = never_flexible;
};

/// Every served API, by key.
std::span<const ApiRow> served_apis();

/// The row of `key`, or null when it is not served.
const ApiRow* find_api(ApiKey key);

}  // namespace horolog::wire
