#include "worker/committer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "base/log.hpp"
#include "scheduler/identity.hpp"
#include "scheduler/names.hpp"
#include "worker/controls.hpp"
#include "worker/names.hpp"

namespace horolog::worker {
namespace {

constexpr std::string_view component = "worker";
constexpr std::int16_t message_too_large = 10;
/// A dead-letter topic that takes nothing is asked again after that.
constexpr MonoNs dead_letter_pause_ns = 1'000'000'000;

bool is_too_large(const Error& error) {
  return error.code() == Errc::too_large || error.kafka_code() == message_too_large;
}

std::vector<OffsetToCommit> offsets_of(const Claim& claim) {
  std::vector<OffsetToCommit> out;
  for (const auto& [assignment, done] : claim.offsets) {
    std::string text = done.metadata();
    // confluent-kafka reads on to the next NUL in its memory: what it finds there would be over.
    if (!text.empty()) text += '\0';
    out.push_back({.partition = assignment->tp,
                   .offset = done.next(),
                   .metadata = std::move(text)});
  }
  return out;
}

}  // namespace

/// What became of the records of one transaction: which task's retry or dead letter failed. Shared
/// with callbacks on the client's thread.
struct Committer::Sends {
  struct Failed {
    std::size_t index;
    Error error;
  };
  struct Shared {
    std::mutex mutex;
    std::vector<Failed> failed;
  };
  std::shared_ptr<Shared> shared = std::make_shared<Shared>();

