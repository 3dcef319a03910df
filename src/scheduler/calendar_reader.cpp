#include "scheduler/calendar_reader.hpp"

#include <chrono>
#include <utility>

#include "base/log.hpp"
#include "scheduler/names.hpp"

namespace horolog::scheduler {
namespace {

constexpr std::chrono::milliseconds one_wait{500}, fetch_wait{10'000};
constexpr int patience_ms = 5'000;

/// A calendar without working days may have been set right a moment ago.
bool usable(const timekeeping::Calendar& calendar) {
  const auto day = timekeeping::day_of(timekeeping::floor_div(calendar.since(), 1'000));
  return !calendar.excludes_everything(day, 3'653);
}

TopicPartition place() { return {std::string(topic::calendars), 0}; }

}  // namespace

CalendarReader::CalendarReader(std::shared_ptr<client::Cluster> cluster)
    : cluster_(std::move(cluster)), thread_([this] { run(); }) {}

CalendarReader::~CalendarReader() { stop(); }

void CalendarReader::stop() {
  stopping_ = true;
  {
    const std::scoped_lock lock(mutex_);
    if (reading_ != nullptr) reading_->wakeup();
  }
  if (thread_.joinable()) thread_.join();
}

CalendarLookup CalendarReader::lookup() {
  return [this](std::string_view name) { return find(name); };
}

Result<CalendarTable::Found> CalendarReader::find(std::string_view name) {
  auto found = table_.find(name);
  if (found && usable(**found)) return found;
  HOROLOG_ASSIGN(const auto ends, client::stable_ends(cluster_, {place()}));
  if (!table_.wait_until(ends.at(place()), patience_ms))
    return Error(Errc::timed_out, "the calendars were not read in time");
  return table_.find(name);
}

void CalendarReader::show(client::CommittedReader* reading) {
  const std::scoped_lock lock(mutex_);
  reading_ = reading;
}

void CalendarReader::run() {
  Offset next = no_offset;
  while (!stopping_) {
    auto reader = client::CommittedReader::open(cluster_, {{place(), next}}, fetch_wait);
    Status going = reader ? Status() : Status(reader.error());
    show(reader ? &*reader : nullptr);
    while (going && !stopping_) {
      going = reader->poll(one_wait, [&](const RecordView& record) {
        if (record.key.is_null()) return;
        table_.replay(record.offset, record.timestamp, std::string(record.key.text()),
                      record.value.to_owned());
      });
      if (!going) break;
      const auto position = reader->position(place());
      if (!position) {
        going = position.error();
      } else {
        next = *position;
        table_.reached(next);
      }
    }
    show(nullptr);
    if (going || stopping_) return;
    log::warn("scheduler", "cannot read the calendars",
              {log::field("error", going.error().message())});
    std::this_thread::sleep_for(one_wait);
  }
}

}  // namespace horolog::scheduler
