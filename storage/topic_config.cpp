#include "storage/topic_config.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <vector>

#include "base/assert.hpp"
#include "record/codec.hpp"

namespace horolog::storage {
namespace {

std::string_view trim(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front()))) {
    text.remove_prefix(1);
  }
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back()))) {
    text.remove_suffix(1);
  }
  return text;
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
  text = trim(text);
  if (text.starts_with('+')) text.remove_prefix(1);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<double> parse_real(std::string_view text) {
  text = trim(text);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<bool> parse_boolean(std::string_view text) {
  const std::string word = lower(trim(text));
  if (word == "true") return true;
  if (word == "false") return false;
  return std::nullopt;
}

Error invalid(std::string_view name, std::string_view value, std::string_view why) {
  return Error(Errc::invalid_argument,
               fmt::format("Invalid value {} for configuration {}: {}", value, name, why));
}

/// A bound as Java prints it: whole numbers without a fraction.
std::string bound_text(double bound) { return fmt::format("{:.0f}", bound); }

Status check_range(const TopicConfigSpec& spec, const std::string& text, double value) {
  if (spec.name == "compression.gzip.level") {
    if (value == -1 || (value >= 1 && value <= 9)) return {};
    return invalid(spec.name, text, "Value must be between 1 and 9 or equal to -1");
  }
  if (value < spec.min) {
    return invalid(spec.name, text, "Value must be at least " + bound_text(spec.min));
  }
  if (value > spec.max) {
    return invalid(spec.name, text, "Value must be no more than " + bound_text(spec.max));
  }
  return {};
}

Status check_number(const TopicConfigSpec& spec, const std::string& text) {
  if (spec.type == ConfigType::real) {
    const auto value = parse_real(text);
    if (!value || !std::isfinite(*value)) {
      return invalid(spec.name, text, "Not a number of type DOUBLE");
    }
    // As Java prints a double.
    const bool whole = *value == std::floor(*value) && std::abs(*value) < 1e7;
    return check_range(spec, whole ? fmt::format("{:.1f}", *value) : text, *value);
  }
  const auto value = parse_integer(text);
  const bool is_int = spec.type == ConfigType::integer;
  if (!value || (is_int && *value != static_cast<std::int32_t>(*value))) {
    return invalid(spec.name, text,
                   is_int ? "Not a number of type INT" : "Not a number of type LONG");
  }
  return check_range(spec, text, static_cast<double>(*value));
}

Status check_choice(const TopicConfigSpec& spec, const std::string& text) {
  const bool is_list = spec.type == ConfigType::list;
  const auto words = is_list ? split_list(text) : std::vector<std::string>{std::string(trim(text))};
  for (const std::string& word : words) {
    if (std::find(spec.choices.begin(), spec.choices.end(), word) != spec.choices.end()) continue;
    return invalid(spec.name, word,
                   fmt::format("String must be one of: {}", fmt::join(spec.choices, ", ")));
  }
  return {};
}

/// "*" or partition:broker pairs.
Status check_throttled(const TopicConfigSpec& spec, const std::string& text) {
  const auto words = split_list(text);
  if (words.size() == 1 && words.front() == "*") return {};
  const bool good = std::all_of(words.begin(), words.end(), [](const std::string& word) {
    const std::size_t colon = word.find(':');
    const auto digits = [](std::string_view part) {
      return !part.empty() &&
             std::all_of(part.begin(), part.end(), [](char c) { return c >= '0' && c <= '9'; });
    };
    return colon != std::string::npos && digits(word.substr(0, colon)) &&
           digits(word.substr(colon + 1));
  });
  if (good) return {};
  return invalid(spec.name, fmt::format("[{}]", fmt::join(words, ", ")),
                 fmt::format("{} must be the literal '*' or a list of replicas in the following "
                             "format: [partitionId]:[brokerId],[partitionId]:[brokerId],...",
                             spec.name));
}

/// How one value changes a LogConfig; the text has been checked.
using Setter = void (*)(LogConfig&, const std::string&);
template <std::int64_t LogConfig::* Member>
void set_number(LogConfig& config, const std::string& text) {
  config.*Member = *parse_integer(text);
}

void set_cleanup(LogConfig& config, const std::string& text) {
  const auto words = split_list(text);
  config.cleanup_delete = std::find(words.begin(), words.end(), "delete") != words.end();
  config.cleanup_compact = std::find(words.begin(), words.end(), "compact") != words.end();
}

void set_codec(LogConfig& config, const std::string& text) {
  const std::string_view name = trim(text);
  const auto codec =
      name == "uncompressed" ? std::optional(record::Codec::none) : record::parse_codec(name);
  const int number = codec ? static_cast<int>(*codec) : -1;
  // A level belongs to its codec.
  if (number != config.compression_codec) config.compression_level = record::default_level;
  config.compression_codec = number;
}

struct NamedSetter {
  std::string_view name;
  Setter set;
};

constexpr NamedSetter setters[] = {
    {"cleanup.policy", set_cleanup},
    {"compression.type", set_codec},
    {"delete.retention.ms", set_number<&LogConfig::delete_retention_ms>},
    {"file.delete.delay.ms", set_number<&LogConfig::file_delete_delay_ms>},
    {"flush.messages", set_number<&LogConfig::flush_messages>},
    {"flush.ms", set_number<&LogConfig::flush_ms>},
    {"index.interval.bytes", set_number<&LogConfig::index_interval_bytes>},
    {"max.compaction.lag.ms", set_number<&LogConfig::max_compaction_lag_ms>},
    {"max.message.bytes", set_number<&LogConfig::max_message_bytes>},
    {"message.timestamp.after.max.ms", set_number<&LogConfig::timestamp_after_max_ms>},
    {"message.timestamp.before.max.ms", set_number<&LogConfig::timestamp_before_max_ms>},
    {"message.timestamp.type",
     [](LogConfig& config, const std::string& text) {
       config.timestamp_type = trim(text) == "LogAppendTime" ? TimestampType::log_append_time
                                                             : TimestampType::create_time;
     }},
    {"min.cleanable.dirty.ratio",
     [](LogConfig& config, const std::string& text) {
       config.min_cleanable_dirty_ratio = *parse_real(text);
     }},
    {"min.compaction.lag.ms", set_number<&LogConfig::min_compaction_lag_ms>},
    {"preallocate",
     [](LogConfig& config, const std::string& text) { config.preallocate = *parse_boolean(text); }},
    {"retention.bytes", set_number<&LogConfig::retention_bytes>},
    {"retention.ms", set_number<&LogConfig::retention_ms>},
    {"segment.bytes", set_number<&LogConfig::segment_bytes>},
    {"segment.index.bytes", set_number<&LogConfig::segment_index_bytes>},
    {"segment.jitter.ms", set_number<&LogConfig::segment_jitter_ms>},
    {"segment.ms", set_number<&LogConfig::segment_ms>},
    {"horolog.durability",
     [](LogConfig& config, const std::string& text) {
       config.durability = trim(text) == "os" ? Durability::os : Durability::commit;
     }},
    // After segment.bytes, which it overrides.
    {"internal.segment.bytes", set_number<&LogConfig::segment_bytes>},
};

/// The level that is set for the codec in force, if one is.
void set_level(LogConfig& config, const std::map<std::string, std::string>& configs) {
  if (config.compression_codec < 0) return;
  const auto codec = static_cast<record::Codec>(config.compression_codec);
  const auto found = configs.find(fmt::format("compression.{}.level", record::to_string(codec)));
  if (found == configs.end()) return;
  const auto level = static_cast<int>(*parse_integer(found->second));
  config.compression_level =
      codec == record::Codec::gzip && level == -1 ? record::default_level : level;
}

Status check_together(const std::map<std::string, std::string>& configs) {
  const auto number = [&](const char* name) {
    const auto found = configs.find(name);
    return *parse_integer(found != configs.end() ? found->second
                                                 : find_topic_config(name)->default_value);
  };
  const std::int64_t min_lag = number("min.compaction.lag.ms");
  const std::int64_t max_lag = number("max.compaction.lag.ms");
  if (min_lag <= max_lag) return {};
  return Error(Errc::invalid_argument,
               fmt::format("conflict topic config setting min.compaction.lag.ms ({}) > "
                           "max.compaction.lag.ms ({})",
                           min_lag, max_lag));
}

}  // namespace

