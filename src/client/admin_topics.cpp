#include <algorithm>

#include "client/admin_calls.hpp"
#include "protocol/messages/create_partitions.hpp"
#include "protocol/messages/create_topics.hpp"
#include "protocol/messages/delete_records.hpp"
#include "protocol/messages/delete_topics.hpp"

namespace horolog {

using namespace client;

namespace {

TopicDescription describe(const TopicInfo& info) {
  TopicDescription topic{.name = info.name, .id = info.id, .internal = info.internal,
                         .partitions = {}};
  for (std::size_t i = 0; i < info.partitions.size(); ++i) {
    const PartitionInfo& partition = info.partitions[i];
    topic.partitions.push_back({.partition = static_cast<PartitionIndex>(i),
                                .leader = partition.leader,
                                .leader_epoch = partition.leader_epoch,
                                .replicas = partition.replicas,
                                .in_sync = partition.isr,
                                .offline = partition.offline});
  }
  return topic;
}

using TopicSweep = Sweep<std::string, TopicDescription>;
using CreateSweep = Sweep<std::string, CreatedTopic>;
using NameSweep = Sweep<std::string, void>;
using DeleteSweep = Sweep<TopicPartition, Offset>;

wire::CreateTopicsRequest::Topic to_wire(const NewTopic& topic) {
  wire::CreateTopicsRequest::Topic out{.name = topic.name,
                                       .num_partitions = topic.partitions,
                                       .replication_factor = topic.replication_factor};
  for (const auto& [name, value] : topic.configs) out.configs.push_back({name, value});
  std::int32_t index = 0;
  for (const auto& brokers : topic.assignment) out.assignments.push_back({index++, brokers});
  return out;
}

CreatedTopic from_wire(const wire::CreateTopicsResponse::Topic& topic) {
  CreatedTopic created{.id = topic.topic_id,
                       .partitions = topic.num_partitions,
                       .replication_factor = topic.replication_factor,
                       .configs = {}};
  for (const auto& config : topic.configs.value_or(
           std::vector<wire::CreateTopicsResponse::Config>())) {
    if (config.value) created.configs[config.name] = *config.value;
  }
  return created;
}

}  // namespace

void Admin::list_topics(Then<std::vector<TopicDescription>> then) {
  cluster_->loop().post([cluster = cluster_, then = std::move(then)] {
    cluster->refresh(std::nullopt, 0, [cluster, then](const Status& status) {
      if (!status) return then(status.error());
      std::vector<TopicDescription> topics;
      for (const auto& [name, info] : cluster->metadata()->topics) {
        topics.push_back(describe(*info));
      }
      then(std::move(topics));
    });
  });
}

void Admin::describe_topics(std::vector<std::string> names, Then<Topics> then) {
  TopicSweep::Plan plan{
      .target = [](const std::string&) { return Target::any(); },
      .ask =
          [](const std::shared_ptr<TopicSweep>& sweep, const Target&,
             const TopicSweep::Indexes& which) {
            std::set<std::string> asked;
            for (const std::size_t i : which) asked.insert(sweep->key(i));
            // What is remembered may be old: this is for somebody who looks.
            sweep->cluster().refresh(asked, 0, [sweep, which](const Status& status) {
              if (!status) return sweep->broke(which, status.error());
              for (const std::size_t i : which) {
                sweep->cluster().topic(
                    sweep->key(i), sweep->options().timeout_ns, false, [sweep, i](auto found) {
                      if (!found) return sweep->settle(i, found.error());
                      sweep->settle(i, describe(**found));
                    });
              }
            });
          },
      .what = "describe topic",
      .name = [](const std::string& name) { return name; }};
  sweep<std::string, TopicDescription>(cluster_, std::move(names), std::move(plan),
                                       std::move(then));
}

void Admin::create_topics(std::vector<NewTopic> topics, bool validate_only,
                          Then<CreatedTopics> then) {
  std::vector<std::string> names;
  std::int16_t least = 2;
  for (const NewTopic& topic : topics) {
    names.push_back(topic.name);
    // "The broker's default" can be said from version 4 on.
    const bool defaults = topic.partitions < 0 || topic.replication_factor < 0;
    if (defaults && topic.assignment.empty()) least = 4;
  }
  CreateSweep::Plan plan{
      .target = [](const std::string&) { return Target::controller(); },
      .ask =
          [topics = std::move(topics), validate_only, least](
              const std::shared_ptr<CreateSweep>& sweep, const Target& target,
              const CreateSweep::Indexes& which) {
            wire::CreateTopicsRequest request{
                .timeout_ms = timeout_ms(sweep->cluster().options()),
                .validate_only = validate_only};
            for (const std::size_t i : which) request.topics.push_back(to_wire(topics[i]));
            sweep->cluster().send<wire::CreateTopicsRequest>(
                target, std::move(request), sweep->options({least, 7}),
                [sweep, which](const auto& reply) {
                  if (!reply) return sweep->broke(which, reply.error());
                  settle_named(
                      *sweep, which, reply->message.topics,
                      [](const auto& topic) { return topic.name; },
                      [](const auto& topic) { return from_wire(topic); });
                });
          },
      .what = "create topic",
      .name = [](const std::string& name) { return name; }};
  sweep<std::string, CreatedTopic>(cluster_, std::move(names), std::move(plan), std::move(then));
}

void Admin::delete_topics(std::vector<std::string> names, Then<Names> then) {
  NameSweep::Plan plan{
      .target = [](const std::string&) { return Target::controller(); },
      .ask =
          [](const std::shared_ptr<NameSweep>& sweep, const Target& target,
             const NameSweep::Indexes& which) {
            const auto build = [sweep, which](std::int16_t version) {
              wire::DeleteTopicsRequest request{.timeout_ms =
                                                    timeout_ms(sweep->cluster().options())};
              for (const std::size_t i : which) {
                if (version >= 6) {
                  request.topics.push_back({.name = sweep->key(i)});
                } else {
                  request.topic_names.push_back(sweep->key(i));
                }
              }
              return Outgoing<wire::DeleteTopicsRequest>(std::move(request));
            };
            sweep->cluster().call<wire::DeleteTopicsRequest>(
                target, build, sweep->options(), [sweep, which](const auto& reply) {
                  if (!reply) return sweep->broke(which, reply.error());
                  settle_named(
                      *sweep, which, reply->message.responses,
                      [](const auto& topic) { return topic.name.value_or(""); },
                      [](const auto&) { return Status(); });
                });
          },
      .what = "delete topic",
      .name = [](const std::string& name) { return name; }};
  sweep<std::string, void>(cluster_, std::move(names), std::move(plan), std::move(then));
}

void Admin::create_partitions(std::vector<NewPartitions> topics, bool validate_only,
                              Then<Names> then) {
  std::vector<std::string> names;
  for (const NewPartitions& topic : topics) names.push_back(topic.topic);
  NameSweep::Plan plan{
      .target = [](const std::string&) { return Target::controller(); },
      .ask =
          [topics = std::move(topics), validate_only](const std::shared_ptr<NameSweep>& sweep,
                                                      const Target& target,
                                                      const NameSweep::Indexes& which) {
            wire::CreatePartitionsRequest request{
                .timeout_ms = timeout_ms(sweep->cluster().options()),
                .validate_only = validate_only};
            for (const std::size_t i : which) {
              request.topics.push_back({.name = topics[i].topic,
                                        .count = topics[i].total,
                                        .assignments = std::nullopt});
            }
            sweep->cluster().send<wire::CreatePartitionsRequest>(
                target, std::move(request), sweep->options(), [sweep, which](const auto& reply) {
                  if (!reply) return sweep->broke(which, reply.error());
                  settle_named(
                      *sweep, which, reply->message.results,
                      [](const auto& topic) { return topic.name; },
                      [](const auto&) { return Status(); });
                });
          },
      .what = "add partitions to topic",
      .name = [](const std::string& name) { return name; }};
  sweep<std::string, void>(cluster_, std::move(names), std::move(plan), std::move(then));
}

void Admin::delete_records(std::vector<RecordsToDelete> records, Then<LowWatermarks> then) {
  std::vector<TopicPartition> keys;
  for (const RecordsToDelete& one : records) keys.push_back(one.partition);
  DeleteSweep::Plan plan{
      .target = [](const TopicPartition& tp) { return Target::leader(tp); },
      .ask =
          [records = std::move(records)](const std::shared_ptr<DeleteSweep>& sweep,
                                         const Target& target,
                                         const DeleteSweep::Indexes& which) {
            using Topic = wire::DeleteRecordsRequest::Topic;
            wire::DeleteRecordsRequest request{
                .topics = by_topic<Topic>(
                    which, [&](std::size_t i) { return records[i].partition; }, &Topic::name,
                    [&](Topic& topic, std::size_t i) {
                      topic.partitions.push_back(
                          {records[i].partition.partition, records[i].before});
                    }),
                .timeout_ms = timeout_ms(sweep->cluster().options())};
            sweep->cluster().send<wire::DeleteRecordsRequest>(
                target, std::move(request), sweep->options(), [sweep, which](const auto& reply) {
                  if (!reply) return sweep->broke(which, reply.error());
                  settle_partitions(
                      *sweep, which, reply->message.topics,
                      [](const auto& partition) { return partition.low_watermark; });
                });
          },
      .what = "delete records of",
      .name = [](const TopicPartition& tp) { return tp.to_string(); }};
  sweep<TopicPartition, Offset>(cluster_, std::move(keys), std::move(plan), std::move(then));
}

}  // namespace horolog
