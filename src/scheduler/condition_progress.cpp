#include "scheduler/condition_progress.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <utility>

namespace horolog::scheduler {
namespace {

void put(JsonFields& fields, std::string_view name, const std::optional<Occurrence>& value) {
  if (!value) return;
  fields.set(fmt::format("{}_cause", name), std::string_view(value->cause));
  fields.set(fmt::format("{}_ms", name), value->at_ms);
}

std::optional<Occurrence> take(const JsonFields& fields, std::string_view name) {
  const auto cause = fields.text(fmt::format("{}_cause", name));
  if (!cause) return std::nullopt;
  return Occurrence{*cause, fields.number(fmt::format("{}_ms", name)).value_or(0)};
}

std::optional<std::int64_t> number_of(const std::string& raw) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(raw.data(), raw.data() + raw.size(), value);
  return error == std::errc{} ? std::optional(value) : std::nullopt;
}

}  // namespace

std::string place_text(const TopicPartition& place, Offset offset) {
  return fmt::format("{}/{}/{}", place.topic, place.partition, offset);
}

ConditionProgress ConditionProgress::begin(const Condition& condition, std::vector<Offset> from,
                                           TimestampMs now) {
  ConditionProgress progress;
  progress.text = condition.text;
  progress.from = std::move(from);
  if (condition.kind == ConditionKind::silence)
    progress.latest = Occurrence{fmt::format("{} since {}", condition.topic, now), now};
  return progress;
}

bool ConditionProgress::concerns(const Condition& condition, const WatchedRecord& record) const {
  if (!condition.reads_topic() || condition.topic != record.place.topic) return false;
  const auto partition = static_cast<std::size_t>(record.place.partition);
  if (partition < from.size() && record.in.offset < from[partition]) return false;
  return condition.takes(record.in.record);
}

ConditionProgress::Seen ConditionProgress::see_record(const Condition& condition,
                                                      const WatchedRecord& record) {
  Seen out;
  // What the time had decided before the record came, if nobody looked in between.
  if (record.in_order && wakes_on_absence(condition))
    out = pass_time(condition, record.arrived_ms - 1, true);
  Occurrence one{place_text(record.place, record.in.offset), record.arrived_ms};
  switch (condition.kind) {
    case ConditionKind::record: {
      one.cause = "record " + one.cause;
      one.at_ms += condition.delay;
      if (condition.delay == 0) {
        out.occurrences.push_back(std::move(one));
      } else if (condition.restart) {
        pending = {std::move(one)};
      } else if (pending.size() >= most_pending) {
        out.overrun = std::move(one);
      } else {
        pending.push_back(std::move(one));
      }
      break;
    }
    case ConditionKind::silence:
      one.at_ms = std::max(one.at_ms, latest ? latest->at_ms : one.at_ms);
      latest = std::move(one);
      met = false;
      held.reset();
      break;
    case ConditionKind::count:
      if (gathered++ == 0) first = one;
      if (gathered < condition.number) break;
      one.cause = fmt::format("count {} {}", one.cause, gathered);
      out.occurrences.push_back(std::move(one));
      gathered = 0;
      first.reset();
      break;
    default: break;
  }
  return out;
}

ConditionProgress::Seen ConditionProgress::see_end(const std::string& fire_id, TimestampMs at) {
  return {.occurrences = {{"run " + fire_id, at}}, .overrun = {}};
}

ConditionProgress::Seen ConditionProgress::see_lag(const Condition& condition, std::int64_t lag,
                                                   TimestampMs now, bool& changed) {
  Seen out;
  const bool crossed = condition.above ? lag > condition.number : lag < condition.number;
  changed = crossed != since_ms.has_value();
  if (!crossed) {
    since_ms.reset();
    met = false;
    held.reset();
    return out;
  }
  if (!since_ms) since_ms = now;
  if (met || now - *since_ms < condition.length.value_or(0)) return out;
  changed = true;
  met = true;
  out.occurrences.push_back(
      {fmt::format("lag {} {} #{}", condition.group, condition.topic, seen + 1), now});
  return out;
}

