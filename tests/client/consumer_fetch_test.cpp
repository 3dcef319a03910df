#include <algorithm>

#include "consumer_kit.hpp"

namespace horolog::client::test {
namespace {

using namespace std::chrono_literals;
using wire::ErrorCode;
using Values = std::vector<std::string>;

class ConsumerFetchTest : public ConsumerKit {
 protected:
  void open_alone(ConsumerOptions options = usual()) {
    options.group.clear();
    open(std::move(options));
  }
  static std::size_t partitions_asked(const SeenFetch& fetch) { return fetch.asked.size(); }
  /// As a log with each value in a batch of its own.
  static FetchKit apart(const Values& values) {
    FetchKit kit;
    for (const std::string& value : values) kit.batch({value});
    return kit;
  }
};

TEST_F(ConsumerFetchTest, ReadsWhatIsThereAndWhatComesLater) {
  logs[0].records.batch({"a", "b"}).batch({"c"});
  open_alone();
  assign(1);
  EXPECT_EQ(poll(), (Values{"a", "b", "c"}));
  EXPECT_EQ(*consumer->position({"t", 0}, 0ms), 3);
  EXPECT_EQ(consumer->lag({"t", 0}), 0);
  logs[0].records.batch({"d"});
  EXPECT_EQ(poll(), (Values{"d"}));
}

TEST_F(ConsumerFetchTest, ASessionSaysOnlyWhatChanged) {
  logs.resize(3);
  for (auto& log : logs) log.records.batch({"x"});
  open_alone();
  assign(3);
  EXPECT_EQ(poll().size(), 3U);
  ASSERT_GE(fetches.size(), 2U);
  EXPECT_EQ(fetches[0].session_epoch, 0);
  EXPECT_EQ(partitions_asked(fetches[0]), 3U);
  fetches.clear();
  logs[1].records.batch({"y"});
  EXPECT_EQ(poll(), (Values{"y"}));
  ASSERT_FALSE(fetches.empty());
  EXPECT_EQ(fetches[0].session_id, 41);
  EXPECT_GT(fetches[0].session_epoch, 0);
  EXPECT_EQ(fetches[0].asked, (std::map<int, Offset>{{1, 2}}));

  fetches.clear();
  assign(2);
  pass(1s);
  ASSERT_FALSE(fetches.empty());
  EXPECT_EQ(fetches[0].forgotten, std::vector<int>{2});
  EXPECT_EQ(partitions_asked(fetches[0]), 0U);
}

TEST_F(ConsumerFetchTest, ASessionThatTheBrokerForgotStartsAnew) {
  logs[0].records.batch({"a"});
  open_alone();
  assign(1);
  EXPECT_EQ(poll(), (Values{"a"}));
  for (const ErrorCode code :
       {ErrorCode::fetch_session_id_not_found, ErrorCode::invalid_fetch_session_epoch}) {
    fetch_session_errors.push_back(code);
    logs[0].records.batch({"b"});
    fetches.clear();
    EXPECT_EQ(poll(1500ms), (Values{"b"}));
    ASSERT_TRUE(fetch_session_errors.empty());
    const auto anew = std::ranges::find(fetches, 0, &SeenFetch::session_epoch);
    ASSERT_NE(anew, fetches.end());
    EXPECT_EQ(anew->asked.size(), 1U);
  }
  EXPECT_FALSE(error);
}

TEST_F(ConsumerFetchTest, FollowsALeaderThatMoves) {
  logs[0].records.batch({"a"});
  open_alone();
  assign(1);
  EXPECT_EQ(poll(), (Values{"a"}));
  logs[0].leader = 2;
  logs[0].epoch = 4;
  logs[0].records.batch({"b"});
  EXPECT_EQ(poll(2s), (Values{"b"}));
  EXPECT_EQ(fetches.back().node, 2);
  EXPECT_GE(epoch_questions, 1) << "a new leader may have cut the log (KIP-320)";
  EXPECT_FALSE(error);
}

TEST_F(ConsumerFetchTest, ALeaderWhoseConnectionIsLostIsAskedAgain) {
  logs[0].records.batch({"a"});
  open_alone();
  assign(1);
  EXPECT_EQ(poll(), (Values{"a"}));
  for (const auto& connection : stage.broker(9001).connections) {
    ScriptedBroker::hang_up(*connection);
  }
  logs[0].records.batch({"b"});
  EXPECT_EQ(poll(3s), (Values{"b"}));
  EXPECT_FALSE(error);
}

TEST_F(ConsumerFetchTest, ALogThatWasCutIsGoneBackIn) {
  logs[0].records.batch({"a", "b", "c"});
  open_alone();
  assign(1);
  EXPECT_EQ(poll().size(), 3U);
  logs[0].records = FetchKit().batch({"a"}).epoch(4).batch({"B"});
  logs[0].leader = 2;
  logs[0].epoch = 4;
  logs[0].epoch_end = 1;
  EXPECT_EQ(poll(2s), (Values{"B"})) << "from where the old epoch ends";
}

TEST_F(ConsumerFetchTest, ALogThatWasCutIsAnErrorWithoutAPolicy) {
  logs[0].records.batch({"a", "b", "c"});
  ConsumerOptions options = usual();
  options.offset_reset = OffsetReset::none;
  open_alone(options);
  assign(1);
  ASSERT_TRUE(consumer->seek({"t", 0}, 0));
  EXPECT_EQ(poll().size(), 3U);
  logs[0].leader = 2;
  logs[0].epoch = 4;
  logs[0].epoch_end = 1;
  poll(2s);
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), Errc::out_of_range);
  EXPECT_NE(error->message().find("cut at 1"), std::string::npos) << error->message();
}

