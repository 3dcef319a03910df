#include "bench/load/broker.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <ctime>

#include "bench/metrics_page.hpp"
#include "protocol/messages/create_topics.hpp"
#include "protocol/messages/describe_configs.hpp"
#include "protocol/messages/find_coordinator.hpp"
#include "protocol/messages/incremental_alter_configs.hpp"
#include "protocol/messages/init_producer_id.hpp"
#include "protocol/messages/list_offsets.hpp"
#include "protocol/messages/metadata.hpp"

namespace horolog::bench {
namespace {

constexpr int ready_attempts = 500;
constexpr std::int64_t latest = -1;  // ListOffsets: the high watermark
constexpr std::int8_t topic_resource = 2;
constexpr std::int8_t group_key = 0;
constexpr std::int8_t transaction_key = 1;

void pause_ms(long milliseconds) {
  const timespec wait{0, milliseconds * 1'000'000};
  nanosleep(&wait, nullptr);
}

}  // namespace

Broker::Broker(const std::string& address) : address_(address), socket_(connect_to(address)) {}

ByteBuffer Broker::exchange(ByteView request, std::string_view name) {
  send_all(socket_.get(), request);
  std::byte prefix[4];
  if (!receive_all(socket_.get(), prefix)) {
    run_error(fmt::format("{} closed the connection on a {}", address_, name));
  }
  ByteBuffer frame(load_be<std::uint32_t>(prefix));
  receive_all(socket_.get(), frame);
  return frame;
}

void Broker::create_topic(const std::string& topic, std::int32_t partitions,
                          const std::vector<std::string>& configs) {
  wire::CreateTopicsRequest request;
  auto& wanted = request.topics.emplace_back();
  wanted.name = topic;
  wanted.num_partitions = partitions;
  wanted.replication_factor = 1;
  for (const std::string& pair : configs) {
    const auto equals = pair.find('=');
    if (equals == std::string::npos) usage_error("--config " + pair + ": not key=value");
    wanted.configs.push_back({pair.substr(0, equals), pair.substr(equals + 1)});
  }
  const auto created = call<wire::CreateTopicsResponse>(request, 5);
  for (const auto& outcome : created.topics) {
    if (outcome.error_code != wire::ErrorCode::none) {
      run_error(fmt::format("create topic {}: error {}: {}", topic,
                            static_cast<int>(outcome.error_code),
                            outcome.error_message.value_or("")));
    }
  }
  wire::MetadataRequest ask;
  ask.topics->push_back({.topic_id = {}, .name = topic});
  ask.allow_auto_topic_creation = false;
  for (int attempt = 0; attempt < ready_attempts; ++attempt) {
    const auto metadata = call<wire::MetadataResponse>(ask, 8);
    std::size_t led = 0;
    for (const auto& found : metadata.topics) {
      for (const auto& partition : found.partitions) led += partition.leader_id >= 0 ? 1 : 0;
    }
    if (led == static_cast<std::size_t>(partitions)) return;
    pause_ms(10);
  }
  run_error(fmt::format("topic {} has no leaders after {} tries", topic, ready_attempts));
}

void Broker::alter_topic(const std::string& topic, const std::string& setting,
                         const std::string& value) {
  wire::IncrementalAlterConfigsRequest request;
  auto& resource = request.resources.emplace_back();
  resource.resource_type = topic_resource;
  resource.resource_name = topic;
  resource.configs.push_back({.name = setting, .config_operation = 0, .value = value});
  for (const auto& outcome : call<wire::IncrementalAlterConfigsResponse>(request, 0).responses) {
    if (outcome.error_code == wire::ErrorCode::none) continue;
    run_error(fmt::format("{} of {}: {}", setting, topic, outcome.error_message.value_or("")));
  }
}

Offset Broker::end_offset(const std::string& topic, std::int32_t partition) {
  wire::ListOffsetsRequest request;
  request.replica_id = -1;
  auto& asked = request.topics.emplace_back();
  asked.name = topic;
  auto& which = asked.partitions.emplace_back();
  which.partition_index = partition;
  which.timestamp = latest;
  const auto response = call<wire::ListOffsetsResponse>(request, 5);
  const auto& answer = response.topics.at(0).partitions.at(0);
  if (answer.error_code != wire::ErrorCode::none) {
    run_error(fmt::format("end of {}-{}: error {}", topic, partition,
                          static_cast<int>(answer.error_code)));
  }
  return answer.offset;
}

ProducerId Broker::new_producer() {
  wire::InitProducerIdRequest request;
  request.transactional_id.reset();
  request.transaction_timeout_ms = 60'000;
  for (int attempt = 0; attempt < ready_attempts; ++attempt) {
    const auto response = call<wire::InitProducerIdResponse>(request, 1);
    if (response.error_code == wire::ErrorCode::none) return response.producer_id;
    // A fresh Apache Kafka answers COORDINATOR_LOAD_IN_PROGRESS until its internal topic is there.
    pause_ms(20);
  }
  run_error("no producer id after many tries");
}

std::pair<ProducerId, ProducerEpoch> Broker::new_transactional_producer(const std::string& id) {
  find_coordinator(id, transaction_key);
  wire::InitProducerIdRequest request;
  request.transactional_id = id;
  request.transaction_timeout_ms = 60'000;
  for (int attempt = 0; attempt < ready_attempts; ++attempt) {
    const auto response = call<wire::InitProducerIdResponse>(request, 4);
    if (response.error_code == wire::ErrorCode::none) {
      return {response.producer_id, response.producer_epoch};
    }
    pause_ms(20);
  }
  run_error("no producer id for a transactional id after many tries");
}

void Broker::find_group_coordinator(const std::string& group) {
  find_coordinator(group, group_key);
}

void Broker::find_coordinator(const std::string& key, std::int8_t type) {
  wire::FindCoordinatorRequest request;
  request.key = key;
  request.key_type = type;
  for (int attempt = 0; attempt < ready_attempts; ++attempt) {
    if (call<wire::FindCoordinatorResponse>(request, 2).error_code == wire::ErrorCode::none) {
      return;
    }
    pause_ms(20);
  }
  run_error("no coordinator for " + key + " after many tries");
}

std::vector<OptionSpec> with_load_options(std::vector<OptionSpec> own) {
  const std::vector<OptionSpec> common = {
      {"bootstrap", "127.0.0.1:9092", "broker's host:port"},
      {"topic", "", "topic; by default a new one with a name of its own"},
      {"partitions", "1", "partitions of the topic, used in turn by the connections"},
      {"create", "yes", "create the topic (no: it exists)"},
      {"config", "", "topic config key=value; may be repeated"},
      {"broker-pid", "0", "report the CPU time and memory of that process"},
      {"admin", "", "host:port of Horolog's /metrics: report its syncs"}};
  own.insert(own.end(), common.begin(), common.end());
  return own;
}

LoadTarget::LoadTarget(const Options& options)
    : address(options.text("bootstrap")),
      topic(options.text("topic")),
      partitions(static_cast<std::int32_t>(options.number("partitions"))),
      configs(options.all("config")),
      admin(options.text("admin")),
      create_(options.yes("create")) {
  if (topic.empty()) topic = fmt::format("bench-{}-{}", getpid(), mono_ns() % 1'000'000);
  if (const std::int64_t process = options.number("broker-pid"); process > 0) pid = process;
}

double LoadTarget::prepare() const {
  const std::int64_t start = mono_ns();
  if (create_) Broker(address).create_topic(topic, partitions, configs);
  return static_cast<double>(mono_ns() - start) / 1e9;
}

BrokerReading LoadTarget::read() const {
  BrokerReading reading;
  if (pid) reading.process = usage_of(*pid);
  if (!admin.empty()) {
    const std::string page = metrics_page(admin);
    reading.syncs = {.group_commits = metric_in(page, "horolog_group_commits_total").value_or(0),
                     .syncs = metric_in(page, "horolog_syncs_total").value_or(0)};
  }
  return reading;
}

std::string LoadTarget::ack_meaning(std::int16_t acks) const {
  if (acks == 0) return "NOTHING: sent, and no answer asked for";
  wire::DescribeConfigsRequest request;
  request.resources.push_back({.resource_type = topic_resource,
                               .resource_name = topic,
                               .configuration_keys = std::nullopt});
  const auto response = Broker(address).call<wire::DescribeConfigsResponse>(request, 1);
  std::string durability;
  std::string flush;
  for (const auto& resource : response.results) {
    for (const auto& config : resource.configs) {
      if (config.name == "horolog.durability") durability = config.value.value_or("");
      if (config.name == "flush.messages") flush = config.value.value_or("");
    }
  }
  return describe_ack(acks, durability, flush);
}

void LoadTarget::add_usage(Report& report, const BrokerReading& before, const BrokerReading& after,
                           const Work& work) const {
  if (before.process) add_broker_usage(report, *before.process, *after.process, work);
  if (!before.syncs) return;
  report.add("broker_group_commits", after.syncs->group_commits - before.syncs->group_commits);
  report.add("broker_syncs", after.syncs->syncs - before.syncs->syncs);
}

std::string describe_ack(std::int16_t acks, const std::string& durability,
                         const std::string& flush_messages) {
  if (acks == 0) return "NOTHING: sent, and no answer asked for";
  const bool synced = durability == "commit" ? acks == -1 : flush_messages == "1";
  if (synced) return "DURABLE: synced to disk before the answer";
  return "IN MEMORY: written to the page cache, a power cut may take it back";
}

}  // namespace horolog::bench
