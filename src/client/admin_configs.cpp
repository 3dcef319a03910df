#include <algorithm>

#include "client/admin_calls.hpp"
#include "protocol/messages/describe_configs.hpp"
#include "protocol/messages/incremental_alter_configs.hpp"

namespace horolog {

using namespace client;

namespace {

using DescribeSweep = Sweep<ConfigResource, std::vector<ConfigEntry>>;
using AlterSweep = Sweep<ConfigResource, void>;

std::string describe(const ConfigResource& resource) {
  switch (resource.type) {
    case ConfigType::topic: return "topic " + resource.name;
    case ConfigType::broker:
      return resource.name.empty() ? "all brokers" : "broker " + resource.name;
    case ConfigType::broker_logger: return "loggers of broker " + resource.name;
    case ConfigType::group: return "group " + resource.name;
  }
  return resource.name;
}

/// What concerns one broker is asked of that broker.
Target target_of(const ConfigResource& resource) {
  const bool broker =
      resource.type == ConfigType::broker || resource.type == ConfigType::broker_logger;
  if (!broker || resource.name.empty()) return Target::any();
  if (!std::ranges::all_of(resource.name, [](char c) { return c >= '0' && c <= '9'; }) ||
      resource.name.size() > 9) {
    return Target::any();  // the broker will say what is wrong with it
  }
  return Target::node(std::stoi(resource.name));
}

std::vector<ConfigEntry> entries(const wire::DescribeConfigsResponse::Resource& resource) {
  std::vector<ConfigEntry> result;
  for (const auto& config : resource.configs) {
    ConfigEntry entry{.name = config.name,
                      .value = config.value,
                      .source = static_cast<ConfigSource>(config.config_source),
                      .read_only = config.read_only,
                      .sensitive = config.is_sensitive,
                      .synonyms = {},
                      .documentation = config.documentation};
    if (entry.documentation && entry.documentation->empty()) entry.documentation.reset();
    for (const auto& synonym : config.synonyms) {
      entry.synonyms.push_back(
          {synonym.name, synonym.value, static_cast<ConfigSource>(synonym.source)});
    }
    result.push_back(std::move(entry));
  }
  std::ranges::sort(result, {}, &ConfigEntry::name);
  return result;
}

const auto resource_of = [](const auto& answer) {
  return ConfigResource{static_cast<ConfigType>(answer.resource_type), answer.resource_name};
};

/// Sends one request per broker that is concerned, and one for the rest.
template <typename ConfigSweep, typename AskOne>
void ask_each_broker(const std::shared_ptr<ConfigSweep>& sweep,
                     const typename ConfigSweep::Indexes& which, AskOne ask_one) {
  std::map<NodeId, typename ConfigSweep::Indexes> by_node;
  for (const std::size_t i : which) {
    const Target target = target_of(sweep->key(i));
    by_node[target.kind == Target::Kind::node ? target.id : no_node].push_back(i);
  }
  for (const auto& [node, indexes] : by_node) {
    ask_one(node == no_node ? Target::any() : Target::node(node), indexes);
  }
}

void ask_describe(const std::shared_ptr<DescribeSweep>& sweep, const Target& target,
                  const DescribeSweep::Indexes& which, bool documentation) {
  const auto build = [sweep, which, documentation](std::int16_t version) {
    wire::DescribeConfigsRequest request{.include_synonyms = true};
    if (version >= 3) request.include_documentation = documentation;
    for (const std::size_t i : which) {
      request.resources.push_back({.resource_type = static_cast<std::int8_t>(sweep->key(i).type),
                                   .resource_name = sweep->key(i).name,
                                   .configuration_keys = std::nullopt});
    }
    return Outgoing<wire::DescribeConfigsRequest>(std::move(request));
  };
  sweep->cluster().call<wire::DescribeConfigsRequest>(
      target, build, sweep->options(), [sweep, which](const auto& reply) {
        if (!reply) return sweep->broke(which, reply.error());
        settle_named(*sweep, which, reply->message.results, resource_of, entries);
      });
}

}  // namespace

void Admin::describe_configs(std::vector<ConfigResource> resources, bool documentation,
                             Then<Configs> then) {
  DescribeSweep::Plan plan{
      .target = [](const ConfigResource&) { return Target::any(); },
      .ask =
          [documentation](const std::shared_ptr<DescribeSweep>& sweep, const Target&,
                          const DescribeSweep::Indexes& which) {
            ask_each_broker(sweep, which, [&](const Target& target, const auto& some) {
              ask_describe(sweep, target, some, documentation);
            });
          },
      .what = "describe the settings of",
      .name = describe};
  sweep<ConfigResource, std::vector<ConfigEntry>>(cluster_, std::move(resources), std::move(plan),
                                                  std::move(then));
}

void Admin::alter_configs(std::vector<ConfigChange> changes, bool validate_only,
                          Then<Altered> then) {
  std::vector<ConfigResource> keys;
  std::map<ConfigResource, std::vector<wire::IncrementalAlterConfigsRequest::Config>> by_resource;
  for (const ConfigChange& change : changes) {
    auto& wanted = by_resource[change.resource];
    if (wanted.empty()) keys.push_back(change.resource);
    wanted.push_back({.name = change.name,
                      .config_operation = static_cast<std::int8_t>(change.operation),
                      .value = change.value});
  }
  AlterSweep::Plan plan{
      .target = [](const ConfigResource&) { return Target::controller(); },
      .ask =
          [by_resource = std::move(by_resource), validate_only](
              const std::shared_ptr<AlterSweep>& sweep, const Target&,
              const AlterSweep::Indexes& which) {
            ask_each_broker(sweep, which, [&](const Target& target, const auto& some) {
              wire::IncrementalAlterConfigsRequest request{.validate_only = validate_only};
              for (const std::size_t i : some) {
                const ConfigResource& key = sweep->key(i);
                request.resources.push_back({.resource_type = static_cast<std::int8_t>(key.type),
                                             .resource_name = key.name,
                                             .configs = by_resource.at(key)});
              }
              sweep->cluster().template send<wire::IncrementalAlterConfigsRequest>(
                  target, std::move(request), sweep->options(),
                  [sweep, some](const auto& reply) {
                    if (!reply) return sweep->broke(some, reply.error());
                    settle_named(*sweep, some, reply->message.responses, resource_of,
                                 [](const auto&) { return Status(); });
                  });
            });
          },
      .what = "change the settings of",
      .name = describe};
  sweep<ConfigResource, void>(cluster_, std::move(keys), std::move(plan), std::move(then));
}

}  // namespace horolog
