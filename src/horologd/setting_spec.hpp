#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

#include "horologd/settings.hpp"

namespace horolog {

enum class SettingType : std::uint8_t { boolean, int32, int64, real, text, list, password };

/// What a plain number counts, as in Kafka; a value may also be written with its own unit.
enum class Unit : std::uint8_t { none, bytes, milliseconds, minutes, hours };

/// Where a parsed value is put. monostate: the value is read by name (listeners, log.dirs), or
/// stands for another setting.
using SettingTarget = std::variant<std::monostate, bool Settings::*, std::int64_t Settings::*,
                                   double Settings::*, std::string Settings::*>;

/// One row of the settings table.
struct SettingSpec {
  std::string_view name = {};
  SettingType type = SettingType::text;
  Unit unit = Unit::none;
  std::string_view fallback = {};  ///< the default, as one would write it
  std::int64_t min = std::numeric_limits<std::int64_t>::min();
  std::int64_t max = std::numeric_limits<std::int64_t>::max();
  std::string_view choices = {};  ///< allowed words, by comma; empty = any
  bool dynamic = false;      ///< SIGHUP applies it; otherwise a restart does
  SettingTarget target = {};
  /// The setting that this one is another name for; it wins over this name where both stand in the
  /// same place.
  std::string_view alias_of = {};
  std::string_view section = {};  ///< heading in the reference file; set in a section's first row
  std::string_view doc = {};
};

/// Every setting that has an effect, in the order of the reference file.
std::span<const SettingSpec> setting_table();
/// nullptr when no row has the name.
const SettingSpec* find_setting(std::string_view name);

/// A name that Apache Kafka knows and Horolog does not act on.
struct IgnoredSetting {
  std::string_view reason;
  bool refused = false;  ///< ignoring it would break a promise, so it is an error when set
};
std::optional<IgnoredSetting> find_ignored(std::string_view name);
std::vector<std::string_view> ignored_names();

/// The known name nearest to a misspelt one, or nullopt when none is near.
std::optional<std::string_view> nearest_setting(std::string_view name);

}  // namespace horolog
