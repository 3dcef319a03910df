#include "broker/topic_manager.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "base/assert.hpp"
#include "base/limits.hpp"
#include "base/log.hpp"
#include "storage/topic_config.hpp"

namespace horolog::broker {

std::vector<Result<std::shared_ptr<const storage::TopicInfo>>> TopicManager::create(
    std::vector<storage::TopicInfo> topics) {
  using Outcome = Result<std::shared_ptr<const storage::TopicInfo>>;
  const std::lock_guard lock(mutex_);
  const auto catalog = store_.catalog().snapshot();
  std::vector<Outcome> outcomes;
  outcomes.reserve(topics.size());
  std::vector<storage::TopicInfo> fresh;
  std::vector<std::size_t> slots;
  for (storage::TopicInfo& topic : topics) {
    if (const auto existing = catalog->find(topic.name)) {
      outcomes.emplace_back(
          Error(Errc::already_exists, fmt::format("Topic '{}' already exists.", topic.name)));
      continue;
    }
    slots.push_back(outcomes.size());
    outcomes.emplace_back(Error(Errc::cancelled, "not reached"));
    if (topic.id.is_zero()) topic.id = Uuid::random();
    fresh.push_back(std::move(topic));
  }
  if (fresh.empty()) return outcomes;
  const TimestampMs now = clock_.wall_ms();
  auto created = store_.catalog().create_topics(fresh, now);
  Status synced = created ? store_.sync_with_catalog(now) : Status(created.error());
  for (std::size_t i = 0; i < slots.size(); ++i) {
    outcomes[slots[i]] = synced ? Outcome((*created)[i]) : Outcome(synced.error());
  }
  if (synced) partitions_.refresh();
  return outcomes;
}

Status TopicManager::remove(const storage::TopicInfo& topic) {
  const std::lock_guard lock(mutex_);
  HOROLOG_TRY(store_.catalog().delete_topic(topic.id, clock_.wall_ms()));
  partitions_.remove(topic);
  HOROLOG_TRY(store_.drop_logs(topic));
  if (deleted_hook_) deleted_hook_(topic);
  log::info("topics", "deleted", {log::field("topic", topic.name)});
  return {};
}

Status TopicManager::add_partitions(const storage::TopicInfo& topic, PartitionIndex new_total) {
  const std::lock_guard lock(mutex_);
  const TimestampMs now = clock_.wall_ms();
  HOROLOG_TRY(store_.catalog().add_partitions(topic.id, new_total, now));
  HOROLOG_TRY(store_.sync_with_catalog(now));
  partitions_.refresh();
  return {};
}

Status TopicManager::change_configs(const std::vector<storage::Catalog::ConfigChange>& changes) {
  const std::lock_guard lock(mutex_);
  HOROLOG_TRY(store_.catalog().change_configs(changes, clock_.wall_ms()));
  const auto catalog = store_.catalog().snapshot();
  std::set<std::string> topics;
  for (const auto& change : changes) {
    if (change.type == storage::Catalog::ResourceType::topic) topics.insert(change.resource);
    if (change.type != storage::Catalog::ResourceType::broker) continue;
    // A broker's setting is the default of every topic.
    for (const auto& [name, info] : catalog->topics) topics.insert(name);
  }
  // The change was checked before it was stored: a failure here is a bug in that check.
  for (const std::string& topic : topics) HOROLOG_ASSERT(apply_topic_config(*catalog, topic).ok());
  return {};
}

void TopicManager::change_defaults(std::shared_ptr<const storage::LogConfig> defaults) {
  const std::lock_guard lock(mutex_);
  store_.set_defaults(std::move(defaults));
  const auto catalog = store_.catalog().snapshot();
  for (const auto& [name, info] : catalog->topics) {
    if (const Status applied = apply_topic_config(*catalog, name); !applied) {
      log::warn("topics", "the new defaults contradict a topic's configuration: it keeps the old",
                {log::field("topic", name), log::field("error", applied.error().message())});
    }
  }
}

Status TopicManager::apply_topic_config(const storage::CatalogSnapshot& catalog,
                                        const std::string& topic) {
  const auto info = catalog.find(topic);
  if (info == nullptr) return {};
  HOROLOG_ASSIGN(auto parsed, storage::effective_topic_config(*store_.defaults(), catalog,
                                                              info->configs));
  const auto config = std::make_shared<const storage::LogConfig>(std::move(parsed));
  for (PartitionIndex i = 0; i < info->partitions; ++i) {
    if (const auto partition = partitions_.find(topic, i)) {
      partition->log().set_config(config);
      partition->poke_waiters();
    }
  }
  return {};
}

std::optional<std::string> topic_name_problem(std::string_view name) {
  if (name.empty()) return "Topic name is invalid: the empty string is not allowed";
  if (name == "." || name == "..") {
    return fmt::format("Topic name is invalid: '{}' is not allowed", name);
  }
  if (name.size() > limits::topic_name_chars) {
    return fmt::format(
        "Topic name is invalid: the length of '{}' is longer than the max allowed length {}", name,
        limits::topic_name_chars);
  }
  const bool legal = std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  });
  if (!legal) {
    return fmt::format(
        "Topic name is invalid: '{}' contains one or more characters other than ASCII "
        "alphanumerics, '.', '_' and '-'",
        name);
  }
  return std::nullopt;
}

bool is_internal_topic(std::string_view name) {
  return name == "__consumer_offsets" || name == "__transaction_state" ||
         name == "__share_group_state";
}

}  // namespace horolog::broker
