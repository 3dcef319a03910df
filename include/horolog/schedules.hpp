#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "horolog/error.hpp"
#include "horolog/options.hpp"
#include "horolog/record.hpp"
#include "horolog/schedule_types.hpp"

namespace horolog {

namespace client {
class SchedulesCore;
class Cluster;
}  // namespace client

/// Creates, changes and watches schedules: records that a scheduler (horolog-scheduler, or the one
/// inside horologd) fires into topics at their times. Works through ordinary topics of any
/// Kafka-protocol cluster; any other client can do the same (the scheduler's FORMAT.md).
///
///     auto schedules = Schedules::open({.bootstrap = "localhost:9092"});
///     auto sent = schedules->create("report:eu", {.topic = "reports", .cron = "0 7 * * MON-FRI",
///                                                 .timezone = "Europe/Berlin"}, body);
///     auto made = schedules->decisions({*sent}, 10s);   // accepted, or rejected with the reason
///
/// A command is durable when its function returns; a scheduler decides about it a moment later,
/// which decisions() waits for. Commands go to the partition whose owner decides about the key, so
/// that a cancel that is durable before a fire is due always wins. `if_generation`: the command
/// is rejected unless the schedule has this generation then; -1: unless there is none.
///
/// Thread rules: every function waits, and may be called on any thread, one at a time.
/// Errors: Errc::not_found when the scheduler's topics do not exist (no scheduler has run on the
/// cluster yet); Errc::invalid_argument for options that contradict each other; what a broker
/// answered keeps its kafka_code().
class Schedules {
 public:
  using Timeout = std::chrono::milliseconds;
  using IfGeneration = std::optional<Offset>;

  /// Errc::invalid_argument: the options. Nothing is connected yet.
  static Result<Schedules> open(ClientOptions options);
  /// On connections that others use as well.
  explicit Schedules(std::shared_ptr<client::Cluster> cluster);
  ~Schedules();
  Schedules(Schedules&&) noexcept;
  Schedules& operator=(Schedules&&) noexcept;

  // Commands.

  /// Creates or replaces. A replaced schedule keeps the times that were dealt with, so that none
  /// fires twice. `value` is what is fired; it must not be null, which would cancel.
  Result<SentCommand> create(const std::string& key, const ScheduleOptions& options, Bytes value,
                             IfGeneration if_generation = {});
  /// What alter() takes besides the options that are set.
  struct Alteration {
    ScheduleOptions set{};
    /// Headers that go back to the default, such as "horolog-jitter".
    std::vector<std::string> remove{};
    std::optional<std::string> value{};
  };
  /// Replaces the schedule by itself with some fields changed, on condition that nobody changed it
  /// meanwhile (`if_generation`, or else the one that is read here). Fires that `limit` counts
  /// begin at 0 again. Errc::not_found without such a schedule.
  Result<SentCommand> alter(const std::string& key, const Alteration& change,
                            IfGeneration if_generation = {});
  Result<SentCommand> cancel(const std::string& key, IfGeneration if_generation = {});
  Result<SentCommand> pause(const std::string& key, IfGeneration if_generation = {});
  Result<SentCommand> resume(const std::string& key, IfGeneration if_generation = {});
  /// Fires once now, beside its rule.
  Result<SentCommand> trigger(const std::string& key, IfGeneration if_generation = {});
  /// Fires the nominal times from `from` to `to`, both included and in the past, once more.
  Result<SentCommand> backfill(const std::string& key, TimestampMs from, TimestampMs to,
                               IfGeneration if_generation = {});
  /// One action on many schedules, without waiting for each; answers in the order of `keys`.
  using SentAll = std::vector<std::pair<std::string, Result<SentCommand>>>;
  Result<SentAll> send_all(ScheduleAction action, const std::vector<std::string>& keys);

  /// Waits until a scheduler has decided about all of them, at most `timeout`; answers in their
  /// order. Undecided ones are no error: perhaps no scheduler runs.
  Result<std::vector<CommandDecision>> decisions(const std::vector<SentCommand>& commands,
                                                 Timeout timeout);

  // What there is. All of it is read with read_committed, up to the end as it is at the call.

  /// Every schedule that `wanted` takes, or every one, sorted by key. Reads the whole state.
  Result<std::vector<ScheduleState>> list(
      const std::function<bool(const ScheduleState&)>& wanted = {});
  /// Hands out every schedule that `keep` takes, for more of them than memory should hold: it holds
  /// those of one state partition at a time (of several, while they are small), and so they come in
  /// no order. `keep` is asked about definitions as they are read, with nothing of what happened to
  /// them yet (last_nominal and what follows), and may clear what `each` does not need.
  Status scan(const std::function<bool(ScheduleState&)>& keep,
              const std::function<void(ScheduleState)>& each);
  /// Reads the state of one partition. Errc::not_found without such a schedule.
  Result<ScheduleState> describe(const std::string& key);
  /// Hands out history from `since` on (0: all that is kept), oldest first within each partition.
  /// Of one schedule, with `key`: one partition is read. Among them are run records of its workers,
  /// which name only the fire, and stalls of targets, its own or not, which name only the topic.
  Status runs(const std::optional<std::string>& key, TimestampMs since,
              const std::function<void(ScheduleRun)>& each);
  /// Committed records of any topic from `since` on, as `runs` does it.
  Status records(const std::string& topic, TimestampMs since,
                 const std::function<void(const RecordView&)>& each);

  // Calendars: days off by name.

  Result<std::vector<StoredCalendar>> calendars();
  /// Creates or replaces; gives the offset by which run records name this state of it.
  Result<Offset> set_calendar(const std::string& name, const CalendarDays& days);
  /// Schedules that use it stall until it is set again. Errc::not_found without such a calendar.
  Status remove_calendar(const std::string& name);

 private:
  std::unique_ptr<client::SchedulesCore> core_;
};

}  // namespace horolog
