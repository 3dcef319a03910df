#include "worker/task_fields.hpp"

#include <fmt/format.h>

#include <charconv>
#include <limits>
#include <string_view>

#include "scheduler/identity.hpp"
#include "scheduler/names.hpp"
#include "timekeeping/duration.hpp"
#include "timekeeping/spec_error.hpp"
#include "timekeeping/time_text.hpp"

namespace horolog::worker {
namespace {

namespace header = scheduler::header;

std::optional<std::string_view> header_of(const RecordView& record, std::string_view name) {
  for (const HeaderView& each : record.headers)
    if (each.key == name && !each.value.is_null()) return each.value.text();
  return std::nullopt;
}

/// Reads headers one by one; the first that makes no sense is kept as the fault.
class Reader {
 public:
  Reader(const RecordView& record, std::string& fault) : record_(record), fault_(fault) {}

  std::optional<std::int64_t> integer(std::string_view name, std::int64_t least,
                                      std::int64_t most) {
    const auto text = header_of(record_, name);
    if (!text) return std::nullopt;
    std::int64_t value = 0;
    const char* const last = text->data() + text->size();
    const auto [end, error] = std::from_chars(text->data(), last, value);
    if (error == std::errc{} && end == last && value >= least && value <= most) return value;
    blame(fmt::format("{} column 1: {} is not a whole number from {} to {}", name,
                      timekeeping::quoted(*text), least, most));
    return std::nullopt;
  }

  std::optional<std::int64_t> duration(std::string_view name) {
    const auto text = header_of(record_, name);
    if (!text) return std::nullopt;
    const auto value = timekeeping::parse_duration(*text, timekeeping::DurationStyle::any, name);
    if (value) return *value;
    blame(value.error().message());
    return std::nullopt;
  }

  /// A point in time, or a duration after `from`.
  std::optional<TimestampMs> instant(std::string_view name, TimestampMs from) {
    const auto text = header_of(record_, name);
    if (!text) return std::nullopt;
    if (const auto at = timekeeping::parse_instant(*text, name)) return *at;
    const auto after = duration(name);
    return after ? std::optional(from + *after) : std::nullopt;
  }

 private:
  void blame(std::string why) {
    if (fault_.empty()) fault_ = std::move(why);
  }

  const RecordView& record_;
  std::string& fault_;
};

}  // namespace

TaskFields read_task_fields(const RecordView& record) {
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
  TaskFields fields;
  Reader read(record, fields.fault);
  const auto id = header_of(record, header::fire_id);
  fields.fire_id = id ? std::string(*id)
                      : scheduler::produced_fire_id(record.topic, record.partition, record.offset);
  // The retry of a task that nobody scheduled names itself there.
  const auto schedule = header_of(record, header::schedule);
  if (id && schedule && !schedule->starts_with(scheduler::retry_prefix)) {
    fields.schedule = std::string(*schedule);
    fields.generation = read.integer(header::generation, 0, most);
    fields.nominal_ms = read.integer(header::nominal_time, 0, most);
  }
  fields.fired_ms = read.integer(header::fired_time, 0, most);
  fields.attempt = read.integer(header::attempt, 1, most - 1).value_or(1);
  fields.max_attempts = read.integer(header::max_attempts, 1, 1'000'000);
  fields.backoff_ms = read.duration(header::backoff);
  fields.timeout_ms = read.duration(header::timeout);
  fields.expires_ms =
      read.instant(header::expires, fields.fired_ms.value_or(record.timestamp));
  fields.priority = static_cast<int>(
      read.integer(header::priority, lowest_priority, highest_priority).value_or(default_priority));
  if (const auto lane = header_of(record, header::lane)) fields.lane = std::string(*lane);
  return fields;
}

}  // namespace horolog::worker
