#include "client/served.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "protocol/messages/api_versions.hpp"

namespace horolog::client {
namespace {

std::string to_text(wire::VersionRange range) {
  return range.min == range.max ? fmt::format("{}", range.min)
                                : fmt::format("{}-{}", range.min, range.max);
}

}  // namespace

Served::Served(const wire::ApiVersionsResponse& answer) {
  for (const auto& row : answer.api_keys) {
    ranges_[static_cast<wire::ApiKey>(row.api_key)] = {row.min_version, row.max_version};
  }
  for (const auto& feature : answer.finalized_features) {
    features_[feature.name] = feature.max_version_level;
  }
}

std::optional<wire::VersionRange> Served::range(wire::ApiKey key) const {
  const auto found = ranges_.find(key);
  return found == ranges_.end() ? std::nullopt : std::optional(found->second);
}

Result<std::int16_t> Served::pick(const wire::Api& api, wire::VersionRange cap,
                                  std::string_view broker) const {
  const auto theirs = range(api.key);
  if (!theirs) {
    return Error(Errc::unsupported,
                 fmt::format("{} does not serve {}: this needs a newer broker, or another one",
                             broker, wire::to_string(api.key)));
  }
  const wire::VersionRange ours{std::max(api.versions.min, cap.min),
                                std::min(api.versions.max, cap.max)};
  const std::int16_t version = std::min(ours.max, theirs->max);
  if (version < std::max(ours.min, theirs->min)) {
    return Error(Errc::unsupported,
                 fmt::format("{} serves {} in version {}, and this needs version {}: {}", broker,
                             wire::to_string(api.key), to_text(*theirs), to_text(ours),
                             theirs->max < ours.min ? "upgrade the broker"
                                                    : "upgrade this client"));
  }
  return version;
}

std::int16_t Served::feature(std::string_view name) const {
  const auto found = features_.find(name);
  return found == features_.end() ? std::int16_t{0} : found->second;
}

}  // namespace horolog::client
