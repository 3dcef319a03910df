#include <fmt/format.h>

#include <algorithm>

#include "base/nearest_name.hpp"
#include "tools/cluster_access.hpp"
#include "tools/cluster_commands.hpp"
#include "tools/text.hpp"
#include "tools/topic_commands.hpp"

namespace horolog::command {
namespace {

constexpr Column columns[] = {
    {.name = "name", .key = true},
    {"value", ColumnType::text, "null when it is a secret"},
    {"source", ColumnType::text, "topic, dynamic_broker, static_broker, default, …"},
    {"read_only", ColumnType::flag},
    {.name = "synonyms", .meaning = "where else it could come from, the winner first",
     .wide = true},
};
constexpr SectionSpec output[] = {{"configs", columns}};

/// "topic orders", "broker 1", "broker" (all of them), "group billing".
Result<ConfigResource> resource_of(const std::vector<std::string>& args) {
  ConfigResource resource;
  const std::string& type = args[0];
  if (type == "topic") {
    resource.type = ConfigType::topic;
  } else if (type == "broker") {
    resource.type = ConfigType::broker;
  } else if (type == "group") {
    resource.type = ConfigType::group;
  } else {
    return Error(Errc::invalid_argument,
                 fmt::format("'{}' is none of topic, broker, group", type));
  }
  resource.name = args[1];
  if (resource.type == ConfigType::broker && resource.name == "default") resource.name.clear();
  return resource;
}

Result<std::vector<ConfigEntry>> entries_of(Admin& admin, const ConfigResource& resource) {
  HOROLOG_ASSIGN(const auto configs, admin.describe_configs({resource}));
  return configs.at(0).second;
}

void put(const ConfigEntry& entry, Section& section) {
  std::vector<std::string> synonyms;
  for (const ConfigSynonym& each : entry.synonyms) {
    synonyms.push_back(fmt::format("{}={} ({})", each.name, each.value.value_or("null"),
                                   source_name(static_cast<int>(each.source))));
  }
  section.rows.push_back({entry.name, cell_of(entry.value),
                          std::string(source_name(static_cast<int>(entry.source))),
                          entry.read_only, join(synonyms, ", ")});
}

Exit show(Context& context, bool only_changed) {
  const auto resource = resource_of(context.args());
  if (!resource) return context.fail(resource.error());
  auto admin = open_admin(context);
  if (!admin) return fail_cluster(context, admin.error());
  const auto entries = entries_of(*admin, *resource);
  if (!entries) return fail_cluster(context, entries.error());
  Report report;
  Section& section = report.add(output[0]);
  for (const ConfigEntry& entry : *entries) {
    if (only_changed && entry.source == ConfigSource::default_value) continue;
    put(entry, section);
  }
  context.print(report);
  return Exit::ok;
}

}  // namespace

std::span<const SectionSpec> config_output() { return output; }

Exit run_config_ls(Context& context) { return show(context, false); }
Exit run_config_diff(Context& context) { return show(context, true); }

Exit run_config_get(Context& context) {
  const auto resource = resource_of(context.args());
  if (!resource) return context.fail(resource.error());
  auto admin = open_admin(context);
  if (!admin) return fail_cluster(context, admin.error());
  const auto entries = entries_of(*admin, *resource);
  if (!entries) return fail_cluster(context, entries.error());
  const std::string& name = context.args()[2];
  std::vector<std::string_view> known;
  for (const ConfigEntry& entry : *entries) {
    known.push_back(entry.name);
    if (entry.name != name) continue;
    if (context.mode() == OutputMode::table) {
      context.write(entry.value.value_or("") + "\n");
      return Exit::ok;
    }
    Report report;
    put(entry, report.add(output[0]));
    context.print(report);
    return Exit::ok;
  }
  const auto near = nearest_name(name, known);
  return context.fail(Exit::not_found,
                      fmt::format("there is no setting '{}'{}", name,
                                  near ? fmt::format(": did you mean '{}'?", *near) : ""));
}

Exit run_config_set(Context& context) {
  const auto resource = resource_of(context.args());
  if (!resource) return context.fail(resource.error());
  std::vector<ConfigChange> changes;
  for (std::size_t i = 2; i < context.args().size(); ++i) {
    const std::string& word = context.args()[i];
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos) {
      return context.fail(Exit::usage, fmt::format("'{}' is not name=value", word),
                          "'name=' sets it back to the default");
    }
    const std::string value = word.substr(equals + 1);
    changes.push_back({*resource, word.substr(0, equals),
                       value.empty() ? ConfigOperation::remove : ConfigOperation::set,
                       value.empty() ? std::nullopt : std::optional(value)});
  }
  auto admin = open_admin(context);
  if (!admin) return fail_cluster(context, admin.error());
  const auto done = admin->alter_configs(std::move(changes), context.has("--dry-run"));
  if (!done) return fail_cluster(context, done.error());
  return report_failures(context, *done, [](const ConfigResource& each) { return each.name; });
}

}  // namespace horolog::command
