#include <fmt/format.h>

#include <algorithm>

#include "client/assignor_wire.hpp"
#include "client/broker_error.hpp"
#include "client/membership.hpp"

namespace horolog::client {

using wire::ErrorCode;

/// A request of the group was refused; `what` was to be done.
void Membership::refused(ErrorCode code, std::string_view what, MonoNs now) {
  switch (code) {
    case ErrorCode::coordinator_load_in_progress:
      return join_later(now, false);
    case ErrorCode::not_coordinator:
    case ErrorCode::coordinator_not_available:
      return join_later(now, true);
    case ErrorCode::rebalance_in_progress:
      return begin_rebalance(now);
    case ErrorCode::illegal_generation:
      return lose(now, false);
    case ErrorCode::unknown_member_id:
      return lose(now, true);
    default:
      break;
  }
  if (wire::is_retriable(code)) return join_later(now, false);
  fail(broker_error(code, fmt::format("{} group {}", what, settings_.group))
           .with_remedy(Remedy::reopen),
       now);
}

/// A request of the group got no answer.
void Membership::unreachable(const Error& error, MonoNs now) {
  const bool passes = error.code() == Errc::closed || error.code() == Errc::timed_out ||
                      error.code() == Errc::corrupt || error.retriable();
  if (passes) return join_later(now, true);
  fail(error.with_context(fmt::format("group {}", settings_.group)), now);
}

void Membership::on_joined(std::uint64_t attempt, Result<wire::JoinGroupResponse> answer,
                           MonoNs now) {
  if (attempt != pending_ || state_ != State::joining) return;
  pending_ = 0;
  if (!answer) return unreachable(answer.error(), now);
  alive_at_ = now;
  if (answer->error_code == ErrorCode::member_id_required) {
    if (!member_id_.empty() || answer->member_id.empty()) return join_later(now, true);
    member_id_ = answer->member_id;
    return join(now);
  }
  if (answer->error_code != ErrorCode::none) {
    return refused(answer->error_code, "cannot join", now);
  }
  const std::string chosen = answer->protocol_name.value_or("");
  const auto found = std::ranges::find(assignors_, chosen,
                                       [](const auto& assignor) { return assignor->name(); });
  if (found == assignors_.end() || answer->generation_id < 0 || answer->member_id.empty()) {
    return fail(Error(Errc::corrupt,
                      fmt::format("group {}: the coordinator let member '{}' into generation {} "
                                  "with assignor '{}', which is none of ours",
                                  settings_.group, answer->member_id, answer->generation_id,
                                  chosen)),
                now);
  }
  generation_ = answer->generation_id;
  member_id_ = answer->member_id;
  protocol_name_ = chosen;
  assignor_ = found->get();
  heartbeat_at_ = now + to_ns(settings_.heartbeat_interval);
  heartbeat_ = 0;
  leader_ = answer->leader == member_id_;
  counts_.clear();
  if (!leader_ || answer->skip_assignment) return sync({});
  lead(answer->members, now);
}

void Membership::lead(const std::vector<wire::JoinGroupResponse::Member>& members, MonoNs now) {
  members_.clear();
  LookUpCounts wanted;
  for (const auto& member : members) {
    auto decoded = decode_member(member);
    if (!decoded) {
      return fail(decoded.error().with_context(fmt::format("group {}", settings_.group)), now);
    }
    wanted.topics.insert(decoded->topics.begin(), decoded->topics.end());
    members_.push_back(std::move(*decoded));
  }
  state_ = State::counting;
  pending_ = emit(std::move(wanted));
}

void Membership::on_counts(std::uint64_t attempt, Result<PartitionCounts> counts, MonoNs now) {
  if (attempt != pending_ || state_ != State::counting) return;
  pending_ = 0;
  if (!counts) return unreachable(counts.error(), now);
  counts_ = std::move(*counts);
  std::vector<wire::SyncGroupRequest::Assignment> out;
  for (const auto& [id, partitions] :
       assignor_->assign(std::exchange(members_, {}), counts_)) {
    out.push_back({id, encode_assignment(partitions)});
  }
  sync(std::move(out));
}

void Membership::sync(std::vector<wire::SyncGroupRequest::Assignment> assignments) {
  state_ = State::syncing;
  pending_ = emit(wire::SyncGroupRequest{.group_id = settings_.group,
                                         .generation_id = generation_,
                                         .member_id = member_id_,
                                         .group_instance_id = settings_.instance_id,
                                         .protocol_type = "consumer",
                                         .protocol_name = protocol_name_,
                                         .assignments = std::move(assignments)});
}

void Membership::on_synced(std::uint64_t attempt, Result<wire::SyncGroupResponse> answer,
                           MonoNs now) {
  if (attempt != pending_ || state_ != State::syncing) return;
  pending_ = 0;
  if (!answer) return unreachable(answer.error(), now);
  alive_at_ = now;
  if (answer->error_code != ErrorCode::none) {
    return refused(answer->error_code, "cannot get an assignment in", now);
  }
  auto assignment = decode_assignment(answer->assignment);
  if (!assignment) {
    return fail(assignment.error().with_context(fmt::format("group {}", settings_.group)), now);
  }
  failures_ = 0;
  heartbeat_at_ = now + to_ns(settings_.heartbeat_interval);
  apply(std::move(*assignment), now);
}

void Membership::apply(std::vector<TopicPartition> assignment, MonoNs now) {
  // A topic that is not subscribed any more: the group learns of it in the next rebalance.
  std::erase_if(assignment, [this](const TopicPartition& tp) {
    return !topics_.contains(tp.topic) || tp.partition < 0;
  });
  previous_ = assignment;
  state_ = State::applying;
  RebalanceEvent gone{RebalanceEvent::Kind::revoked, {}, false};
  RebalanceEvent come{RebalanceEvent::Kind::assigned, {}, false};
  std::ranges::set_difference(owned_, assignment, std::back_inserter(gone.partitions));
  std::ranges::set_difference(assignment, owned_, std::back_inserter(come.partitions));
  if (!gone.partitions.empty()) {
    push(std::move(gone));
    rejoin_ = true;  // they are free only now, and their new owners get them in the next one
  }
  push(std::move(come));
  advance(now);
}

void Membership::on_heartbeat(std::uint64_t attempt, Result<wire::HeartbeatResponse> answer,
                              MonoNs now) {
  if (attempt != heartbeat_) return;
  heartbeat_ = 0;
  if (!answer) {
    const Error& error = answer.error();
    if (error.code() == Errc::cancelled) return;
    emit(CoordinatorFailed{});
    heartbeat_at_ = now + settings_.backoff.delay(1, settings_.random());
    return;
  }
  switch (answer->error_code) {
    case ErrorCode::none:
      alive_at_ = std::max(alive_at_, heartbeat_sent_);
      return;
    case ErrorCode::rebalance_in_progress:
      alive_at_ = std::max(alive_at_, heartbeat_sent_);
      if (state_ == State::stable) return begin_rebalance(now);
      if (state_ == State::applying || state_ == State::counting) rejoin_ = true;
      return;
    case ErrorCode::coordinator_load_in_progress:
      return;
    case ErrorCode::not_coordinator:
    case ErrorCode::coordinator_not_available:
      emit(CoordinatorFailed{});
      heartbeat_at_ = now + settings_.backoff.delay(1, settings_.random());
      return;
    default:
      break;
  }
  if (state_ == State::leaving || wire::is_retriable(answer->error_code)) return;
  refused(answer->error_code, "cannot stay in", now);
}

void Membership::on_topics(const PartitionCounts& counts, MonoNs now) {
  if (!leader_ || state_ != State::stable || counts == counts_) return;
  counts_ = counts;
  begin_rebalance(now);
}

bool Membership::overtaken(ErrorCode code, const GroupMetadata& who) const {
  return code == ErrorCode::illegal_generation && joined() && who.member_id == member_id_ &&
         (who.generation != generation_ || state_ == State::joining);
}

void Membership::on_commit_refused(ErrorCode code, const GroupMetadata& who, MonoNs now) {
  if (!joined() || who.generation != generation_ || who.member_id != member_id_) return;
  if (state_ == State::leaving || overtaken(code, who)) return;
  if (code == ErrorCode::rebalance_in_progress) {
    if (state_ == State::stable) begin_rebalance(now);
    return;
  }
  if (code == ErrorCode::illegal_generation || code == ErrorCode::unknown_member_id ||
      code == ErrorCode::fenced_instance_id) {
    refused(code, "cannot commit to", now);
  }
}

}  // namespace horolog::client
