#include "worker/after_attempt.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "scheduler/identity.hpp"
#include "scheduler/run_record.hpp"
#include "worker/valid_text.hpp"

namespace horolog::worker {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

using Headers = std::vector<HeaderView>;

/// A record with its headers in one place.
struct Made {
  Headers headers;
  RecordView record;

  explicit Made(Headers with = {}) : headers(std::move(with)) {
    record = {.topic = "emails",
              .partition = 2,
              .offset = 17,
              .timestamp = 1'000'000,
              .key = "k",
              .value = "payload",
              .headers = headers};
  }
  TaskFields fields() const { return read_task_fields(record); }
};

std::string header_of(const scheduler::OutRecord& record, std::string_view name) {
  const std::string* found = scheduler::find_header(record.headers, name);
  return found == nullptr ? "(none)" : *found;
}

TEST(TaskFields, APlainRecordIsATask) {
  const TaskFields fields = Made().fields();
  EXPECT_EQ(fields.fire_id, scheduler::produced_fire_id("emails", 2, 17));
  EXPECT_EQ(fields.attempt, 1);
  EXPECT_FALSE(fields.schedule);
  EXPECT_EQ(fields.home(), fields.fire_id);
  EXPECT_EQ(fields.fault, "");
}

TEST(TaskFields, OfAFiredRecord) {
  const TaskFields fields =
      Made({{"horolog-schedule", "nightly"}, {"horolog-fire-id", "id"},
            {"horolog-generation", "7"}, {"horolog-nominal-time", "5000"},
            {"horolog-fired-time", "6000"}, {"horolog-attempt", "3"},
            {"horolog-max-attempts", "9"}, {"horolog-backoff", "2s"}, {"horolog-timeout", "1m"},
            {"horolog-priority", "8"}, {"horolog-lane", "eu"}, {"horolog-expires", "10s"}})
          .fields();
  EXPECT_EQ(fields.home(), "nightly");
  EXPECT_EQ(fields.attempt, 3);
  EXPECT_EQ(fields.max_attempts, 9);
  EXPECT_EQ(fields.backoff_ms, 2'000);
  EXPECT_EQ(fields.timeout_ms, 60'000);
  EXPECT_EQ(fields.priority, 8);
  EXPECT_EQ(fields.lane, "eu");
  EXPECT_EQ(fields.expires_ms, 16'000);
}

TEST(TaskFields, TheRetryOfAPlainTaskHasNoSchedule) {
  const TaskFields fields =
      Made({{"horolog-schedule", "retry:id:2"}, {"horolog-fire-id", "id"},
            {"horolog-attempt", "2"}}).fields();
  EXPECT_FALSE(fields.schedule);
  EXPECT_EQ(fields.home(), "id");
}

TEST(JudgeStart, WhatMakesNoSenseIsDeadAndWhatIsLateExpires) {
  const auto fault = judge_start(Made(Headers{{"horolog-max-attempts", "0"}}).fields(), nullptr, 0);
  ASSERT_TRUE(fault);
  EXPECT_EQ(fault->fate, Fate::dead);
  EXPECT_THAT(fault->reason, HasSubstr("horolog-max-attempts column 1"));
  const TaskFields late = Made(Headers{{"horolog-expires", "1000100"}}).fields();
  EXPECT_FALSE(judge_start(late, nullptr, 1'000'100));
  const auto expired = judge_start(late, nullptr, 1'000'101);
  ASSERT_TRUE(expired);
  EXPECT_EQ(expired->fate, Fate::expired);
}

TEST(Judge, BacksOffDoublesAndEnds) {
  const RetryPolicy policy{.max_attempts = 4, .backoff = 100ms, .max_backoff = 300ms, .jitter = 0};
  TaskFields fields = Made().fields();
  std::vector<std::int64_t> waits;
  for (fields.attempt = 1; fields.attempt < 4; ++fields.attempt) {
    const Verdict verdict = judge(fields, Outcome::failed("no"), policy, 0.5);
    EXPECT_EQ(verdict.fate, Fate::failed);
    waits.push_back(verdict.retry_delay_ms);
  }
  EXPECT_EQ(waits, (std::vector<std::int64_t>{100, 200, 300}));
  const Verdict last = judge(fields, Outcome::failed("no"), policy, 0.5);
  EXPECT_EQ(last.fate, Fate::dead);
  EXPECT_EQ(last.reason, "no");
}

TEST(Judge, JitterSpreadsBothWays) {
  const RetryPolicy policy{.backoff = 1s, .jitter = 0.2};
  const TaskFields fields = Made().fields();
  EXPECT_EQ(judge(fields, Outcome::failed(""), policy, 0).retry_delay_ms, 800);
  EXPECT_EQ(judge(fields, Outcome::failed(""), policy, 1).retry_delay_ms, 1'200);
}

TEST(Judge, WhatTheHandlerAndTheTaskSayComesFirst) {
  const TaskFields fields = Made(Headers{{"horolog-max-attempts", "1"}}).fields();
  EXPECT_EQ(judge(fields, Outcome::failed(""), {}, 0).fate, Fate::dead);
  EXPECT_EQ(judge(Made().fields(), Outcome::dead("bad"), {}, 0).fate, Fate::dead);
  EXPECT_EQ(judge(Made().fields(), Outcome::failed("", 7ms), {}, 0).retry_delay_ms, 7);
  EXPECT_EQ(judge(Made().fields(), Status(), {}, 0).fate, Fate::succeeded);
  EXPECT_EQ(judge(Made().fields(), Error(Errc::io, "gone"), {}, 0).reason, "gone");
}

TEST(Judge, HugeAttemptsDoNotOverflow) {
  TaskFields fields = Made(Headers{{"horolog-max-attempts", "1000000"}}).fields();
  fields.attempt = 999'999;
  EXPECT_EQ(judge(fields, Outcome::failed(""), {.jitter = 0}, 0).retry_delay_ms, 300'000);
}

TEST(RetryCommand, IsWhatTheSchedulerTakes) {
  const Made made({{"mine", "1"}, {"scheduler-epoch", "99"}, {"horolog-lane", "eu"},
                   {"horolog-missed", "0"}, {"horolog-schedule", "s"}, {"horolog-fire-id", "id"},
                   {"horolog-generation", "4"}, {"horolog-nominal-time", "5"},
                   {"horolog-expires", "1500000"}});
  const auto command = retry_command(made.record, made.fields(), 250);
  EXPECT_EQ(command.key, "retry:id:2");
  EXPECT_EQ(command.value, "payload");
  EXPECT_EQ(header_of(command, "horolog-topic"), "emails");
  EXPECT_EQ(header_of(command, "horolog-partition"), "2");
  EXPECT_EQ(header_of(command, "horolog-key"), "k");
  EXPECT_EQ(header_of(command, "horolog-delay"), "250ms");
  EXPECT_EQ(header_of(command, "horolog-attempt"), "2");
  EXPECT_EQ(header_of(command, "horolog-schedule"), "s");
  EXPECT_EQ(header_of(command, "horolog-lane"), "eu");
  EXPECT_EQ(header_of(command, "horolog-expires"), "1500000");
  EXPECT_EQ(header_of(command, "mine"), "1");
  // These would be refused, or read as a second rule.
  EXPECT_EQ(header_of(command, "horolog-missed"), "(none)");
  EXPECT_EQ(header_of(command, "scheduler-epoch"), "(none)");
}

TEST(RetryCommand, ANullPayloadMustNotCancel) {
  Made made;
  made.record.value = Bytes();
  EXPECT_EQ(retry_command(made.record, made.fields(), 1).value, "");
}

TEST(DeadLetter, KeepsTheRecordAndSaysWhy) {
  const Made made({{"mine", "1"}, {"horolog-dead-cause", "an earlier death"}});
  const AttemptFacts facts{.started_ms = 5, .ended_ms = 9, .worker = "w", .group = "g"};
  const auto letter = dead_letter(made.record, made.fields(), facts, {Fate::dead, "why", 0});
  EXPECT_EQ(letter.key, "k");
  EXPECT_EQ(letter.value, "payload");
  EXPECT_EQ(header_of(letter, "mine"), "1");
  EXPECT_EQ(header_of(letter, "horolog-dead-cause"), "why");
  EXPECT_EQ(header_of(letter, "horolog-dead-topic"), "emails");
  EXPECT_EQ(header_of(letter, "horolog-dead-partition"), "2");
  EXPECT_EQ(header_of(letter, "horolog-dead-offset"), "17");
  EXPECT_EQ(header_of(letter, "horolog-attempt"), "1");
  EXPECT_EQ(header_of(letter, "horolog-fire-id"), made.fields().fire_id);
}

TEST(RunRecord, SaysWhatHappened) {
  const Made made;
  const AttemptFacts facts{.started_ms = 5, .ended_ms = 9, .duration_us = 4'000, .worker = "w",
                           .group = "g"};
  const auto record = run_record(made.record, made.fields(), facts, "failed",
                                 {Fate::failed, "why", 100});
  EXPECT_EQ(record.key, made.fields().fire_id);
  const auto run = scheduler::RunRecord::parse(*record.value);
  ASSERT_TRUE(run) << run.error().message();
  EXPECT_EQ(run->event, "failed");
  EXPECT_EQ(run->reason, "why");
  EXPECT_EQ(run->duration_us, 4'000);
  EXPECT_EQ(run->worker, "w");
  EXPECT_EQ(run->others.number("retry_ms"), 109);
  EXPECT_EQ(run->others.number("started_ms"), 5);
  EXPECT_EQ(run->others.number("offset"), 17);
  EXPECT_EQ(run->others.text("group"), "g");
}

TEST(ValidText, CutsAndReplacesWhatIsNoText) {
  EXPECT_EQ(valid_text("plain", 10), "plain");
  EXPECT_EQ(valid_text("a\xff\xc3z", 10), "a??z");
  EXPECT_EQ(valid_text("Zürich", 2), "Z…");
  EXPECT_EQ(valid_text("\xed\xa0\x80", 9), "???");
}

}  // namespace
}  // namespace horolog::worker