TEST_F(ConsumerFetchTest, OutOfRangeGoesByThePolicy) {
  logs[0].records = apart({"a", "b", "c", "d"});
  logs[0].start = 2;
  for (const OffsetReset policy : {OffsetReset::earliest, OffsetReset::latest}) {
    consumer.reset();
    stage.cluster.reset();
    ConsumerOptions options = usual();
    options.offset_reset = policy;
    open_alone(options);
    assign(1);
    ASSERT_TRUE(consumer->seek({"t", 0}, 1));
    const Values wanted = policy == OffsetReset::earliest ? Values{"c", "d"} : Values{};
    EXPECT_EQ(poll(), wanted);
    EXPECT_EQ(*consumer->position({"t", 0}, 0ms), 4);
    EXPECT_FALSE(error);
  }
}

TEST_F(ConsumerFetchTest, OutOfRangeWithoutAPolicyIsAnErrorUntilTheSeek) {
  logs[0].records = apart({"a", "b", "c"});
  logs[0].start = 1;
  logs.emplace_back();
  ConsumerOptions options = usual();
  options.offset_reset = OffsetReset::none;
  open_alone(options);
  assign(2);
  ASSERT_TRUE(consumer->seek({"t", 0}, 0));
  ASSERT_TRUE(consumer->seek({"t", 1}, 0));
  EXPECT_EQ(poll(), Values{});
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), Errc::out_of_range);
  EXPECT_NE(error->message().find("t-0"), std::string::npos) << error->message();

  logs[1].records.batch({"other"});
  EXPECT_EQ(poll(), Values{"other"}) << "the other partition goes on";
  ASSERT_TRUE(consumer->seek({"t", 0}, 2));
  error.reset();
  EXPECT_EQ(poll(), Values{"c"});
  EXPECT_FALSE(error);
}

TEST_F(ConsumerFetchTest, ErrorsThatPassAreRiddenOut) {
  logs[0].records.batch({"a"});
  for (const ErrorCode code :
       {ErrorCode::unknown_topic_or_partition, ErrorCode::kafka_storage_error,
        ErrorCode::unknown_leader_epoch, ErrorCode::offset_not_available,
        ErrorCode::unknown_server_error}) {
    fetch_errors.push_back(code);
  }
  open_alone();
  assign(1);
  EXPECT_EQ(poll(10s), Values{"a"});
  EXPECT_FALSE(error) << error->message();
  EXPECT_TRUE(fetch_errors.empty());
}

TEST_F(ConsumerFetchTest, ErrorsThatCannotPassAreTold) {
  logs[0].records.batch({"a"});
  fetch_errors.push_back(ErrorCode::topic_authorization_failed);
  open_alone();
  assign(1);
  EXPECT_EQ(poll(), Values{});
  ASSERT_TRUE(error);
  EXPECT_EQ(error->kafka_code(), 29);
}

