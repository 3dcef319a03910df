#include <limits>

#include "client/consumer_loop.hpp"
#include "protocol/messages/find_coordinator.hpp"

namespace horolog::client {

void ConsumerLoop::gather_group(Sends& sends, MonoNs now) {
  if (!shared_->membership) return;
  Membership& membership = *shared_->membership;
  membership.on_time(now);
  for (Membership::Effect& effect : membership.take_effects()) {
    sends.push_back([this, effect = std::move(effect)]() mutable {
      std::visit([&](auto& request) { send(effect.attempt, std::move(request)); },
                 effect.request);
    });
  }
  wake_at(membership.next_wake());
}

template <typename R>
void ConsumerLoop::ask_group(R request, std::uint64_t attempt, CallOptions options,
                             void (Membership::*answered)(
                                 std::uint64_t, Result<typename wire::ResponseOf<R>::type>,
                                 MonoNs)) {
  cluster_.send<R>(
      Target::group(shared_->options.group).on(group_lane_), std::move(request), options,
      [weak = weak_from_this(), attempt, answered](auto reply) {
        const auto self = weak.lock();
        if (!self || self->stopped_) return;
        {
          const std::lock_guard lock(self->shared_->mutex);
          Membership& membership = *self->shared_->membership;
          if (reply) {
            (membership.*answered)(attempt, std::move(reply->message), self->shared_->now());
          } else {
            (membership.*answered)(attempt, reply.error(), self->shared_->now());
          }
        }
        self->pump();
      });
}

void ConsumerLoop::send(std::uint64_t attempt, wire::JoinGroupRequest request) {
  // The answer comes when all members have joined. Static members need version 5.
  const MonoNs timeout = to_ns(shared_->options.max_poll_interval) + 5'000'000'000;
  const std::int16_t least = shared_->options.instance_id ? 5 : 0;
  ask_group(std::move(request), attempt, {.cap = {least, 0x7FFF}, .timeout_ns = timeout},
            &Membership::on_joined);
}

void ConsumerLoop::send(std::uint64_t attempt, wire::SyncGroupRequest request) {
  const MonoNs timeout = to_ns(shared_->options.max_poll_interval) + 5'000'000'000;
  ask_group(std::move(request), attempt, {.timeout_ns = timeout}, &Membership::on_synced);
}

void ConsumerLoop::send(std::uint64_t attempt, wire::HeartbeatRequest request) {
  // A heartbeat that takes longer than the session is of no use.
  ask_group(std::move(request), attempt,
            {.timeout_ns = to_ns(shared_->options.session_timeout)}, &Membership::on_heartbeat);
}

void ConsumerLoop::send(std::uint64_t attempt, wire::LeaveGroupRequest request) {
  constexpr std::int16_t first_with_members = 3;
  cluster_.call<wire::LeaveGroupRequest>(
      Target::group(shared_->options.group).on(group_lane_),
      [request = std::move(request)](std::int16_t version) mutable {
        if (version >= first_with_members) {
          request.member_id.clear();
        } else {
          request.members.clear();
        }
        return Outgoing<wire::LeaveGroupRequest>(std::move(request));
      },
      {}, [weak = weak_from_this(), attempt](const auto&) {
        const auto self = weak.lock();
        if (!self || self->stopped_) return;
        {
          const std::lock_guard lock(self->shared_->mutex);
          self->shared_->membership->on_left(attempt, self->shared_->now());
        }
        self->pump();
      });
}

void ConsumerLoop::send(std::uint64_t attempt, Membership::LookUpCounts request) {
  auto topics = request.topics;
  auto found = [weak = weak_from_this(), attempt, topics](const Status& status) {
    const auto self = weak.lock();
    if (!self || self->stopped_) return;
    {
      const std::lock_guard lock(self->shared_->mutex);
      self->shared_->membership->on_counts(
          attempt,
          status ? Result<PartitionCounts>(self->counts_of(topics)) : Error(status.error()),
          self->shared_->now());
    }
    self->pump();
  };
  if (topics.empty()) return cluster_.loop().post([found] { found({}); });
  cluster_.refresh(std::move(topics), 0, std::move(found));
}

void ConsumerLoop::send(std::uint64_t, Membership::CoordinatorFailed) {
  cluster_.coordinator_failed(CoordinatorKind::group, shared_->options.group);
}

PartitionCounts ConsumerLoop::counts_of(const std::set<std::string>& topics) const {
  PartitionCounts out;
  const auto metadata = cluster_.metadata();
  for (const std::string& name : topics) {
    if (const auto topic = metadata->topic(name)) {
      out.emplace(name, static_cast<std::int32_t>(topic->partitions.size()));
    }
  }
  return out;
}

void ConsumerLoop::metadata_changed() {
  if (stopped_) return;
  {
    const std::lock_guard lock(shared_->mutex);
    if (shared_->membership && shared_->membership->leads()) {
      // A topic that is not known at the moment is not one that has gone.
      PartitionCounts counts = shared_->membership->counts();
      for (auto& [name, count] : counts) {
        if (const auto topic = cluster_.metadata()->topic(name)) {
          count = static_cast<std::int32_t>(topic->partitions.size());
        }
      }
      shared_->membership->on_topics(counts, shared_->now());
    }
  }
  pump();
}

void ConsumerLoop::list_topics() {
  if (listing_ || stopped_) return;
  listing_ = true;
  cluster_.refresh(std::nullopt, 0, [weak = weak_from_this()](const Status& status) {
    const auto self = weak.lock();
    if (!self || self->stopped_) return;
    self->listing_ = false;
    const MonoNs now = self->shared_->now();
    self->list_at_ =
        now + (status ? to_ns(self->cluster_.options().metadata_max_age) : self->backoff(3));
    {
      const std::lock_guard lock(self->shared_->mutex);
      ConsumerShared& shared = *self->shared_;
      if (!status) {
        if (!status.error().retriable() && status.error().code() != Errc::timed_out) {
          shared.pattern_error = status.error();
        }
      } else if (shared.pattern) {
        shared.pattern_error.reset();
        std::set<std::string> matching;
        for (const auto& [name, topic] : self->cluster_.metadata()->topics) {
          if (!topic->internal && std::regex_match(name, *shared.pattern)) matching.insert(name);
        }
        shared.subscription = matching;
        shared.membership->subscribe(std::move(matching), now);
      }
    }
    self->pump();
  });
}

void ConsumerLoop::gather_commits(Sends& sends, MonoNs now) {
  wake_at(shared_->commits.next_wake());
  auto request = shared_->commits.next(now);
  if (!request) return;
  sends.push_back([this, request = std::move(*request), left = shared_->commits.left(now)] {
    commit(request, left);
  });
}

void ConsumerLoop::commit(wire::OffsetCommitRequest request, MonoNs left) {
  // From 10 on topics go by their ids; static members need 7.
  const std::int16_t least = request.group_instance_id ? 7 : 2;
  cluster_.send<wire::OffsetCommitRequest>(
      Target::group(shared_->options.group), std::move(request),
      {.cap = {least, 9}, .timeout_ns = left},
      [weak = weak_from_this()](Result<Reply<wire::OffsetCommitResponse>> reply) {
        const auto self = weak.lock();
        if (!self || self->stopped_) return;
        ConsumerShared& shared = *self->shared_;
        bool moved = false;
        std::optional<CommitQueue::Finished> finished;
        {
          const std::lock_guard lock(shared.mutex);
          finished = shared.commits.on_answer(
              reply ? Result<wire::OffsetCommitResponse>(std::move(reply->message))
                    : Error(reply.error()),
              shared.now(), self->cluster_.loop().random(), moved);
          if (finished && shared.membership) {
            if (shared.membership->overtaken(finished->code, finished->commit.who)) {
              finished->status = finished->status.error().with_remedy(Remedy::retry);
            }
            shared.membership->on_commit_refused(finished->code, finished->commit.who,
                                                 shared.now());
          }
        }
        if (moved) {
          self->cluster_.coordinator_failed(CoordinatorKind::group, shared.options.group);
        }
        if (finished && finished->commit.done) finished->commit.done(finished->status);
        self->pump();
      });
}

}  // namespace horolog::client
