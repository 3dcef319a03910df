#include "worker/after_attempt.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "scheduler/names.hpp"
#include "scheduler/run_record.hpp"
#include "timekeeping/time_text.hpp"
#include "timekeeping/zone.hpp"
#include "worker/names.hpp"
#include "worker/valid_text.hpp"

namespace horolog::worker {
namespace {

using scheduler::Headers;
using scheduler::OutRecord;

/// Longer reasons (the output of a command) are cut.
constexpr std::size_t longest_reason = 4'096;

void put(Headers& headers, std::string_view name, std::string value) {
  headers.push_back({std::string(name), std::move(value)});
}

/// In a command these would be read as a second rule and target.
bool is_foreign(std::string_view name) {
  namespace foreign = scheduler::foreign;
  constexpr std::array names{foreign::etf1_epoch,    foreign::etf1_topic,    foreign::etf1_key,
                             foreign::karafka_epoch, foreign::karafka_topic, foreign::karafka_key,
                             foreign::karafka_partition};
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string reason_of(const ControlNote& cancel) {
  return cancel.reason.empty() ? "cancelled" : "cancelled: " + cancel.reason;
}

}  // namespace

std::string_view event_of(Fate fate) {
  switch (fate) {
    case Fate::succeeded: return scheduler::event::succeeded;
    case Fate::failed: return scheduler::event::failed;
    case Fate::dead: return scheduler::event::dead;
    case Fate::expired: return scheduler::event::expired;
    case Fate::cancelled: return scheduler::event::cancelled;
    case Fate::stopped: break;
  }
  return scheduler::event::stopped;
}

std::int64_t max_attempts_of(const TaskFields& fields, const RetryPolicy& policy) {
  return fields.max_attempts.value_or(policy.max_attempts);
}

std::optional<Verdict> judge_start(const TaskFields& fields, const ControlNote* cancel,
                                   TimestampMs now) {
  if (cancel != nullptr) return Verdict{Fate::cancelled, reason_of(*cancel), 0};
  if (!fields.fault.empty()) return Verdict{Fate::dead, fields.fault, 0};
  if (fields.expires_ms && now > *fields.expires_ms)
    return Verdict{Fate::expired,
                   "not started by " + timekeeping::format_instant(*fields.expires_ms,
                                                                   timekeeping::Zone()), 0};
  return std::nullopt;
}

Verdict unrepeated(Verdict verdict, const ControlNote& cancel) {
  if (verdict.fate != Fate::failed) return verdict;
  return {Fate::cancelled, fmt::format("{}; not repeated: {}", verdict.reason, reason_of(cancel)),
          0};
}

Verdict judge(const TaskFields& fields, const Outcome& outcome, const RetryPolicy& policy,
              double chance) {
  if (outcome.kind() == Outcome::Kind::done) return {};
  Verdict verdict{Fate::dead, valid_text(outcome.reason(), longest_reason), 0};
  const bool last = fields.attempt >= max_attempts_of(fields, policy);
  if (outcome.kind() == Outcome::Kind::dead || last) return verdict;
  verdict.fate = Fate::failed;
  if (outcome.after()) {
    verdict.retry_delay_ms = std::max<std::int64_t>(0, outcome.after()->count());
    return verdict;
  }
  const auto base = static_cast<double>(fields.backoff_ms.value_or(policy.backoff.count()));
  const auto most = std::max(base, static_cast<double>(policy.max_backoff.count()));
  const double wait = std::min(base * std::exp2(static_cast<double>(
                                          std::min<std::int64_t>(fields.attempt - 1, 60))), most);
  verdict.retry_delay_ms = std::llround(wait * (1 + policy.jitter * (2 * chance - 1)));
  return verdict;
}

OutRecord run_record(const RecordView& record, const TaskFields& fields, const AttemptFacts& facts,
                     std::string_view event, const Verdict& verdict) {
  scheduler::RunRecord run;
  run.event = std::string(event);
  run.schedule = fields.schedule;
  if (fields.generation) run.generation = *fields.generation;
  run.fire_id = fields.fire_id;
  run.nominal_ms = fields.nominal_ms;
  run.fired_ms = fields.fired_ms;
  run.at_ms = facts.ended_ms;
  run.attempt = fields.attempt;
  run.target = std::string(record.topic);
  run.worker = std::string(facts.worker);
  if (!verdict.reason.empty()) run.reason = verdict.reason;
  run.others.set(field::group, facts.group);
  run.others.set(field::partition, std::int64_t{record.partition});
  run.others.set(field::offset, record.offset);
  run.others.set(field::produced_ms, record.timestamp);
  if (facts.started_ms != no_timestamp) run.others.set(field::started_ms, facts.started_ms);
  if (event != scheduler::event::started && facts.started_ms != no_timestamp)
    run.duration_us = facts.duration_us;
  if (event == scheduler::event::failed)
    run.others.set(field::retry_ms, facts.ended_ms + verdict.retry_delay_ms);
  return run.to_record();
}

OutRecord retry_command(const RecordView& record, const TaskFields& fields,
                        std::int64_t delay_ms) {
  namespace header = scheduler::header;
  const std::int64_t attempt = fields.attempt + 1;
  OutRecord out{.key = fmt::format("{}{}:{}", scheduler::retry_prefix, fields.fire_id, attempt),
                .value = std::string(record.value.text()),
                .headers = {}};
  constexpr std::array copied{header::max_attempts, header::backoff, header::timeout,
                              header::priority, header::lane};
  for (const HeaderView& sent : record.headers) {
    const bool ours = sent.key.starts_with(scheduler::header_prefix);
    const bool copy = std::find(copied.begin(), copied.end(), sent.key) != copied.end();
    if (is_foreign(sent.key) || (ours && !copy)) continue;
    out.headers.push_back({std::string(sent.key), sent.value.to_owned()});
  }
  put(out.headers, header::topic, std::string(record.topic));
  put(out.headers, header::partition, std::to_string(record.partition));
  if (!record.key.is_null()) put(out.headers, header::key, std::string(record.key.text()));
  put(out.headers, header::delay, fmt::format("{}ms", std::max<std::int64_t>(delay_ms, 1)));
  put(out.headers, header::fire_id, fields.fire_id);
  put(out.headers, header::attempt, std::to_string(attempt));
  if (fields.expires_ms) put(out.headers, header::expires, std::to_string(*fields.expires_ms));
  if (fields.schedule) put(out.headers, header::schedule, *fields.schedule);
  if (fields.generation) put(out.headers, header::generation, std::to_string(*fields.generation));
  if (fields.nominal_ms) put(out.headers, header::nominal_time, std::to_string(*fields.nominal_ms));
  return out;
}

OutRecord dead_letter(const RecordView& record, const TaskFields& fields,
                      const AttemptFacts& facts, const Verdict& verdict) {
  OutRecord out{.key = record.key.to_owned(), .value = record.value.to_owned(), .headers = {}};
  for (const HeaderView& sent : record.headers) {
    if (sent.key == scheduler::header::fire_id || sent.key == scheduler::header::attempt) continue;
    if (sent.key.starts_with(header::dead_prefix)) continue;
    out.headers.push_back({std::string(sent.key), sent.value.to_owned()});
  }
  put(out.headers, scheduler::header::fire_id, fields.fire_id);
  put(out.headers, scheduler::header::attempt, std::to_string(fields.attempt));
  put(out.headers, header::dead_cause, verdict.reason);
  put(out.headers, header::dead_at, std::to_string(facts.ended_ms));
  put(out.headers, header::dead_topic, std::string(record.topic));
  put(out.headers, header::dead_partition, std::to_string(record.partition));
  put(out.headers, header::dead_offset, std::to_string(record.offset));
  put(out.headers, header::dead_worker, std::string(facts.worker));
  return out;
}

}  // namespace horolog::worker
