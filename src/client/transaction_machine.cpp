#include "client/transaction_machine.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"

/// What the caller wants, and what is to be sent for it. Answers: transaction_answers.cpp.
namespace horolog::client {

TransactionMachine::TransactionMachine(Settings settings, Hooks hooks)
    : settings_(settings), hooks_(std::move(hooks)) {}

void TransactionMachine::init(MonoNs due, DoneCallback done) {
  operations_.push_back({.kind = Kind::init, .due = due, .done = std::move(done)});
}

Status TransactionMachine::begin() {
  if (!operations_.empty()) {
    return Error(Errc::invalid_argument,
                 "begin_transaction: an operation of the transaction before is not done yet");
  }
  if (state_ == TransactionState::ready) {
    second_ = hooks_.second_protocol();
    state_ = TransactionState::open;
    started_ = maybe_started_ = false;
    hooks_.opened(++number_, !second_);
    return {};
  }
  if (failure_) return failure_->with_context("begin_transaction");
  return Error(Errc::invalid_argument,
               state_ == TransactionState::open
                   ? "begin_transaction: a transaction is open; commit or abort it first"
                   : "begin_transaction: call init_transactions() first");
}

void TransactionMachine::send_offsets(std::vector<OffsetToCommit> offsets, GroupMetadata group,
                                      MonoNs due, DoneCallback done) {
  operations_.push_back({.kind = Kind::offsets,
                         .due = due,
                         .done = std::move(done),
                         .mark = hooks_.mark(),
                         .offsets = std::move(offsets),
                         .group = std::move(group)});
}

void TransactionMachine::commit(MonoNs due, DoneCallback done) {
  operations_.push_back(
      {.kind = Kind::commit, .due = due, .done = std::move(done), .mark = hooks_.mark()});
}

void TransactionMachine::abort(MonoNs due, DoneCallback done) {
  operations_.push_back(
      {.kind = Kind::abort, .due = due, .done = std::move(done), .mark = hooks_.mark()});
}

void TransactionMachine::close(const Error& why) {
  if (in_flight_) in_flight_abandoned_ = true;
  while (!operations_.empty()) finish_front(ended_badly(operations_.front(), why));
}

void TransactionMachine::add(const std::vector<TopicPartition>& partitions) {
  to_add_.insert(partitions.begin(), partitions.end());
}

void TransactionMachine::records_failed(const Error& why, bool gap) {
  if (gap) must_raise_ = true;
  if (state_ != TransactionState::open) return;
  if (why.remedy() == Remedy::reopen) {
    done_for(why, TransactionState::failed);
  } else {
    must_abort(why);
  }
}

void TransactionMachine::must_abort(const Error& why) {
  if (state_ != TransactionState::open) return;
  state_ = TransactionState::must_abort;
  failure_ = why.with_remedy(Remedy::abort_transaction);
  to_add_.clear();
  hooks_.refuse(*failure_);
}

void TransactionMachine::done_for(const Error& why, TransactionState state) {
  state_ = state;
  failure_ = why.with_remedy(Remedy::reopen);
  to_add_.clear();
  hooks_.refuse(*failure_);
}

/// Checks the operation at the front before anything is done for it.
void TransactionMachine::start_front() {
  while (!operations_.empty() && !front_started_) {
    Operation& op = operations_.front();
    front_started_ = true;
    failures_ = 0;
    switch (op.kind) {
      case Kind::init:
        // A transaction that is open is aborted by the coordinator: fail what waits for it.
        if (state_ == TransactionState::open) {
          must_abort(Error(Errc::cancelled, "init_transactions: the open transaction is given up"));
        }
        state_ = TransactionState::uninitialized;
        producer_id_ = no_producer_id;
        epoch_ = -1;
        return;
      case Kind::offsets:
      case Kind::commit:
        if (state_ == TransactionState::open) return;
        break;
      case Kind::abort:
        if (state_ == TransactionState::must_abort) return;
        if (state_ == TransactionState::open) {
          state_ = TransactionState::must_abort;
          to_add_.clear();
          hooks_.refuse(Error(Errc::cancelled, "the transaction is aborted"));
          return;
        }
        break;
    }
    finish_front(failure_ ? *failure_
                          : Error(Errc::invalid_argument,
                                  what() + ": no transaction is open; begin_transaction() first"));
  }
}

void TransactionMachine::finish_front(Status result) {
  const DoneCallback done = std::move(operations_.front().done);
  operations_.pop_front();
  front_started_ = false;
  failures_ = 0;
  not_before_ = 0;
  if (done) done(std::move(result));
}

void TransactionMachine::fail_front(const Error& why) { finish_front(why); }

void TransactionMachine::give_up_late(MonoNs now) {
  while (!operations_.empty() && now >= operations_.front().due) {
    start_front();
    if (operations_.empty() || now < operations_.front().due) continue;
    const Operation& op = operations_.front();
    const Error late = ended_badly(op, Error(Errc::timed_out, what() + ": not done in time"));
    if (op.kind == Kind::commit && may_have_ended(op)) {
      done_for(late, TransactionState::unknown_outcome);
    } else if (op.kind == Kind::offsets || op.kind == Kind::commit) {
      must_abort(late);
    } else {
      failure_ = late.with_remedy(Remedy::retry);
    }
    // An answer that comes after all is for nobody.
    if (in_flight_ && !std::holds_alternative<txn::AddPartitions>(*in_flight_)) {
      in_flight_abandoned_ = true;
    }
    fail_front(*failure_);
  }
}

bool TransactionMachine::nothing_to_end() const { return !maybe_started_ && !hooks_.sent_any(); }

std::optional<txn::Request> TransactionMachine::next(MonoNs now) {
  next_turn_.reset();
  give_up_late(now);
  start_front();
  for (;;) {
    if (!operations_.empty()) next_turn_ = operations_.front().due;
    if (in_flight_) return std::nullopt;
    if (now < not_before_) {
      next_turn_ = next_turn_ ? std::min(*next_turn_, not_before_) : not_before_;
      return std::nullopt;
    }
    if (!to_add_.empty() && state_ == TransactionState::open) {
      in_flight_ = txn::AddPartitions{{to_add_.begin(), to_add_.end()}};
      maybe_started_ = true;
      request_due_ = operations_.empty() ? 0 : operations_.front().due;
      return in_flight_;
    }
    if (operations_.empty()) return std::nullopt;
    Operation& op = operations_.front();
    if ((op.kind == Kind::offsets || op.kind == Kind::commit) &&
        state_ != TransactionState::open) {
      fail_front(*failure_);
      start_front();
      continue;
    }
    if (op.kind != Kind::init && !hooks_.delivered(op.mark)) return std::nullopt;
    in_flight_ = request_of(op);
    if (in_flight_) {
      request_due_ = op.due;
      return in_flight_;
    }
    // There was nothing to do for it.
    transaction_over();
    finish_front({});
    start_front();
  }
}

std::optional<txn::Request> TransactionMachine::request_of(Operation& op) {
  switch (op.kind) {
    case Kind::init:
      return txn::Init{};
    case Kind::offsets:
      maybe_started_ = true;
      if (!second_ && !op.group_added) return txn::AddOffsets{op.group.group};
      return txn::CommitOffsets{op.offsets, op.group};
    case Kind::commit:
    case Kind::abort:
      if (!op.ended && !nothing_to_end()) return txn::End{op.kind == Kind::commit};
      // The first protocol leaves the epoch as it is: a gap in its sequences needs another.
      if (must_raise_) return txn::Init{producer_id_, epoch_};
      return std::nullopt;
  }
  return std::nullopt;
}

void TransactionMachine::transaction_over() {
  state_ = TransactionState::ready;
  started_ = maybe_started_ = false;
  failure_.reset();
  to_add_.clear();
}

}  // namespace horolog::client