TEST_F(ConsumerFetchTest, PausedPartitionsKeepTheirPlace) {
  logs.resize(2);
  logs[0].records.batch({"a"});
  logs[1].records.batch({"b"});
  open_alone();
  assign(2);
  ASSERT_TRUE(consumer->pause({{"t", 0}}));
  EXPECT_EQ(poll(), Values{"b"});
  logs[0].records.batch({"c"});
  logs[1].records.batch({"d"});
  EXPECT_EQ(poll(), Values{"d"});
  EXPECT_EQ(consumer->paused(), (std::set<TopicPartition>{{"t", 0}}));
  ASSERT_TRUE(consumer->resume({{"t", 0}}));
  EXPECT_EQ(poll(), (Values{"a", "c"}));
  // What was fetched already when it was paused is kept, and not handed out.
  logs[0].records.batch({"e"});
  pass(1s);
  ASSERT_TRUE(consumer->pause({{"t", 0}}));
  EXPECT_EQ(poll(), Values{});
  ASSERT_TRUE(consumer->resume({{"t", 0}}));
  EXPECT_EQ(poll(), Values{"e"});
}

TEST_F(ConsumerFetchTest, WhatIsFetchedAheadIsBounded) {
  FetchKit many;
  const std::string big(1000, 'x');
  for (int i = 0; i < 200; ++i) many.batch({big});
  logs[0].records = many;
  ConsumerOptions options = usual();
  options.partition_max_bytes = 5000;
  options.buffered_bytes = 20'000;
  options.max_poll_records = 1;
  open_alone(options);
  assign(1);
  pass(2s);
  const std::size_t before = fetches.size();
  EXPECT_LE(before, 4U) << "nothing is handed out, so little is fetched";
  pass(5s);
  EXPECT_EQ(fetches.size(), before);
  EXPECT_EQ(poll(10s).size(), 200U);
}

TEST_F(ConsumerFetchTest, ReadCommittedLeavesOutWhatWasAborted) {
  logs[0].records.transactional(7, {"a"})
      .transactional(8, {"b"})
      .batch({"plain"})
      .marker(7, false)
      .transactional(7, {"c"})
      .marker(8, true)
      .marker(7, true)
      .transactional(9, {"open"});
  logs[0].stable = 7;
  logs[0].aborted = {{.producer_id = 7, .first_offset = 0}};
  ConsumerOptions options = usual();
  options.isolation = Isolation::read_committed;
  open_alone(options);
  assign(1);
  EXPECT_EQ(poll(), (Values{"b", "plain", "c"}));
  EXPECT_EQ(*consumer->position({"t", 0}, 0ms), 7);
  logs[0].records.marker(9, true);
  logs[0].stable.reset();
  EXPECT_EQ(poll(), Values{"open"});
}

TEST_F(ConsumerFetchTest, SeeksDropWhatWasFetched) {
  logs[0].records = apart({"a", "b", "c"});
  ConsumerOptions options = usual();
  options.max_poll_records = 1;
  open_alone(options);
  assign(1);
  pass(300ms);
  EXPECT_EQ(consumer->poll(0ms)->begin()->value.text(), "a");
  ASSERT_TRUE(consumer->seek({"t", 0}, 2));
  // The fetch that is under way comes back first.
  EXPECT_EQ(poll(1s), Values{"c"});
  ASSERT_TRUE(consumer->seek_to_beginning());
  EXPECT_EQ(poll(1s), (Values{"a", "b", "c"}));
  ASSERT_TRUE(beside([&] { return consumer->seek_to_time({{"t", 0}}, 1001, 5s); }));
  EXPECT_EQ(poll(1s), (Values{"b", "c"}));
  ASSERT_TRUE(beside([&] { return consumer->seek_to_time({{"t", 0}}, 9000, 5s); }));
  EXPECT_EQ(poll(1s), Values{}) << "no record is as late: the end";
}

TEST_F(ConsumerFetchTest, OldBrokersAreReadByTheirVersions) {
  use_2_1();
  logs[0].records.batch({"a"});
  logs[0].stable = 1;
  ConsumerOptions options = usual();
  options.isolation = Isolation::read_committed;
  open_alone(options);
  assign(1);
  EXPECT_EQ(poll(), Values{"a"});
  EXPECT_EQ(fetches[0].version, 10);
  logs[0].leader = 2;
  logs[0].epoch = 4;
  logs[0].stable.reset();
  logs[0].records.batch({"b"});
  EXPECT_EQ(poll(3s), Values{"b"});
  EXPECT_EQ(epoch_questions, 0) << "2.1 cannot be asked in a version that says enough";
  EXPECT_FALSE(error);
}

}  // namespace
}  // namespace horolog::client::test
