#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scheduler/identity.hpp"
#include "scheduler/names.hpp"
#include "scheduler/planner.hpp"
#include "scheduler/state.hpp"

namespace horolog::scheduler::testing {

inline constexpr TimestampMs noon = 1'700'049'600'000;  // 2023-11-15T12:00:00Z
inline constexpr TimestampMs second = 1'000, minute = 60 * second, hour = 60 * minute,
                             day = 24 * hour;

using Fields = std::vector<std::pair<std::string, std::string>>;

inline Headers headers_of(const Fields& fields) {
  Headers headers;
  for (const auto& [name, value] : fields) headers.push_back({name, value});
  return headers;
}

/// One partition: its commands, its state, and everything that was committed. Every commit also
/// checks that replaying the state records alone gives the same state again.
class Rig {
 public:
  explicit Rig(std::int32_t partitions = 1, PartitionIndex here = 0, State from = State())
      : state(std::move(from)),
        context{.partition = here,
                .partitions = partitions,
                .check_target = [this](const Definition& d) { return check(d); }} {
    Planner planner(state, context);
    planner.start(0, 0);
    commit(std::move(planner).finish());
  }

  /// Sends a command at `now`; true when nothing about it went into the history.
  bool send(const std::string& key, const Fields& fields,
            std::optional<std::string> value = "payload") {
    InRecord in{.offset = next_command, .timestamp = now, .record = {}};
    in.record = {key, std::move(value), headers_of(fields)};
    return deliver(in);
  }
  bool cancel(const std::string& key, const Fields& fields = {}) {
    return send(key, fields, std::nullopt);
  }
  bool deliver(InRecord in) {
    in.offset = next_command++;
    Planner planner(state, context);
    planner.command(in);
    const std::size_t before = runs.size();
    commit(std::move(planner).finish());
    return runs.size() == before;
  }
  /// A worker says how the run with that fire id ended.
  void complete(const std::string& fire_id, std::string_view event = event::succeeded) {
    RunRecord run;
    run.event = std::string(event);
    run.fire_id = fire_id;
    Planner planner(state, context);
    planner.run({.offset = next_run++, .timestamp = now, .record = run.to_record()});
    commit(std::move(planner).finish());
  }
  /// Fires what is due at `now`, in as many transactions as it takes; gives the number of fires.
  std::size_t tick() {
    const std::size_t before = fires.size();
    EXPECT_TRUE(state.advance(now, 10'000).ok());
    for (bool more = true; more;) {
      Planner planner(state, context);
      more = planner.due(tick_at());
      Transaction transaction = std::move(planner).finish();
      if (transaction.empty()) break;
      commit(std::move(transaction));
    }
    return fires.size() - before;
  }
  /// Lets the clock run, tick by tick.
  void run_until(TimestampMs until, TimestampMs step = second) {
    while (now < until) {
      now = std::min(until, now + step);
      tick();
    }
  }
  /// Nothing fires until `until`; then firing begins again.
  void down_until(TimestampMs until) {
    now = until;
    live_since = until;
  }

  Tick tick_at() const {
    return {.now = now, .live_since = live_since, .most_fires = most_fires, .stalled = stalled,
            .only_target = {}};
  }
  void commit(Transaction transaction) {
    for (const OutRecord& record : transaction.state) {
      const Status replayed = state.replay(record);
      ASSERT_TRUE(replayed.ok()) << replayed.error().message();
      log[*record.key] = record;
      written.push_back(record);
    }
    for (Fire& fire : transaction.fires) fires.push_back(std::move(fire));
    for (RunRecord& run : transaction.runs) runs.push_back(std::move(run));
    for (Forward& forward : transaction.forwards) forwards.push_back(std::move(forward));
  }
  /// The state as another owner reads it from the compacted topic.
  State recovered() const {
    State fresh(state.calendars());
    for (const auto& [key, record] : log) {
      if (!record.value && key.empty()) continue;
      EXPECT_TRUE(fresh.replay(record).ok());
    }
    return fresh;
  }

  /// The nominal times that were fired, in order.
  std::vector<TimestampMs> nominal_times() const {
    std::vector<TimestampMs> times;
    for (const Fire& fire : fires) times.push_back(std::stoll(out(fire, header::nominal_time)));
    return times;
  }
  static std::string out(const Fire& fire, std::string_view name) {
    const std::string* value = find_header(fire.record.headers, name);
    return value == nullptr ? "(none)" : *value;
  }
  std::vector<RunRecord> runs_of(std::string_view event) const {
    std::vector<RunRecord> found;
    for (const RunRecord& run : runs)
      if (run.event == event) found.push_back(run);
    return found;
  }
  std::string last_reason() const { return runs.empty() ? "" : runs.back().reason.value_or(""); }

  State state;
  PlanContext context;
  TimestampMs now = noon;
  TimestampMs live_since = noon;
  std::size_t most_fires = 1'000;
  std::function<bool(const std::string&)> stalled;
  std::map<std::string, std::string> missing_targets;
  Offset next_command = 0, next_run = 0;
  std::vector<Fire> fires;
  std::vector<RunRecord> runs;
  std::vector<Forward> forwards;
  std::map<std::string, OutRecord> log;
  /// Every state record, in its order.
  std::vector<OutRecord> written;

 private:
  Status check(const Definition& definition) const {
    const auto at = missing_targets.find(definition.target);
    if (at == missing_targets.end()) return {};
    return Error(Errc::not_found, at->second);
  }
};

}  // namespace horolog::scheduler::testing
