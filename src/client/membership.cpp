#include "client/membership.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "client/assignor_wire.hpp"
#include "client/broker_error.hpp"

namespace horolog::client {

Membership::Membership(Settings settings, std::vector<std::unique_ptr<Assignor>> assignors)
    : settings_(std::move(settings)), assignors_(std::move(assignors)) {
  HOROLOG_ASSERT(!assignors_.empty());
  // Cooperative only when whatever the group chooses is: else a partition might have two owners.
  for (const auto& assignor : assignors_) {
    if (assignor->protocol() == RebalanceProtocol::eager) protocol_ = RebalanceProtocol::eager;
  }
}

void Membership::subscribe(std::set<std::string> topics, MonoNs now) {
  const bool changed = topics != topics_;
  topics_ = std::move(topics);
  if (state_ == State::leaving) {
    rejoin_ = true;
    return;
  }
  if (state_ == State::idle || state_ == State::failed) {
    failure_.reset();
    state_ = State::preparing;
    wait_poll_ = true;
    polled_at_ = now;
    return advance(now);
  }
  if (!changed) return;
  if (state_ == State::stable) return begin_rebalance(now);
  rejoin_ = true;
}

void Membership::leave(MonoNs now) {
  if (state_ == State::idle || state_ == State::leaving) return;
  drop_events();
  state_ = State::leaving;
  pending_ = 0;
  heartbeat_ = 0;
  rejoin_ = false;
  const auto kind = joined() ? RebalanceEvent::Kind::revoked : RebalanceEvent::Kind::lost;
  push({kind, {}, true});
  advance(now);
}

void Membership::polled(MonoNs now) {
  polled_at_ = now;
  if (!wait_poll_) return;
  wait_poll_ = false;
  advance(now);
}

void Membership::begin_rebalance(MonoNs now) {
  rejoin_ = false;
  state_ = State::preparing;
  if (protocol_ == RebalanceProtocol::eager) {
    push({RebalanceEvent::Kind::revoked, {}, true});
  } else {
    RebalanceEvent event{RebalanceEvent::Kind::revoked, {}, false};
    for (const TopicPartition& tp : owned_) {
      if (!topics_.contains(tp.topic)) event.partitions.push_back(tp);
    }
    if (!event.partitions.empty()) push(std::move(event));
  }
  advance(now);
}

void Membership::drop_events() {
  // One that the application is handling will be done; the others have not happened.
  while (events_.size() > (event_out_ ? 1U : 0U)) events_.pop_back();
}

std::optional<RebalanceEvent> Membership::next_event(MonoNs now) {
  if (event_out_) return std::nullopt;
  while (!events_.empty()) {
    RebalanceEvent& event = events_.front();
    if (event.everything) event.partitions.assign(owned_.begin(), owned_.end());
    if (event.kind == RebalanceEvent::Kind::assigned || !event.partitions.empty()) {
      event_out_ = true;
      return event;
    }
    events_.pop_front();
    if (events_.empty()) advance(now);
  }
  return std::nullopt;
}

void Membership::event_done(MonoNs now) {
  HOROLOG_ASSERT(event_out_ && !events_.empty());
  event_out_ = false;
  const RebalanceEvent event = std::move(events_.front());
  events_.pop_front();
  for (const TopicPartition& tp : event.partitions) {
    if (event.kind == RebalanceEvent::Kind::assigned) {
      owned_.insert(tp);
    } else {
      owned_.erase(tp);
    }
  }
  advance(now);
}

/// Goes on when nothing is left that the application must handle first.
void Membership::advance(MonoNs now) {
  if (owned_.empty()) {
    // Nothing to be given up: not worth waiting for the application.
    while (!event_out_ && !events_.empty() && events_.front().everything) events_.pop_front();
  }
  if (!events_.empty()) return;
  switch (state_) {
    case State::preparing:
      if (!wait_poll_) join(now);
      return;
    case State::applying:
      state_ = State::stable;
      if (rejoin_) begin_rebalance(now);
      return;
    case State::leaving:
      if (pending_ == 0) send_leave(now);
      return;
    default:
      return;
  }
}

void Membership::join(MonoNs) {
  state_ = State::joining;
  rejoin_ = false;
  leader_ = false;
  wire::JoinGroupRequest request{
      .group_id = settings_.group,
      .session_timeout_ms = static_cast<std::int32_t>(settings_.session_timeout.count()),
      .rebalance_timeout_ms = static_cast<std::int32_t>(settings_.max_poll_interval.count()),
      .member_id = member_id_,
      .group_instance_id = settings_.instance_id,
      .protocol_type = "consumer",
      .protocols = {},
      .reason = std::nullopt};
  const std::vector<std::string> topics(topics_.begin(), topics_.end());
  const std::vector<TopicPartition> owned = protocol_ == RebalanceProtocol::eager
                                                ? previous_
                                                : std::vector(owned_.begin(), owned_.end());
  for (const auto& assignor : assignors_) {
    request.protocols.push_back(
        {.name = std::string(assignor->name()),
         .metadata = encode_subscription(*assignor, topics, owned, generation_)});
  }
  pending_ = emit(std::move(request));
}

void Membership::join_later(MonoNs now, bool coordinator_failed) {
  if (coordinator_failed) emit(CoordinatorFailed{});
  ++failures_;
  state_ = State::waiting;
  pending_ = 0;
  join_at_ = now + settings_.backoff.delay(failures_, settings_.random());
}

void Membership::lose(MonoNs now, bool forget_member) {
  drop_events();
  generation_ = -1;
  leader_ = false;
  previous_.clear();
  pending_ = 0;
  heartbeat_ = 0;
  if (forget_member) member_id_.clear();
  push({RebalanceEvent::Kind::lost, {}, true});
  state_ = State::preparing;
  advance(now);
}

void Membership::fail(Error error, MonoNs now) {
  lose(now, true);
  // What lose() may have sent is void.
  effects_.clear();
  pending_ = 0;
  state_ = State::failed;
  failure_ = std::move(error);
}

void Membership::send_leave(MonoNs now) {
  const bool known = !member_id_.empty() && !settings_.instance_id;
  const std::string member = std::exchange(member_id_, {});
  generation_ = -1;
  leader_ = false;
  previous_.clear();
  if (!known) return gone(now);
  pending_ = emit(wire::LeaveGroupRequest{
      .group_id = settings_.group,
      .member_id = member,
      .members = {{.member_id = member, .group_instance_id = std::nullopt,
                   .reason = "the consumer is closed or unsubscribed"}}});
}

void Membership::on_left(std::uint64_t attempt, MonoNs now) {
  // Whether the leave arrived makes no difference: else the session ends by itself.
  if (attempt == pending_ && state_ == State::leaving) gone(now);
}

void Membership::gone(MonoNs now) {
  pending_ = 0;
  state_ = State::idle;
  if (std::exchange(rejoin_, false)) subscribe(std::set(topics_), now);
}

bool Membership::heartbeats_now() const {
  return joined() && (state_ == State::preparing || state_ == State::counting ||
                      state_ == State::applying || state_ == State::stable ||
                      state_ == State::leaving);
}

bool Membership::session_runs() const {
  // Between joins nothing is heard, and a member that keeps partitions meanwhile could lose them.
  return heartbeats_now() || (joined() && state_ == State::waiting);
}

void Membership::on_time(MonoNs now) {
  if (state_ == State::idle || state_ == State::failed) return;
  if (state_ == State::waiting && now >= join_at_) join(now);
  if (!wait_poll_ && state_ != State::leaving &&
      now >= polled_at_ + to_ns(settings_.max_poll_interval)) {
    // The application is stuck: others shall have its partitions.
    const std::string member = settings_.instance_id ? std::string() : member_id_;
    wait_poll_ = true;
    lose(now, !settings_.instance_id);
    if (!member.empty()) {
      emit(wire::LeaveGroupRequest{
          .group_id = settings_.group,
          .member_id = member,
          .members = {{.member_id = member, .group_instance_id = std::nullopt,
                       .reason = "the application did not poll within max.poll.interval.ms"}}});
    }
    return;
  }
  if (session_runs() && now >= alive_at_ + to_ns(settings_.session_timeout)) {
    emit(CoordinatorFailed{});
    if (state_ == State::leaving) return send_leave(now);
    return lose(now, false);
  }
  if (heartbeats_now() && heartbeat_ == 0 && now >= heartbeat_at_) {
    heartbeat_sent_ = now;
    heartbeat_at_ = now + to_ns(settings_.heartbeat_interval);
    heartbeat_ = emit(wire::HeartbeatRequest{.group_id = settings_.group,
                                             .generation_id = generation_,
                                             .member_id = member_id_,
                                             .group_instance_id = settings_.instance_id});
  }
}

MonoNs Membership::next_wake() const {
  MonoNs next = std::numeric_limits<MonoNs>::max();
  if (state_ == State::idle || state_ == State::failed) return next;
  if (state_ == State::waiting) next = std::min(next, join_at_);
  if (!wait_poll_ && state_ != State::leaving) {
    next = std::min(next, polled_at_ + to_ns(settings_.max_poll_interval));
  }
  if (session_runs()) next = std::min(next, alive_at_ + to_ns(settings_.session_timeout));
  if (heartbeats_now() && heartbeat_ == 0) next = std::min(next, heartbeat_at_);
  return next;
}

std::uint64_t Membership::emit(Request request) {
  effects_.push_back({++last_attempt_, std::move(request)});
  return last_attempt_;
}

std::vector<Membership::Effect> Membership::take_effects() { return std::exchange(effects_, {}); }

GroupMetadata Membership::identity() const {
  if (!joined()) {
    return {.group = settings_.group, .generation = -1, .member_id = "",
            .instance_id = std::nullopt};
  }
  return {.group = settings_.group, .generation = generation_, .member_id = member_id_,
          .instance_id = settings_.instance_id};
}

}  // namespace horolog::client
