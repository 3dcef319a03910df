#include "client/transaction_machine.hpp"

#include <string>
#include <vector>

namespace horolog::client {
namespace {

using wire::ErrorCode;

constexpr MonoNs second_ns = 1'000'000'000;

/// The machine with coordinators and records played by the test.
class TransactionMachineTest : public testing::Test {
 protected:
  explicit TransactionMachineTest(bool second_protocol = false)
      : machine_({}, {.second_protocol = [second_protocol] { return second_protocol; },
                      .mark = [] { return std::uint64_t{1}; },
                      .delivered = [this](std::uint64_t) { return delivered_; },
                      .sent_any = [this] { return sent_any_; },
                      .identity = [this](ProducerId id, ProducerEpoch epoch) {
                        identity_ = std::to_string(id) + "/" + std::to_string(epoch);
                      },
                      .opened = [this](std::uint64_t, bool must_join) { must_join_ = must_join; },
                      .refuse = [this](const Error&) { ++refused_; },
                      .added = [this](const auto& partitions) { added_ += partitions.size(); },
                      .random = [] { return 0.5; }}) {}

  DoneCallback done(std::string what) {
    return [this, what](const Status& status) {
      told_.push_back(what + (status ? "" : "!" + std::string(to_string(status.error().code()))));
      if (!status) error_ = status.error();
    };
  }
  MonoNs in(MonoNs seconds) const { return now_ + seconds * second_ns; }
  /// The next request in short.
  std::string next() {
    const auto request = machine_.next(now_);
    if (!request) return "";
    if (const auto* init = std::get_if<txn::Init>(&*request)) {
      return "init " + std::to_string(init->producer_id) + "/" + std::to_string(init->epoch);
    }
    if (const auto* add = std::get_if<txn::AddPartitions>(&*request)) {
      return "add " + std::to_string(add->partitions.size());
    }
    if (const auto* add = std::get_if<txn::AddOffsets>(&*request)) return "group " + add->group;
    if (const auto* commit = std::get_if<txn::CommitOffsets>(&*request)) {
      return "offsets " + std::to_string(commit->group.generation);
    }
    return std::get<txn::End>(*request).commit ? "commit" : "abort";
  }
  void answer(ErrorCode code, ProducerId id = no_producer_id, ProducerEpoch epoch = -1) {
    machine_.answered({code, id, epoch}, now_);
  }
  void lose(bool sent = true) {
    machine_.lost(Error(Errc::closed, "connection lost"), sent, now_);
  }
  void begin() {
    machine_.init(in(60), done("init"));
    ASSERT_EQ(next(), "init -1/-1");
    answer(ErrorCode::none, 9, 1);
    ASSERT_EQ(next(), "");
    ASSERT_TRUE(machine_.begin().ok());
    told_.clear();
  }

