#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <vector>

#include "broker/fetch_reader.hpp"
#include "broker/fetch_session.hpp"
#include "broker/long_poll.hpp"
#include "broker/request.hpp"
#include "protocol/messages/fetch.hpp"

namespace horolog::broker {

/// One Fetch request: looks at its session's partitions until there is enough to answer or its time
/// is over. Lives on its connection's shard.
class FetchPoll final : public LongPoll, public FetchTurns::User {
 public:
  FetchPoll(Context& context, Request request, wire::FetchRequest asked);

  /// Finds or opens the session and answers, now or later.
  void start();
  /// On the shard: nobody waits for the answer any more. A parked request and its session hold each
  /// other, and so the connection, until it has ended.
  void connection_closed() { finish_now(); }
  void hurry_up() override;
  void take_turn() override;

 private:
  struct Look {
    FetchPartition* wanted;
    FetchedPartition found;
  };
  /// What one look at all partitions gave.
  struct Round {
    std::vector<Look> looks;
    std::size_t bytes = 0;
    std::size_t missing = 0;  ///< partitions that do not exist
    bool answer_now = false;
  };

  bool is_full() const;
  bool by_topic_id() const;
  std::shared_ptr<FetchSession> open_session();
  std::shared_ptr<FetchSession> find_session();
  void begin();
  Round look_at_all();
  FetchedPartition look_at(FetchPartition& wanted, const Round& round) const;
  bool is_satisfied(const Round& round) const;
  bool try_finish(bool last_chance) override;
  void answer(Round round);
  void answer_error(wire::ErrorCode error);
  void leave();

  Context& context_;
  Request request_;
  wire::FetchRequest asked_;
  FetchReader reader_;
  std::size_t limit_;
  std::shared_ptr<FetchSession> session_;
  bool parked_ = false;
  std::atomic<bool> hurried_{false};
};

}  // namespace horolog::broker
