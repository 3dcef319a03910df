#include "client/schedules_core.hpp"

#include <fmt/format.h>

#include <set>
#include <utility>

#include "base/bytes.hpp"
#include "base/murmur2.hpp"
#include "client/cluster.hpp"
#include "client/schedule_names.hpp"
#include "client/schedule_records.hpp"

namespace horolog::client {
namespace {

using namespace schedule_names;

/// State partitions with fewer records than that are read at once.
constexpr Offset read_together = 50'000;

Error no_topics(const Error& error) {
  if (error.code() != Errc::not_found) return error;
  return {Errc::not_found,
          fmt::format("topic {} does not exist: no scheduler has run on this cluster yet; start "
                      "horolog-scheduler", topic::commands)};
}

std::string name(std::string_view topic) { return std::string(topic); }

}  // namespace

SchedulesCore::~SchedulesCore() {
  producer_.reset();
  if (owns_) cluster_->close();
}

Result<PartitionIndex> SchedulesCore::partitions() {
  if (partitions_ > 0) return partitions_;
  auto found = count_partitions(cluster_, name(topic::commands));
  if (!found) return no_topics(found.error());
  partitions_ = *found;
  return partitions_;
}

Result<Producer*> SchedulesCore::producer() {
  if (!producer_) {
    ProducerOptions options;
    options.create_topics = false;
    options.compression = Compression::none;
    HOROLOG_ASSIGN(producer_, Producer::open(std::move(options), cluster_));
  }
  return &*producer_;
}

Result<SchedulesCore::Sending> SchedulesCore::start(const std::string& key,
                                                    const std::vector<Header>& headers,
                                                    Bytes value,
                                                    Schedules::IfGeneration if_generation) {
  if (key.empty()) return Error(Errc::invalid_argument, "the key is empty: it names the schedule");
  HOROLOG_ASSIGN(const PartitionIndex count, partitions());
  const PartitionIndex home = murmur2_partition(as_bytes(key), count);
  if (!ends_.contains(home)) {
    const TopicPartition state{name(topic::state), home}, runs{name(topic::runs), home};
    HOROLOG_ASSIGN(const auto ends, stable_ends(cluster_, {state, runs}));
    ends_[home] = {ends.at(state), ends.at(runs)};
  }
  std::vector<HeaderView> views;
  for (const Header& header : headers) views.push_back({header.key, header.value});
  const std::string generation = std::to_string(if_generation.value_or(0));
  if (if_generation) views.push_back({header::if_generation, generation});
  HOROLOG_ASSIGN(Producer* const out, producer());
  Sending sending;
  sending.command = {.key = key, .partition = home, .offset = no_offset};
  std::tie(sending.command.state_from, sending.command.runs_from) = ends_[home];
  sending.stored = out->submit({.topic = topic::commands,
                                .partition = home,
                                .key = key,
                                .value = value,
                                .headers = views});
  return sending;
}

Result<SentCommand> SchedulesCore::stored(Sending sending) {
  HOROLOG_ASSIGN(const Position at, sending.stored.get());
  sending.command.offset = at.offset;
  sending.command.appended_at = at.timestamp;
  return std::move(sending.command);
}

Status SchedulesCore::read_state(const CommittedReader::From& from, StateReader state,
                                 const StateReader::Each& each) {
  auto reader = CommittedReader::open(cluster_, from);
  if (!reader) return no_topics(reader.error());
  Status read;
  HOROLOG_TRY(reader->read_to_end([&](const RecordView& record) {
    if (read) read = state.add(record);
  }));
  HOROLOG_TRY(std::move(read));
  return std::move(state).finish(each);
}

Status SchedulesCore::scan(const StateReader::Keep& keep, const StateReader::Each& each) {
  HOROLOG_ASSIGN(const PartitionIndex count, partitions());
  std::vector<TopicPartition> places;
  for (PartitionIndex p = 0; p < count; ++p) places.push_back({name(topic::state), p});
  const auto ends = stable_ends(cluster_, places);
  if (!ends) return no_topics(ends.error());
  // Each reading waits a moment at its end: small partitions share one.
  CommittedReader::From together;
  Offset records = 0;
  for (const TopicPartition& place : places) {
    together[place] = no_offset;
    records += ends->at(place);
    if (records < read_together && place.partition + 1 < count) continue;
    HOROLOG_TRY(read_state(together, StateReader({}, keep), each));
    together.clear();
    records = 0;
  }
  return {};
}

Result<std::optional<ScheduleState>> SchedulesCore::state_of(const std::string& key) {
  HOROLOG_ASSIGN(const PartitionIndex count, partitions());
  const PartitionIndex home = murmur2_partition(as_bytes(key), count);
  std::optional<ScheduleState> found;
  HOROLOG_TRY(read_state({{{name(topic::state), home}, no_offset}}, StateReader(key),
                         [&](ScheduleState state) { found = std::move(state); }));
  return found;
}

Result<CommittedReader::From> SchedulesCore::begin_at(std::vector<TopicPartition> places,
                                                      TimestampMs since) {
  CommittedReader::From from;
  for (const TopicPartition& place : places) from[place] = no_offset;
  if (since <= 0) return from;
  HOROLOG_ASSIGN(const auto found, offsets_at(cluster_, places, since));
  std::erase_if(from, [&](const auto& each) { return !found.contains(each.first); });
  for (auto& [place, offset] : from) offset = found.at(place);
  return from;
}

Status SchedulesCore::records(const std::string& topic, TimestampMs since,
                              const std::function<void(const RecordView&)>& each) {
  const auto count = count_partitions(cluster_, topic);
  if (!count) return topic == topic::state ? no_topics(count.error()) : count.error();
  std::vector<TopicPartition> places;
  for (PartitionIndex p = 0; p < *count; ++p) places.push_back({topic, p});
  HOROLOG_ASSIGN(const auto from, begin_at(std::move(places), since));
  if (from.empty()) return {};
  HOROLOG_ASSIGN(auto reader, CommittedReader::open(cluster_, from));
  return reader.read_to_end(each);
}

Status SchedulesCore::runs(const std::optional<std::string>& key, TimestampMs since,
                           const std::function<void(ScheduleRun)>& each) {
  HOROLOG_ASSIGN(const PartitionIndex count, partitions());
  std::vector<TopicPartition> places;
  for (PartitionIndex p = 0; p < count; ++p)
    if (!key || murmur2_partition(as_bytes(*key), count) == p)
      places.push_back({name(topic::runs), p});
  HOROLOG_ASSIGN(const auto from, begin_at(std::move(places), since));
  if (from.empty()) return {};
  HOROLOG_ASSIGN(auto reader, CommittedReader::open(cluster_, from));
  std::set<std::string> fires;
  Status read;
  HOROLOG_TRY(reader.read_to_end([&](const RecordView& record) {
    if (!read || record.value.is_null()) return;
    auto run = read_run(record);
    if (!run) {
      read = run.error();
      return;
    }
    if (key) {
      const bool of_target = run->event == event::stalled && !run->schedule && run->target;
      const bool mine = run->schedule == key || of_target;
      if (mine && run->fire_id) fires.insert(*run->fire_id);
      if (!mine && (!run->fire_id || !fires.contains(*run->fire_id))) return;
    }
    each(std::move(*run));
  }));
  return read;
}

Result<std::vector<StoredCalendar>> SchedulesCore::calendars() {
  auto reader = CommittedReader::open(cluster_, {{{name(topic::calendars), 0}, no_offset}});
  if (!reader) return no_topics(reader.error());
  std::map<std::string, StoredCalendar> found;
  HOROLOG_TRY(reader->read_to_end([&](const RecordView& record) {
    const std::string key(record.key.text());
    if (record.value.is_null()) {
      found.erase(key);
    } else {
      found[key] = {key, record.offset, record.timestamp, std::string(record.value.text())};
    }
  }));
  std::vector<StoredCalendar> out;
  for (auto& [key, calendar] : found) out.push_back(std::move(calendar));
  return out;
}

Result<Offset> SchedulesCore::write_calendar(const std::string& key, Bytes value) {
  if (key.empty()) return Error(Errc::invalid_argument, "a calendar needs a name");
  HOROLOG_TRY(partitions());
  HOROLOG_ASSIGN(Producer* const out, producer());
  HOROLOG_ASSIGN(const Position at, out->submit({.topic = topic::calendars,
                                                 .partition = 0,
                                                 .key = key,
                                                 .value = value}).get());
  return at.offset;
}

}  // namespace horolog::client
