#include "client/schedule_headers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "client/schedule_names.hpp"

namespace horolog::client {
namespace {

using namespace schedule_names;

Error invalid(std::string message) { return {Errc::invalid_argument, std::move(message)}; }

constexpr std::array rules{header::at, header::delay, header::every, header::cron};

std::string_view name_of(CronDialect dialect) {
  constexpr std::array<std::string_view, 3> names{"standard", "robfig", "quartz"};
  return names.at(static_cast<std::size_t>(dialect));
}
std::string_view name_of(DstGap gap) {
  constexpr std::array<std::string_view, 3> names{"next-valid", "skip", "shift"};
  return names.at(static_cast<std::size_t>(gap));
}
std::string_view name_of(DstFold fold) {
  constexpr std::array<std::string_view, 3> names{"first", "both", "last"};
  return names.at(static_cast<std::size_t>(fold));
}
std::string_view name_of(DayShift shift) {
  constexpr std::array<std::string_view, 3> names{"none", "next", "previous"};
  return names.at(static_cast<std::size_t>(shift));
}
std::string_view name_of(CatchUp catch_up) {
  constexpr std::array<std::string_view, 3> names{"latest", "none", "all"};
  return names.at(static_cast<std::size_t>(catch_up));
}
std::string_view name_of(Overlap overlap) {
  constexpr std::array<std::string_view, 5> names{"allow", "skip", "buffer-one", "buffer-all",
                                                  "cancel-other"};
  return names.at(static_cast<std::size_t>(overlap));
}

std::string_view name_of(WhenMode mode) { return mode == WhenMode::both ? "and" : "or"; }

std::string text_of(const std::string& text) { return text; }
std::string text_of(bool value) { return value ? "true" : "false"; }
std::string text_of(std::chrono::milliseconds duration) { return duration_text(duration); }
std::string text_of(std::int64_t value) { return std::to_string(value); }
std::string text_of(std::int32_t value) { return std::to_string(value); }
template <typename E>
  requires std::is_enum_v<E>
std::string text_of(E value) {
  return std::string(name_of(value));
}

Result<std::string> labels_text(const std::map<std::string, std::string>& labels) {
  std::string out;
  for (const auto& [name, value] : labels) {
    if (name.empty() || name.find_first_of(",=") != std::string::npos ||
        value.find(',') != std::string::npos)
      return invalid(fmt::format("the label '{}={}': a name has neither ',' nor '=', a value no "
                                 "','", name, value));
    out += fmt::format("{}{}={}", out.empty() ? "" : ",", name, value);
  }
  return out;
}

bool is_rule(std::string_view name) {
  return std::find(rules.begin(), rules.end(), name) != rules.end();
}

}  // namespace

std::string duration_text(std::chrono::milliseconds duration) {
  struct Unit {
    std::int64_t ms;
    std::string_view name;
  };
  constexpr std::array<Unit, 4> units{{{3'600'000, "h"}, {60'000, "m"}, {1'000, "s"}, {1, "ms"}}};
  std::int64_t left = duration.count();
  if (left == 0) return "0s";
  std::string out;
  for (const Unit& unit : units) {
    if (left >= unit.ms) out += fmt::format("{}{}", left / unit.ms, unit.name);
    left %= unit.ms;
  }
  return out;
}

Result<std::vector<Header>> to_headers(const ScheduleOptions& options) {
  std::vector<Header> out;
  const auto put = [&out](std::string_view name, const auto& value) {
    if (value) out.push_back({std::string(name), text_of(*value)});
  };
  put(header::topic, options.topic);
  put(header::at, options.at);
  put(header::delay, options.delay);
  put(header::every, options.every);
  put(header::phase, options.phase);
  put(header::cron, options.cron);
  put(header::dialect, options.dialect);
  put(header::timezone, options.timezone);
  put(header::dst_gap, options.dst_gap);
  put(header::dst_fold, options.dst_fold);
  put(header::start, options.start);
  put(header::end, options.end);
  put(header::limit, options.limit);
  put(header::jitter, options.jitter);
  put(header::calendar, options.calendar);
  put(header::shift, options.shift);
  if (options.when)
    for (const std::string& each : *options.when) out.push_back({std::string(header::when), each});
  put(header::when_mode, options.when_mode);
  put(header::key, options.key);
  put(header::partition, options.partition);
  put(header::catch_up, options.catch_up);
  put(header::catch_up_window, options.catch_up_window);
  put(header::catch_up_on_resume, options.catch_up_on_resume);
  put(header::overlap, options.overlap);
  put(header::max_attempts, options.max_attempts);
  put(header::backoff, options.backoff);
  put(header::timeout, options.timeout);
  put(header::priority, options.priority);
  put(header::expires, options.expires);
  put(header::lane, options.lane);
  if (options.labels) {
    HOROLOG_ASSIGN(std::string text, labels_text(*options.labels));
    if (!text.empty()) out.push_back({std::string(header::labels), std::move(text)});
  }
  for (const Header& header : options.headers) {
    if (header.key.starts_with(header_prefix))
      return invalid(fmt::format("header '{}': names that begin with {} say what the scheduler is "
                                 "to do; set the option instead", header.key, header_prefix));
    out.push_back(header);
  }
  return out;
}

Result<std::vector<Header>> altered_headers(const ScheduleState& now,
                                            const Schedules::Alteration& change) {
  HOROLOG_ASSIGN(auto set, to_headers(change.set));
  const bool new_rule = std::any_of(set.begin(), set.end(),
                                    [](const Header& each) { return is_rule(each.key); });
  if (!new_rule && now.header(header::delay) != nullptr && now.header(header::when) == nullptr)
    return invalid(fmt::format("{}: its delay would count anew from this change: give at or delay",
                               now.key));
  const auto goes = [&](const Header& old) {
    std::string_view name = old.key;
    for (const auto& [theirs, ours] : foreign::meaning)
      if (name == theirs) name = ours;
    if (name == header::generation || name == header::origin || name == header::if_generation)
      return true;
    if (new_rule && (is_rule(name) || (name == header::phase && !change.set.every))) return true;
    const auto same = [name](const Header& each) { return each.key == name; };
    return std::any_of(set.begin(), set.end(), same) ||
           std::find(change.remove.begin(), change.remove.end(), name) != change.remove.end();
  };
  std::vector<Header> out;
  for (const Header& old : now.headers)
    if (!goes(old)) out.push_back(old);
  out.insert(out.end(), std::make_move_iterator(set.begin()), std::make_move_iterator(set.end()));
  return out;
}

}  // namespace horolog::client
