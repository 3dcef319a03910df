#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "broker/context.hpp"
#include "broker/transaction_host.hpp"
#include "broker/transaction_metrics.hpp"

namespace horolog::broker {

/// Ends transactions that are open in a partition and that no coordinator will ever end: a batch
/// whose registration was lost in a crash, before anything of it was acknowledged (authorization
/// and batch go to disk together). Without this they would hold back read_committed consumers for
/// ever. The marker carries the next epoch, so that a retry of the lost batch is refused instead of
/// being taken for one that counts.
///
/// `hosts` have loaded, or cannot; null when there are none. On the pool: it looks at every
/// partition. `done` runs once, on any thread, when every marker is in its log, or was given up.
void end_orphans(Context& context,
                 std::shared_ptr<const std::vector<std::shared_ptr<TransactionHost>>> hosts,
                 TransactionMetrics& metrics, std::function<void()> done);

}  // namespace horolog::broker