  MonoNs now_ = second_ns;
  bool delivered_ = true;
  bool sent_any_ = false;
  bool must_join_ = false;
  int refused_ = 0;
  std::size_t added_ = 0;
  std::string identity_;
  std::vector<std::string> told_;
  std::optional<Error> error_;
  TransactionMachine machine_;
};

using First = TransactionMachineTest;
struct Second : TransactionMachineTest {
  Second() : TransactionMachineTest(true) {}
};

TEST_F(First, PartitionsThenGroupThenOffsetsThenTheEnd) {
  begin();
  EXPECT_TRUE(must_join_);
  EXPECT_EQ(identity_, "9/1");
  delivered_ = false;
  machine_.add({{"t", 0}, {"t", 1}});
  machine_.send_offsets({{.partition = {"in", 0}, .offset = 5}},
                        {.group = "g", .generation = 4, .member_id = "m"}, in(60), done("offsets"));
  machine_.commit(in(60), done("commit"));
  EXPECT_EQ(next(), "add 2");
  answer(ErrorCode::none);
  EXPECT_EQ(added_, 2U);
  EXPECT_EQ(next(), "") << "the records are not delivered yet";
  sent_any_ = delivered_ = true;
  EXPECT_EQ(next(), "group g");
  answer(ErrorCode::none);
  EXPECT_EQ(next(), "offsets 4");
  answer(ErrorCode::none);
  EXPECT_EQ(next(), "commit");
  answer(ErrorCode::none);
  EXPECT_EQ(told_, (std::vector<std::string>{"offsets", "commit"}));
  EXPECT_EQ(machine_.state(), TransactionState::ready);
  EXPECT_EQ(identity_, "9/1") << "the first protocol keeps the epoch";
}

TEST_F(Second, NothingIsAddedAndEveryEndRaisesTheEpoch) {
  begin();
  EXPECT_FALSE(must_join_);
  machine_.send_offsets({{.partition = {"in", 0}, .offset = 5}}, {.group = "g"}, in(60),
                        done("offsets"));
  machine_.commit(in(60), done("commit"));
  EXPECT_EQ(next(), "offsets -1");
  answer(ErrorCode::none);
  EXPECT_EQ(next(), "commit");
  answer(ErrorCode::none, 9, 2);
  EXPECT_EQ(identity_, "9/2");
  EXPECT_EQ(told_, (std::vector<std::string>{"offsets", "commit"}));
}

/// Whoever waits for the callback on another thread asks for the state next.
TEST_F(Second, TheStateIsNewBeforeItsCallbackComes) {
  begin();
  std::vector<TransactionState> states;
  const auto look = [&](const Status&) { states.push_back(machine_.state()); };
  sent_any_ = true;
  machine_.commit(in(60), look);
  EXPECT_EQ(next(), "commit");
  answer(ErrorCode::none, 9, 2);
  ASSERT_TRUE(machine_.begin().ok());
  machine_.abort(in(60), look);
  EXPECT_EQ(next(), "abort");
  answer(ErrorCode::none, 9, 3);
  ASSERT_TRUE(machine_.begin().ok());
  machine_.commit(in(60), look);
  EXPECT_EQ(next(), "commit");
  answer(ErrorCode::invalid_producer_epoch);
  EXPECT_EQ(states, (std::vector{TransactionState::ready, TransactionState::ready,
                                 TransactionState::fenced}));
}

TEST_F(First, AnEmptyTransactionEndsWithoutARequest) {
  begin();
  machine_.commit(in(60), done("commit"));
  EXPECT_EQ(next(), "");
  EXPECT_EQ(told_, (std::vector<std::string>{"commit"}));
  ASSERT_TRUE(machine_.begin().ok());
}

TEST_F(Second, AConcurrentTransactionIsWaitedFor) {
  begin();
  sent_any_ = true;
  machine_.commit(in(60), done("commit"));
  for (const MonoNs wait : {5'000'000, 10'000'000, 20'000'000, 20'000'000}) {
    ASSERT_EQ(next(), "commit");
    answer(ErrorCode::concurrent_transactions);
    EXPECT_EQ(next(), "");
    EXPECT_EQ(machine_.next_turn(), now_ + wait);
    now_ += wait;
  }
  EXPECT_EQ(next(), "commit");
  answer(ErrorCode::none, 9, 2);
  EXPECT_EQ(told_, (std::vector<std::string>{"commit"}));
}

TEST_F(Second, ALostCommitIsOnlyEverCommittedAgain) {
  begin();
  sent_any_ = true;
  machine_.commit(in(60), done("commit"));
  machine_.abort(in(60), done("abort"));
  for (int i = 0; i < 5; ++i) {
    ASSERT_EQ(next(), "commit");
    lose();
    now_ += 2 * second_ns;
  }
  ASSERT_EQ(next(), "commit");
  answer(ErrorCode::none, 9, 2);
  next();
  EXPECT_EQ(told_, (std::vector<std::string>{"commit", "abort!invalid_argument"}));
}

TEST_F(Second, AnUnansweredCommitHasAnUnknownOutcome) {
  begin();
  sent_any_ = true;
  machine_.commit(in(10), done("commit"));
  ASSERT_EQ(next(), "commit");
  lose();
  now_ += 11 * second_ns;
  EXPECT_EQ(next(), "");
  EXPECT_EQ(machine_.state(), TransactionState::unknown_outcome);
  EXPECT_EQ(told_, (std::vector<std::string>{"commit!timed_out"}));
  EXPECT_NE(error_->message().find("unknown"), std::string::npos);
  EXPECT_EQ(error_->remedy(), Remedy::reopen);
  // There is no way to abort it now; the way on is to take over from oneself.
  machine_.abort(in(10), done("abort"));
  EXPECT_EQ(next(), "");
  EXPECT_EQ(told_.back(), "abort!timed_out");
  machine_.init(in(10), done("init"));
  EXPECT_EQ(next(), "init -1/-1");
  answer(ErrorCode::none, 9, 5);
  EXPECT_EQ(machine_.state(), TransactionState::ready);
  EXPECT_TRUE(machine_.begin().ok());
}

TEST_F(Second, AnAnswerThatComesTooLateIsForNobody) {
  begin();
  sent_any_ = true;
  machine_.commit(in(10), done("commit"));
  ASSERT_EQ(next(), "commit");
  now_ += 11 * second_ns;
  EXPECT_EQ(next(), "");
  EXPECT_EQ(machine_.state(), TransactionState::unknown_outcome);
  machine_.init(in(10), done("init"));
  EXPECT_EQ(next(), "") << "one request at a time";
  answer(ErrorCode::none, 9, 2);
  EXPECT_EQ(machine_.state(), TransactionState::uninitialized);
  EXPECT_EQ(next(), "init -1/-1");
}

TEST_F(Second, ACommitThatIsFencedAtOnceDidNotHappenButAfterADoubtNobodyKnows) {
  begin();
  sent_any_ = true;
  machine_.commit(in(60), done("commit"));
  ASSERT_EQ(next(), "commit");
  answer(ErrorCode::producer_fenced);
  EXPECT_EQ(machine_.state(), TransactionState::fenced);
  begin();
  machine_.commit(in(60), done("commit"));
  ASSERT_EQ(next(), "commit");
  lose();
  now_ += second_ns;
  ASSERT_EQ(next(), "commit");
  answer(ErrorCode::producer_fenced);
  EXPECT_EQ(machine_.state(), TransactionState::unknown_outcome);
}

TEST_F(First, FailedRecordsAreAbortedAndTheEpochIsRaised) {
  begin();
  machine_.add({{"t", 0}});
  ASSERT_EQ(next(), "add 1");
  answer(ErrorCode::none);
  sent_any_ = true;
  delivered_ = false;
  machine_.commit(in(60), done("commit"));
  EXPECT_EQ(next(), "");
  machine_.records_failed(Error(Errc::timed_out, "late"), true);
  EXPECT_EQ(refused_, 1);
  delivered_ = true;
  EXPECT_EQ(next(), "") << "no commit of a transaction that lacks records";
  EXPECT_EQ(told_, (std::vector<std::string>{"commit!timed_out"}));
  EXPECT_EQ(error_->remedy(), Remedy::abort_transaction);
  EXPECT_FALSE(machine_.begin().ok());
  machine_.abort(in(60), done("abort"));
  EXPECT_EQ(next(), "abort");
  answer(ErrorCode::none);
  EXPECT_EQ(next(), "init 9/1") << "KIP-360";
  answer(ErrorCode::none, 9, 2);
  EXPECT_EQ(identity_, "9/2");
  EXPECT_EQ(told_.back(), "abort");
  EXPECT_TRUE(machine_.begin().ok());
}

TEST_F(Second, AMemberThatIsNoneAnyMoreLosesTheTransactionAlone) {
  for (const ErrorCode code :
       {ErrorCode::illegal_generation, ErrorCode::unknown_member_id, ErrorCode::fenced_instance_id,
        ErrorCode::group_authorization_failed, ErrorCode::transaction_abortable}) {
    begin();
    machine_.send_offsets({}, {.group = "g", .generation = 1, .member_id = "m"}, in(60),
                          done("offsets"));
    machine_.commit(in(60), done("commit"));
    ASSERT_EQ(next(), "offsets 1");
    answer(code);
    EXPECT_EQ(next(), "");
    EXPECT_EQ(told_.size(), 2U) << "the commit behind it fails too";
    EXPECT_EQ(machine_.state(), TransactionState::must_abort);
    EXPECT_EQ(error_->kafka_code(), static_cast<std::int16_t>(code));
    machine_.abort(in(60), done("abort"));
    ASSERT_EQ(next(), "abort");
    answer(ErrorCode::none, 9, 3);
    EXPECT_EQ(machine_.state(), TransactionState::ready);
  }
}

TEST_F(First, AnAbortOfWhatTheCoordinatorNeverHeardOfIsDone) {
  begin();
  machine_.add({{"forbidden", 0}});
  ASSERT_EQ(next(), "add 1");
  answer(ErrorCode::topic_authorization_failed);
  EXPECT_EQ(machine_.state(), TransactionState::must_abort);
  machine_.abort(in(60), done("abort"));
  ASSERT_EQ(next(), "abort");
  answer(ErrorCode::invalid_txn_state);
  EXPECT_EQ(told_, (std::vector<std::string>{"abort"}));
  EXPECT_EQ(machine_.state(), TransactionState::ready);
}

TEST_F(First, CoordinatorsThatMoveOrLoadAreAskedAgain) {
  machine_.init(in(60), done("init"));
  for (const ErrorCode code : {ErrorCode::not_coordinator, ErrorCode::coordinator_not_available,
                               ErrorCode::coordinator_load_in_progress}) {
    ASSERT_EQ(next(), "init -1/-1");
    answer(code);
    EXPECT_EQ(next(), "");
    now_ += 2 * second_ns;
  }
  ASSERT_EQ(next(), "init -1/-1");
  answer(ErrorCode::transactional_id_authorization_failed);
  EXPECT_EQ(machine_.state(), TransactionState::failed);
  EXPECT_FALSE(machine_.begin().ok());
}

TEST_F(Second, ClosingTellsEverybody) {
  begin();
  sent_any_ = true;
  machine_.commit(in(60), done("commit"));
  ASSERT_EQ(next(), "commit");
  machine_.abort(in(60), done("abort"));
  machine_.close(Error(Errc::cancelled, "closed"));
  EXPECT_EQ(told_, (std::vector<std::string>{"commit!cancelled", "abort!cancelled"}));
}

TEST_F(First, WhatIsOutOfOrderIsNamed) {
  EXPECT_EQ(machine_.begin().error().code(), Errc::invalid_argument);
  machine_.commit(in(60), done("commit"));
  EXPECT_EQ(next(), "");
  EXPECT_EQ(told_, (std::vector<std::string>{"commit!invalid_argument"}));
  begin();
  EXPECT_EQ(machine_.begin().error().code(), Errc::invalid_argument) << "one is open";
}

}  // namespace
}  // namespace horolog::client
