#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <deque>
#include <future>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "fetch_kit.hpp"
#include "horolog/consumer.hpp"
#include "protocol/messages/fetch.hpp"
#include "protocol/messages/join_group.hpp"
#include "scripted_broker.hpp"

namespace horolog::client::test {

/// What the brokers have of a partition of topic "t".
struct ScriptedLog {
  FetchKit records;
  Offset start = 0;
  std::optional<Offset> stable;  ///< where read_committed ends; the end when not set
  std::vector<wire::FetchResponse::AbortedTransaction> aborted;
  NodeId leader = 1;
  LeaderEpoch epoch = 3;
  Offset epoch_end = 1'000'000;  ///< what OffsetForLeaderEpoch answers
};

/// A consumer, and brokers 1 and 2 that keep logs and a group of which it is a follower. Errors are
/// put into queues: each is answered once, instead of what would be.
class ConsumerKit : public testing::Test {
 protected:
  struct SeenFetch {
    NodeId node;
    std::int16_t version;
    std::int32_t session_id;
    std::int32_t session_epoch;
    std::int32_t max_bytes;
    std::map<int, Offset> asked;
    std::vector<int> forgotten;
  };
  struct SeenCommit {
    NodeId node;
    std::int32_t generation;
    std::map<int, Offset> offsets;
    bool operator==(const SeenCommit&) const = default;
  };

  ConsumerKit();
  ~ConsumerKit() override;

  /// Brokers of 2.1 instead of new ones; before open().
  void use_2_1();
  /// Opens it with what most tests want: group "g", no automatic commits, from the start.
  void open(ConsumerOptions options);
  static ConsumerOptions usual();
  /// Reads partitions by hand.
  void assign(int partitions);
  /// Subscribed to "t", and has told its listener of the partitions in `assignment`.
  void join();

  /// Polls again and again while `time` passes; what came, by value.
  std::vector<std::string> poll(std::chrono::milliseconds time = std::chrono::milliseconds(300));
  /// Lets time pass; the broker answers fetches that have waited long enough.
  void pass(std::chrono::milliseconds time);
  /// A call that waits, while time passes for the brokers.
  template <typename F>
  auto beside(F call) {
    auto answer = std::async(std::launch::async, std::move(call));
    while (answer.wait_for(std::chrono::milliseconds(1)) != std::future_status::ready) {
      pass(std::chrono::milliseconds(5));
    }
    return answer.get();
  }
  static std::string list_of(const std::vector<TopicPartition>& partitions);
  std::vector<std::string> told();
  Uuid topic_id() const { return topic_id_; }

  Stage stage;
  std::vector<ScriptedLog> logs;
  std::map<int, Offset> committed;
  std::vector<TopicPartition> assignment{{"t", 0}};
  std::string protocol = "range";
  NodeId coordinator = 1;

  std::deque<wire::ErrorCode> fetch_errors;
  std::deque<wire::ErrorCode> fetch_session_errors;
  std::deque<wire::ErrorCode> join_errors;
  std::deque<wire::ErrorCode> beat_errors;
  std::deque<wire::ErrorCode> commit_errors;
  /// Instead of the next answers to Fetch that would tell something; the frame is without its body.
  std::deque<ScriptedBroker::Handler> fetch_tricks;

  std::vector<SeenFetch> fetches;
  std::vector<SeenCommit> commits;
  std::vector<wire::JoinGroupRequest> joins;
  int beats = 0;
  int leaves = 0;
  int epoch_questions = 0;

  std::optional<Consumer> consumer;
  std::optional<Error> error;  ///< the last that poll() gave
  std::vector<std::string> events;
  std::int32_t generation = 0;

 private:
  struct Asked {
    Offset offset;
    LeaderEpoch epoch;
    std::int32_t max_bytes;
  };
  struct Session {
    std::int32_t id = 0;
    std::int32_t epoch = 0;
    std::map<int, Asked> asked;
  };
  struct Held {
    ScriptedBroker* broker;
    ScriptedBroker::Connection* connection;
    wire::RequestHeader header;
    bool committed_only;
    MonoNs since;
  };

  void serve(ScriptedBroker& broker);
  void serve_metadata(ScriptedBroker& broker);
  void serve_group(ScriptedBroker& broker);
  void serve_offsets(ScriptedBroker& broker);
  void serve_fetch(ScriptedBroker& broker);
  void on_fetch(ScriptedBroker& broker, ScriptedBroker::Connection& connection,
                const wire::RequestFrame& request);
  /// False when there is nothing to tell yet.
  bool answer_fetch(const Held& held, bool at_once);
  wire::FetchResponse::Partition fetch_part(const Held& held, int partition, const Asked& asked);

  std::map<NodeId, Session> sessions_;
  std::int32_t last_session_ = 40;
  std::vector<Held> held_;
  Uuid topic_id_ = Uuid::random();
};

}  // namespace horolog::client::test
