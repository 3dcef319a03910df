#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>

#include "client/cluster.hpp"
#include "client/committed_reader.hpp"
#include "scheduler/calendar_table.hpp"
#include "scheduler/definition.hpp"

namespace horolog::scheduler {

/// Reads `horolog.calendars` from its start and goes on reading it, in a thread of its own. The
/// topic exists. Thread-safe.
class CalendarReader {
 public:
  explicit CalendarReader(std::shared_ptr<client::Cluster> cluster);
  /// As stop().
  ~CalendarReader();
  /// Stops reading; while the cluster is still open. Blocks until that is done.
  void stop();

  /// For definitions. A name that is not known, or whose calendar cannot be used, is looked for up
  /// to the topic's end as it is then: a calendar that was set before a command is there for it.
  /// Blocks for that; must not outlive the reader.
  CalendarLookup lookup();
  /// The number of the last change.
  std::uint64_t changes() const { return table_.changes(); }
  std::set<std::string> changed_since(std::uint64_t& change) const {
    return table_.changed_since(change);
  }

 private:
  void run();
  void show(client::CommittedReader* reading);
  Result<CalendarTable::Found> find(std::string_view name);

  std::shared_ptr<client::Cluster> cluster_;
  CalendarTable table_;
  std::atomic<bool> stopping_ = false;
  std::mutex mutex_;
  client::CommittedReader* reading_ = nullptr;  ///< by mutex_
  std::thread thread_;
};

}  // namespace horolog::scheduler
