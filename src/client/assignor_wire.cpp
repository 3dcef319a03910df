#include "client/assignor_wire.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "protocol/codec.hpp"
#include "protocol/records/consumer_protocol.hpp"

namespace horolog::client {
namespace {

constexpr std::int16_t newest_subscription = wire::ConsumerProtocolSubscription::api.versions.max;
constexpr std::int16_t newest_assignment = wire::ConsumerProtocolAssignment::api.versions.max;

template <typename Group>
std::vector<Group> by_topic(const std::vector<TopicPartition>& partitions) {
  std::map<std::string, std::vector<std::int32_t>> topics;
  for (const TopicPartition& tp : partitions) topics[tp.topic].push_back(tp.partition);
  std::vector<Group> out;
  for (auto& [topic, indexes] : topics) {
    out.push_back({.topic = topic, .partitions = std::move(indexes)});
  }
  return out;
}

template <typename Group>
std::vector<TopicPartition> flat(const std::vector<Group>& topics) {
  std::vector<TopicPartition> out;
  for (const Group& topic : topics) {
    for (const std::int32_t partition : topic.partitions) out.push_back({topic.topic, partition});
  }
  std::ranges::sort(out);
  return out;
}

template <typename M>
ByteBuffer with_version(const M& message, std::int16_t version) {
  ByteBuffer out;
  append_be(out, version);
  const ByteBuffer body = wire::encode(message, version);
  out.insert(out.end(), body.begin(), body.end());
  return out;
}

template <typename M>
Result<M> without_version(ByteView bytes) {
  if (bytes.size() < sizeof(std::int16_t)) return Error(Errc::corrupt, "there is no version");
  const auto version = load_be<std::int16_t>(bytes.data());
  if (version < 0) return Error(Errc::corrupt, fmt::format("the version is {}", version));
  return wire::decode_prefix<M>(bytes.subspan(sizeof version),
                                std::min(version, M::api.versions.max));
}

}  // namespace

ByteBuffer encode_subscription(const Assignor& assignor, const std::vector<std::string>& topics,
                               const std::vector<TopicPartition>& owned,
                               std::int32_t generation) {
  using Subscription = wire::ConsumerProtocolSubscription;
  Subscription message{.topics = topics,
                       .user_data = assignor.user_data(owned, generation),
                       .owned_partitions = {},
                       .generation_id = generation,
                       .rack_id = std::nullopt};
  std::ranges::sort(message.topics);
  if (assignor.protocol() == RebalanceProtocol::cooperative) {
    message.owned_partitions = by_topic<Subscription::TopicPartitions>(owned);
  }
  return with_version(message, newest_subscription);
}

Result<GroupMember> decode_member(const wire::JoinGroupResponse::Member& member) {
  auto subscription = without_version<wire::ConsumerProtocolSubscription>(member.metadata);
  if (!subscription) {
    return subscription.error().with_context(
        fmt::format("the subscription of group member {} cannot be read", member.member_id));
  }
  return GroupMember{.id = member.member_id,
                     .instance_id = member.group_instance_id,
                     .topics = std::move(subscription->topics),
                     .owned = flat(subscription->owned_partitions),
                     .generation = subscription->generation_id,
                     .user_data = std::move(subscription->user_data)};
}

ByteBuffer encode_assignment(const std::vector<TopicPartition>& partitions) {
  using Assignment = wire::ConsumerProtocolAssignment;
  return with_version(
      Assignment{.assigned_partitions = by_topic<Assignment::TopicPartitions>(partitions),
                 .user_data = std::nullopt},
      newest_assignment);
}

Result<std::vector<TopicPartition>> decode_assignment(ByteView bytes) {
  if (bytes.empty()) return std::vector<TopicPartition>();
  const auto assignment = without_version<wire::ConsumerProtocolAssignment>(bytes);
  if (!assignment) {
    return assignment.error().with_context("the assignment from the group's leader");
  }
  return flat(assignment->assigned_partitions);
}

}  // namespace horolog::client
