#include "horologd/print_config.hpp"

#include <fmt/format.h>

#include <sstream>

#include "horologd/setting_spec.hpp"
#include "horologd/setting_value.hpp"

namespace horolog {
namespace {

constexpr std::size_t comment_columns = 92;

/// A value as YAML reads it back unchanged: quoted unless it is plainly a number or a word.
std::string yaml_scalar(const std::string& text) {
  constexpr std::string_view harmless =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._/+-";
  const bool plain = !text.empty() && text != "-" &&
                     text.find_first_not_of(harmless) == std::string::npos;
  if (plain) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

std::string friendly(const SettingEntry& entry) {
  const SettingSpec* spec = find_setting(entry.name);
  auto value = parse_setting_value(*spec, entry.value);
  return yaml_scalar(value.ok() ? friendly_text(*spec, *value) : entry.value);
}

void append_comment(std::string& out, std::string_view text) {
  std::istringstream words{std::string(text)};
  std::string line = "#";
  for (std::string word; words >> word;) {
    if (line.size() + 1 + word.size() > comment_columns) {
      out += line + '\n';
      line = "#";
    }
    line += ' ' + word;
  }
  out += line + '\n';
}

std::string number_text(const SettingSpec& spec, std::int64_t number) {
  return friendly_text(spec, SettingValue(number));
}

/// "long, milliseconds, at least -1, restart", so that nobody has to look elsewhere.
std::string facts(const SettingSpec& spec) {
  std::string text{type_name(spec.type)};
  constexpr std::string_view units[] = {"", ", bytes", ", milliseconds", ", minutes", ", hours"};
  text += units[static_cast<std::size_t>(spec.unit)];
  const bool low = spec.min != std::numeric_limits<std::int64_t>::min();
  const bool high = spec.max != std::numeric_limits<std::int64_t>::max() &&
                    spec.max != std::numeric_limits<std::int32_t>::max();
  if (low && high) {
    text += fmt::format(", {} to {}", number_text(spec, spec.min), number_text(spec, spec.max));
  } else if (low) {
    text += fmt::format(", at least {}", number_text(spec, spec.min));
  }
  if (!spec.choices.empty()) {
    text += fmt::format(", {}one of {}", spec.type == SettingType::list ? "at least " : "",
                        spec.choices);
  }
  return text + (spec.dynamic ? "; SIGHUP applies a change" : "; a change needs a restart");
}

std::string other_names(const SettingSpec& spec) {
  std::string names;
  for (const SettingSpec& other : setting_table()) {
    if (other.alias_of != spec.name) continue;
    names += names.empty() ? "Also read: " : ", ";
    names += other.name;
  }
  return names.empty() ? names : names + ".";
}

}  // namespace

std::string effective_yaml(const Settings& settings) {
  std::string out;
  for (const SettingEntry& entry : settings.entries) {
    const std::string value = entry.sensitive ? "\"\"  # hidden" : friendly(entry);
    const std::string where = entry.where.empty() ? "default" : entry.where;
    out += fmt::format("{}: {}  # {}\n", entry.name, value, where);
  }
  return out;
}

std::string differences(const Settings& settings) {
  std::string out;
  for (const SettingEntry& entry : settings.entries) {
    if (entry.value == entry.default_value || entry.sensitive) continue;
    SettingEntry fallback = entry;
    fallback.value = entry.default_value;
    out += fmt::format("  {}: {}  (default {}; {})\n", entry.name, friendly(entry),
                       friendly(fallback), entry.where);
  }
  return out;
}

std::string reference_yaml() {
  std::string out =
      "# Configuration of horologd: every setting, with its default commented out. Made from the\n"
      "# settings table (horologd --print-reference); a test keeps the two the same.\n"
      "#\n"
      "# Names are Kafka's; what Kafka does not have is under horolog. and admin. They may be\n"
      "# written flat, as here, or nested (log: {segment: {bytes: 1GiB}}). Sizes take B, KiB,\n"
      "# MiB, GiB, TiB, times ms, s, min, h, d, w; a plain number counts in Kafka's unit.\n"
      "# A later source wins: this file, then variables such as HOROLOG_LOG_SEGMENT_BYTES or\n"
      "# KAFKA_LOG_SEGMENT_BYTES, then --set name=value. To check a file:\n"
      "# horologd --check-config --config FILE\n";
  for (const SettingSpec& spec : setting_table()) {
    if (!spec.alias_of.empty()) continue;
    if (!spec.section.empty()) out += fmt::format("\n# ==== {} ====\n", spec.section);
    out += '\n';
    append_comment(out, spec.doc);
    if (const std::string names = other_names(spec); !names.empty()) append_comment(out, names);
    append_comment(out, fmt::format("({})", facts(spec)));
    // The one line that is active: an installed broker must not write where it was started.
    if (spec.name == "log.dirs") {
      out += fmt::format("# default: {}\nlog.dirs: /var/lib/horolog\n", spec.fallback);
      continue;
    }
    out += fmt::format("#{}: {}\n", spec.name, yaml_scalar(std::string(spec.fallback)));
  }
  return out;
}

}  // namespace horolog
