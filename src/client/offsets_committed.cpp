#include <fmt/format.h>

#include "client/broker_error.hpp"
#include "client/offsets_lookup.hpp"
#include "client/offsets_retry.hpp"
#include "protocol/messages/offset_fetch.hpp"

namespace horolog::client {
namespace {

using wire::ErrorCode;
using wire::OffsetFetchRequest;
using wire::OffsetFetchResponse;

constexpr std::int16_t first_with_groups = 8;
constexpr std::int16_t first_with_stable = 7;
/// From 10 on topics go by their ids, which nobody needs here.
constexpr wire::VersionRange versions{1, 9};

template <typename Topic>
std::vector<Topic> by_topic(const std::vector<TopicPartition>& partitions) {
  std::map<std::string, std::vector<std::int32_t>> topics;
  for (const TopicPartition& tp : partitions) topics[tp.topic].push_back(tp.partition);
  std::vector<Topic> out;
  for (auto& [name, indexes] : topics) {
    out.push_back({.name = name, .partition_indexes = std::move(indexes)});
  }
  return out;
}

/// One look-up; owns itself until it is done.
class CommittedLookup : public std::enable_shared_from_this<CommittedLookup> {
 public:
  using Done = std::function<void(Result<Offsets>)>;

  CommittedLookup(std::shared_ptr<Cluster> cluster, std::string group,
                  std::vector<TopicPartition> partitions, MonoNs timeout_ns, Done done)
      : cluster_(std::move(cluster)),
        group_(std::move(group)),
        partitions_(std::move(partitions)),
        done_(std::move(done)),
        retry_(*cluster_, timeout_ns, [this] { ask(); }) {}

  void start() {
    self_ = shared_from_this();
    ask();
  }

 private:
  void ask() {
    cluster_->call<OffsetFetchRequest>(
        Target::group(group_), [self = self_](std::int16_t version) {
          return self->request(version);
        },
        {.cap = versions, .timeout_ns = retry_.left()},
        [self = self_](Result<Reply<OffsetFetchResponse>> reply) {
          self->answered(std::move(reply));
        });
  }

  OffsetFetchRequest request(std::int16_t version) const {
    OffsetFetchRequest out;
    if (version >= first_with_groups) {
      out.groups.push_back({.group_id = group_,
                            .topics = by_topic<OffsetFetchRequest::GroupTopic>(partitions_)});
    } else {
      out.group_id = group_;
      out.topics = by_topic<OffsetFetchRequest::Topic>(partitions_);
    }
    out.require_stable = version >= first_with_stable;
    return out;
  }

  void answered(Result<Reply<OffsetFetchResponse>> reply) {
    if (!reply) {
      const Errc code = reply.error().code();
      if (code != Errc::closed && code != Errc::timed_out) return finish(reply.error());
      return again(reply.error(), true);
    }
    const OffsetFetchResponse& message = reply->message;
    if (message.error_code != ErrorCode::none) return refused(message.error_code);
    Offsets found;
    if (reply->version < first_with_groups) return take(message.topics, std::move(found));
    if (message.groups.size() != 1 || message.groups[0].group_id != group_) {
      return finish(Error(Errc::corrupt, fmt::format("the coordinator of group {} answered for "
                                                     "another group", group_)));
    }
    if (message.groups[0].error_code != ErrorCode::none) {
      return refused(message.groups[0].error_code);
    }
    take(message.groups[0].topics, std::move(found));
  }

  template <typename Topics>
  void take(const Topics& topics, Offsets found) {
    for (const auto& topic : topics) {
      for (const auto& one : topic.partitions) {
        if (one.error_code != ErrorCode::none) return refused(one.error_code);
        if (one.committed_offset < 0) continue;
        found[{topic.name, one.partition_index}] = {
            one.committed_offset, one.metadata.value_or(""), one.committed_leader_epoch};
      }
    }
    finish(std::move(found));
  }

  void refused(ErrorCode code) {
    const Error error =
        broker_error(code, fmt::format("cannot read the committed offsets of group {}", group_));
    if (!wire::is_retriable(code)) return finish(error);
    again(error, code == ErrorCode::not_coordinator ||
                     code == ErrorCode::coordinator_not_available);
  }

  void again(const Error& why, bool moved) {
    if (moved) cluster_->coordinator_failed(CoordinatorKind::group, group_);
    if (retry_.later()) return;
    finish(Error(Errc::timed_out, fmt::format("the committed offsets of group {} could not be read "
                                              "in time: {}", group_, why.message())));
  }

  void finish(Result<Offsets> result) {
    const auto self = std::move(self_);
    const Done done = std::move(done_);
    done(std::move(result));
  }

  const std::shared_ptr<Cluster> cluster_;
  const std::string group_;
  const std::vector<TopicPartition> partitions_;
  Done done_;
  OffsetsRetry retry_;
  std::shared_ptr<CommittedLookup> self_;
};

}  // namespace

void fetch_committed(std::shared_ptr<Cluster> cluster, std::string group,
                     std::vector<TopicPartition> partitions, MonoNs timeout_ns,
                     std::function<void(Result<Offsets>)> done) {
  std::make_shared<CommittedLookup>(std::move(cluster), std::move(group), std::move(partitions),
                                    timeout_ns, std::move(done))
      ->start();
}

}  // namespace horolog::client
