#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "horolog/error.hpp"
#include "horologd/setting_spec.hpp"

namespace horolog {

/// A parsed value: int64 in the setting's Kafka unit for every whole number.
using SettingValue = std::variant<bool, std::int64_t, double, std::string>;

/// Reads one value as the setting's type and unit, and checks its range. The error says what is
/// wrong and how to write it; it does not name the setting.
Result<SettingValue> parse_setting_value(const SettingSpec& spec, std::string_view text);

/// As Kafka prints it: numbers plain, in Kafka's unit.
std::string plain_text(const SettingValue& value);
/// As people write it: "1GiB", "7d"; the same as plain_text() where no unit fits exactly.
std::string friendly_text(const SettingSpec& spec, const SettingValue& value);

/// Milliseconds of one unit (1 for none and bytes).
std::int64_t unit_ms(Unit unit);
std::string_view type_name(SettingType type);

}  // namespace horolog
