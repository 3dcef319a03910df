#include "tools/schedule_lives.hpp"

#include <algorithm>
#include <optional>

#include "base/json_fields.hpp"
#include "client/schedule_names.hpp"
#include "client/schedule_records.hpp"

namespace horolog::command {
namespace {

using client::StateKey;
using End = ScheduleLife::End;

bool has_header(const RecordView& record, std::string_view name) {
  for (const HeaderView& each : record.headers)
    if (each.key == name) return true;
  return false;
}

/// When the cancel was sent that a cursor remembers; nullopt for one of a schedule.
Result<std::optional<TimestampMs>> cancelled_in(const RecordView& cursor) {
  if (cursor.value.is_null()) return std::optional<TimestampMs>();
  HOROLOG_ASSIGN(const auto fields, JsonFields::parse(cursor.value.text()));
  return fields.number("cancelled_ms");
}

}  // namespace

/// The last definition takes the cursor that it had with it.
Status ScheduleLives::end(Track& track, End how, TimestampMs until) {
  ScheduleLife& last = track.lives.back();
  if (!track.cursor.empty()) HOROLOG_TRY(client::read_cursor(track.cursor, last.state));
  last.end = how;
  last.until = until;
  return {};
}

Status ScheduleLives::take_definition(const std::string& key, const RecordView& record) {
  if (record.value.is_null()) {
    const auto at = tracks_.find(key);
    if (at == tracks_.end() || at->second.lives.empty()) return {};
    Track& track = at->second;
    if (track.lives.back().end != End::none) return {};
    HOROLOG_TRY(end(track, End::over, record.timestamp));
    track.removed_at = record.offset;
    std::erase_if(track.lives, [&](const ScheduleLife& each) { return each.until < since_; });
    if (track.lives.empty()) tracks_.erase(at);
    return {};
  }
  HOROLOG_ASSIGN(ScheduleState state, client::read_definition(key, record));
  state.value.clear();
  Track& track = tracks_[key];
  if (!track.lives.empty() && track.lives.back().end == End::none)
    HOROLOG_TRY(end(track, End::replaced, state.defined_at));
  std::erase_if(track.lives, [&](const ScheduleLife& each) { return each.until < since_; });
  track.lives.push_back({.state = std::move(state)});
  track.removed_at = no_offset;
  return {};
}

/// A cancel writes the end of the definition and, right behind it, when the cancel was sent.
Status ScheduleLives::take_cursor(const std::string& key, const RecordView& record) {
  HOROLOG_ASSIGN(const auto cancelled, cancelled_in(record));
  if (!cancelled && !record.value.is_null()) {
    tracks_[key].cursor = record.value.text();
    return {};
  }
  const auto at = tracks_.find(key);
  if (at == tracks_.end()) return {};
  Track& track = at->second;
  track.cursor.clear();
  if (track.lives.empty()) {
    tracks_.erase(at);
  } else if (cancelled && track.removed_at != no_offset &&
             record.offset == track.removed_at + 1) {
    track.lives.back().end = End::cancelled;
    track.lives.back().until = *cancelled;
  }
  return {};
}

Status ScheduleLives::add_state(const RecordView& record) {
  if (record.key.text() == "meta" && !record.value.is_null()) {
    HOROLOG_ASSIGN(const auto fields, JsonFields::parse(record.value.text()));
    partitions_ = fields.number("partitions").value_or(partitions_);
    return {};
  }
  const StateKey what = StateKey::parse(record.key.text());
  const std::string key(what.schedule);
  if (what.kind == StateKey::Kind::other || !wanted_(key)) return {};
  return what.kind == StateKey::Kind::definition ? take_definition(key, record)
                                                 : take_cursor(key, record);
}

/// Only with one partition does the state not say that it was a cancel.
void ScheduleLives::add_command(const RecordView& record) {
  if (partitions_ != 1 || !record.value.is_null() ||
      has_header(record, schedule_names::header::action))
    return;
  const auto track = tracks_.find(record.key.text());
  if (track == tracks_.end()) return;
  auto& lives = track->second.lives;
  const auto last = std::find_if(lives.rbegin(), lives.rend(), [&](const ScheduleLife& each) {
    return each.state.generation < record.offset;
  });
  if (last == lives.rend() || last->end != End::over) return;
  last->end = End::cancelled;
  last->until = record.timestamp;
}

Result<std::vector<ScheduleLife>> ScheduleLives::finish() && {
  std::vector<ScheduleLife> out;
  while (!tracks_.empty()) {
    auto node = tracks_.extract(tracks_.begin());
    Track& track = node.mapped();
    if (!track.lives.empty() && track.lives.back().end == End::none) {
      const Status read = end(track, End::none, std::numeric_limits<TimestampMs>::max());
      if (!read) return read.error().with_context(node.key());
    }
    for (ScheduleLife& life : track.lives) {
      if (life.end == End::over && partitions_ == 1) life.end = End::unknown;
      out.push_back(std::move(life));
    }
  }
  return out;
}

}  // namespace horolog::command
