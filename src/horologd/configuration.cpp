#include "horologd/configuration.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/assert.hpp"
#include "horologd/assignment.hpp"
#include "horologd/listeners.hpp"
#include "horologd/setting_spec.hpp"
#include "horologd/setting_value.hpp"

namespace horolog {
namespace {

/// What one setting, under its own name or another one, was given.
struct Candidate {
  const SettingSpec* spec = nullptr;
  SettingValue value;  ///< in the unit of the canonical setting
  const Assignment* origin = nullptr;
};

const SettingSpec& canonical(const SettingSpec& spec) {
  if (spec.alias_of.empty()) return spec;
  const SettingSpec* target = find_setting(spec.alias_of);
  HOROLOG_ASSERT(target != nullptr);
  return *target;
}

/// log.retention.hours counts hours, log.retention.ms milliseconds; -1 is no duration.
SettingValue convert(const SettingSpec& from, SettingValue value) {
  auto* number = std::get_if<std::int64_t>(&value);
  const SettingSpec& to = canonical(from);
  if (number != nullptr && *number > 0 && from.unit != to.unit) {
    *number = *number * unit_ms(from.unit) / unit_ms(to.unit);
  }
  return value;
}

class Resolver {
 public:
  explicit Resolver(Problems& problems) : problems_(problems) {}

  void read(const Assignments& assignments) {
    for (const Assignment& assignment : assignments) read_one(assignment);
  }

  Settings finish() {
    for (const SettingSpec& spec : setting_table()) {
      if (spec.alias_of.empty()) settle(spec);
    }
    place_listeners();
    check_together();
    return std::move(settings_);
  }

 private:
  void fail(const Place& place, std::string message, bool fatal = true) {
    problems_.push_back({fatal, place, std::move(message)});
  }

  void read_one(const Assignment& assignment) {
    const SettingSpec* spec = find_setting(assignment.name);
    if (spec == nullptr) return read_unknown(assignment);
    auto value = parse_setting_value(*spec, assignment.value);
    if (!value) {
      return fail(assignment.value_place,
                  fmt::format("{}: {}", spec->name, value.error().message()));
    }
    candidates_[canonical(*spec).name].push_back({spec, convert(*spec, *value), &assignment});
  }

  void read_unknown(const Assignment& assignment) {
    if (const auto ignored = find_ignored(assignment.name)) {
      if (ignored->refused && assignment.value.empty()) return;
      return fail(assignment.name_place,
                  fmt::format("'{}' {}: {}", assignment.name,
                              ignored->refused ? "cannot be honoured" : "has no effect",
                              ignored->reason), ignored->refused);
    }
    const auto near = nearest_setting(assignment.name);
    fail(assignment.name_place,
         fmt::format("unknown key '{}'{}", assignment.name,
                     near ? fmt::format(" (did you mean '{}'?)", *near) : ""));
  }

  /// The later source wins; within one, Kafka's order of names (the table's); then the last.
  void settle(const SettingSpec& spec) {
    auto& found = candidates_[spec.name];
    std::ranges::sort(found, [](const Candidate& a, const Candidate& b) {
      if (a.origin->source != b.origin->source) return a.origin->source > b.origin->source;
      if (a.spec != b.spec) return a.spec < b.spec;
      return a.origin > b.origin;  // they lie in one vector, in the order they were given
    });
    auto fallback = parse_setting_value(spec, spec.fallback);
    const bool empty_is_fine = spec.type == SettingType::list || spec.type == SettingType::text;
    HOROLOG_ASSERT(fallback.ok() || empty_is_fine);
    const SettingValue initial = fallback.ok() ? *fallback : SettingValue(std::string());
    store(spec, found.empty() ? initial : found.front().value);
    settings_.entries.push_back(describe(spec, found, initial));
  }

  void store(const SettingSpec& spec, const SettingValue& value) {
    if (const auto* flag = std::get_if<bool Settings::*>(&spec.target)) {
      settings_.*(*flag) = std::get<bool>(value);
    } else if (const auto* number = std::get_if<std::int64_t Settings::*>(&spec.target)) {
      settings_.*(*number) = std::get<std::int64_t>(value);
    } else if (const auto* real = std::get_if<double Settings::*>(&spec.target)) {
      settings_.*(*real) = std::get<double>(value);
    } else if (const auto* text = std::get_if<std::string Settings::*>(&spec.target)) {
      settings_.*(*text) = std::get<std::string>(value);
    } else {
      texts_[spec.name] = std::get<std::string>(value);
    }
  }

