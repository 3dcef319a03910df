#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "horolog/admin.hpp"
#include "horolog/consumer.hpp"
#include "horolog/worker.hpp"
#include "worker/board.hpp"
#include "worker/cancel_watch.hpp"
#include "worker/control_watch.hpp"
#include "worker/metrics_endpoint.hpp"

namespace horolog::worker {

class Committer;

/// The worker behind Worker: run() is the loop that polls, hands over partitions, and drains.
class WorkerCore : public std::enable_shared_from_this<WorkerCore> {
 public:
  static Result<std::shared_ptr<WorkerCore>> make(WorkerOptions options);

  void handle(std::string topic, Handler handler);
  void use(Middleware middleware) { middleware_.push_back(std::move(middleware)); }
  Status run();
  void stop() { stop_ = true; }
  WorkerMetrics metrics() { return board_.metrics(); }
  std::string metrics_address() const { return endpoint_ ? endpoint_->address() : ""; }
  const std::string& name() const { return options_.name; }

 private:
  explicit WorkerCore(WorkerOptions options);

  Result<Consumer> open_consumer(std::shared_ptr<client::Cluster> cluster,
                                 const std::vector<std::string>& topics);
  Result<CancelWatch> open_watch(std::shared_ptr<client::Cluster> cluster,
                                 std::int32_t partitions);
  Result<std::unique_ptr<Committer>> open_committer(std::shared_ptr<client::Cluster> cluster,
                                                    std::int32_t partitions);
  void respect_metadata_limit(Admin& admin);
  /// Until stop() or an error that does not pass.
  Status work();
  Status poll_once();
  void look_for_stops();
  void look_for_controls();
  void heed_controls();
  /// Pauses partitions whose tasks could not start anyway: of paused topics, or all when enough
  /// wait.
  void hold_back();
  /// Finishes what runs, within the deadlines; the error names what did not.
  Status drain();
  /// For handlers until the deadline, polling, so that the group keeps this member.
  bool wait_idle(std::chrono::milliseconds timeout);

  void on_assigned(const std::vector<TopicPartition>& partitions);
  void on_revoked(const std::vector<TopicPartition>& partitions);
  Result<AssignmentPtr> look_up(const TopicPartition& tp, const Offsets& committed, Offset end);

  WorkerOptions options_;
  std::map<std::string, Handler> handlers_;
  std::vector<Middleware> middleware_;
  SystemClock clock_;
  Board board_;
  std::optional<Consumer> consumer_;
  std::optional<CancelWatch> watch_;
  std::optional<ControlWatch> controls_;
  std::unique_ptr<MetricsEndpoint> endpoint_;  ///< reads the board
  std::optional<Error> failed_;  ///< of a listener; ends work()
  std::set<std::string> paused_;  ///< topics of ours of which that was said
  bool full_ = false;
  std::atomic<bool> stop_ = false;
};

}  // namespace horolog::worker
