#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "client/assignor.hpp"
#include "horolog/error.hpp"
#include "protocol/messages/join_group.hpp"

namespace horolog::client {

/// What a member tells the leader in JoinGroup: a version and a ConsumerProtocolSubscription (3).
/// `owned` is only told under cooperative assignors; with eager ones it has been given up.
ByteBuffer encode_subscription(const Assignor& assignor, const std::vector<std::string>& topics,
                               const std::vector<TopicPartition>& owned, std::int32_t generation);

/// A member as the leader was told of it. Errc::corrupt when its subscription cannot be read; newer
/// versions only add fields, which are ignored.
Result<GroupMember> decode_member(const wire::JoinGroupResponse::Member& member);

/// What the leader sends to a member: a version and a ConsumerProtocolAssignment.
ByteBuffer encode_assignment(const std::vector<TopicPartition>& partitions);
/// Sorted. No bytes at all are an empty assignment: that is what a broker gives a member that the
/// leader forgot.
Result<std::vector<TopicPartition>> decode_assignment(ByteView bytes);

}  // namespace horolog::client
