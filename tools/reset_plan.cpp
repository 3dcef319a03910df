#include "tools/reset_plan.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "tools/text.hpp"

namespace horolog::command {
namespace {

using Kind = ResetTarget::Kind;

Error no_commit(const TopicPartition& id, const char* what) {
  return Error(Errc::invalid_argument,
               fmt::format("{}: {} needs a committed offset, and the group has none here",
                           id.to_string(), what));
}

/// The wish, before the log's bounds are looked at.
Result<Offset> wished(const ResetTarget& target, const PartitionState& state, PlannedMove& move) {
  switch (target.kind) {
    case Kind::earliest: return state.start;
    case Kind::latest: return state.end;
    case Kind::current:
      if (!state.committed) return no_commit(state.id, "'current'");
      return *state.committed;
    case Kind::offset: return target.number;
    case Kind::shift: {
      if (!state.committed) return no_commit(state.id, "a shift");
      Offset sum = 0;
      if (__builtin_add_overflow(*state.committed, target.number, &sum)) {
        return target.number > 0 ? state.end : state.start;
      }
      return sum;
    }
    case Kind::time:
      move.no_later_record = !state.at_time;
      return state.at_time.value_or(state.end);
    case Kind::explicit_offsets: return target.offsets.at(state.id);
  }
  return state.end;
}

}  // namespace

Result<ResetTarget> parse_reset_target(std::string_view text, TimestampMs now) {
  ResetTarget target;
  if (text == "earliest" || text == "start" || text == "beginning") {
    target.kind = Kind::earliest;
    return target;
  }
  if (text == "latest" || text == "end") {
    target.kind = Kind::latest;
    return target;
  }
  if (text == "current") return target;
  if (text.starts_with('@')) {
    const auto time = parse_time(text.substr(1), now);
    if (!time) {
      return Error(Errc::invalid_argument,
                   fmt::format("'{}' is no time: write it like 2026-01-31T10:00:00+01:00, "
                               "2026-01-31T09:00Z or -2h",
                               text.substr(1)));
    }
    target.kind = Kind::time;
    target.time = time->time;
    target.zone_assumed = time->zone_assumed;
    return target;
  }
  const auto number = parse_integer(text);
  if (!number) {
    return Error(Errc::invalid_argument,
                 fmt::format("'{}' is none of earliest, latest, current, OFFSET, +N, -N, @TIME",
                             text));
  }
  const bool shift = text.starts_with('+') || text.starts_with('-');
  target.kind = shift ? Kind::shift : Kind::offset;
  target.number = *number;
  return target;
}

std::optional<std::int64_t> PlannedMove::delta() const {
  return prior ? std::optional<std::int64_t>(target - *prior) : std::nullopt;
}

std::string PlannedMove::effect() const {
  if (!prior) return fmt::format("starts {} records before the end", end - target);
  const std::int64_t by = target - *prior;
  if (by == 0) return "stays";
  if (by > 0) return fmt::format("skips {} records", target - std::max(*prior, start));
  return fmt::format("replays {} records", std::min(*prior, end) - target);
}

Result<std::vector<PlannedMove>> plan_reset(const ResetTarget& target,
                                            const std::vector<PartitionState>& states,
                                            PlanOptions options) {
  std::vector<PlannedMove> moves;
  for (const PartitionState& state : states) {
    if (target.kind == Kind::explicit_offsets && !target.offsets.contains(state.id)) continue;
    PlannedMove move{state.id, state.committed, 0, state.start, state.end, false, false};
    HOROLOG_ASSIGN(const Offset wish, wished(target, state, move));
    move.target = std::clamp(wish, state.start, std::max(state.start, state.end));
    move.clamped = move.target != wish;
    if (move.clamped && !options.clamp) {
      return Error(Errc::out_of_range,
                   fmt::format("{}: offset {} lies outside the log, which has {} to {}",
                               state.id.to_string(), wish, state.start, state.end));
    }
    moves.push_back(std::move(move));
  }
  return moves;
}

}  // namespace horolog::command
