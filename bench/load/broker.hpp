#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bench/options.hpp"
#include "bench/report.hpp"
#include "bench/socket.hpp"
#include "horolog/types.hpp"
#include "protocol/codec.hpp"

namespace horolog::bench {

/// Blocking requests on one connection: what a load needs before and after it runs. Failures end
/// the program with a message.
class Broker {
 public:
  explicit Broker(const std::string& address);

  /// Creates `topic` with those configs ("key=value") and waits until every partition has a leader.
  void create_topic(const std::string& topic, std::int32_t partitions,
                    const std::vector<std::string>& configs);
  void alter_topic(const std::string& topic, const std::string& setting, const std::string& value);
  /// The end of a partition as consumers see it.
  Offset end_offset(const std::string& topic, std::int32_t partition);
  /// A producer id of its own, with epoch 0.
  ProducerId new_producer();
  /// The producer id and epoch of a transactional id.
  std::pair<ProducerId, ProducerEpoch> new_transactional_producer(const std::string& id);
  /// Waits until the group's coordinator can be found; makes the internal topic that needs.
  void find_group_coordinator(const std::string& group);

  /// One request and its answer, of the type that `Response` says: none that holds records.
  template <typename Response, typename Request>
  Response call(const Request& request, std::int16_t version) {
    const ByteBuffer frame = exchange(
        wire::encode_request(request, version, 1, "horolog-bench").bytes, Request::api.name);
    const auto parts = wire::decode_response_frame(frame, Response::api, version);
    if (!parts) run_error(parts.error().message());
    auto response = wire::decode<Response>(parts->body, version);
    if (!response) run_error(response.error().message());
    return std::move(response).value();
  }

 private:
  void find_coordinator(const std::string& key, std::int8_t type);
  ByteBuffer exchange(ByteView request, std::string_view name);

  std::string address_;
  Descriptor socket_;
};

/// The options that every load has, and what follows from them.
std::vector<OptionSpec> with_load_options(std::vector<OptionSpec> own);

/// The same meaning from a topic's settings: horolog.durability (empty: not Horolog) and
/// flush.messages.
std::string describe_ack(std::int16_t acks, const std::string& durability,
                         const std::string& flush_messages);

/// What the broker has used so far, as far as --broker-pid and --admin allow to know it.
struct BrokerReading {
  std::optional<ProcessUsage> process;
  std::optional<SyncCounts> syncs;
};

struct LoadTarget {
  explicit LoadTarget(const Options& options);

  std::string address;
  std::string topic;
  std::int32_t partitions;
  std::vector<std::string> configs;
  /// Of --broker-pid, when given.
  std::optional<std::int64_t> pid;
  /// host:port of Horolog's /metrics; empty when not given.
  std::string admin;

  /// Creates the topic unless --create no. Seconds until every partition had its leader.
  double prepare() const;
  BrokerReading read() const;
  /// What an answer to a produce request with these acks means on this broker, in words that a
  /// reader of the figures cannot overlook. Asks the broker for the topic's settings.
  std::string ack_meaning(std::int16_t acks) const;
  /// Adds the difference of two readings.
  void add_usage(Report& report, const BrokerReading& before, const BrokerReading& after,
                 const Work& work) const;

 private:
  bool create_;
};

}  // namespace horolog::bench
