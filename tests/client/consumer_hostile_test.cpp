#include <algorithm>

#include "consumer_kit.hpp"

namespace horolog::client::test {
namespace {

using namespace std::chrono_literals;
using wire::ErrorCode;
using Connection = ScriptedBroker::Connection;
using Values = std::vector<std::string>;

/// A broker that answers a fetch wrongly, then well: whatever it did, the records come once each
/// and in order.
class ConsumerHostileTest : public ConsumerKit {
 protected:
  ConsumerHostileTest() {
    logs.resize(2);
    logs[0].records.batch({"a", "b"});
    logs[1].records.batch({"c"});
  }
  /// All is read, and two records more have come since: the next answer is the trick's.
  void settle() {
    ConsumerOptions options = usual();
    options.group.clear();
    open(options);
    assign(2);
    ASSERT_EQ(poll(), (Values{"a", "b", "c"}));
    logs[0].records.batch({"d"});
    logs[1].records.batch({"e"});
  }
  void expect_all(std::chrono::milliseconds time = 3s) {
    Values got = poll(time);
    std::ranges::sort(got);
    EXPECT_EQ(got, (Values{"d", "e"}));
    EXPECT_TRUE(fetch_tricks.empty());
    EXPECT_FALSE(error) << error->message();
  }
  wire::FetchResponse good(std::int32_t session) {
    wire::FetchResponse answer{.session_id = session};
    auto& topic = answer.responses.emplace_back();
    topic.topic_id = topic_id();
    topic.partitions.push_back({.partition_index = 0,
                                .high_watermark = 3,
                                .aborted_transactions = std::nullopt,
                                .records = wire::Records::inline_bytes(tail())});
    return answer;
  }
  /// The batch with "d".
  ByteView tail() {
    record::BatchIterator it(logs[0].records.bytes());
    while (it.next()) {
      if (it.batch().base_offset() == 2) return it.batch().bytes();
    }
    return {};
  }
};

TEST_F(ConsumerHostileTest, TheConnectionBreaksInTheMiddleOfAnAnswer) {
  settle();
  fetch_tricks.push_back([this](Connection& connection, const wire::RequestFrame& request) {
    const ByteBuffer bytes = wire::encode_response(request.header, good(41)).bytes;
    ScriptedBroker::write(connection, ByteView(bytes).first(bytes.size() / 2));
    ScriptedBroker::hang_up(connection);
  });
  expect_all();
}

TEST_F(ConsumerHostileTest, AnAnswerComesTwice) {
  settle();
  fetch_tricks.push_back([this](Connection& connection, const wire::RequestFrame& request) {
    ScriptedBroker::send(connection, request, good(41));
    ScriptedBroker::send(connection, request, good(41));
  });
  expect_all();
}

TEST_F(ConsumerHostileTest, AnAnswerHasTheWrongNumber) {
  settle();
  fetch_tricks.push_back([this](Connection& connection, const wire::RequestFrame& request) {
    ScriptedBroker::write(connection,
                          wire::encode_response(good(41), request.header.api_version,
                                                request.header.correlation_id + 7).bytes);
  });
  expect_all();
}

TEST_F(ConsumerHostileTest, AnAnswerIsOfAnotherSession) {
  settle();
  fetch_tricks.push_back([this](Connection& connection, const wire::RequestFrame& request) {
    ScriptedBroker::send(connection, request, good(4711));
  });
  expect_all();
}

TEST_F(ConsumerHostileTest, PartitionsAreAnsweredThatNobodyAskedFor) {
  settle();
  fetch_tricks.push_back([this](Connection& connection, const wire::RequestFrame& request) {
    wire::FetchResponse answer = good(41);
    answer.responses[0].partitions[0].partition_index = 5;
    ScriptedBroker::send(connection, request, answer);
  });
  expect_all();
}

TEST_F(ConsumerHostileTest, AnAnswerNeverComes) {
  settle();
  fetch_tricks.emplace_back([](Connection&, const wire::RequestFrame&) {});
  expect_all(40s);
}

TEST_F(ConsumerHostileTest, AnAnswerComesTooLate) {
  settle();
  Connection* slow = nullptr;
  wire::RequestHeader header;
  fetch_tricks.emplace_back([&](Connection& connection, const wire::RequestFrame& request) {
    slow = &connection;
    header = request.header;
  });
  pass(31s);
  ASSERT_NE(slow, nullptr);
  ScriptedBroker::write(*slow, wire::encode_response(header, good(41)).bytes);
  expect_all();
}

TEST_F(ConsumerHostileTest, TheSamePartitionIsAnsweredTwiceInOneAnswer) {
  settle();
  fetch_tricks.push_back([this](Connection& connection, const wire::RequestFrame& request) {
    wire::FetchResponse answer = good(41);
    answer.responses.push_back(answer.responses[0]);
    ScriptedBroker::send(connection, request, answer);
  });
  expect_all();
}

TEST_F(ConsumerHostileTest, RecordsOfAnotherOffsetAreNotTaken) {
  settle();
  ByteBuffer old = FetchKit().batch({"x"}).bytes();
  fetch_tricks.push_back([&](Connection& connection, const wire::RequestFrame& request) {
    wire::FetchResponse answer = good(41);
    answer.responses[0].partitions[0].records = wire::Records::inline_bytes(old);
    ScriptedBroker::send(connection, request, answer);
  });
  Values got = poll(3s);
  EXPECT_EQ(got, Values{"e"}) << "the other partition goes on";
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), Errc::corrupt);
  error.reset();
  ASSERT_TRUE(consumer->seek({"t", 0}, 2));
  EXPECT_EQ(poll(), Values{"d"});
}

TEST_F(ConsumerHostileTest, DamageIsNamedAndCanBeSoughtPast) {
  settle();
  ByteBuffer damaged(tail().begin(), tail().end());
  damaged.back() ^= std::byte{1};
  fetch_tricks.push_back([&](Connection& connection, const wire::RequestFrame& request) {
    wire::FetchResponse answer = good(41);
    answer.responses[0].partitions[0].records = wire::Records::inline_bytes(damaged);
    ScriptedBroker::send(connection, request, answer);
  });
  EXPECT_EQ(poll(), Values{"e"});
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), Errc::corrupt);
  EXPECT_NE(error->message().find("t-0 at offset 2"), std::string::npos) << error->message();
  EXPECT_EQ(*consumer->position({"t", 0}, 0ms), 2);
  ASSERT_TRUE(consumer->seek({"t", 0}, 3));
  error.reset();
  logs[0].records.batch({"f"});
  EXPECT_EQ(poll(), Values{"f"});
  EXPECT_FALSE(error);
}

TEST_F(ConsumerHostileTest, AFetchPastTheBufferIsNotRepeatedInAStorm) {
  ConsumerOptions options = usual();
  options.group.clear();
  options.max_poll_records = 1;
  open(options);
  assign(1);
  pass(100ms);  // "a" and "b" are buffered, and the fetch at 2 waits
  logs[0].start = 9;
  logs[0].records.start_at(10);
  fetches.clear();
  pass(1s);
  EXPECT_GE(fetches.size(), 2U);
  EXPECT_LE(fetches.size(), 15U) << "what is buffered is still to be handed out";
  EXPECT_EQ(poll(), (Values{"a", "b"}));
}

}  // namespace
}  // namespace horolog::client::test
