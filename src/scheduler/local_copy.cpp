#include "scheduler/local_copy.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <random>
#include <string_view>
#include <system_error>

#include "base/log.hpp"
#include "scheduler/checkpoint_file.hpp"

namespace horolog::scheduler {
namespace {

namespace fs = std::filesystem;

/// Of the checkpoint and of the values in the mirror's log.
constexpr std::string_view format = "horolog mirror 3";

/// When something wakes was worked out with these.
std::string zone_data() {
  const char* given = std::getenv("TZDIR");
  const fs::path directory = given != nullptr ? given : "/usr/share/zoneinfo";
  std::string out = directory.string();
  for (const fs::path& path : {directory, directory / "tzdata.zi"}) {
    std::error_code failed;
    const auto written = fs::last_write_time(path, failed);
    if (!failed) out += fmt::format(" {}", written.time_since_epoch().count());
  }
  return out;
}

std::string program() { return fmt::format("{} {} {}", format, HOROLOG_VERSION, zone_data()); }

Status write_identity(CheckpointWriter& to, const StateIdentity& identity) {
  HOROLOG_TRY(to.text(program()));
  HOROLOG_TRY(to.text(identity.cluster));
  HOROLOG_TRY(to.text(identity.topic.to_string()));
  HOROLOG_TRY(to.number(identity.partition));
  return to.number(identity.partitions);
}

Status check_identity(CheckpointReader& from, const StateIdentity& identity) {
  const auto differs = [](std::string_view what) {
    return Error(Errc::corrupt, fmt::format("it is of another {}", what));
  };
  HOROLOG_ASSIGN(const std::string written_by, from.text());
  if (written_by != program()) return differs("program, or its time zones are older");
  HOROLOG_ASSIGN(const std::string cluster, from.text());
  if (cluster != identity.cluster) return differs("cluster");
  HOROLOG_ASSIGN(const std::string topic, from.text());
  if (topic != identity.topic.to_string()) return differs("topic id");
  HOROLOG_ASSIGN(const auto partition, from.number<std::int32_t>());
  if (partition != identity.partition) return differs("partition");
  HOROLOG_ASSIGN(const auto partitions, from.number<std::int32_t>());
  if (partitions != identity.partitions) return differs("number of partitions");
  return {};
}

}  // namespace

std::string LocalCopy::checkpoint_path() const {
  return fmt::format("{}/state-{}.checkpoint", directory_, identity_->partition);
}

std::string LocalCopy::values_path() const {
  return fmt::format("{}/state-{}-{}.values", directory_, identity_->partition, log_);
}

std::optional<Kept> LocalCopy::load(TimestampMs now, const CalendarLookup& calendars) {
  if (!identity_) return std::nullopt;
  auto kept = read(now, calendars);
  if (kept) return std::move(*kept);
  log::warn("scheduler", "a checkpoint is discarded: the state is read anew from the topic",
            {log::field("file", checkpoint_path()), log::field("reason", kept.error().message())});
  return std::nullopt;
}

Result<std::optional<Kept>> LocalCopy::read(TimestampMs now, const CalendarLookup& calendars) {
  HOROLOG_ASSIGN(auto opened, CheckpointReader::open(checkpoint_path()));
  if (!opened) return std::optional<Kept>();
  CheckpointReader& from = *opened;
  HOROLOG_TRY(check_identity(from, *identity_));
  HOROLOG_ASSIGN(const auto position, from.number<std::int64_t>());
  HOROLOG_ASSIGN(const auto as_of, from.number<std::int64_t>());
  HOROLOG_ASSIGN(log_, from.text());
  HOROLOG_ASSIGN(Mirror mirror, Mirror::read(from, values_path(), directory_, now, calendars));
  HOROLOG_ASSIGN(State state, State::read(from, calendars, std::move(mirror), now));
  HOROLOG_TRY(from.finish());
  return std::optional(Kept{std::move(state), position, as_of});
}

Status LocalCopy::discard() const {
  std::error_code failed;
  fs::remove(checkpoint_path(), failed);
  const std::string ours = fmt::format("state-{}-", identity_->partition);
  for (auto at = fs::directory_iterator(directory_, failed); !failed && at != end(at);
       at.increment(failed)) {
    const std::string name = at->path().filename();
    if (name.starts_with(ours) && name.ends_with(".values")) fs::remove(at->path(), failed);
  }
  if (!failed) return {};
  return Error(Errc::io, fmt::format("cannot discard what was kept in {}: {}", directory_,
                                     failed.message()));
}

Result<State> LocalCopy::fresh(TimestampMs now, const CalendarLookup& calendars) {
  if (directory_.empty()) return State(calendars);
  if (!identity_) {
    HOROLOG_ASSIGN(Mirror mirror, Mirror::create(directory_, now, calendars));
    return State(calendars, std::move(mirror), now);
  }
  HOROLOG_TRY(discard());
  std::random_device random;
  log_ = fmt::format("{:08x}{:08x}", random(), random());
  HOROLOG_ASSIGN(ValueLog values, ValueLog::create_named(values_path()));
  HOROLOG_ASSIGN(Mirror mirror, Mirror::with_log(std::move(values), directory_, now, calendars));
  return State(calendars, std::move(mirror), now);
}

Status LocalCopy::save(State& state, Offset position, TimestampMs as_of) {
  if (!identity_ || !state.mirror() || !state.has_meta()) return {};
  HOROLOG_TRY(state.health());
  HOROLOG_ASSIGN(CheckpointWriter to, CheckpointWriter::create(checkpoint_path()));
  HOROLOG_TRY(write_identity(to, *identity_));
  HOROLOG_TRY(to.number(position));
  HOROLOG_TRY(to.number(as_of));
  HOROLOG_TRY(to.text(log_));
  HOROLOG_TRY(state.mirror()->write(to));
  HOROLOG_TRY(state.write(to));
  HOROLOG_TRY(to.finish());
  return state.mirror()->kept();
}

}  // namespace horolog::scheduler
