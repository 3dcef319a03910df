#include "worker/cancel_watch.hpp"

#include <string_view>
#include <utility>

#include "scheduler/names.hpp"
#include "scheduler/run_record.hpp"

namespace horolog::worker {
namespace {

constexpr std::chrono::milliseconds patience{5'000};
/// Clocks of scheduler and worker may differ by that much.
constexpr std::int64_t clock_slack_ms = 10'000;

}  // namespace

CancelWatch::CancelWatch(Consumer consumer, std::int32_t partitions)
    : consumer_(std::move(consumer)) {
  for (std::int32_t p = 0; p < partitions; ++p)
    partitions_.push_back({std::string(scheduler::topic::runs), p});
}

Status CancelWatch::watch_from(TimestampMs since) {
  HOROLOG_TRY(consumer_.assign(partitions_));
  watching_ = true;
  return consumer_.seek_to_time(partitions_, since - clock_slack_ms, patience);
}

Result<std::vector<std::string>> CancelWatch::look(std::optional<TimestampMs> since) {
  std::vector<std::string> found;
  if (!since) {
    if (watching_) HOROLOG_TRY(consumer_.assign({}));
    watching_ = false;
    return found;
  }
  if (!watching_) {
    const Status begun = watch_from(*since);
    if (!begun) watching_ = false;
    if (!begun) return begun.error();
  }
  HOROLOG_ASSIGN(const RecordBatch batch, consumer_.poll(std::chrono::milliseconds(0)));
  for (const RecordView& record : batch) {
    const std::string_view text = record.value.text();
    // Most of history is about something else and need not be taken apart.
    if (text.find(scheduler::event::cancel_requested) == std::string_view::npos) continue;
    auto run = scheduler::RunRecord::parse(text);
    if (run && run->event == scheduler::event::cancel_requested && run->fire_id)
      found.push_back(std::move(*run->fire_id));
  }
  return found;
}

}  // namespace horolog::worker
