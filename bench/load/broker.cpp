#include "bench/load/broker.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <ctime>

#include "protocol/codec.hpp"
#include "protocol/messages/create_topics.hpp"
#include "protocol/messages/init_producer_id.hpp"
#include "protocol/messages/list_offsets.hpp"
#include "protocol/messages/metadata.hpp"

namespace horolog::bench {
namespace {

constexpr int ready_attempts = 500;
constexpr std::int64_t latest = -1;  // ListOffsets: the high watermark

void pause_ms(long milliseconds) {
  const timespec wait{0, milliseconds * 1'000'000};
  nanosleep(&wait, nullptr);
}

}  // namespace

Broker::Broker(const std::string& address) : address_(address), socket_(connect_to(address)) {}

template <typename Response, typename Request>
Response Broker::call(const Request& request, std::int16_t version) {
  send_all(socket_.get(), wire::encode_request(request, version, 1, "horolog-bench").bytes);
  std::byte prefix[4];
  ByteBuffer frame;
  if (receive_all(socket_.get(), prefix)) {
    frame.resize(load_be<std::uint32_t>(prefix));
    receive_all(socket_.get(), frame);
  } else {
    run_error(fmt::format("{} closed the connection on a {}", address_, Request::api.name));
  }
  const auto parts = wire::decode_response_frame(frame, Response::api, version);
  if (!parts) run_error(parts.error().message());
  auto response = wire::decode<Response>(parts->body, version);
  if (!response) run_error(response.error().message());
  return std::move(response).value();
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

std::vector<OptionSpec> with_load_options(std::vector<OptionSpec> own) {
  const std::vector<OptionSpec> common = {
      {"bootstrap", "127.0.0.1:9092", "broker's host:port"},
      {"topic", "", "topic; by default a new one with a name of its own"},
      {"partitions", "1", "partitions of the topic, used in turn by the connections"},
      {"create", "yes", "create the topic (no: it exists)"},
      {"config", "", "topic config key=value; may be repeated"},
      {"broker-pid", "0", "report the CPU time and memory of that process"}};
  own.insert(own.end(), common.begin(), common.end());
  return own;
}

LoadTarget::LoadTarget(const Options& options)
    : address(options.text("bootstrap")),
      topic(options.text("topic")),
      partitions(static_cast<std::int32_t>(options.number("partitions"))),
      configs(options.all("config")),
      create_(options.yes("create")) {
  if (topic.empty()) topic = fmt::format("bench-{}-{}", getpid(), mono_ns() % 1'000'000);
  if (const std::int64_t process = options.number("broker-pid"); process > 0) pid = process;
}

double LoadTarget::prepare() const {
  const std::int64_t start = mono_ns();
  if (create_) Broker(address).create_topic(topic, partitions, configs);
  return static_cast<double>(mono_ns() - start) / 1e9;
}

std::optional<ProcessUsage> LoadTarget::usage() const {
  if (!pid) return std::nullopt;
  return usage_of(*pid);
}

}  // namespace horolog::bench
