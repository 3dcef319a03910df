#include "horologd/setting_value.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <vector>

#include "base/nearest_name.hpp"

namespace horolog {
namespace {

struct NamedUnit {
  std::string_view name;
  std::int64_t size;
};
// Largest first: what friendly_text() tries in turn. "m" is read as minutes, never written.
constexpr NamedUnit durations[] = {{"d", 86'400'000}, {"h", 3'600'000}, {"min", 60'000},
                                   {"s", 1000},       {"ms", 1}};
constexpr NamedUnit sizes[] = {{"TiB", 1LL << 40}, {"GiB", 1LL << 30}, {"MiB", 1LL << 20},
                               {"KiB", 1LL << 10}, {"B", 1}};
constexpr NamedUnit extra_durations[] = {{"w", 604'800'000}, {"m", 60'000}};
constexpr NamedUnit extra_sizes[] = {
    {"TB", 1'000'000'000'000}, {"GB", 1'000'000'000}, {"MB", 1'000'000}, {"kB", 1000}};

Error invalid(std::string message) { return {Errc::invalid_argument, std::move(message)}; }

bool is_time(Unit unit) {
  return unit == Unit::milliseconds || unit == Unit::minutes || unit == Unit::hours;
}

std::int64_t find_unit(Unit unit, std::string_view name) {
  const auto look = [name](const auto& units) -> std::int64_t {
    for (const NamedUnit& u : units) {
      if (u.name == name) return u.size;
    }
    return 0;
  };
  if (unit == Unit::bytes) return std::max(look(sizes), look(extra_sizes));
  if (is_time(unit)) return std::max(look(durations), look(extra_durations));
  return 0;
}

std::string_view known_units(Unit unit) {
  if (unit == Unit::bytes) return "B, KiB, MiB, GiB, TiB (powers of 1024), kB, MB, GB, TB (1000)";
  if (is_time(unit)) return "ms, s, min, h, d, w";
  return "none: a plain number";
}

std::string_view unit_name(Unit unit) {
  switch (unit) {
    case Unit::none: return "";
    case Unit::bytes: return " bytes";
    case Unit::milliseconds: return " ms";
    case Unit::minutes: return " minutes";
    case Unit::hours: return " hours";
  }
  return "";
}

/// The digits of a number and what follows them.
Result<std::int64_t> parse_digits(std::string_view& text, Unit unit) {
  std::int64_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  const auto used = static_cast<std::size_t>(end - text.data());
  if (failure == std::errc::result_out_of_range) return invalid("the number is too large");
  if (failure != std::errc{}) {
    return invalid(fmt::format("'{}' is not a number{}", text,
                               unit == Unit::none ? "" : " (with a unit, such as " +
                                   std::string(unit == Unit::bytes ? "64MiB)" : "250ms or 7d)")));
  }
  const std::size_t first = text.front() == '-' ? 1 : 0;
  if (used - first > 1 && text[first] == '0') {
    return invalid(fmt::format("'{}' starts with a zero, which some read as octal: write {}",
                               text.substr(0, used), number));
  }
  text.remove_prefix(used);
  return number;
}

Result<std::int64_t> parse_number(const SettingSpec& spec, std::string_view text) {
  HOROLOG_ASSIGN(const std::int64_t number, parse_digits(text, spec.unit));
  while (text.starts_with(' ')) text.remove_prefix(1);
  if (text.empty()) return number;
  const std::int64_t factor = find_unit(spec.unit, text);
  if (factor == 0) {
    return invalid(fmt::format("'{}' is not a unit of this setting; units: {}", text,
                               known_units(spec.unit)));
  }
  std::int64_t value = 0;
  if (__builtin_mul_overflow(number, factor, &value)) return invalid("the number is too large");
  const std::int64_t own = is_time(spec.unit) ? unit_ms(spec.unit) : 1;
  if (value % own != 0) {
    return invalid(fmt::format("not a whole number of{}", unit_name(spec.unit)));
  }
  return value / own;
}

Result<SettingValue> parse_whole(const SettingSpec& spec, std::string_view text) {
  HOROLOG_ASSIGN(const std::int64_t value, parse_number(spec, text));
  if (value < spec.min) {
    return invalid(fmt::format("{} is below the least value, {}{}", value, spec.min,
                               unit_name(spec.unit)));
  }
  if (value > spec.max) {
    return invalid(fmt::format("{} is above the greatest value, {}{}", value, spec.max,
                               unit_name(spec.unit)));
  }
  return SettingValue(value);
}

Result<SettingValue> parse_boolean(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
  if (lower == "true") return SettingValue(true);
  if (lower == "false") return SettingValue(false);
  return invalid(fmt::format("'{}' is not a boolean: write true or false", text));
}

std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> parts;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    std::string_view part = text.substr(begin, end - begin);
    while (part.starts_with(' ')) part.remove_prefix(1);
    while (part.ends_with(' ')) part.remove_suffix(1);
    parts.push_back(part);
    begin = end + 1;
  }
  return parts;
}

Result<SettingValue> parse_text(const SettingSpec& spec, std::string_view text) {
  if (spec.choices.empty()) return SettingValue(std::string(text));
  const auto choices = split(spec.choices);
  const bool several = spec.type == SettingType::list;
  std::string joined;
  for (const std::string_view word : several ? split(text) : std::vector{text}) {
    if (std::ranges::count(choices, word) == 0) {
      const auto near = nearest_name(word, choices);
      return invalid(fmt::format("'{}' is not one of {}{}", word, spec.choices,
                                 near ? fmt::format(" (did you mean '{}'?)", *near) : ""));
    }
    joined += joined.empty() ? "" : ",";
    joined += word;
  }
  return SettingValue(std::move(joined));
}

Result<SettingValue> parse_real(const SettingSpec& spec, std::string_view text) {
  double value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) {
    return invalid(fmt::format("'{}' is not a number", text));
  }
  if (value < static_cast<double>(spec.min) || value > static_cast<double>(spec.max)) {
    return invalid(fmt::format("{} is not between {} and {}", text, spec.min, spec.max));
  }
  return SettingValue(value);
}

}  // namespace

std::int64_t unit_ms(Unit unit) {
  if (unit == Unit::minutes) return 60'000;
  if (unit == Unit::hours) return 3'600'000;
  return 1;
}

std::string_view type_name(SettingType type) {
  switch (type) {
    case SettingType::boolean: return "boolean";
    case SettingType::int32: return "int";
    case SettingType::int64: return "long";
    case SettingType::real: return "double";
    case SettingType::text: return "string";
    case SettingType::list: return "list";
    case SettingType::password: return "password";
  }
  return "string";
}

Result<SettingValue> parse_setting_value(const SettingSpec& spec, std::string_view text) {
  switch (spec.type) {
    case SettingType::boolean: return parse_boolean(text);
    case SettingType::int32:
    case SettingType::int64: return parse_whole(spec, text);
    case SettingType::real: return parse_real(spec, text);
    case SettingType::text:
    case SettingType::list:
    case SettingType::password: return parse_text(spec, text);
  }
  return invalid("the setting has no type");
}

std::string plain_text(const SettingValue& value) {
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
  if (const auto* number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
  if (const auto* real = std::get_if<double>(&value)) return fmt::format("{}", *real);
  return std::get<std::string>(value);
}

std::string friendly_text(const SettingSpec& spec, const SettingValue& value) {
  const auto* number = std::get_if<std::int64_t>(&value);
  if (number == nullptr || *number <= 0 || spec.unit == Unit::none) return plain_text(value);
  std::int64_t base = 0;
  if (__builtin_mul_overflow(*number, unit_ms(spec.unit), &base)) return plain_text(value);
  for (const NamedUnit& unit : spec.unit == Unit::bytes ? std::span(sizes) : std::span(durations)) {
    if (base % unit.size != 0) continue;
    return unit.size == 1 ? plain_text(value) : fmt::format("{}{}", base / unit.size, unit.name);
  }
  return plain_text(value);
}

}  // namespace horolog
