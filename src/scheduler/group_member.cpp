#include "scheduler/group_member.hpp"

#include <utility>

#include "base/log.hpp"
#include "client/broker_error.hpp"
#include "protocol/messages/heartbeat.hpp"
#include "protocol/messages/join_group.hpp"
#include "protocol/messages/leave_group.hpp"
#include "protocol/messages/sync_group.hpp"
#include "scheduler/asking.hpp"
#include "scheduler/names.hpp"
#include "scheduler/patience.hpp"

namespace horolog::scheduler {
namespace {

using wire::ErrorCode;
using std::chrono::milliseconds;

constexpr std::string_view protocol_type = "consumer";
/// Ours alone: members of other kinds cannot join the group by mistake.
constexpr std::string_view protocol_name = "horolog-scheduler";
constexpr MonoNs call_ns = 5'000'000'000;
constexpr milliseconds again{200};

}  // namespace

GroupMember::GroupMember(std::shared_ptr<client::Cluster> cluster, Settings settings)
    : cluster_(std::move(cluster)), settings_(std::move(settings)) {
  // A join waits at the coordinator until every member has come.
  const auto lane = on_loop<client::Lane>(
      *cluster_, [cluster = cluster_](auto done) { done(cluster->new_lane()); });
  if (lane) lane_ = *lane;
}

GroupMember::View GroupMember::view() const {
  const std::scoped_lock lock(mutex_);
  return view_;
}

void GroupMember::stop() {
  const std::scoped_lock lock(mutex_);
  stopping_ = true;
  stop_wanted_.notify_all();
}

void GroupMember::pause(milliseconds time) {
  std::unique_lock lock(mutex_);
  stop_wanted_.wait_for(lock, time, [&] { return stopping_; });
}

void GroupMember::forget(bool member_too) {
  View now = view();
  if (member_too) now.membership.member_id.clear();
  now.membership.generation = -1;
  now.assigned.clear();
  show(std::move(now));
}

void GroupMember::show(View view) {
  {
    const std::scoped_lock lock(mutex_);
    view_ = std::move(view);
  }
  if (told_) told_();
}

void GroupMember::run() {
  const auto stopping = [this] {
    const std::scoped_lock lock(mutex_);
    return stopping_;
  };
  bool joined = false;
  auto last_heard = std::chrono::steady_clock::now();
  while (!stopping()) {
    if (!joined) {
      joined = join();
      if (joined) last_heard = std::chrono::steady_clock::now();
      if (!joined) pause(again);
      continue;
    }
    pause(milliseconds(settings_.heartbeat_ms));
    if (stopping()) break;
    const ErrorCode code = heartbeat();
    const auto now = std::chrono::steady_clock::now();
    if (code == ErrorCode::none) last_heard = now;
    coordinator_answered(*cluster_, client::CoordinatorKind::group, settings_.group, code);
    if (code == ErrorCode::rebalance_in_progress) joined = false;
    const bool expired = now - last_heard > milliseconds(settings_.session_timeout_ms);
    const bool unknown = code == ErrorCode::unknown_member_id ||
                         code == ErrorCode::fenced_instance_id;
    if (unknown || code == ErrorCode::illegal_generation || expired) {
      forget(unknown);
      joined = false;
    }
  }
  leave();
}

bool GroupMember::join() {
  const View now = view();
  wire::JoinGroupRequest request;
  request.group_id = settings_.group;
  request.session_timeout_ms = settings_.session_timeout_ms;
  request.rebalance_timeout_ms = settings_.rebalance_timeout_ms;
  request.member_id = now.membership.member_id;
  request.group_instance_id = settings_.instance_id;
  request.protocol_type = protocol_type;
  request.protocols.push_back({std::string(protocol_name), encode_subscription(now.assigned)});
  const auto reply = ask(*cluster_, client::Target::group(settings_.group).on(lane_),
                         std::move(request),
                         {.cap = {static_cast<std::int16_t>(settings_.instance_id ? 5 : 4), 5},
                          .timeout_ns = call_ns + settings_.rebalance_timeout_ms * 1'000'000LL});
  if (!reply) {
    log::warn("scheduler", "cannot join the group",
              {log::field("error", reply.error().message())});
    return false;
  }
  const auto& answer = *reply;
  if (answer.message.error_code == ErrorCode::member_id_required) {
    const std::scoped_lock lock(mutex_);
    view_.membership.member_id = answer.message.member_id;
    return false;
  }
  const ErrorCode code = answer.message.error_code;
  if (code != ErrorCode::none) {
    coordinator_answered(*cluster_, client::CoordinatorKind::group, settings_.group, code);
    if (code == ErrorCode::unknown_member_id || code == ErrorCode::fenced_instance_id) forget(true);
    if (!passes(code) && code != ErrorCode::unknown_member_id)
      log::warn("scheduler", client::broker_error(code, "cannot join the group").message());
    return false;
  }
  {
    const std::scoped_lock lock(mutex_);
    view_.membership.member_id = answer.message.member_id;
  }
  std::map<std::string, Partitions> owned;
  for (const auto& member : answer.message.members)
    owned[member.member_id] = decode_subscription(member.metadata).value_or({});
  return sync(answer.message.generation_id, assign(owned, settings_.partitions));
}

bool GroupMember::sync(std::int32_t generation, const std::map<std::string, Partitions>& plan) {
  wire::SyncGroupRequest request;
  request.group_id = settings_.group;
  request.generation_id = generation;
  request.member_id = view().membership.member_id;
  for (const auto& [member, partitions] : plan)
    request.assignments.push_back({member, encode_assignment(partitions)});
  const auto reply = ask(*cluster_, client::Target::group(settings_.group).on(lane_),
                         std::move(request),
                         {.cap = {1, 4},
                          .timeout_ns = call_ns + settings_.rebalance_timeout_ms * 1'000'000LL});
  if (!reply) return false;
  const ErrorCode code = (*reply)->error_code;
  if (code != ErrorCode::none) {
    if (code == ErrorCode::unknown_member_id) forget(true);
    return false;
  }
  const auto assigned = decode_assignment((*reply)->assignment);
  if (!assigned) {
    log::error("scheduler", assigned.error().message());
    return false;
  }
  View now = view();
  now.membership.generation = generation;
  now.assigned = *assigned;
  show(std::move(now));
  log::info("scheduler", "partitions assigned", {log::field("count", assigned->size()),
                                                 log::field("generation", generation)});
  return true;
}

ErrorCode GroupMember::heartbeat() {
  const Membership membership = view().membership;
  const auto reply = ask(*cluster_, client::Target::group(settings_.group).on(lane_),
                         wire::HeartbeatRequest{.group_id = settings_.group,
                                                .generation_id = membership.generation,
                                                .member_id = membership.member_id,
                                                .group_instance_id = {}},
                         {.cap = {1, 3}, .timeout_ns = 2'000'000'000});
  return reply ? (*reply)->error_code : ErrorCode::network_exception;
}

void GroupMember::leave() {
  const Membership membership = view().membership;
  forget(false);
  if (membership.member_id.empty()) return;
  wire::LeaveGroupRequest request;
  request.group_id = settings_.group;
  request.member_id = membership.member_id;
  (void)ask(*cluster_, client::Target::group(settings_.group).on(lane_), std::move(request),
            {.cap = {1, 2}, .timeout_ns = 2'000'000'000});
}

}  // namespace horolog::scheduler
