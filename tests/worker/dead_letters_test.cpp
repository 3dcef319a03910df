#include "worker/dead_letters.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "scheduler/names.hpp"
#include "scheduler/run_record.hpp"

namespace horolog::worker {
namespace {

const TopicPartition place{"jobs.dlq", 0};

/// Offsets of letters lie apart: each was written in a transaction of its own.
void add(DeadLetters& letters, Offset offset, const std::string& id, const char* attempt = "2") {
  const std::vector<HeaderView> headers{
      {"mine", "1"},           {"horolog-lane", "eu"},         {"horolog-expires", "5"},
      {"horolog-fire-id", id}, {"horolog-attempt", attempt},   {"horolog-schedule", "nightly"},
      {"horolog-dead-topic", "jobs"}, {"horolog-dead-partition", "3"},
      {"horolog-dead-offset", "17"},  {"horolog-dead-cause", "exit 3"}};
  ASSERT_TRUE(letters.add({.topic = place.topic, .partition = 0, .offset = offset, .timestamp = 9,
                           .key = "k", .value = "v", .headers = headers}));
}

TEST(DeadLetters, SayWhatANewTaskWouldBe) {
  DeadLetters letters;
  add(letters, 0, "a");
  const DeadLetter& letter = letters.all().front();
  EXPECT_EQ(letter.fire_id, "a");
  EXPECT_EQ(letter.attempt, 2);
  EXPECT_EQ(letter.topic, "jobs");
  EXPECT_EQ(letter.partition, 3);
  EXPECT_EQ(letter.origin, 17);
  EXPECT_EQ(letter.cause, "exit 3");
  EXPECT_EQ(letter.schedule, "nightly");
  ASSERT_EQ(letter.headers.size(), 2U);
  EXPECT_EQ(letter.headers[0].key, "mine");
  EXPECT_EQ(letter.headers[1].key, "horolog-lane");
}

TEST(DeadLetters, ASettledOneIsSettledOnce) {
  DeadLetters letters;
  for (const Offset at : {0, 2, 4}) add(letters, at, std::to_string(at));
  ASSERT_NE(letters.find_open("2"), nullptr);
  ASSERT_TRUE(letters.settle(*letters.find_open("2"), 4'096));
  const CompletedOffsets committed = letters.changed().at(place);
  // What another call finds.
  DeadLetters again;
  auto read = CompletedOffsets::parse(committed.next(), committed.metadata());
  ASSERT_TRUE(read);
  again.settled_before(place, std::move(*read));
  for (const Offset at : {0, 2, 4}) add(again, at, std::to_string(at));
  EXPECT_EQ(again.find_open("2"), nullptr);
  ASSERT_EQ(again.open().size(), 2U);
  for (const DeadLetter& each : again.open()) ASSERT_TRUE(again.settle(each, 4'096));
  EXPECT_EQ(again.changed().at(place).next(), 5);
  EXPECT_EQ(again.changed().at(place).metadata(), "");
}

TEST(DeadLetters, TheLatestDeathOfATaskCounts) {
  DeadLetters letters;
  add(letters, 0, "a", "3");
  add(letters, 1, "a", "5");
  add(letters, 2, "b", "1");
  EXPECT_EQ(letters.find_open("a")->offset, 1);
  EXPECT_EQ(letters.find_open("nobody"), nullptr);
}

TEST(DeadLetters, OneTooFarAwayIsRefused) {
  DeadLetters letters;
  add(letters, 0, "a");
  add(letters, 1'000'000, "b");
  const Status refused = letters.settle(*letters.find_open("b"), 10);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), Errc::too_large);
  EXPECT_NE(refused.error().message().find("dlq retry jobs"), std::string::npos);
}

TEST(DeadLetters, OthersRecordsAreNone) {
  DeadLetters letters;
  const Status added = letters.add({.topic = "jobs.dlq", .partition = 0, .offset = 7, .key = {},
                                    .value = "x", .headers = {}});
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().code(), Errc::corrupt);
  EXPECT_NE(added.error().message().find("jobs.dlq:0:7"), std::string::npos);
}

TEST(DeadLetters, NameTheirTopic) {
  EXPECT_EQ(letters_topic("jobs"), "jobs.dlq");
  EXPECT_EQ(letters_topic("jobs.dlq"), "jobs.dlq");
}

TEST(DeadLetters, LeaveALineOfHistory) {
  DeadLetters letters;
  add(letters, 0, "a");
  const auto record = settled_record(letters.all().front(), scheduler::event::discarded, "why", 9);
  EXPECT_EQ(record.key, "a");
  const auto run = scheduler::RunRecord::parse(*record.value);
  ASSERT_TRUE(run);
  EXPECT_EQ(run->event, "discarded");
  EXPECT_EQ(run->schedule, "nightly");
  EXPECT_EQ(run->attempt, 2);
  EXPECT_EQ(run->reason, "why");
}

}  // namespace
}  // namespace horolog::worker
