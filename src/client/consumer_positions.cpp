#include <fmt/format.h>

#include "client/broker_error.hpp"
#include "client/consumer_loop.hpp"
#include "client/offsets_lookup.hpp"

namespace horolog::client {

/// Where partitions start that do not know yet: one look-up of each kind at a time.
void ConsumerLoop::gather_positions(Sends& sends, MonoNs now) {
  using Stage = FetchPositions::Stage;
  std::map<TopicPartition, std::uint64_t> committed;
  std::map<TopicPartition, std::uint64_t> resets;
  std::map<TopicPartition, TimestampMs> times;
  for (const auto& [tp, partition] : shared_->positions.all()) {
    if (partition.stage == Stage::committed) committed.emplace(tp, partition.ticket);
    if (partition.stage == Stage::reset) {
      resets.emplace(tp, partition.ticket);
      times.emplace(tp, partition.reset_time);
    }
  }
  if (committed.empty() && resets.empty()) return;
  if (now < lookups_not_before_) return wake_at(lookups_not_before_);
  if (!committed.empty() && !committed_in_flight_) {
    committed_in_flight_ = true;
    sends.push_back([this, tickets = std::move(committed)] { find_committed(tickets); });
  }
  if (!resets.empty() && !resets_in_flight_) {
    resets_in_flight_ = true;
    sends.push_back([this, wanted = std::move(times), tickets = std::move(resets)] {
      find_resets(wanted, tickets);
    });
  }
}

void ConsumerLoop::find_committed(std::map<TopicPartition, std::uint64_t> tickets) {
  std::vector<TopicPartition> partitions;
  for (const auto& [tp, ticket] : tickets) partitions.push_back(tp);
  fetch_committed(shared_->cluster, shared_->options.group, std::move(partitions), 0,
                  [weak = weak_from_this(), tickets = std::move(tickets)](
                      const Result<Offsets>& found) {
                    const auto self = weak.lock();
                    if (!self || self->stopped_) return;
                    self->committed_in_flight_ = false;
                    if (!found) return self->looked_up(tickets, found.error());
                    self->lookup_failures_ = 0;
                    {
                      const std::lock_guard lock(self->shared_->mutex);
                      for (const auto& [tp, ticket] : tickets) {
                        const auto at = found->find(tp);
                        self->shared_->positions.found_committed(
                            tp, ticket,
                            at == found->end() ? std::nullopt : std::optional(at->second));
                      }
                    }
                    self->pump();
                  });
}

void ConsumerLoop::find_resets(std::map<TopicPartition, TimestampMs> times,
                               std::map<TopicPartition, std::uint64_t> tickets) {
  look_up_offsets(shared_->cluster, std::move(times), shared_->options.isolation, 0,
                  [weak = weak_from_this(), tickets = std::move(tickets)](
                      const Result<FoundOffsets>& found) {
                    const auto self = weak.lock();
                    if (!self || self->stopped_) return;
                    self->resets_in_flight_ = false;
                    if (!found) return self->looked_up(tickets, found.error());
                    self->lookup_failures_ = 0;
                    {
                      const std::lock_guard lock(self->shared_->mutex);
                      for (const auto& [tp, ticket] : tickets) {
                        const OffsetAtTime& at = found->at(tp);
                        self->shared_->positions.found_reset(tp, ticket,
                                                             std::max<Offset>(at.offset, 0),
                                                             at.leader_epoch);
                      }
                    }
                    self->pump();
                  });
}

/// A look-up failed: again, or not, when that is in vain.
void ConsumerLoop::looked_up(const std::map<TopicPartition, std::uint64_t>& tickets,
                             const Error& error) {
  if (error.code() == Errc::cancelled) return;
  if (error.code() != Errc::timed_out && !error.retriable()) {
    const std::lock_guard lock(shared_->mutex);
    for (const auto& [tp, ticket] : tickets) shared_->positions.failed(tp, ticket, error);
  }
  lookups_not_before_ = cluster_.loop().now() + backoff(++lookup_failures_);
  pump();
}

void ConsumerLoop::validate(const TopicPartition& tp, std::uint64_t ticket, LeaderEpoch epoch) {
  const PartitionInfo* info = cluster_.metadata()->partition(tp.topic, tp.partition);
  wire::OffsetForLeaderEpochRequest request{
      .replica_id = -1,
      .topics = {{.topic = tp.topic,
                  .partitions = {{.partition = tp.partition,
                                  .current_leader_epoch = info ? info->leader_epoch : -1,
                                  .leader_epoch = epoch}}}}};
  cluster_.send<wire::OffsetForLeaderEpochRequest>(
      Target::leader(tp), std::move(request), {.cap = {3, 0x7FFF}},
      [weak = weak_from_this(), tp, ticket](const auto& reply) {
        if (const auto self = weak.lock()) self->validated(tp, ticket, reply);
      });
}

void ConsumerLoop::validated(const TopicPartition& tp, std::uint64_t ticket,
                             const Result<Reply<wire::OffsetForLeaderEpochResponse>>& reply) {
  if (stopped_) return;
  validating_.erase(tp);
  const PartitionInfo* info = cluster_.metadata()->partition(tp.topic, tp.partition);
  const LeaderEpoch leader_epoch = info != nullptr ? info->leader_epoch : -1;
  bool lost = !reply && reply.error().code() != Errc::unsupported;
  {
    const std::lock_guard lock(shared_->mutex);
    FetchPositions::Partition* partition = shared_->positions.find(tp);
    if (partition != nullptr && partition->ticket == ticket &&
        partition->stage == FetchPositions::Stage::validation) {
      if (lost) {
        // Asked again when the leader is known again.
        partition->stage = FetchPositions::Stage::fetching;
        partition->not_before = cluster_.loop().now() + backoff(1);
      } else if (!reply) {
        // Brokers before 2.3 cannot tell: then a cut log shows as an offset out of range.
        shared_->positions.found_epoch_end(tp, ticket, partition->position, leader_epoch);
      } else {
        const auto& topics = reply->message.topics;
        const bool answered = topics.size() == 1 && topics[0].partitions.size() == 1 &&
                              topics[0].topic == tp.topic &&
                              topics[0].partitions[0].partition == tp.partition;
        if (answered && topics[0].partitions[0].error_code == wire::ErrorCode::none) {
          shared_->positions.found_epoch_end(tp, ticket, topics[0].partitions[0].end_offset,
                                             leader_epoch);
        } else {
          lost = true;
          partition->stage = FetchPositions::Stage::fetching;
          partition->not_before = cluster_.loop().now() + backoff(1);
        }
      }
    }
  }
  if (lost) cluster_.leader_failed(tp);
  pump();
}

}  // namespace horolog::client
