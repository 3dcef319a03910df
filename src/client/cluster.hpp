#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "client/call.hpp"
#include "client/loop.hpp"
#include "client/metadata.hpp"
#include "client/target.hpp"
#include "horolog/options.hpp"

namespace horolog::client {

class Transport;

/// The connections to a cluster and what is known about it, shared by all clients of a process that
/// should share connections. Finds brokers, leaders and coordinators, and sends requests to them;
/// what an answer means is its caller's business.
///
/// Thread rules: open(), close(), metadata(), loop() and options() may be called on any thread,
/// everything else only on the loop's. Callbacks come on the loop's thread, never inside the
/// function they were given to, and exactly once: with an answer, or with an Error, which is
/// Errc::cancelled after close(). They must not block.
///
/// A call is sent at most once; it is never repeated here once bytes may have reached a broker.
/// Until then it waits: for the target to be known, for a connection, through reconnects, up to its
/// timeout. Whether it was sent shows in whether its builder ran. The code of a failed call:
/// timed_out; closed: the connection broke before there was an answer (the broker may have acted);
/// io: no broker could be reached (only with wait_for_brokers = false); unsupported: no common
/// version; corrupt: the answer made no sense; cancelled; or what a broker answered to a look-up
/// that was needed (an unknown topic, no right to a group).
class Cluster : public std::enable_shared_from_this<Cluster> {
 public:
  /// Connects when the first call needs it. Errc::invalid_argument: `options.bootstrap`. With no
  /// loop one is started, with no transport it is TCP.
  static Result<std::shared_ptr<Cluster>> open(ClientOptions options,
                                               std::shared_ptr<Loop> loop = nullptr,
                                               std::shared_ptr<Transport> transport = nullptr);
  ~Cluster();
  Cluster(const Cluster&) = delete;
  Cluster& operator=(const Cluster&) = delete;

  /// Fails every call and closes every connection; later calls fail. Returns when that is done.
  void close();

  Loop& loop();
  const std::shared_ptr<Loop>& shared_loop() const;
  const ClientOptions& options() const;
  /// What is known at the moment; never null.
  std::shared_ptr<const Metadata> metadata() const;

  // Calls. The functions below belong to the loop's thread.

  template <typename R>
  using Done = typename TypedCall<R>::Done;
  template <typename R>
  using Build = typename TypedCall<R>::Build;

  /// Sends what `build` returns, given the version agreed with the broker. It runs when the broker
  /// is connected, immediately before the bytes are written, and not at all if it never comes to
  /// that. Calls to one node on one lane are built and sent in the order of the calls.
  template <typename R>
  void call(Target target, Build<R> build, CallOptions options, Done<R> done) {
    start(std::move(target),
          std::make_unique<TypedCall<R>>(std::move(build), std::move(done), options),
          options.timeout_ns);
  }
  /// The same for a message that does not depend on the version.
  template <typename R>
  void send(Target target, R message, CallOptions options, Done<R> done) {
    auto held = std::make_shared<R>(std::move(message));
    call<R>(std::move(target), [held](std::int16_t) { return Outgoing<R>(std::move(*held)); },
            options, std::move(done));
  }

  /// A lane of one's own; release_lane() closes its connections (its calls fail with closed).
  Lane new_lane();
  void release_lane(Lane lane);

  /// The finalized level of a feature of the cluster ("transaction.version"), as the broker said
  /// whose connection became ready last; 0 before there was one. Any answer is proof of one.
  std::int16_t feature(std::string_view name) const;

  // Topics and leaders.

  using TopicDone = std::function<void(Result<std::shared_ptr<const TopicInfo>>)>;
  /// Topic `name`, from memory or looked up; then kept fresh while it is in use. Waits through
  /// errors that pass (no leader yet, a topic just created) up to the timeout (0: request_timeout).
  /// `create`: the broker may create it (auto.create.topics.enable).
  void topic(std::string name, MonoNs timeout_ns, bool create, TopicDone done);

  /// Looks topics up anew: those named, all of them (nullopt), or only brokers and controller (an
  /// empty set). metadata() has the outcome. One look-up runs at a time, so requests that come
  /// meanwhile share the next. The error is that of the look-up as a whole: topics that the cluster
  /// does not have are simply not in metadata().
  void refresh(std::optional<std::set<std::string>> topics, MonoNs timeout_ns,
               std::function<void(Status)> done);

  /// The partition's leader is not what we believe (NOT_LEADER_OR_FOLLOWER, a lost connection…):
  /// looks it up again, and until then calls to the leader wait.
  void leader_failed(const TopicPartition& tp);
  /// A broker named the leader itself (KIP-951). `address`: where that node is, if it said so.
  void leader_hint(const TopicPartition& tp, NodeId leader, LeaderEpoch epoch,
                   std::optional<BrokerInfo> address);

  /// Called after each change of metadata(), until the returned handle is dropped.
  using Watch = std::shared_ptr<void>;
  [[nodiscard]] Watch watch_metadata(std::function<void()> changed);

  // Coordinators. Calls to Target::group() and Target::transaction() look them up.

  /// NOT_COORDINATOR or COORDINATOR_NOT_AVAILABLE was answered, or the connection was lost: the
  /// next call looks the coordinator up again.
  void coordinator_failed(CoordinatorKind kind, const std::string& key);
  /// The coordinator as far as it is known; no_node otherwise.
  NodeId coordinator(CoordinatorKind kind, const std::string& key) const;

 private:
  struct Core;
  explicit Cluster(std::shared_ptr<Core> core);
  void start(Target target, std::unique_ptr<Call> call, MonoNs timeout_ns);

  std::shared_ptr<Core> core_;
};

}  // namespace horolog::client
