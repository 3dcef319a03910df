#include "bench/load/group_member.hpp"

#include <utility>

#include "protocol/codec.hpp"
#include "protocol/messages/heartbeat.hpp"
#include "protocol/messages/join_group.hpp"
#include "protocol/messages/sync_group.hpp"

namespace horolog::bench {
namespace {

using wire::ErrorCode;

/// Below 4 nobody is asked to come back with a member id.
constexpr std::int16_t join_version = 3;
constexpr std::int16_t sync_version = 2;
constexpr std::int16_t heartbeat_version = 2;

template <typename Request>
ByteBuffer frame_of(const Request& request, std::int16_t version) {
  return wire::encode_request(request, version, 1, "horolog-bench").bytes;
}

template <typename Response>
Result<Response> decode_answer(ByteView frame, std::int16_t version) {
  HOROLOG_ASSIGN(const auto parts, wire::decode_response_frame(frame, Response::api, version));
  return wire::decode<Response>(parts.body, version);
}

}  // namespace

void GroupMember::rejoin() {
  ++subscription_;
  step_ = Step::join;
}

void GroupMember::check() { step_ = Step::heartbeat; }

ByteBuffer GroupMember::request() const {
  if (step_ == Step::join) {
    wire::JoinGroupRequest join;
    join.group_id = group_;
    join.session_timeout_ms = 30'000;
    join.rebalance_timeout_ms = 60'000;
    join.member_id = member_id_;
    join.protocol_type = "bench";
    join.protocols.push_back({"bench", ByteBuffer{std::byte{subscription_}}});
    return frame_of(join, join_version);
  }
  if (step_ == Step::sync) {
    wire::SyncGroupRequest sync;
    sync.group_id = group_;
    sync.generation_id = generation_;
    sync.member_id = member_id_;
    for (const std::string& member : others_) sync.assignments.push_back({member, ByteBuffer(32)});
    return frame_of(sync, sync_version);
  }
  return frame_of(wire::HeartbeatRequest{.group_id = group_,
                                         .generation_id = generation_,
                                         .member_id = member_id_},
                  heartbeat_version);
}

bool GroupMember::take(ErrorCode error, Step next) {
  error_ = error;
  switch (error) {
    case ErrorCode::none: step_ = next; return true;
    case ErrorCode::unknown_member_id: member_id_.clear(); [[fallthrough]];
    case ErrorCode::rebalance_in_progress:
    case ErrorCode::illegal_generation:
    case ErrorCode::coordinator_load_in_progress: step_ = Step::join; return true;
    default: return false;
  }
}

bool GroupMember::on_response(ByteView frame) {
  error_ = ErrorCode::unknown_server_error;
  if (step_ == Step::sync) {
    const auto synced = decode_answer<wire::SyncGroupResponse>(frame, sync_version);
    return synced && take(synced->error_code, Step::stable);
  }
  if (step_ == Step::heartbeat) {
    const auto beat = decode_answer<wire::HeartbeatResponse>(frame, heartbeat_version);
    return beat && take(beat->error_code, Step::stable);
  }
  auto joined = decode_answer<wire::JoinGroupResponse>(frame, join_version);
  if (!joined || !take(joined->error_code, Step::sync)) return false;
  if (joined->error_code != ErrorCode::none) return true;
  member_id_ = joined->member_id;
  generation_ = joined->generation_id;
  others_.clear();
  for (const auto& member : joined->members) others_.push_back(member.member_id);
  return true;
}

}  // namespace horolog::bench