ConditionProgress::Seen ConditionProgress::pass_time(const Condition& condition, TimestampMs now,
                                                     bool all_read) {
  Seen out;
  const auto due = wake(condition);
  if (!due || *due > now || (wakes_on_absence(condition) && !all_read)) return out;
  switch (condition.kind) {
    case ConditionKind::record: {
      const auto is_due = [&](const Occurrence& each) { return each.at_ms <= now; };
      std::copy_if(pending.begin(), pending.end(), std::back_inserter(out.occurrences), is_due);
      std::erase_if(pending, is_due);
      break;
    }
    case ConditionKind::silence:
      met = true;
      out.occurrences.push_back({"silence " + latest->cause, *due});
      break;
    case ConditionKind::count:
      out.occurrences.push_back({fmt::format("count {} {}", first->cause, gathered), *due});
      gathered = 0;
      first.reset();
      break;
    default: break;
  }
  return out;
}

bool ConditionProgress::wakes_on_absence(const Condition& condition) const {
  return condition.kind != ConditionKind::record || condition.restart;
}

std::optional<TimestampMs> ConditionProgress::wake(const Condition& condition) const {
  switch (condition.kind) {
    case ConditionKind::record: {
      std::optional<TimestampMs> soonest;
      for (const Occurrence& each : pending)
        soonest = std::min(soonest.value_or(each.at_ms), each.at_ms);
      return soonest;
    }
    case ConditionKind::silence:
      if (met || !latest) return std::nullopt;
      return latest->at_ms + *condition.length;
    case ConditionKind::count:
      if (!first || !condition.length) return std::nullopt;
      return first->at_ms + *condition.length;
    default: return std::nullopt;
  }
}

std::string ConditionProgress::to_text() const {
  JsonFields fields;
  fields.set("text", std::string_view(text));
  if (!from.empty()) fields.set_raw("from", fmt::format("[{}]", fmt::join(from, ",")));
  if (seen != 0) fields.set("seen", seen);
  put(fields, "last", last);
  put(fields, "held", held);
  std::string list;
  for (const Occurrence& each : pending) {
    JsonFields one;
    one.set("cause", std::string_view(each.cause));
    one.set("due_ms", each.at_ms);
    list += (list.empty() ? "" : ",") + one.to_text();
  }
  if (!list.empty()) fields.set_raw("pending", "[" + list + "]");
  if (gathered != 0) fields.set("gathered", gathered);
  put(fields, "first", first);
  put(fields, "latest", latest);
  if (met) fields.set_flag("met", true);
  if (since_ms) fields.set("since_ms", *since_ms);
  return fields.to_text();
}

Result<ConditionProgress> ConditionProgress::parse(std::string_view text) {
  ConditionProgress progress;
  HOROLOG_ASSIGN(const JsonFields fields, JsonFields::parse(text));
  progress.text = fields.text("text").value_or("");
  if (const std::string* raw = fields.raw("from")) {
    HOROLOG_ASSIGN(const auto offsets, JsonFields::elements(*raw));
    for (const std::string& each : offsets) progress.from.push_back(number_of(each).value_or(0));
  }
  progress.seen = fields.number("seen").value_or(0);
  progress.last = take(fields, "last");
  progress.held = take(fields, "held");
  if (const std::string* raw = fields.raw("pending")) {
    HOROLOG_ASSIGN(const auto items, JsonFields::elements(*raw));
    for (const std::string& item : items) {
      HOROLOG_ASSIGN(const JsonFields one, JsonFields::parse(item));
      progress.pending.push_back({one.text("cause").value_or(""),
                                  one.number("due_ms").value_or(0)});
    }
  }
  progress.gathered = fields.number("gathered").value_or(0);
  progress.first = take(fields, "first");
  progress.latest = take(fields, "latest");
  progress.met = fields.flag("met");
  progress.since_ms = fields.number("since_ms");
  return progress;
}

}  // namespace horolog::scheduler
