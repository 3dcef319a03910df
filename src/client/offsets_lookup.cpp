#include "client/offsets_lookup.hpp"

#include <fmt/format.h>

#include <set>

#include "client/broker_error.hpp"
#include "client/offsets_retry.hpp"
#include "protocol/messages/list_offsets.hpp"

namespace horolog::client {
namespace {

/// One look-up; owns itself until it is done.
class OffsetsLookup : public std::enable_shared_from_this<OffsetsLookup> {
 public:
  using Done = std::function<void(Result<FoundOffsets>)>;

  OffsetsLookup(std::shared_ptr<Cluster> cluster, std::map<TopicPartition, TimestampMs> times,
                Isolation isolation, MonoNs timeout_ns, Done done)
      : cluster_(std::move(cluster)),
        left_(std::move(times)),
        isolation_(isolation),
        done_(std::move(done)),
        retry_(*cluster_, timeout_ns, [this] { find_topics(); }) {}

  void start() {
    self_ = shared_from_this();
    find_topics();
  }

 private:
  void find_topics() {
    std::set<std::string> topics;
    for (const auto& [tp, time] : left_) topics.insert(tp.topic);
    waiting_ = topics.size();
    if (topics.empty()) return finish();
    for (const std::string& topic : topics) {
      cluster_->topic(topic, retry_.left(), false, [self = self_](const auto& found) {
        if (!found && !self->error_) self->error_ = found.error();
        if (--self->waiting_ == 0) self->ask();
      });
    }
  }

  void ask() {
    if (error_) return finish();
    const auto metadata = cluster_->metadata();
    std::map<NodeId, std::vector<TopicPartition>> by_leader;
    std::vector<TopicPartition> leaderless;
    for (const auto& [tp, time] : left_) {
      const auto topic = metadata->topic(tp.topic);
      if (topic && static_cast<std::size_t>(tp.partition) >= topic->partitions.size()) {
        error_ = Error(Errc::not_found, fmt::format("{}: topic {} has {} partitions",
                                                    tp.to_string(), tp.topic,
                                                    topic->partitions.size()));
        return finish();
      }
      const PartitionInfo* info = metadata->partition(tp.topic, tp.partition);
      if (info == nullptr || info->leader == no_node) {
        leaderless.push_back(tp);
      } else {
        by_leader[info->leader].push_back(tp);
      }
    }
    for (const TopicPartition& tp : leaderless) cluster_->leader_failed(tp);
    waiting_ = by_leader.size();
    if (by_leader.empty()) return again();
    for (const auto& [node, partitions] : by_leader) send(node, partitions);
  }

  void send(NodeId node, const std::vector<TopicPartition>& partitions) {
    wire::ListOffsetsRequest request{
        .replica_id = -1, .isolation_level = static_cast<std::int8_t>(isolation_)};
    for (const TopicPartition& tp : partitions) {
      if (request.topics.empty() || request.topics.back().name != tp.topic) {
        request.topics.push_back({.name = tp.topic});
      }
      request.topics.back().partitions.push_back(
          {.partition_index = tp.partition, .timestamp = left_.at(tp)});
    }
    // Version 1 knows no isolation.
    const std::int16_t least = isolation_ == Isolation::read_committed ? 2 : 1;
    cluster_->send<wire::ListOffsetsRequest>(
        Target::node(node), std::move(request),
        {.cap = {least, 0x7FFF}, .timeout_ns = retry_.left()},
        [self = self_, partitions](Result<Reply<wire::ListOffsetsResponse>> reply) {
          self->answered(partitions, std::move(reply));
        });
  }

  void answered(const std::vector<TopicPartition>& asked,
                Result<Reply<wire::ListOffsetsResponse>> reply) {
    if (!reply) {
      const Errc code = reply.error().code();
      if (code == Errc::closed || code == Errc::timed_out) {
        last_ = reply.error();
        for (const TopicPartition& tp : asked) cluster_->leader_failed(tp);
      } else {
        error_ = reply.error();
      }
    } else {
      for (const auto& topic : reply->message.topics) {
        for (const auto& one : topic.partitions) take(topic.name, one);
      }
    }
    if (--waiting_ == 0) again();
  }

  void take(const std::string& topic, const wire::ListOffsetsResponse::Partition& one) {
    const TopicPartition tp{topic, one.partition_index};
    if (!left_.contains(tp)) return;
    if (one.error_code == wire::ErrorCode::none) {
      left_.erase(tp);
      found_[tp] = {one.offset, one.timestamp, one.leader_epoch};
      return;
    }
    const Error error = broker_error(
        one.error_code, fmt::format("cannot look up offsets of {}", tp.to_string()));
    if (!wire::is_retriable(one.error_code)) {
      error_ = error;
      return;
    }
    last_ = error;
    cluster_->leader_failed(tp);
  }

  void again() {
    if (error_ || left_.empty()) return finish();
    if (retry_.later()) return;
    error_ = Error(Errc::timed_out,
                   fmt::format("the offsets of {} partitions could not be looked up in time{}",
                               left_.size(), last_ ? ": " + last_->message() : ""));
    finish();
  }

  void finish() {
    const auto self = std::move(self_);
    const Done done = std::move(done_);
    if (error_) return done(std::move(*error_));
    done(std::move(found_));
  }

  const std::shared_ptr<Cluster> cluster_;
  std::map<TopicPartition, TimestampMs> left_;
  const Isolation isolation_;
  Done done_;
  OffsetsRetry retry_;
  FoundOffsets found_;
  std::size_t waiting_ = 0;
  std::optional<Error> error_;
  std::optional<Error> last_;
  std::shared_ptr<OffsetsLookup> self_;
};

}  // namespace

void look_up_offsets(std::shared_ptr<Cluster> cluster, std::map<TopicPartition, TimestampMs> times,
                     Isolation isolation, MonoNs timeout_ns,
                     std::function<void(Result<FoundOffsets>)> done) {
  std::make_shared<OffsetsLookup>(std::move(cluster), std::move(times), isolation, timeout_ns,
                                  std::move(done))
      ->start();
}

}  // namespace horolog::client
