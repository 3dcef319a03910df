#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>

#include "base/clock.hpp"
#include "client/backoff.hpp"
#include "horolog/consumer_options.hpp"
#include "horolog/error.hpp"
#include "horolog/group.hpp"
#include "protocol/messages/offset_commit.hpp"

namespace horolog::client {

/// The commits of a consumer, in the order in which they were made: one at a time is on its way, so
/// that a repeated one cannot overtake a later one. Each is sent as the member that made it: when
/// the group has moved on, the coordinator refuses it. Pure.
class CommitQueue {
 public:
  struct Commit {
    Offsets offsets;
    GroupMetadata who;
    MonoNs due = 0;
    std::function<void(Status)> done;
  };
  struct Finished {
    Commit commit;
    Status status;
    wire::ErrorCode code = wire::ErrorCode::none;
  };

  explicit CommitQueue(Backoff backoff) : backoff_(backoff) {}

  void add(Commit commit) { queue_.push_back(std::move(commit)); }
  /// The request to be sent now, if any. Its answer is awaited then.
  std::optional<wire::OffsetCommitRequest> next(MonoNs now);
  /// What is left of the time of the one on its way.
  MonoNs left(MonoNs now) const;
  /// The outcome of the one on its way; nullopt when it will be sent again. `moved` is set when the
  /// coordinator has to be looked up again.
  std::optional<Finished> on_answer(const Result<wire::OffsetCommitResponse>& answer, MonoNs now,
                                    double random, bool& moved);
  /// When next() must be called again.
  MonoNs next_wake() const;
  bool empty() const { return queue_.empty(); }
  /// Those that will not be sent any more.
  std::deque<Commit> drain();

 private:
  std::optional<Finished> finish(Status status, wire::ErrorCode code);
  std::optional<Finished> again(const Error& why, MonoNs now, double random);
  /// The error that counts most, or none.
  Result<wire::ErrorCode> outcome(const wire::OffsetCommitResponse& answer) const;

  const Backoff backoff_;
  std::deque<Commit> queue_;
  bool on_its_way_ = false;
  MonoNs not_before_ = 0;
  std::uint32_t failures_ = 0;
};

}  // namespace horolog::client
