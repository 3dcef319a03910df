#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <regex>

#include "client/cluster.hpp"
#include "client/consumer_batch.hpp"
#include "client/fetch_positions.hpp"
#include "client/membership.hpp"
#include "client/offsets_commit.hpp"
#include "horolog/consumer_options.hpp"

namespace horolog::client {

/// What the application's thread and the loop share. `mutex` guards what stands below it and is
/// held for short; never while a call is made, a callback runs or a request is built.
struct ConsumerShared {
  ConsumerShared(ConsumerOptions options_, std::shared_ptr<Cluster> cluster_);

  const ConsumerOptions options;
  const std::shared_ptr<Cluster> cluster;
  const std::shared_ptr<BatchPool> pool = std::make_shared<BatchPool>();

  std::mutex mutex;
  std::condition_variable changed;  ///< something poll() may wait for
  FetchPositions positions;
  std::optional<Membership> membership;  ///< when there is a group
  CommitQueue commits;
  /// What the application is to be called with, by its own thread.
  std::deque<std::function<void()>> told;
  std::optional<std::regex> pattern;
  std::set<std::string> subscription;
  std::optional<Error> pattern_error;  ///< the topics could not be listed
  bool woken = false;
  bool closed = false;

  MonoNs now() const { return cluster->loop().now(); }
};

}  // namespace horolog::client
