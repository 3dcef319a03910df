#include "client/offsets_commit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <set>

#include "base/assert.hpp"
#include "client/broker_error.hpp"

namespace horolog::client {

using wire::ErrorCode;

std::optional<wire::OffsetCommitRequest> CommitQueue::next(MonoNs now) {
  if (on_its_way_ || queue_.empty() || now < not_before_) return std::nullopt;
  on_its_way_ = true;
  const Commit& commit = queue_.front();
  wire::OffsetCommitRequest request{.group_id = commit.who.group,
                                    .generation_id_or_member_epoch = commit.who.generation,
                                    .member_id = commit.who.member_id,
                                    .group_instance_id = commit.who.instance_id};
  for (const auto& [tp, to] : commit.offsets) {
    if (request.topics.empty() || request.topics.back().name != tp.topic) {
      request.topics.push_back({.name = tp.topic});
    }
    request.topics.back().partitions.push_back({.partition_index = tp.partition,
                                                .committed_offset = to.offset,
                                                .committed_leader_epoch = to.leader_epoch,
                                                .committed_metadata = to.metadata});
  }
  return request;
}

MonoNs CommitQueue::left(MonoNs now) const {
  HOROLOG_ASSERT(on_its_way_);
  return std::max<MonoNs>(queue_.front().due - now, 1);
}

Result<ErrorCode> CommitQueue::outcome(const wire::OffsetCommitResponse& answer) const {
  std::size_t answered = 0;
  ErrorCode worst = ErrorCode::none;
  for (const auto& topic : answer.topics) {
    for (const auto& one : topic.partitions) {
      if (!queue_.front().offsets.contains({topic.name, one.partition_index})) {
        return Error(Errc::corrupt, fmt::format("the coordinator answered a commit for {}-{}, "
                                                "which was not committed", topic.name,
                                                one.partition_index));
      }
      ++answered;
      if (one.error_code == ErrorCode::none) continue;
      // One that cannot pass counts more than those that do.
      if (worst == ErrorCode::none || wire::is_retriable(worst)) worst = one.error_code;
    }
  }
  if (answered == queue_.front().offsets.size()) return worst;
  return Error(Errc::corrupt, fmt::format("the coordinator answered a commit of {} partitions for "
                                          "{}", queue_.front().offsets.size(), answered));
}

std::optional<CommitQueue::Finished> CommitQueue::on_answer(
    const Result<wire::OffsetCommitResponse>& answer, MonoNs now, double random, bool& moved) {
  HOROLOG_ASSERT(on_its_way_);
  moved = false;
  if (!answer) {
    const Errc code = answer.error().code();
    if (code != Errc::closed && code != Errc::timed_out) {
      return finish(answer.error(), ErrorCode::none);
    }
    moved = true;
    return again(answer.error(), now, random);
  }
  const auto code = outcome(*answer);
  if (!code) return finish(code.error(), ErrorCode::none);
  if (*code == ErrorCode::none) return finish({}, *code);
  const Error error =
      broker_error(*code, fmt::format("cannot commit to group {}", queue_.front().who.group));
  if (*code == ErrorCode::rebalance_in_progress) {
    // Only poll() gets on with the rebalance, so waiting here would be in vain.
    return finish(error.with_remedy(Remedy::retry), *code);
  }
  moved = *code == ErrorCode::not_coordinator || *code == ErrorCode::coordinator_not_available;
  if (wire::is_retriable(*code)) return again(error, now, random);
  return finish(error, *code);
}

std::optional<CommitQueue::Finished> CommitQueue::again(const Error& why, MonoNs now,
                                                        double random) {
  const MonoNs at = now + backoff_.delay(++failures_, random);
  if (at >= queue_.front().due) {
    return finish(Error(Errc::timed_out,
                        fmt::format("the commit was given up: {}", why.message())),
                  ErrorCode::none);
  }
  on_its_way_ = false;
  not_before_ = at;
  return std::nullopt;
}

std::optional<CommitQueue::Finished> CommitQueue::finish(Status status, ErrorCode code) {
  on_its_way_ = false;
  failures_ = 0;
  not_before_ = 0;
  Finished out{std::move(queue_.front()), std::move(status), code};
  queue_.pop_front();
  return out;
}

MonoNs CommitQueue::next_wake() const {
  if (on_its_way_ || queue_.empty()) return std::numeric_limits<MonoNs>::max();
  return not_before_;
}

std::deque<CommitQueue::Commit> CommitQueue::drain() {
  on_its_way_ = false;
  return std::exchange(queue_, {});
}

}  // namespace horolog::client