std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> words;
  text = trim(text);
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    words.emplace_back(trim(text.substr(0, comma)));
    if (comma == std::string_view::npos) break;
    text.remove_prefix(comma + 1);
  }
  return words;
}

Status check_topic_config(std::string_view name, const std::string& value) {
  const TopicConfigSpec* spec = find_topic_config(name);
  if (spec == nullptr) {
    return Error(Errc::invalid_argument, fmt::format("Unknown topic config name: {}", name));
  }
  switch (spec->type) {
    case ConfigType::integer:
    case ConfigType::long_integer:
    case ConfigType::real:
      return check_number(*spec, value);
    case ConfigType::boolean:
      if (!parse_boolean(value)) {
        return invalid(name, value, "Expected value to be either true or false");
      }
      if (name == "remote.storage.enable" && *parse_boolean(value)) {
        return Error(Errc::invalid_argument,
                     "Tiered Storage functionality is disabled in the broker. Topic cannot be "
                     "configured with remote log storage.");
      }
      return {};
    case ConfigType::string:
    case ConfigType::list:
      return spec->choices.empty() ? check_throttled(*spec, value) : check_choice(*spec, value);
  }
  return {};
}

Result<LogConfig> parse_topic_config(const LogConfig& defaults,
                                     const std::map<std::string, std::string>& configs) {
  for (const auto& [name, value] : configs) HOROLOG_TRY(check_topic_config(name, value));
  HOROLOG_TRY(check_together(configs));
  LogConfig config = defaults;
  for (const auto& [name, set] : setters) {
    const auto found = configs.find(std::string(name));
    if (found != configs.end()) set(config, found->second);
  }
  set_level(config, configs);
  return config;
}

Result<LogConfig> effective_topic_config(const LogConfig& defaults, const CatalogSnapshot& catalog,
                                         const std::map<std::string, std::string>& configs) {
  if (catalog.broker_configs.empty() && catalog.cluster_configs.empty()) {
    return parse_topic_config(defaults, configs);
  }
  std::map<std::string, std::string> dynamic;
  for (const TopicConfigSpec& spec : topic_config_specs()) {
    if (spec.broker_name.empty()) continue;
    const std::string name(spec.broker_name);
    for (const auto* source : {&catalog.cluster_configs, &catalog.broker_configs}) {
      const auto found = source->find(name);
      if (found != source->end()) dynamic[std::string(spec.name)] = found->second;
    }
  }
  HOROLOG_ASSIGN(const LogConfig base, parse_topic_config(defaults, dynamic));
  return parse_topic_config(base, configs);
}

}  // namespace horolog::storage