  static SettingEntry describe(const SettingSpec& spec, const std::vector<Candidate>& found,
                               const SettingValue& initial) {
    SettingEntry entry;
    entry.name = spec.name;
    entry.default_value = plain_text(initial);
    entry.type = type_name(spec.type);
    entry.doc = spec.doc;
    entry.read_only = !spec.dynamic;
    entry.sensitive = spec.type == SettingType::password;
    entry.value = entry.default_value;
    if (!found.empty()) {
      entry.value = plain_text(found.front().value);
      entry.source = found.front().origin->source;
      entry.where = found.front().origin->name_place.to_string();
    }
    for (const Candidate& candidate : found) {
      entry.synonyms.push_back({std::string(candidate.spec->name), candidate.origin->value,
                                candidate.origin->source});
    }
    entry.synonyms.push_back({entry.name, entry.default_value, SettingSource::built_in});
    return entry;
  }

  Place place_of(std::string_view setting) {
    const auto& found = candidates_[setting];
    return found.empty() ? Place{std::string(setting), 0, 0, ""}
                         : found.front().origin->value_place;
  }

  void place_listeners() {
    ListenerPlan plan = plan_listeners({texts_["listeners"], texts_["advertised.listeners"],
                                        texts_["listener.security.protocol.map"],
                                        texts_["controller.listener.names"]});
    settings_.listeners = std::move(plan.listeners);
    settings_.advertised = std::move(plan.advertised);
    for (ListenerProblem& problem : plan.problems) {
      fail(place_of(problem.setting), fmt::format("{}: {}", problem.setting, problem.message),
           problem.fatal);
    }
    settings_.admin_listener_configured = !candidates_["admin.listener"].empty();
    const std::string& admin = texts_["admin.listener"];
    if (admin.empty()) return;
    auto address = parse_host_port(admin);
    if (!address) {
      return fail(place_of("admin.listener"), "admin.listener: " + address.error().message());
    }
    if (!is_loopback(address->host)) {
      fail(place_of("admin.listener"),
           fmt::format("admin.listener: {} is reachable from other machines and tells them names "
                       "and sizes of topics and groups", address->to_string()), false);
    }
    settings_.admin_listener = std::move(*address);
  }

  void check_together() {
    const std::string& directory = texts_["log.dirs"];
    if (directory.empty() || directory.find(',') != std::string::npos) {
      fail(place_of("log.dirs"), fmt::format("log.dirs: '{}' must be one path: there is one data "
                                             "directory", directory));
    }
    settings_.data_directory = directory;
    if (settings_.group_min_session_timeout_ms > settings_.group_max_session_timeout_ms) {
      fail(place_of("group.min.session.timeout.ms"),
           fmt::format("group.min.session.timeout.ms: {} is above group.max.session.timeout.ms, {}",
                       settings_.group_min_session_timeout_ms,
                       settings_.group_max_session_timeout_ms));
    }
    if (settings_.message_max_bytes > settings_.max_request_bytes) {
      fail(place_of("message.max.bytes"),
           fmt::format("message.max.bytes: {} does not fit into socket.request.max.bytes, {}",
                       settings_.message_max_bytes, settings_.max_request_bytes));
    }
  }

  Problems& problems_;
  std::map<std::string_view, std::vector<Candidate>> candidates_;
  std::map<std::string_view, std::string> texts_;
  Settings settings_;
};

}  // namespace

Configuration load_configuration(const ConfigurationSources& sources) {
  Configuration result;
  Assignments assignments;
  if (!sources.file.empty()) read_config_file(sources.file, assignments, result.problems);
  read_environment(sources.environment, assignments, result.problems);
  for (const ConfigurationSources::Override& item : sources.overrides) {
    const Place place{item.flag, 0, 0, ""};
    assignments.push_back({item.name, item.value, SettingSource::command_line, place, place});
  }
  Resolver resolver(result.problems);
  resolver.read(assignments);
  result.settings = resolver.finish();
  return result;
}

Reload plan_reload(const Settings& running, const ConfigurationSources& sources) {
  Reload reload;
  Configuration fresh = load_configuration(sources);
  reload.problems = std::move(fresh.problems);
  reload.settings = running;
  if (has_fatal(reload.problems)) return reload;
  HOROLOG_ASSERT(fresh.settings.entries.size() == running.entries.size());
  for (std::size_t i = 0; i < running.entries.size(); ++i) {
    const SettingEntry& now = running.entries[i];
    const SettingEntry& next = fresh.settings.entries[i];
    if (now.value == next.value) continue;
    reload.changes.push_back({now.name, now.value, next.value, now.read_only});
    if (now.read_only) continue;
    const SettingTarget target = find_setting(now.name)->target;
    std::visit([&](auto member) {
      if constexpr (!std::is_same_v<decltype(member), std::monostate>) {
        reload.settings.*member = fresh.settings.*member;
      }
    }, target);
    reload.settings.entries[i] = next;
  }
  return reload;
}

}  // namespace horolog
