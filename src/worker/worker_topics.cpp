#include "worker/worker_topics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>

#include "base/log.hpp"
#include "protocol/error_code.hpp"
#include "scheduler/names.hpp"
#include "worker/names.hpp"

namespace horolog::worker {
namespace {

/// Number of partitions by topic; 0 for one that is not there.
Result<std::map<std::string, std::int32_t>> look_up(Admin& admin, std::vector<std::string> names) {
  std::map<std::string, std::int32_t> out;
  HOROLOG_ASSIGN(const auto topics, admin.describe_topics(std::move(names)));
  for (const auto& [name, found] : topics) {
    const bool missing =
        !found && (found.error().code() == Errc::not_found ||
                   found.error().kafka_code() ==
                       static_cast<std::int16_t>(wire::ErrorCode::unknown_topic_or_partition));
    if (!found && !missing) return found.error();
    out[name] = found ? static_cast<std::int32_t>(found->partitions.size()) : 0;
  }
  return out;
}

Status make_topics(Admin& admin, std::vector<NewTopic> topics) {
  if (topics.empty()) return {};
  HOROLOG_ASSIGN(const auto made, admin.create_topics(std::move(topics)));
  for (const auto& [name, created] : made) {
    const bool there =
        created || created.error().code() == Errc::already_exists ||
        created.error().kafka_code() ==
            static_cast<std::int16_t>(wire::ErrorCode::topic_already_exists);
    if (!there)
      return created.error().with_context(
          fmt::format("cannot make {}, {}", name,
                      name == control::topic ? "which says what is paused and cancelled"
                                             : "where tasks go that keep failing"));
    log::info("worker", "made a topic", {log::field("topic", name)});
  }
  return {};
}

NewTopic control_topic() {
  return {.name = std::string(control::topic),
          .partitions = 1,
          .replication_factor = -1,
          .configs = {{"cleanup.policy", "compact"}},
          .assignment = {}};
}

}  // namespace

Status ensure_control_topic(Admin& admin) {
  const std::string name(control::topic);
  HOROLOG_ASSIGN(auto known, look_up(admin, {name}));
  return known[name] > 0 ? Status() : make_topics(admin, {control_topic()});
}

Result<std::int32_t> prepare_topics(Admin& admin, const std::vector<std::string>& tasks) {
  const std::string runs(scheduler::topic::runs), commands(scheduler::topic::commands);
  std::vector<std::string> names{runs, commands, std::string(control::topic)};
  for (const std::string& task : tasks) {
    names.push_back(task);
    names.push_back(fmt::format("{}{}", task, dead_letter_suffix));
  }
  HOROLOG_ASSIGN(auto known, look_up(admin, std::move(names)));
  std::vector<NewTopic> missing;
  for (const std::string& task : tasks) {
    if (known[task] == 0)
      return Error(Errc::not_found,
                   fmt::format("there is no topic '{}' to work on: make it with 'horolog topic "
                               "create {}'", task, task));
    std::string letters = fmt::format("{}{}", task, dead_letter_suffix);
    if (known[letters] == 0)
      missing.push_back({.name = std::move(letters),
                         .partitions = known[task],
                         .replication_factor = -1,
                         .configs = {},
                         .assignment = {}});
  }
  for (const std::string& own : {runs, commands}) {
    if (known[own] == 0)
      return Error(Errc::not_found,
                   fmt::format("there is no topic '{}': start horolog-scheduler on this cluster; "
                               "it makes the topic, and fires the retries", own));
  }
  if (known[runs] != known[commands])
    return Error(Errc::corrupt,
                 fmt::format("'{}' has {} partitions and '{}' has {}: they must be the same", runs,
                             known[runs], commands, known[commands]));
  if (known[std::string(control::topic)] == 0) missing.push_back(control_topic());
  HOROLOG_TRY(make_topics(admin, std::move(missing)));
  return known[runs];
}

Result<std::size_t> metadata_limit(Admin& admin, std::size_t wanted) {
  constexpr std::string_view setting = "offset.metadata.max.bytes";
  HOROLOG_ASSIGN(const auto cluster, admin.describe_cluster());
  std::vector<ConfigResource> brokers;
  for (const BrokerDescription& each : cluster.brokers)
    brokers.push_back({ConfigType::broker, std::to_string(each.id)});
  HOROLOG_ASSIGN(const auto configs, admin.describe_configs(std::move(brokers)));
  for (const auto& [broker, entries] : configs) {
    if (!entries) return entries.error();
    for (const ConfigEntry& entry : *entries) {
      if (entry.name != setting || !entry.value) continue;
      std::size_t bytes = 0;
      const char* const last = entry.value->data() + entry.value->size();
      if (std::from_chars(entry.value->data(), last, bytes).ptr != last)
        return Error(Errc::corrupt, fmt::format("broker {}: {} is '{}'", broker.name, setting,
                                                *entry.value));
      // A byte is left to those who go on from here and end their text with a NUL.
      wanted = std::min(wanted, std::max<std::size_t>(bytes, 1) - 1);
    }
  }
  return wanted;
}

}  // namespace horolog::worker
