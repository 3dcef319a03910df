#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "horolog/error.hpp"
#include "scheduler/due_index.hpp"
#include "scheduler/entry.hpp"
#include "scheduler/state_record.hpp"

namespace horolog::scheduler {

/// What one partition of the state topic says: its schedules, and how far its owner has read.
/// replay() is the only thing that changes it, for records of a committed transaction and for those
/// read at a takeover alike. Pure; one thread at a time.
class State {
 public:
  explicit State(CalendarLookup calendars = {}) : calendars_(std::move(calendars)) {}

  /// Errc::corrupt for a record that this program cannot read: the partition must then not fire.
  Status replay(const OutRecord& record);

  /// nullptr when nothing is known of that key.
  const Entry* find(const std::string& key) const;
  const Meta& meta() const { return meta_; }
  bool has_meta() const { return meta_.partitions > 0; }
  const DueIndex& due() const { return due_; }
  /// Keys with a backfill under way.
  const std::set<std::string>& backfilling() const { return backfilling_; }
  const std::unordered_map<std::string, Entry>& entries() const { return entries_; }
  /// The fire ids of open runs, and whose they are.
  const std::string* owner_of_run(const std::string& fire_id) const;
  const CalendarLookup& calendars() const { return calendars_; }
  std::size_t definitions() const { return definitions_; }
  std::size_t open_runs() const { return runs_.size(); }

 private:
  void settle(const std::string& key, Entry& entry);
  void index_runs(const std::string& key, const Cursor& cursor, bool add);

  CalendarLookup calendars_;
  Meta meta_;
  std::unordered_map<std::string, Entry> entries_;
  std::unordered_map<std::string, std::string> runs_;
  DueIndex due_;
  std::set<std::string> backfilling_;
  std::size_t definitions_ = 0;
};

}  // namespace horolog::scheduler
