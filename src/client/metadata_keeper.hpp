#pragma once

#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "client/metadata.hpp"
#include "horolog/options.hpp"
#include "net/deadline.hpp"

namespace horolog::client {

class Loop;

/// Keeps the picture of the cluster: one look-up at a time, whatever is asked for meanwhile shares
/// the next one. Looks up again what somebody waits for, with growing pauses, and what is in use,
/// by age. Belongs to the loop's thread, but for current().
class MetadataKeeper {
 public:
  /// What one look-up asks for.
  struct Question {
    std::set<std::string> topics;
    bool all = false;
    bool create = false;  ///< the broker may create topics that do not exist
    MonoNs timeout_ns = 0;
  };
  using Answered = std::function<void(Result<std::shared_ptr<const wire::MetadataResponse>>)>;
  struct Host {
    Loop& loop;
    const ClientOptions& options;
    std::function<void(const Question&, Answered)> ask;
    std::function<void()> changed;  ///< current() is another
    /// ": why no broker can be reached", or nothing; ends the text of a timeout.
    std::function<std::string()> trouble;
  };
  explicit MetadataKeeper(Host host);

  /// Thread-safe.
  std::shared_ptr<const Metadata> current() const;

  /// Somebody who needs something that is not known yet.
  struct Waiter {
    std::string topic;  ///< to be looked up; empty: brokers only
    bool create = false;
    MonoNs due = 0;
    /// Tries with what is known now; true when that was enough, after which it is forgotten. It
    /// must not call its user's code from within a call of that user.
    std::function<bool()> retry;
    std::function<void(Error)> fail;
  };
  /// retry() is called after each look-up until it is true, a look-up says that it is hopeless, or
  /// it is due; never inside this call.
  void wait(Waiter waiter);

  void refresh(Question question, std::function<void(Status)> done);
  /// `topic` is in use: its age counts.
  void touch(const std::string& topic);
  void learn_broker(BrokerInfo broker);
  void learn_leader(const TopicPartition& tp, NodeId leader, LeaderEpoch epoch);

  /// Fails everybody, for good.
  void close(const Error& why);

 private:
  struct Waiting {
    Waiter waiter;
    std::uint64_t since_round;  ///< the first look-up that can answer it
    int tries = 0;
  };
  struct Round {
    Question question;
    std::vector<std::function<void(Status)>> done;
    bool wanted = false;
  };

  void plan(bool at_once);
  void start_round();
  void finish_round(Round round,
                    Result<std::shared_ptr<const wire::MetadataResponse>> answer);
  void serve_waiters(const Status& status);
  std::optional<Error> hopeless(Waiting& waiting, const Status& status) const;
  void set(Metadata next);
  void wake();
  void arm();
  std::set<std::string> in_use();

  Host host_;
  mutable std::mutex mutex_;
  std::shared_ptr<const Metadata> current_ = std::make_shared<const Metadata>();  ///< by mutex_

  std::list<Waiting> waiting_;
  Round next_;
  bool running_ = false;
  bool closed_ = false;
  std::uint64_t round_ = 1;  ///< the number of the next look-up
  std::uint32_t in_a_row_ = 0;
  MonoNs start_at_ = 0;  ///< of the next look-up, when one is wanted
  MonoNs stale_at_ = 0;
  std::map<std::string, MonoNs> used_;
  /// Why the last look-up did not find a topic.
  std::map<std::string, wire::ErrorCode> topic_errors_;
  net::Deadline deadline_;
};

}  // namespace horolog::client
