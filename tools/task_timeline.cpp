#include "tools/task_timeline.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

#include "scheduler/names.hpp"
#include "tools/text.hpp"

namespace horolog::command {
namespace {

namespace event = scheduler::event;

constexpr std::string_view waits = "░", runs = "█", mark = "●";

bool ends_attempt(std::string_view name) {
  for (const std::string_view known : {event::failed, event::succeeded, event::dead,
                                       event::expired, event::stopped, event::cancelled})
    if (name == known) return true;
  return false;
}

TimestampMs begin_of(const TaskEvent& each) {
  return each.at - each.duration_us.value_or(0) / 1'000;
}

/// The time axis: cells from the first to the last instant of the task.
class Axis {
 public:
  Axis(TimestampMs first, TimestampMs last, std::size_t width)
      : first_(first), span_(std::max<TimestampMs>(last - first, 1)), width_(width) {}

  std::size_t cell(TimestampMs at) const {
    const auto offset = std::clamp<TimestampMs>(at - first_, 0, span_);
    return std::min(width_ - 1, static_cast<std::size_t>(offset) * (width_ - 1) /
                                    static_cast<std::size_t>(span_));
  }
  std::string line(std::string_view label, const std::vector<std::string_view>& cells,
                   std::string_view text) const {
    std::string out = fmt::format("{:<10} ", label);
    for (std::size_t i = 0; i < width_; ++i) out += cells[i].empty() ? " " : cells[i];
    return out + fmt::format("  {}\n", text);
  }
  std::vector<std::string_view> empty() const { return std::vector<std::string_view>(width_); }
  std::string since(TimestampMs at) const { return "+" + format_duration(at - first_); }

 private:
  TimestampMs first_, span_;
  std::size_t width_;
};

void fill(std::vector<std::string_view>& cells, std::size_t from, std::size_t to,
          std::string_view with) {
  for (std::size_t i = from; i <= to; ++i) cells[i] = with;
}

std::string ended_text(const TaskEvent& each, const Axis& axis) {
  const std::string ran =
      each.duration_us ? fmt::format(", ran {}", format_duration(*each.duration_us / 1'000)) : "";
  return fmt::format("{} {}{}", each.event, axis.since(each.at), ran);
}

}  // namespace

std::string task_timeline(const TaskInfo& task, std::size_t width) {
  TimestampMs first = task.nominal_at.value_or(task.events.front().at);
  TimestampMs last = task.events.back().at;
  for (const TaskEvent& each : task.events) first = std::min(first, begin_of(each));
  const Axis axis(first, last, std::max<std::size_t>(width, 2));
  std::string out;
  const auto point = [&](std::string_view label, TimestampMs at, std::string_view text) {
    auto cells = axis.empty();
    cells[axis.cell(at)] = mark;
    out += axis.line(label, cells, text);
  };
  if (task.nominal_at) point("planned", *task.nominal_at, format_time(*task.nominal_at));
  std::optional<TimestampMs> since;  // when the attempt that comes was there to be started
  for (std::size_t i = 0; i < task.events.size(); ++i) {
    const TaskEvent& each = task.events[i];
    const auto ended = [&](const TaskEvent& other) {
      return other.attempt == each.attempt && ends_attempt(other.event);
    };
    if (ends_attempt(each.event)) {
      auto cells = axis.empty();
      fill(cells, axis.cell(since.value_or(begin_of(each))), axis.cell(each.at), waits);
      if (each.duration_us) fill(cells, axis.cell(begin_of(each)), axis.cell(each.at), runs);
      out += axis.line(fmt::format("attempt {}", each.attempt), cells, ended_text(each, axis));
      since.reset();
    } else if (each.event != event::started) {
      point(each.event, each.at, axis.since(each.at));
      if (each.event == event::fired) since = each.at;
    } else if (std::none_of(task.events.begin(), task.events.end(), ended)) {
      auto cells = axis.empty();
      fill(cells, axis.cell(each.at), axis.cell(last), runs);
      out += axis.line(fmt::format("attempt {}", each.attempt), cells,
                       fmt::format("started {}, runs", axis.since(each.at)));
    }
  }
  return out;
}

}  // namespace horolog::command