  void add(std::size_t index, const Error& error) {
    const std::lock_guard lock(shared->mutex);
    shared->failed.push_back({index, error});
  }
};

Committer::Committer(Setup setup, Producer producer, Admin admin, Board& board)
    : setup_(std::move(setup)),
      producer_(std::move(producer)),
      admin_(std::move(admin)),
      board_(board) {}

Status Committer::prepare() { return producer_.init_transactions(std::chrono::seconds(30)); }

void Committer::run() {
  int failures = 0;
  while (auto claim = board_.claim()) {
    if (transact(*claim) == End::committed) {
      board_.committed(*claim);
      failures = 0;
      continue;
    }
    if (given_up_) return;
    board_.not_committed(std::move(*claim));
    pause(failures++);
  }
}

void Committer::close() {
  if (const auto closed = producer_.close(setup_.patience); !closed)
    log::warn(component, "the producer did not close cleanly",
              {log::field("why", closed.error().message())});
}

void Committer::pause(int failures) {
  const std::chrono::milliseconds wait(std::min(20 << std::min(failures, 6), 1'000));
  std::this_thread::sleep_for(wait);
}

PartitionIndex Committer::home_of(const TaskFields& fields) const {
  return scheduler::canonical_partition(fields.home(), setup_.partitions);
}

AttemptFacts Committer::facts_of(const Finished& finished) const {
  return {.started_ms = finished.job->started_ms,
          .ended_ms = finished.ended_ms,
          .duration_us = finished.duration_us,
          .worker = setup_.worker,
          .group = setup_.group};
}

Status Committer::send(Sends& sends, std::size_t index, std::string_view topic,
                       PartitionIndex partition, const scheduler::OutRecord& record) {
  std::vector<HeaderView> headers;
  headers.reserve(record.headers.size());
  for (const scheduler::Header& each : record.headers)
    headers.push_back({each.name, Bytes(each.value)});
  const auto taken = producer_.send({.topic = topic,
                                     .partition = partition,
                                     .key = record.key,
                                     .value = record.value,
                                     .headers = headers},
                                    [sends, index](const Result<Position>& at) mutable {
                                      if (!at) sends.add(index, at.error());
                                    });
  if (!taken) sends.add(index, taken.error());
  return taken;
}

Status Committer::send_finished(const Finished& finished, std::size_t index, Sends& sends) {
  const Job& job = *finished.job;
  const AttemptFacts facts = facts_of(finished);
  const Verdict& verdict = finished.verdict;
  Sends unblamed;
  HOROLOG_TRY(send(unblamed, index, scheduler::topic::runs, home_of(job.fields),
                   run_record(*job.record, job.fields, facts, event_of(verdict.fate), verdict)));
  if (verdict.fate == Fate::failed) {
    const auto command = retry_command(*job.record, job.fields, verdict.retry_delay_ms);
    return send(sends, index, scheduler::topic::commands,
                scheduler::canonical_partition(*command.key, setup_.partitions), command);
  }
  if (verdict.fate != Fate::dead) return {};
  auto letter = dead_letter(*job.record, job.fields, facts, verdict);
  if (finished.without_payload) letter.value.reset();
  return send(sends, index, fmt::format("{}{}", job.record->topic, dead_letter_suffix),
              any_partition, letter);
}

Status Committer::write(const Claim& claim, Sends& sends) {
  HOROLOG_TRY(producer_.begin_transaction());
  for (std::size_t i = 0; i < claim.finished.size(); ++i)
    HOROLOG_TRY(send_finished(claim.finished[i], i, sends));
  Sends unblamed;
  for (const JobPtr& job : claim.announced) {
    const AttemptFacts facts{.started_ms = job->started_ms,
                             .ended_ms = job->started_ms,
                             .duration_us = 0,
                             .worker = setup_.worker,
                             .group = setup_.group};
    HOROLOG_TRY(send(unblamed, 0, scheduler::topic::runs, home_of(job->fields),
                     run_record(*job->record, job->fields, facts, scheduler::event::started, {})));
  }
  for (const std::string& fire_id : claim.uncancelled)
    HOROLOG_TRY(send(unblamed, 0, control::topic, 0,
                     {.key = cancel_key(fire_id), .value = std::nullopt, .headers = {}}));
  return producer_.send_offsets(offsets_of(claim), claim.group, setup_.patience);
}

Committer::End Committer::transact(Claim& claim) {
  if (const auto ready = recover(); !ready) {
    log::warn(component, "no transaction can begin", {log::field("why", ready.error().message())});
    return End::not_committed;
  }
  Sends sends;
  Status written = write(claim, sends);
  bool asked = false;
  if (written) {
    asked = true;
    written = producer_.commit_transaction(setup_.patience);
    if (written) return End::committed;
  }
  log::warn(component, "a transaction failed and is done again",
            {log::field("why", written.error().message()),
             log::field("tasks", claim.finished.size())});
  learn_from(claim, sends);
  if (!asked) return End::not_committed;
  // The commit may have happened all the same: the group's offsets tell.
  for (int failures = 0; !given_up_; ++failures) {
    if (const auto ready = recover()) {
      const auto found = has_offsets(claim);
      if (found) return *found ? End::committed : End::not_committed;
    }
    pause(failures);
  }
  return End::not_committed;
}

Status Committer::recover() {
  const TransactionState state = producer_.transaction_state();
  if (state == TransactionState::ready) return {};
  if (state == TransactionState::open || state == TransactionState::must_abort) {
    if (producer_.abort_transaction(setup_.patience)) return {};
    if (producer_.transaction_state() == TransactionState::ready) return {};
  }
  return producer_.init_transactions(setup_.patience);
}

Result<bool> Committer::has_offsets(const Claim& claim) {
  // Of the partitions in which the commit changes something. All of its offsets are there or none
  // is, so one that is there answers for all: the others may have gone to somebody who went on.
  std::vector<OffsetToCommit> all = offsets_of(claim);
  std::erase_if(all, [&](const OffsetToCommit& each) {
    return std::none_of(claim.finished.begin(), claim.finished.end(), [&](const Finished& one) {
      return one.job->assignment->tp == each.partition;
    });
  });
  HOROLOG_ASSIGN(const auto groups, admin_.list_group_offsets({setup_.group}, true));
  for (const auto& [group, offsets] : groups) {
    if (!offsets) return offsets.error();
    for (const OffsetToCommit& wanted : all) {
      const auto at = std::find_if(offsets->begin(), offsets->end(), [&](const auto& each) {
        return each.first == wanted.partition;
      });
      if (at == offsets->end()) continue;
      if (!at->second) return at->second.error();
      if (at->second->offset == wanted.offset && at->second->metadata == wanted.metadata)
        return true;
    }
  }
  return false;
}

/// A retry or dead letter that its topic does not take must not hold back the others.
void Committer::learn_from(Claim& claim, const Sends& sends) {
  const std::lock_guard lock(sends.shared->mutex);
  const MonoNs now = SystemClock().mono_ns();
  for (const Sends::Failed& failed : sends.shared->failed) {
    // Aborted along with the others: no fault of its own.
    if (failed.error.code() == Errc::cancelled) continue;
    Finished& finished = claim.finished[failed.index];
    const bool too_large = is_too_large(failed.error);
    if (finished.verdict.fate == Fate::failed) {
      if (!too_large) continue;
      finished.verdict.fate = Fate::dead;
      finished.verdict.reason += " (and it is too large to be scheduled again: " +
                                 failed.error.message() + ")";
    } else if (too_large) {
      finished.without_payload = true;
    } else {
      finished.not_before = now + dead_letter_pause_ns;
    }
    log::warn(component, "a task cannot be put aside",
              {log::field("fire_id", finished.job->fields.fire_id),
               log::field("why", failed.error.message())});
  }
}

}  // namespace horolog::worker
