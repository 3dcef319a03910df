#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "horolog/error.hpp"
#include "scheduler/due_index.hpp"
#include "scheduler/entry.hpp"
#include "scheduler/mirror.hpp"
#include "scheduler/state_record.hpp"
#include "scheduler/watch_index.hpp"

namespace horolog::scheduler {

/// What one partition of the state topic says: its schedules, and how far its owner has read.
/// replay() is the only thing that changes it, for records of a committed transaction and for those
/// read at a takeover alike. Schedules that are due soon, or wait for something, are in memory; the
/// others lie in the mirror, where there is one. One thread at a time.
class State {
 public:
  /// Everything in memory. Pure.
  explicit State(CalendarLookup calendars = {}) : calendars_(std::move(calendars)) {}
  /// With a mirror that was made for it, empty.
  State(CalendarLookup calendars, Mirror mirror, TimestampMs now)
      : calendars_(std::move(calendars)), mirror_(std::move(mirror)), now_(now) {}

  /// As write() wrote it, with a mirror. Errors: it has to be replayed anew.
  static Result<State> read(CheckpointReader& from, CalendarLookup calendars, Mirror mirror,
                            TimestampMs now);
  /// Everything but what is in the mirror, which is there.
  Status write(CheckpointWriter& to) const;

  /// Errc::corrupt for a record that this program cannot read: the partition must then not fire.
  Status replay(const OutRecord& record);

  /// Reads the definitions that use one of these calendars again; gives their keys. What find()
  /// gave is no longer valid. Errors pass, unless health() has one: call it again.
  Result<std::vector<std::string>> calendars_changed(const std::set<std::string>& names);

  /// Brings at most `most` schedules that are due soon from the mirror into due(), oldest first.
  /// What find() gave is no longer valid. An error (Errc::io, Errc::corrupt): the mirror is lost,
  /// and the partition has to be taken over again.
  Status advance(TimestampMs now, std::size_t most);
  /// When advance() has something to bring; nullopt: not within the next minute.
  std::optional<TimestampMs> next_advance() const;
  /// Not ok after the mirror could not be read: what find() and replay() said since is not true.
  const Status& health() const { return health_; }

  /// nullptr when nothing is known of that key. Valid until replay() or advance().
  const Entry* find(const std::string& key) const;
  const Meta& meta() const { return meta_; }
  /// The next offset of each partition that conditions look at.
  const std::map<TopicPartition, Offset>& watches() const { return watches_; }
  /// The topics that these positions are of, where they are known.
  const std::map<std::string, Uuid>& watched_ids() const { return watched_ids_; }
  const WatchIndex& watchers() const { return watchers_; }
  bool has_meta() const { return meta_.partitions > 0; }
  const DueIndex& due() const { return due_; }
  /// Keys with a backfill under way.
  const std::set<std::string>& backfilling() const { return backfilling_; }
  /// Every schedule, in no order.
  Status for_each(const std::function<void(const std::string& key, const Entry&)>& visit) const;
  const std::optional<Mirror>& mirror() const { return mirror_; }
  std::optional<Mirror>& mirror() { return mirror_; }
  /// The calendars that definitions use.
  std::set<std::string> calendars_in_use() const;
  /// How many records were replayed since it was made.
  std::uint64_t replayed() const { return replayed_; }
  /// The fire ids of open runs, and whose they are.
  const std::string* owner_of_run(const std::string& fire_id) const;
  const CalendarLookup& calendars() const { return calendars_; }
  std::size_t definitions() const { return definitions_; }
  std::size_t open_runs() const { return runs_.size(); }

 private:
  /// A schedule that fires again this soon is not worth a trip to the disk.
  static constexpr TimestampMs soon_ms = 15'000;
  /// Brought into memory this long before they are due.
  static constexpr TimestampMs ahead_ms = 1'000;
  static constexpr std::size_t most_read = 10'000;
  /// More than this in memory, and what is due soon rests as well.
  static constexpr std::size_t most_awake = 50'000;

  /// The entry, in memory from now on; a blank one for a key that is not known.
  Entry& wake_up(const std::string& key);
  bool may_rest(const Entry& entry, std::optional<TimestampMs> wake) const;
  void settle(const std::string& key, Entry& entry);
  Status replay_watch(const TopicPartition& place, const std::optional<std::string>& value);
  void count_use(const DefinitionPtr& definition, bool add);
  void index_runs(const std::string& key, const Cursor& cursor, bool add);

  CalendarLookup calendars_;
  std::optional<Mirror> mirror_;
  TimestampMs now_ = 0;
  mutable Status health_;
  /// Copies of what was asked for and lies in the mirror.
  mutable std::unordered_map<std::string, Entry> read_;
  Meta meta_;
  std::unordered_map<std::string, Entry> entries_;
  std::unordered_map<std::string, std::string> runs_;
  DueIndex due_;
  std::map<TopicPartition, Offset> watches_;
  std::map<std::string, Uuid> watched_ids_;
  WatchIndex watchers_;
  std::set<std::string> backfilling_;
  std::size_t definitions_ = 0;
  /// By calendar, how many definitions use it.
  std::map<std::string, std::size_t> calendar_uses_;
  std::uint64_t replayed_ = 0;
};

}  // namespace horolog::scheduler
