#include "horolog/schedules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "client/cluster.hpp"
#include "client/schedule_headers.hpp"
#include "client/schedule_names.hpp"
#include "client/schedule_records.hpp"
#include "client/schedules_core.hpp"

namespace horolog {
namespace {

namespace header = schedule_names::header;

std::string_view name_of(ScheduleAction action) {
  switch (action) {
    case ScheduleAction::pause: return "pause";
    case ScheduleAction::resume: return "resume";
    case ScheduleAction::trigger: return "trigger";
    default: return "";
  }
}

/// A cancel is a null value without an action.
std::vector<Header> headers_of(ScheduleAction action) {
  if (action == ScheduleAction::cancel) return {};
  return {{std::string(header::action), std::string(name_of(action))}};
}

Result<SentCommand> send(client::SchedulesCore& core, const std::string& key,
                         const std::vector<Header>& headers, Bytes value,
                         Schedules::IfGeneration if_generation) {
  core.begin();
  HOROLOG_ASSIGN(auto sending, core.start(key, headers, value, if_generation));
  return client::SchedulesCore::stored(std::move(sending));
}

}  // namespace

Result<Schedules> Schedules::open(ClientOptions options) {
  HOROLOG_ASSIGN(auto cluster, client::Cluster::open(std::move(options)));
  Schedules schedules(nullptr);
  schedules.core_ = std::make_unique<client::SchedulesCore>(std::move(cluster), true);
  return schedules;
}

Schedules::Schedules(std::shared_ptr<client::Cluster> cluster)
    : core_(std::make_unique<client::SchedulesCore>(std::move(cluster), false)) {}
Schedules::~Schedules() = default;
Schedules::Schedules(Schedules&&) noexcept = default;
Schedules& Schedules::operator=(Schedules&&) noexcept = default;

Result<SentCommand> Schedules::create(const std::string& key, const ScheduleOptions& options,
                                      Bytes value, IfGeneration if_generation) {
  if (value.is_null())
    return Error(Errc::invalid_argument, "a null value would cancel the schedule: give an empty "
                                         "one to fire nothing but headers");
  HOROLOG_ASSIGN(const auto headers, client::to_headers(options));
  return send(*core_, key, headers, value, if_generation);
}

Result<SentCommand> Schedules::alter(const std::string& key, const Alteration& change,
                                     IfGeneration if_generation) {
  HOROLOG_ASSIGN(const ScheduleState now, describe(key));
  HOROLOG_ASSIGN(const auto headers, client::altered_headers(now, change));
  return send(*core_, key, headers, change.value ? *change.value : now.value,
              if_generation.value_or(now.generation));
}

Result<SentCommand> Schedules::cancel(const std::string& key, IfGeneration if_generation) {
  return send(*core_, key, headers_of(ScheduleAction::cancel), std::nullopt, if_generation);
}
Result<SentCommand> Schedules::pause(const std::string& key, IfGeneration if_generation) {
  return send(*core_, key, headers_of(ScheduleAction::pause), std::nullopt, if_generation);
}
Result<SentCommand> Schedules::resume(const std::string& key, IfGeneration if_generation) {
  return send(*core_, key, headers_of(ScheduleAction::resume), std::nullopt, if_generation);
}
Result<SentCommand> Schedules::trigger(const std::string& key, IfGeneration if_generation) {
  return send(*core_, key, headers_of(ScheduleAction::trigger), std::nullopt, if_generation);
}

Result<SentCommand> Schedules::backfill(const std::string& key, TimestampMs from, TimestampMs to,
                                        IfGeneration if_generation) {
  return send(*core_, key,
              {{std::string(header::action), "backfill"},
               {std::string(header::from), std::to_string(from)},
               {std::string(header::to), std::to_string(to)}},
              std::nullopt, if_generation);
}

Result<Schedules::SentAll> Schedules::send_all(ScheduleAction action,
                                               const std::vector<std::string>& keys) {
  core_->begin();
  const std::vector<Header> headers = headers_of(action);
  std::vector<client::SchedulesCore::Sending> sending;
  for (const std::string& key : keys) {
    HOROLOG_ASSIGN(auto one, core_->start(key, headers, std::nullopt, {}));
    sending.push_back(std::move(one));
  }
  SentAll out;
  for (std::size_t i = 0; i < keys.size(); ++i)
    out.emplace_back(keys[i], client::SchedulesCore::stored(std::move(sending[i])));
  return out;
}

Result<std::vector<CommandDecision>> Schedules::decisions(const std::vector<SentCommand>& commands,
                                                          Timeout timeout) {
  return core_->decisions(commands, timeout);
}

Result<std::vector<ScheduleState>> Schedules::list(
    const std::function<bool(const ScheduleState&)>& wanted) {
  std::vector<ScheduleState> all;
  HOROLOG_TRY(core_->scan({}, [&](ScheduleState each) {
    if (!wanted || wanted(each)) all.push_back(std::move(each));
  }));
  std::sort(all.begin(), all.end(),
            [](const ScheduleState& a, const ScheduleState& b) { return a.key < b.key; });
  return all;
}

Status Schedules::scan(const std::function<bool(ScheduleState&)>& keep,
                       const std::function<void(ScheduleState)>& each) {
  return core_->scan(keep, each);
}

Result<ScheduleState> Schedules::describe(const std::string& key) {
  HOROLOG_ASSIGN(auto found, core_->state_of(key));
  if (!found) return Error(Errc::not_found, fmt::format("there is no schedule '{}'", key));
  return std::move(*found);
}

Status Schedules::runs(const std::optional<std::string>& key, TimestampMs since,
                       const std::function<void(ScheduleRun)>& each) {
  return core_->runs(key, since, each);
}

Status Schedules::records(const std::string& topic, TimestampMs since,
                          const std::function<void(const RecordView&)>& each) {
  return core_->records(topic, since, each);
}

Result<std::vector<StoredCalendar>> Schedules::calendars() { return core_->calendars(); }

Result<Offset> Schedules::set_calendar(const std::string& name, const CalendarDays& days) {
  HOROLOG_ASSIGN(const std::string json, client::calendar_json(days));
  return core_->write_calendar(name, json);
}

Status Schedules::remove_calendar(const std::string& name) {
  HOROLOG_ASSIGN(const auto known, calendars());
  const bool there = std::any_of(known.begin(), known.end(),
                                 [&](const StoredCalendar& each) { return each.name == name; });
  if (!there) return Error(Errc::not_found, fmt::format("there is no calendar '{}'", name));
  HOROLOG_TRY(core_->write_calendar(name, std::nullopt));
  return {};
}

}  // namespace horolog
