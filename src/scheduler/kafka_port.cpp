#include "scheduler/kafka_port.hpp"

#include <fmt/format.h>

#include "client/broker_error.hpp"
#include "protocol/messages/fetch.hpp"
#include "protocol/messages/init_producer_id.hpp"
#include "protocol/messages/list_offsets.hpp"
#include "protocol/messages/offset_fetch.hpp"
#include "scheduler/asking.hpp"
#include "scheduler/committed_records.hpp"
#include "scheduler/names.hpp"
#include "scheduler/patience.hpp"
#include "scheduler/topic_lookup.hpp"

namespace horolog::scheduler {
namespace {

constexpr MonoNs call_ns = 10'000'000'000;
constexpr std::int32_t fetch_bytes = 1 << 20;

std::string name_of(Feed feed) {
  switch (feed) {
    case Feed::state: return std::string(topic::state);
    case Feed::commands: return std::string(topic::commands);
    default: return std::string(topic::runs);
  }
}

bool moved(wire::ErrorCode code) {
  return code == wire::ErrorCode::not_leader_or_follower ||
         code == wire::ErrorCode::leader_not_available;
}

}  // namespace

KafkaPort::KafkaPort(std::shared_ptr<client::Cluster> cluster, TargetTable& targets,
                     Settings settings, const Clock& clock)
    : cluster_(std::move(cluster)), targets_(targets), settings_(std::move(settings)),
      clock_(clock),
      transactional_id_(fmt::format("{}-{}", settings_.group, settings_.partition)),
      watch_(cluster_, settings_.nudge, clock_) {
  // Reads wait at the broker: on a connection of their own they hold up nothing else.
  const auto lane = on_loop<client::Lane>(
      *cluster_, [cluster = cluster_](auto done) { done(cluster->new_lane()); });
  if (lane) lane_ = *lane;
}

TopicPartition KafkaPort::place(Feed feed) const { return {name_of(feed), settings_.partition}; }

Status KafkaPort::init_producer() {
  sequences_.clear();
  Patience patience(clock_, 30'000);
  for (;;) {
    wire::InitProducerIdRequest request;
    request.transactional_id = transactional_id_;
    request.transaction_timeout_ms = settings_.transaction_timeout_ms;
    const auto reply = ask(*cluster_, client::Target::transaction(transactional_id_), request,
                           {.cap = {0, 4}, .timeout_ns = call_ns});
    const auto code = reply ? (*reply)->error_code : wire::ErrorCode::none;
    if (reply && code == wire::ErrorCode::none) {
      producer_id_ = (*reply)->producer_id;
      epoch_ = (*reply)->producer_epoch;
      return {};
    }
    coordinator_answered(*cluster_, client::CoordinatorKind::transaction, transactional_id_, code);
    if (!(reply && passes(code)) || !patience.wait(code)) {
      if (!reply) return reply.error();
      return client::broker_error(code, "cannot take over " + transactional_id_);
    }
  }
}

Result<TopicIdentity> KafkaPort::topics() {
  HOROLOG_ASSIGN(TopicIdentity found, ask_identity(*cluster_));
  if (metadata_fits_) metadata_ = found.to_text();
  return found;
}

Result<Committed> KafkaPort::committed() {
  Patience patience(clock_, 30'000);
  for (;;) {
    wire::OffsetFetchRequest request;
    request.group_id = settings_.group;
    request.topics.emplace().push_back({name_of(Feed::commands), {settings_.partition}});
    request.require_stable = true;
    HOROLOG_ASSIGN(const auto reply, ask(*cluster_, client::Target::group(settings_.group),
                                         std::move(request),
                                         {.cap = {7, 7}, .timeout_ns = call_ns}));
    wire::ErrorCode code = reply->error_code;
    Committed found;
    for (const auto& one : reply->topics)
      for (const auto& partition : one.partitions) {
        if (code == wire::ErrorCode::none) code = partition.error_code;
        found = {partition.committed_offset,
                 TopicIdentity::parse(partition.metadata.value_or(""))};
      }
    if (code == wire::ErrorCode::none) return found;
    coordinator_answered(*cluster_, client::CoordinatorKind::group, settings_.group, code);
    if (!passes(code) || !patience.wait(code))
      return client::broker_error(code, "cannot read the group's position");
  }
}

Result<Offset> KafkaPort::list(Feed feed, std::int64_t what, bool committed) {
  Patience patience(clock_, 10'000);
  for (;;) {
    wire::ListOffsetsRequest request;
    request.isolation_level = committed ? 1 : 0;
    request.topics.push_back({name_of(feed), {{.partition_index = settings_.partition,
                                               .current_leader_epoch = -1,
                                               .timestamp = what}}});
    HOROLOG_ASSIGN(const auto reply, ask(*cluster_, client::Target::leader(place(feed)),
                                         std::move(request),
                                         {.cap = {2, 6}, .timeout_ns = call_ns}));
    if (reply->topics.empty() || reply->topics[0].partitions.empty())
      return Error(Errc::corrupt, "ListOffsets was answered without the partition");
    const auto& answer = reply->topics[0].partitions[0];
    if (answer.error_code == wire::ErrorCode::none) return answer.offset;
    leader_answered(*cluster_, place(feed), answer.error_code);
    if (!(moved(answer.error_code) || passes(answer.error_code)) ||
        !patience.wait(answer.error_code))
      return client::broker_error(answer.error_code, "cannot read the ends of " +
                                                         place(feed).to_string());
  }
}

Result<Batch> KafkaPort::read(Feed feed, Offset from, int wait_ms) {
  wire::FetchRequest request;
  request.max_wait_ms = wait_ms;
  request.min_bytes = wait_ms > 0 ? 1 : 0;
  request.max_bytes = fetch_bytes;
  request.isolation_level = 1;
  wire::FetchRequest::Topic wanted;
  wanted.topic = name_of(feed);
  wanted.partitions.push_back({.partition = settings_.partition,
                               .fetch_offset = from,
                               .partition_max_bytes = fetch_bytes,
                               .replica_directory_id = {}});
  request.topics.push_back(std::move(wanted));
  HOROLOG_ASSIGN(const auto reply,
                 ask(*cluster_, client::Target::leader(place(feed)).on(lane_), std::move(request),
                     {.cap = {4, 12}, .timeout_ns = call_ns + wait_ms * 1'000'000LL}));
  if (reply->responses.empty() || reply->responses[0].partitions.empty())
    return client::broker_error(reply->error_code, "cannot read " + place(feed).to_string());
  const auto& answer = reply->responses[0].partitions[0];
  if (answer.error_code != wire::ErrorCode::none) {
    leader_answered(*cluster_, place(feed), answer.error_code);
    return client::broker_error(answer.error_code,
                                fmt::format("cannot read {} at {}", place(feed).to_string(), from));
  }
  return committed_records(answer, from);
}

}  // namespace horolog::scheduler
