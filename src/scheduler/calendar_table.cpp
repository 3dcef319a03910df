#include "scheduler/calendar_table.hpp"

#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <utility>
#include <vector>

#include "base/json_fields.hpp"
#include "base/log.hpp"
#include "timekeeping/spec_error.hpp"
#include "timekeeping/time_text.hpp"

namespace horolog::scheduler {
namespace {

using timekeeping::quoted;

Error wrong(std::string_view field, std::string_view item, std::string_view fix) {
  return {Errc::corrupt, fmt::format("{}: {} is none: {}", field, item, fix)};
}

/// Calls `take(text)` for each element of the list; false refuses it. Text in quotes comes without.
template <typename Take>
Status each_item(const JsonFields& fields, std::string_view name, std::string_view fix,
                 Take&& take) {
  const std::string* raw = fields.raw(name);
  if (raw == nullptr || *raw == "null") return {};
  auto items = JsonFields::elements(*raw);
  if (!items) return items.error().with_context(name);
  for (std::string& item : *items) {
    if (item.size() >= 2 && item.front() == '"') item = item.substr(1, item.size() - 2);
    if (!take(item)) return wrong(name, item, fix);
  }
  return {};
}

}  // namespace

Result<timekeeping::CalendarRules> parse_calendar_rules(std::string_view name,
                                                        std::string_view json) {
  HOROLOG_ASSIGN(const JsonFields fields, JsonFields::parse(json));
  timekeeping::CalendarRules rules;
  rules.name = name;
  HOROLOG_TRY(each_item(fields, "weekly", "write 0 (Sunday) to 6", [&](const std::string& text) {
    const auto day = timekeeping::parse_weekday(text);
    if (day) rules.weekly[*day] = true;
    return day.has_value();
  }));
  HOROLOG_TRY(each_item(fields, "yearly", "write \"12-25\"", [&](const std::string& text) {
    const auto day = timekeeping::parse_month_day(text);
    if (day) rules.yearly.push_back(*day);
    return day.has_value();
  }));
  const auto dates = [&](std::string_view field, std::vector<timekeeping::DayNumber>& out) {
    return each_item(fields, field, "write \"2026-12-25\"", [&](const std::string& text) {
      const auto day = timekeeping::parse_date(text);
      if (day) out.push_back(*day);
      return day.has_value();
    });
  };
  HOROLOG_TRY(dates("dates", rules.dates));
  HOROLOG_TRY(dates("working", rules.working));
  return rules;
}

void CalendarTable::replay(Offset offset, TimestampMs set_at, const std::string& name,
                           const std::optional<std::string>& json) {
  Slot slot;
  if (json) {
    auto rules = parse_calendar_rules(name, *json);
    if (rules) {
      slot.calendar = std::make_shared<const timekeeping::Calendar>(std::move(*rules), offset,
                                                                    set_at);
    } else {
      slot.trouble = fmt::format("calendar {} at offset {} cannot be read: {}", quoted(name),
                                 offset, rules.error().message());
      log::warn("scheduler", "a calendar cannot be read",
                {log::field("calendar", name), log::field("error", rules.error().message())});
    }
  }
  const std::scoped_lock lock(mutex_);
  slot.change = ++changes_;
  slots_[name] = std::move(slot);
}

void CalendarTable::reached(Offset position) {
  const std::scoped_lock lock(mutex_);
  position_ = position;
  moved_.notify_all();
}

bool CalendarTable::wait_until(Offset end, int patience_ms) {
  std::unique_lock lock(mutex_);
  return moved_.wait_for(lock, std::chrono::milliseconds(patience_ms),
                         [&] { return position_ >= end; });
}

Result<CalendarTable::Found> CalendarTable::find(std::string_view name) const {
  const std::scoped_lock lock(mutex_);
  const auto at = slots_.find(name);
  if (at != slots_.end() && at->second.calendar) return at->second.calendar;
  if (at != slots_.end() && !at->second.trouble.empty())
    return Error(Errc::corrupt, at->second.trouble);
  return Error(Errc::not_found, fmt::format("there is no calendar named {}", quoted(name)));
}

std::uint64_t CalendarTable::changes() const {
  const std::scoped_lock lock(mutex_);
  return changes_;
}

std::set<std::string> CalendarTable::changed_since(std::uint64_t& change) const {
  const std::scoped_lock lock(mutex_);
  std::set<std::string> names;
  if (change == changes_) return names;
  for (const auto& [name, slot] : slots_)
    if (slot.change > change) names.insert(name);
  change = changes_;
  return names;
}

}  // namespace horolog::scheduler
