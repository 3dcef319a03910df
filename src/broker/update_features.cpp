// UpdateFeatures 0–2 (KIP-584). All updates of a request, or none. metadata.version is what the
// catalog is written in: it cannot be lowered, and there is no newer one. Features whose APIs are
// not served cannot be changed.

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "base/log.hpp"
#include "broker/handlers.hpp"
#include "broker/on_pool.hpp"
#include "broker/topic_rules.hpp"
#include "protocol/messages/update_features.hpp"
#include "storage/features.hpp"

namespace horolog::broker {
namespace {

using wire::ErrorCode;
using Asked = wire::UpdateFeaturesRequest;
using Response = wire::UpdateFeaturesResponse;
using Levels = std::map<std::string, std::int16_t>;

constexpr std::string_view metadata_version = "metadata.version";
constexpr std::string_view served[] = {metadata_version, "transaction.version"};
constexpr std::int16_t first_version_with_types = 1;
constexpr std::int16_t first_version_without_results = 2;

enum UpgradeType : std::int8_t { upgrade = 1, safe_downgrade = 2, unsafe_downgrade = 3 };

const storage::FeatureRange* find_served(std::string_view name) {
  if (std::find(std::begin(served), std::end(served), name) == std::end(served)) return nullptr;
  for (const storage::FeatureRange& feature : storage::known_features()) {
    if (feature.name == name) return &feature;
  }
  return nullptr;
}

UpgradeType type_of(const Asked::Update& update, std::int16_t version) {
  if (version >= first_version_with_types) return static_cast<UpgradeType>(update.upgrade_type);
  return update.allow_downgrade ? safe_downgrade : upgrade;
}

/// Why the level cannot be set; empty: it can.
std::string problem_of(const Asked::Update& update, UpgradeType type, std::int16_t current,
                       std::int32_t node) {
  const std::int16_t level = update.max_version_level;
  const bool downgrades = type == safe_downgrade || type == unsafe_downgrade;
  if (type != upgrade && !downgrades) {
    return "The controller does not support the given upgrade type.";
  }
  if (level < 0) return "A feature version cannot be less than 0.";
  const storage::FeatureRange* feature = find_served(update.feature);
  if (feature == nullptr) {
    return fmt::format("Local controller {} does not support this feature.", node);
  }
  if (level != 0 && (level < feature->min || level > feature->max)) {
    return fmt::format("Local controller {} only supports versions {}-{}", node, feature->min,
                       feature->max);
  }
  if (level < current && !downgrades) {
    return "Can't downgrade the version of this feature without setting the upgrade type to either "
           "safe or unsafe downgrade.";
  }
  if (level > current && downgrades) return "Can't downgrade to a newer version.";
  if (level < current && feature->name == metadata_version) {
    return "Refusing to perform the requested downgrade because it might delete metadata "
           "information.";
  }
  return {};
}

/// The levels that change. The first update that is wrong fails the request.
std::optional<Refusal> check_updates(const Asked& asked, std::int16_t version,
                                     const storage::CatalogSnapshot& catalog, Levels& out) {
  for (const Asked::Update& update : asked.feature_updates) {
    const auto known = catalog.features.find(update.feature);
    const std::int16_t current = known == catalog.features.end() ? std::int16_t{0} : known->second;
    const std::string problem =
        problem_of(update, type_of(update, version), current, catalog.node_id);
    if (!problem.empty()) {
      return Refusal{ErrorCode::invalid_update_version,
                     fmt::format("The update failed for all features since the following feature "
                                 "had an error: Invalid update version {} for feature {}. {}",
                                 update.max_version_level, update.feature, problem)};
    }
    if (update.max_version_level != current) out[update.feature] = update.max_version_level;
  }
  return std::nullopt;
}

/// On the blocking pool: the change is synced before it is answered.
void update_features(Context& context, Request request, const Asked& asked) {
  Response response;
  response.error_message = std::nullopt;
  Levels levels;
  auto refused = check_updates(asked, request.version(), *context.catalog(), levels);
  if (!refused && !asked.validate_only && !levels.empty()) {
    const Status changed = context.store.catalog().change_features(levels, context.clock.wall_ms());
    if (!changed) refused = refusal_of(changed.error());
    for (const auto& [name, level] : levels) {
      if (!changed) break;
      log::info("features", "level changed",
                {log::field("feature", name), log::field("level", level)});
    }
  }
  if (refused) {
    response.error_code = refused->code;
    response.error_message = std::move(refused->message);
  } else if (request.version() < first_version_without_results) {
    for (const Asked::Update& update : asked.feature_updates) {
      response.results.push_back({.feature = update.feature, .error_message = "NONE"});
    }
  }
  request.reply(response);
}

}  // namespace

void handle_update_features(Context& context, Request request) {
  auto asked = request.decode<Asked>();
  if (!asked) return;
  on_pool(context, std::move(request), std::move(*asked), update_features);
}

}  // namespace horolog::broker
