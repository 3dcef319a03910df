#pragma once

#include <atomic>
#include <mutex>
#include <string>
#include <vector>

#include "admin/source.hpp"
#include "broker/context.hpp"
#include "broker/group_host.hpp"
#include "broker/transaction_metrics.hpp"
#include "horologd/embedded_scheduler.hpp"
#include "net/server.hpp"

namespace horolog {

/// The broker as the admin endpoint sees it. Reads only counters, snapshots and atomics.
class BrokerMetrics final : public admin::Source {
 public:
  /// `scheduler`: null when there is none.
  BrokerMetrics(broker::Context& context, net::Server& server, const EmbeddedScheduler* scheduler)
      : context_(context), server_(server), scheduler_(scheduler),
        started_(context.clock.mono_ns()) {}

  std::vector<std::string> not_ready_reasons() const override;
  void collect(admin::MetricsWriter& out) const override;

  /// Asks the coordinators for the committed offsets; the next collect() shows them.
  void refresh_groups();
  /// Asks the coordinators for the states of their transactions, likewise.
  void refresh_transactions();
  void announce_stopping() { stopping_.store(true); }

 private:
  void collect_requests(admin::MetricsWriter& out) const;
  void collect_network(admin::MetricsWriter& out) const;
  void collect_storage(admin::MetricsWriter& out) const;
  void collect_cleaner(admin::MetricsWriter& out) const;
  void collect_groups(admin::MetricsWriter& out) const;
  void collect_transactions(admin::MetricsWriter& out) const;
  void collect_process(admin::MetricsWriter& out) const;

  broker::Context& context_;
  net::Server& server_;
  const EmbeddedScheduler* const scheduler_;
  const MonoNs started_;
  mutable std::mutex mutex_;
  std::vector<broker::CommittedOffset> committed_;
  broker::TransactionCounts transactions_;
  std::atomic<bool> stopping_{false};
};

}  // namespace horolog
