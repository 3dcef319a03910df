#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <vector>

#include "horolog/consumer_options.hpp"
#include "horolog/error.hpp"
#include "protocol/messages/fetch.hpp"

namespace horolog::client {

/// What one partition's fetch asks for.
struct FetchWanted {
  TopicPartition partition;
  Uuid topic_id;
  std::uint64_t ticket = 0;  ///< of FetchPositions, to know what the answer is to
  Offset offset = 0;
  LeaderEpoch leader_epoch = -1;
  std::int32_t max_bytes = 0;
};

/// A fetch session with one broker (KIP-227): the broker remembers what was asked for, so requests
/// carry only what changed, and answers only what is new. Pure; one request at a time.
class FetchSession {
 public:
  /// The next request, for exactly `wanted`. Fills session and topics; the limits are the caller's.
  /// Sessions need version 7, topics go by id from 13 on.
  void build(std::vector<FetchWanted> wanted, std::int16_t version, wire::FetchRequest& request);

  using OnPart = std::function<void(const FetchWanted&, wire::FetchResponse::Partition&)>;
  /// Gives each partition of the answer with what was asked for it. Errc::corrupt: something was
  /// answered that was not asked (what was asked has been given); the session starts anew.
  /// Retriable: the broker does not know the session any more.
  Status take(wire::FetchResponse& answer, const OnPart& part);
  /// There was no answer: whether the broker has seen the request is unknown.
  void failed() { epoch_ = 0; }

  std::int32_t id() const { return id_; }
  std::int32_t epoch() const { return epoch_; }

 private:
  using Known = std::map<TopicPartition, FetchWanted>;
  static void add(wire::FetchRequest& request, const FetchWanted& wanted, bool by_id);
  void forget(wire::FetchRequest& request, const Known& wanted) const;

  Known known_;
  std::int32_t id_ = 0;
  std::int32_t epoch_ = 0;
  bool by_id_ = false;
};

/// Topics go by their ids only when all are known.
bool all_have_ids(const std::vector<FetchWanted>& wanted);

}  // namespace horolog::client
