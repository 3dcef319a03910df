#include "client/producer_sender.hpp"

#include <string>
#include <vector>

#include "record/batch.hpp"
#include "record/record.hpp"

namespace horolog::client {
namespace {

using wire::ErrorCode;

class StillClock final : public Clock {
 public:
  TimestampMs wall_ms() const override { return 1'700'000'000'000; }
  MonoNs mono_ns() const override { return now; }
  MonoNs now = 1'000'000'000;
};

/// A sender with a broker played by the test: what it sends is read back from the batches' bytes.
class SenderTest : public testing::Test {
 protected:
  struct Seen {
    std::int32_t partition;
    ProducerEpoch epoch;
    std::int32_t sequence;
    std::string values;
    bool operator==(const Seen&) const = default;
  };

  explicit SenderTest(ProducerSender::Settings settings = {})
      : accumulator_({.batch_bytes = 400, .memory_bytes = 1 << 20}, clock_,
                     {.wake = [] {},
                      .need_topic = [](const std::string&) {},
                      .must_not_wait = [] { return true; }}),
        sender_(settings, accumulator_,
                {.leader = [this](const PartitionQueue&) { return leader_; },
                 .leader_failed = [this](const PartitionQueue&) { ++leader_failures_; },
                 .random = [] { return 0.5; },
                 .transaction_failed =
                     [this](const Error& why, bool gap) {
                       transaction_error_ = why;
                       gap_ = gap;
                     }}) {
    if (!settings.transactional) sender_.set_identity(7, 0);
  }

  void send(std::string value, PartitionIndex partition = 0) {
    const auto taken = accumulator_.append(
        {.topic = "t", .partition = partition, .value = value},
        [this, value](const Result<Position>& at) {
          told_.push_back(value + (at ? "@" + std::to_string(at->offset)
                                      : "!" + std::string(to_string(at.error().code()))));
        });
    ASSERT_TRUE(taken.ok());
  }
  /// Each value in a request of its own.
  void send_apart(const std::vector<std::string>& values) {
    for (const std::string& value : values) {
      send(value);
      turn();
    }
  }
  std::vector<ProduceBundle>& turn() {
    sender_.turn(clock_.now, flying_);
    return flying_;
  }
  void later(MonoNs ns) { clock_.now += ns; }
  static Seen seen(const ProduceBundle::Part& part) {
    const record::BatchView view = record::parse_batch(part.batch->wire()).value();
    EXPECT_TRUE(record::verify_crc(view).ok());
    ByteBuffer scratch;
    record::RecordReader reader = record::RecordReader::open(view, scratch).value();
    std::string values;
    while (reader.next()) values += as_text(reader.record().value.value());
    return {part.flow->queue.partition, view.producer_epoch(), view.base_sequence(), values};
  }
  std::vector<Seen> on_the_wire() const {
    std::vector<Seen> out;
    for (const ProduceBundle& bundle : flying_) {
      for (const auto& part : bundle.parts) out.push_back(seen(part));
    }
    return out;
  }
  /// The oldest request is answered, all its parts alike.
  void answer(ErrorCode code, Offset offset = no_offset) {
    const ProduceBundle bundle = flying_.front();
    flying_.erase(flying_.begin());
    for (const auto& part : bundle.parts) {
      sender_.answered(part, {.code = code, .base_offset = offset}, clock_.now);
    }
    sender_.finished(bundle.node);
  }
  void lose(bool sent = true) {
    const ProduceBundle bundle = flying_.front();
    flying_.erase(flying_.begin());
    for (const auto& part : bundle.parts) {
      sender_.lost(part, Error(Errc::closed, "connection lost"), sent, clock_.now);
    }
    sender_.finished(bundle.node);
  }

