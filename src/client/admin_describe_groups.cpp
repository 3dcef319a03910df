#include <algorithm>

#include "client/admin_calls.hpp"
#include "protocol/messages/consumer_group_describe.hpp"
#include "protocol/messages/describe_groups.hpp"
#include "protocol/records/consumer_protocol.hpp"

namespace horolog {

using namespace client;

namespace {

using DescribeSweep = Sweep<std::string, GroupDescription>;
using Descriptions = Admin::GroupDescriptions;

/// What consumers tell each other has its version in front; it is decoded as far as we know it.
template <typename M>
std::optional<M> read_versioned(const ByteBuffer& bytes) {
  if (bytes.size() < 2) return std::nullopt;
  const auto version = std::min(load_be<std::int16_t>(bytes.data()), M::api.versions.max);
  if (version < 0) return std::nullopt;
  auto message = wire::decode_prefix<M>(ByteView(bytes).subspan(2), version);
  return message ? std::optional<M>(std::move(*message)) : std::nullopt;
}

GroupMember member_of(const wire::DescribeGroupsResponse::Member& given, bool consumer) {
  GroupMember member{.id = given.member_id,
                     .instance_id = given.group_instance_id,
                     .client_id = given.client_id,
                     .host = given.client_host,
                     .assignment = {},
                     .topics = {}};
  if (!consumer) return member;
  if (const auto read = read_versioned<wire::ConsumerProtocolAssignment>(given.member_assignment)) {
    for (const auto& topic : read->assigned_partitions) {
      for (const PartitionIndex index : topic.partitions) {
        member.assignment.push_back({topic.topic, index});
      }
    }
    std::ranges::sort(member.assignment);
  }
  if (auto read = read_versioned<wire::ConsumerProtocolSubscription>(given.member_metadata)) {
    member.topics = std::move(read->topics);
  }
  return member;
}

BrokerDescription described(const BrokerInfo* broker) {
  if (broker == nullptr) return {};
  return {broker->id, broker->address.host, broker->address.port, broker->rack};
}

GroupDescription group_of(const wire::DescribeGroupsResponse::Group& given,
                          const BrokerInfo* coordinator) {
  GroupDescription group{.id = given.group_id,
                         .state = given.group_state,
                         .protocol_type = given.protocol_type,
                         .assignor = given.protocol_data,
                         .coordinator = described(coordinator),
                         .members = {},
                         .type = "classic"};
  for (const auto& member : given.members) {
    group.members.push_back(member_of(member, given.protocol_type == "consumer"));
  }
  return group;
}

GroupMember member_of(const wire::ConsumerGroupDescribeResponse::Member& given) {
  GroupMember member{.id = given.member_id,
                     .instance_id = given.instance_id,
                     .client_id = given.client_id,
                     .host = given.client_host,
                     .assignment = {},
                     .topics = given.subscribed_topic_names};
  for (const auto& topic : given.assignment.topic_partitions) {
    for (const PartitionIndex index : topic.partitions) {
      member.assignment.push_back({topic.topic_name, index});
    }
  }
  std::ranges::sort(member.assignment);
  const auto& regex = given.subscribed_topic_regex;
  if (regex && !regex->empty()) member.topics.push_back(*regex);
  return member;
}

GroupDescription group_of(const wire::ConsumerGroupDescribeResponse::Group& given,
                          const BrokerInfo* coordinator) {
  GroupDescription group{.id = given.group_id,
                         .state = given.group_state,
                         .protocol_type = "consumer",
                         .assignor = given.assignor_name,
                         .coordinator = described(coordinator),
                         .members = {},
                         .type = "consumer"};
  for (const auto& member : given.members) group.members.push_back(member_of(member));
  return group;
}

void name_groups(wire::DescribeGroupsRequest& request, std::vector<std::string> ids) {
  request.groups = std::move(ids);
}
void name_groups(wire::ConsumerGroupDescribeRequest& request, std::vector<std::string> ids) {
  request.group_ids = std::move(ids);
}

/// Asks in the words of one of the two protocols of groups.
template <typename R>
void describe_by(const std::shared_ptr<Cluster>& cluster, std::vector<std::string> ids,
                 Admin::Then<Descriptions> then) {
  DescribeSweep::Plan plan{
      .target = [](const std::string& group) { return Target::group(group); },
      .ask =
          [](const std::shared_ptr<DescribeSweep>& sweep, const Target& target,
             const DescribeSweep::Indexes& which) {
            std::vector<std::string> names;
            for (const std::size_t i : which) names.push_back(sweep->key(i));
            R request;
            name_groups(request, std::move(names));
            sweep->cluster().send<R>(
                target, std::move(request), sweep->options(), [sweep, which](const auto& reply) {
                  if (!reply) return sweep->broke(which, reply.error());
                  const auto metadata = sweep->cluster().metadata();
                  settle_named(
                      *sweep, which, reply->message.groups,
                      [](const auto& group) { return group.group_id; },
                      [&](const auto& group) {
                        return group_of(group, metadata->broker(reply->node));
                      });
                });
          },
      .what = "describe group",
      .name = [](const std::string& group) { return group; }};
  sweep<std::string, GroupDescription>(cluster, std::move(ids), std::move(plan), std::move(then));
}

/// No classic group has this name: it may be one of the other protocol.
bool is_absent(const Result<GroupDescription>& found) {
  if (found) return found->state == "Dead";
  return found.error().kafka_code() == static_cast<int>(wire::ErrorCode::group_id_not_found);
}

/// Whether the broker knows of no such group, or has no such groups at all.
bool says_nothing(const Result<GroupDescription>& newer) {
  return !newer && (newer.error().code() == Errc::unsupported ||
                    newer.error().code() == Errc::not_found);
}

}  // namespace

void Admin::describe_groups(std::vector<std::string> ids, Then<GroupDescriptions> then) {
  auto classic = [cluster = cluster_, then = std::move(then)](Result<Descriptions> found) {
    if (!found) return then(std::move(found));
    std::vector<std::string> rest;
    for (const auto& [id, group] : *found) {
      if (is_absent(group)) rest.push_back(id);
    }
    if (rest.empty()) return then(std::move(found));
    const auto result = std::make_shared<Descriptions>(std::move(*found));
    describe_by<wire::ConsumerGroupDescribeRequest>(
        cluster, std::move(rest), [result, then](Result<Descriptions> newer) {
          if (!newer) return then(newer.error());
          for (auto& [id, group] : *newer) {
            if (says_nothing(group)) continue;
            std::ranges::find(*result, id, &Descriptions::value_type::first)->second =
                std::move(group);
          }
          then(std::move(*result));
        });
  };
  describe_by<wire::DescribeGroupsRequest>(cluster_, std::move(ids), std::move(classic));
}

}  // namespace horolog