  StillClock clock_;
  NodeId leader_ = 1;
  int leader_failures_ = 0;
  std::optional<Error> transaction_error_;
  bool gap_ = false;
  std::vector<std::string> told_;
  Accumulator accumulator_;
  ProducerSender sender_;
  std::vector<ProduceBundle> flying_;
};

TEST_F(SenderTest, SequencesRunOnAndAtMostFiveRequestsAreInFlight) {
  send_apart({"a", "b", "c", "d", "e", "f"});
  EXPECT_EQ(on_the_wire(), (std::vector<Seen>{{0, 0, 0, "a"},
                                              {0, 0, 1, "b"},
                                              {0, 0, 2, "c"},
                                              {0, 0, 3, "d"},
                                              {0, 0, 4, "e"}}));
  answer(ErrorCode::none, 100);
  turn();
  EXPECT_EQ(on_the_wire().back(), (Seen{0, 0, 5, "f"}));
  EXPECT_EQ(told_, (std::vector<std::string>{"a@100"}));
}

TEST_F(SenderTest, PartitionsOfOneLeaderShareARequest) {
  send("a", 0);
  send("b", 1);
  turn();
  ASSERT_EQ(flying_.size(), 1U);
  EXPECT_EQ(flying_[0].parts.size(), 2U);
}

TEST_F(SenderTest, ALostAnswerIsAskedForAgainInOrderUnderTheSameNumbers) {
  send_apart({"a", "b", "c"});
  lose();
  // What is still on its way comes first, or it would be overtaken.
  later(200'000'000);
  turn();
  EXPECT_EQ(flying_.size(), 2U);
  answer(ErrorCode::out_of_order_sequence_number);
  answer(ErrorCode::out_of_order_sequence_number);
  later(2'000'000'000);
  turn();
  EXPECT_EQ(on_the_wire(),
            (std::vector<Seen>{{0, 0, 0, "a"}, {0, 0, 1, "b"}, {0, 0, 2, "c"}}));
  answer(ErrorCode::duplicate_sequence_number);
  answer(ErrorCode::none, 11);
  answer(ErrorCode::none, 12);
  EXPECT_EQ(told_, (std::vector<std::string>{"a@-1", "b@11", "c@12"}));
  EXPECT_TRUE(accumulator_.empty());
}

TEST_F(SenderTest, EveryRetriableErrorIsRetriedAndNoOther) {
  int retried = 0;
  for (std::int16_t number = -1; number <= 133; ++number) {
    const auto code = static_cast<ErrorCode>(number);
    const bool special = code == ErrorCode::none || code == ErrorCode::unknown_producer_id ||
                         code == ErrorCode::duplicate_sequence_number ||
                         code == ErrorCode::out_of_order_sequence_number ||
                         code == ErrorCode::invalid_producer_epoch;
    if (special) continue;
    told_.clear();
    send("x");
    turn();
    ASSERT_EQ(flying_.size(), 1U) << number;
    answer(code);
    EXPECT_EQ(told_.empty(), wire::is_retriable(code)) << number;
    later(2'000'000'000);
    turn();
    if (wire::is_retriable(code)) {
      ++retried;
      ASSERT_EQ(flying_.size(), 1U) << number;
      answer(ErrorCode::none, 1);
      EXPECT_EQ(told_, (std::vector<std::string>{"x@1"})) << number;
    }
  }
  EXPECT_GT(retried, 20);
  EXPECT_GT(leader_failures_, 5);
}

TEST_F(SenderTest, ItBacksOffLongerWithEachFailure) {
  send("a");
  turn();
  answer(ErrorCode::not_enough_replicas);
  turn();
  EXPECT_TRUE(flying_.empty());
  EXPECT_EQ(sender_.next_turn(), clock_.now + 100'000'000);
  later(100'000'000);
  turn();
  ASSERT_EQ(flying_.size(), 1U);
  answer(ErrorCode::not_enough_replicas);
  turn();
  later(199'000'000);
  turn();
  EXPECT_TRUE(flying_.empty());
  later(1'000'000);
  turn();
  EXPECT_EQ(flying_.size(), 1U);
}

TEST_F(SenderTest, ARefusedBatchLeavesAGapAndTheRestStartsAgainInAHigherEpoch) {
  send_apart({"a", "b", "c"});
  answer(ErrorCode::invalid_record);
  answer(ErrorCode::out_of_order_sequence_number);
  answer(ErrorCode::out_of_order_sequence_number);
  send("d");
  later(2'000'000'000);
  turn();
  EXPECT_EQ(on_the_wire(), (std::vector<Seen>{{0, 1, 0, "b"}, {0, 1, 1, "c"}, {0, 1, 2, "d"}}));
  EXPECT_EQ(told_, (std::vector<std::string>{"a!corrupt"}));
}

TEST_F(SenderTest, BehindABatchThatTimedOutWhatWasSentIsFirstOfferedUnderItsOldNumbers) {
  send_apart({"a"});
  later(1'000'000'000);
  send_apart({"b"});
  lose();
  lose();
  later(119'500'000'000);
  turn();
  ASSERT_EQ(told_, (std::vector<std::string>{"a!timed_out"}));
  // The broker may have both: only under its old number is b known to it.
  ASSERT_EQ(on_the_wire(), (std::vector<Seen>{{0, 0, 1, "b"}}));
  // It did not have a, so it cannot have b.
  answer(ErrorCode::out_of_order_sequence_number);
  send("c");
  later(400'000'000);
  turn();
  EXPECT_EQ(on_the_wire(), (std::vector<Seen>{{0, 1, 0, "b"}, {0, 1, 1, "c"}}));
}

TEST_F(SenderTest, AfterATimedOutBatchNewOnesGoUnderAnotherEpoch) {
  send_apart({"a"});
  lose();
  later(121'000'000'000);
  turn();
  ASSERT_EQ(told_, (std::vector<std::string>{"a!timed_out"}));
  send_apart({"b"});
  EXPECT_EQ(on_the_wire(), (std::vector<Seen>{{0, 1, 0, "b"}}));
}

TEST_F(SenderTest, WhatWasNeverSentTimesOutWithoutAGap) {
  leader_ = no_node;
  send("a");
  turn();
  EXPECT_EQ(sender_.leaderless(), (std::set<std::string>{"t"}));
  later(121'000'000'000);
  turn();
  EXPECT_EQ(told_, (std::vector<std::string>{"a!timed_out"}));
  leader_ = 2;
  send_apart({"b"});
  EXPECT_EQ(on_the_wire(), (std::vector<Seen>{{0, 0, 0, "b"}}));
}

TEST_F(SenderTest, AnEpochThatIsUsedUpNeedsAnotherProducerId) {
  sender_.set_identity(8, std::numeric_limits<ProducerEpoch>::max());
  send_apart({"a"});
  answer(ErrorCode::unknown_producer_id);
  later(2'000'000'000);
  turn();
  EXPECT_TRUE(flying_.empty());
  EXPECT_TRUE(sender_.wants_identity());
  sender_.set_identity(9, 0);
  turn();
  EXPECT_EQ(on_the_wire(), (std::vector<Seen>{{0, 0, 0, "a"}}));
}

TEST_F(SenderTest, ATooLargeBatchIsHalvedUntilItIsOneRecord) {
  for (const char* value : {"a", "b", "c"}) send(value);
  turn();
  send_apart({"d"});
  answer(ErrorCode::message_too_large);
  answer(ErrorCode::out_of_order_sequence_number);
  later(2'000'000'000);
  turn();
  EXPECT_EQ(on_the_wire(), (std::vector<Seen>{{0, 0, 0, "a"}, {0, 0, 1, "bc"}, {0, 0, 3, "d"}}));
  answer(ErrorCode::message_too_large);
  EXPECT_EQ(told_, (std::vector<std::string>{"a!too_large"}));
}

TEST_F(SenderTest, RefusingFailsWhatWaitsAndWaitsForWhatIsSent) {
  send_apart({"a"});
  sender_.refuse(Error(Errc::cancelled, "no more"));
  send("b");
  turn();
  EXPECT_EQ(told_, (std::vector<std::string>{"b!cancelled"}));
  EXPECT_FALSE(accumulator_.empty());
  answer(ErrorCode::none, 5);
  EXPECT_TRUE(accumulator_.empty());
  EXPECT_EQ(told_.back(), "a@5");
}

TEST_F(SenderTest, AbandoningTellsEveryRecordOnce) {
  send_apart({"a"});
  send("b");
  sender_.abandon(Error(Errc::cancelled, "closed"));
  EXPECT_EQ(told_.size(), 2U);
}

class TransactionalSenderTest : public SenderTest {
 protected:
  TransactionalSenderTest() : SenderTest({.transactional = true}) {}
};

TEST_F(TransactionalSenderTest, PartitionsJoinBeforeTheyAreWrittenTo) {
  sender_.set_identity(5, 3);
  sender_.start_transaction(1, true);
  send("a");
  turn();
  EXPECT_TRUE(flying_.empty());
  EXPECT_EQ(sender_.take_joining(), (std::vector<TopicPartition>{{"t", 0}}));
  turn();
  EXPECT_TRUE(sender_.take_joining().empty()) << "asked once";
  EXPECT_FALSE(sender_.sent_any());
  sender_.joined({"t", 0});
  turn();
  EXPECT_EQ(on_the_wire(), (std::vector<Seen>{{0, 3, 0, "a"}}));
  answer(ErrorCode::none, 1);
  // The next transaction joins anew, and goes on with the sequences of the same epoch.
  sender_.start_transaction(2, true);
  send("b");
  turn();
  EXPECT_TRUE(flying_.empty());
  sender_.take_joining();
  sender_.joined({"t", 0});
  turn();
  EXPECT_EQ(on_the_wire(), (std::vector<Seen>{{0, 3, 1, "b"}}));
}

TEST_F(TransactionalSenderTest, ATopicThatIsNotThereIsLookedUpBeforeItsPartitionsJoin) {
  leader_ = no_node;
  sender_.set_identity(5, 3);
  sender_.start_transaction(1, true);
  send("a");
  turn();
  EXPECT_TRUE(sender_.take_joining().empty());
  EXPECT_EQ(sender_.leaderless(), (std::set<std::string>{"t"}));
  leader_ = 1;
  turn();
  EXPECT_EQ(sender_.take_joining(), (std::vector<TopicPartition>{{"t", 0}}));
}

TEST_F(TransactionalSenderTest, InTheSecondProtocolAnEpochStartsAtZero) {
  sender_.set_identity(5, 3);
  sender_.start_transaction(1, false);
  send_apart({"a"});
  EXPECT_TRUE(sender_.sent_any());
  answer(ErrorCode::none, 1);
  sender_.set_identity(5, 4);
  sender_.start_transaction(2, false);
  send_apart({"b"});
  EXPECT_EQ(on_the_wire(), (std::vector<Seen>{{0, 4, 0, "b"}}));
}

TEST_F(TransactionalSenderTest, ABatchThatFailsFailsTheTransaction) {
  sender_.set_identity(5, 3);
  sender_.start_transaction(1, false);
  send_apart({"a"});
  answer(ErrorCode::invalid_producer_epoch);
  ASSERT_TRUE(transaction_error_.has_value());
  EXPECT_EQ(transaction_error_->remedy(), Remedy::abort_transaction);
  EXPECT_TRUE(gap_);
  send_apart({"b"});
  EXPECT_TRUE(flying_.empty()) << "nothing goes over a gap";
  sender_.set_identity(5, 4);
  turn();
  EXPECT_EQ(on_the_wire(), (std::vector<Seen>{{0, 4, 0, "b"}}));
}

}  // namespace
}  // namespace horolog::client
