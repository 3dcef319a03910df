// What Schedules writes and reads, as records: no broker.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/schedule_headers.hpp"
#include "client/schedule_records.hpp"

namespace horolog::client {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> lines(const Result<std::vector<Header>>& headers) {
  EXPECT_TRUE(headers.ok()) << (headers ? "" : headers.error().message());
  std::vector<std::string> out;
  if (headers)
    for (const Header& each : *headers)
      out.push_back(each.key + "=" + each.value.value_or("(null)"));
  return out;
}

TEST(ScheduleHeaders, EachOptionIsAHeader) {
  ScheduleOptions options{.topic = "reports", .cron = "0 7 * * *", .timezone = "Europe/Berlin",
                          .limit = 3, .jitter = milliseconds(90'000)};
  options.shift = DayShift::next;
  options.when = {"record orders", "after import"};
  options.when_mode = WhenMode::either;
  options.catch_up_on_resume = true;
  options.overlap = Overlap::buffer_one;
  options.labels = std::map<std::string, std::string>{{"team", "sales"}, {"env", "prod"}};
  options.headers = {{"content-type", "json"}};
  EXPECT_THAT(lines(to_headers(options)),
              ElementsAre("horolog-topic=reports", "horolog-cron=0 7 * * *",
                          "horolog-timezone=Europe/Berlin", "horolog-limit=3",
                          "horolog-jitter=1m30s", "horolog-shift=next",
                          "horolog-when=record orders", "horolog-when=after import",
                          "horolog-when-mode=or", "horolog-catch-up-on-resume=true",
                          "horolog-overlap=buffer-one",
                          "horolog-labels=env=prod,team=sales", "content-type=json"));
}

TEST(ScheduleHeaders, WhatNoSchedulerWouldUnderstandIsRefusedHere) {
  EXPECT_FALSE(to_headers({.headers = {{"horolog-topic", "x"}}}).ok());
  ScheduleOptions comma;
  comma.labels = std::map<std::string, std::string>{{"a,b", "c"}};
  EXPECT_THAT(to_headers(comma).error().message(), HasSubstr("'a,b=c'"));
}

TEST(ScheduleHeaders, DurationsReadAsPeopleWriteThem) {
  EXPECT_EQ(duration_text(milliseconds(0)), "0s");
  EXPECT_EQ(duration_text(milliseconds(5'400'000)), "1h30m");
  EXPECT_EQ(duration_text(milliseconds(1'250)), "1s250ms");
}

ScheduleState stored(std::vector<Header> headers) {
  ScheduleState state;
  state.key = "k";
  state.headers = std::move(headers);
  return state;
}

TEST(ScheduleHeaders, AnAlterationChangesWhatItNamesAndNothingElse) {
  const auto state = stored({{"horolog-topic", "t"}, {"horolog-cron", "0 7 * * *"},
                             {"horolog-jitter", "5s"}, {"content-type", "json"},
                             {"horolog-if-generation", "-1"}});
  EXPECT_THAT(lines(altered_headers(state, {.set = {.timezone = "UTC"},
                                            .remove = {"horolog-jitter"}})),
              ElementsAre("horolog-topic=t", "horolog-cron=0 7 * * *", "content-type=json",
                          "horolog-timezone=UTC"));
}

TEST(ScheduleHeaders, ANewRuleTakesThePlaceOfAnyOldOne) {
  EXPECT_THAT(lines(altered_headers(stored({{"horolog-every", "1h"}, {"horolog-phase", "5m"},
                                            {"horolog-topic", "t"}}),
                                    {.set = {.cron = "@daily"}})),
              ElementsAre("horolog-topic=t", "horolog-cron=@daily"));
  EXPECT_THAT(lines(altered_headers(stored({{"scheduler-epoch", "1700053200"},
                                            {"scheduler-target-topic", "t"}}),
                                    {.set = {.topic = "u", .at = 5}})),
              ElementsAre("horolog-topic=u", "horolog-at=5"));
}

TEST(ScheduleHeaders, ADelayMustNotBeginAnewUnseen) {
  const auto altered = altered_headers(stored({{"horolog-topic", "t"}, {"horolog-delay", "1h"}}),
                                       {.set = {.topic = "u"}});
  ASSERT_FALSE(altered.ok());
  EXPECT_THAT(altered.error().message(), HasSubstr("give at or delay"));
}

struct Put {
  std::string key;
  std::optional<std::string> value;
  std::vector<HeaderView> headers;
};
RecordView view(const Put& put) {
  return {.topic = "horolog.schedules.state", .partition = 2, .offset = 9, .timestamp = 77,
          .key = put.key, .value = put.value, .headers = put.headers};
}

Result<std::vector<ScheduleState>> finished(StateReader reader) {
  std::vector<ScheduleState> out;
  HOROLOG_TRY(
      std::move(reader).finish([&](ScheduleState each) { out.push_back(std::move(each)); }));
  return out;
}

TEST(ScheduleRecords, DefinitionAndCursorMakeAState) {
  StateReader reader;
  const Put definition{"definition:k", "payload",
                       {{"horolog-topic", "t"}, {"horolog-labels", "a=1,b=2"},
                        {"horolog-generation", "41"}, {"horolog-origin", "1/40/1700000000000"}}};
  const Put cursor{"cursor:k",
                   R"({"generation":41,"nominal_ms":5,"fired":3,"missed":2,"paused_ms":6,)"
                   R"("waiting":[{"nominal_ms":1}],"new":true})", {}};
  const Put gone{"definition:gone", "x", definition.headers}, removed{"definition:gone", {}, {}};
  const Put meta{"meta", R"({"partitions":8,"next_command":42,"next_run":1})", {}};
  for (const Put* put : {&definition, &cursor, &gone, &removed, &meta})
    ASSERT_TRUE(reader.add(view(*put)).ok());
  const auto states = finished(std::move(reader));
  ASSERT_TRUE(states.ok());
  ASSERT_EQ(states->size(), 1U);
  const ScheduleState& state = states->front();
  EXPECT_EQ(state.key, "k");
  EXPECT_EQ(state.generation, 41);
  EXPECT_EQ(state.defined_at, 1'700'000'000'000);
  EXPECT_EQ(state.origin_partition, 1);
  EXPECT_EQ(state.topic(), "t");
  EXPECT_EQ(state.value, "payload");
  EXPECT_EQ(state.labels().at("b"), "2");
  EXPECT_EQ(state.fired, 3);
  EXPECT_EQ(state.missed, 2);
  EXPECT_EQ(state.paused_at, 6);
  EXPECT_EQ(state.waiting, 1);
  EXPECT_EQ(read_next_command(view(meta)).value(), 42);
  EXPECT_EQ(read_next_command(view(cursor)).value(), std::nullopt);
}

TEST(ScheduleRecords, FiresOfAnotherGenerationDoNotCount) {
  StateReader reader("k");
  const Put definition{"definition:k", "", {{"horolog-generation", "42"},
                                            {"horolog-origin", "0/42/1"}}};
  const Put cursor{"cursor:k", R"({"generation":41,"fired":3,"missed":2})", {}};
  const Put other{"definition:other", "", definition.headers};
  for (const Put* put : {&definition, &cursor, &other}) ASSERT_TRUE(reader.add(view(*put)).ok());
  const auto states = finished(std::move(reader));
  ASSERT_EQ(states->size(), 1U);
  EXPECT_EQ(states->front().fired, 0);
  EXPECT_EQ(states->front().missed, 2);
}

TEST(ScheduleRecords, WhatIsNotWantedIsNotHeldAndTheLastDefinitionDecides) {
  const auto labelled = [](const std::string& key, const std::string& label) {
    return Put{"definition:" + key, "payload",
               {{"horolog-labels", label},
                {"horolog-generation", "1"},
                {"horolog-origin", "0/1/1"}}};
  };
  StateReader reader({}, [](ScheduleState& state) {
    EXPECT_FALSE(state.paused_at) << "the cursor is not there yet";
    state.value.clear();
    return state.labels()["job"] == "gone";
  });
  const std::string gone = "job=gone", kept = "job=kept";
  const Put puts[] = {labelled("b", gone), labelled("other", kept), labelled("left", gone),
                      labelled("left", kept), labelled("came", kept), labelled("came", gone),
                      {"cursor:b", R"({"generation":1,"paused_ms":6})", {}}};
  for (const Put& put : puts) ASSERT_TRUE(reader.add(view(put)).ok());
  const auto states = finished(std::move(reader));
  ASSERT_TRUE(states.ok());
  ASSERT_EQ(states->size(), 2U);
  EXPECT_EQ((*states)[0].key, "b");
  EXPECT_EQ((*states)[0].value, "");
  EXPECT_EQ((*states)[0].paused_at, 6);
  EXPECT_EQ((*states)[1].key, "came");
}

TEST(ScheduleRecords, ADamagedDefinitionIsNamed) {
  StateReader reader;
  const Status added = reader.add(view({"definition:k", "", {{"horolog-topic", "t"}}}));
  ASSERT_FALSE(added.ok());
  EXPECT_EQ(added.error().code(), Errc::corrupt);
  EXPECT_THAT(added.error().message(), HasSubstr("horolog.schedules.state-2 offset 9"));
}

TEST(ScheduleRecords, RunsAreRead) {
  const Put put{"k", R"({"event":"rejected","schedule":"k","reason":"no","column":9,)"
                     R"("origin_partition":3,"origin_offset":12,"calendar_offset":4})", {}};
  const auto run = read_run(view(put));
  ASSERT_TRUE(run.ok());
  EXPECT_EQ(run->event, "rejected");
  EXPECT_EQ(run->column, 9);
  EXPECT_EQ(run->origin_partition, 3);
  EXPECT_EQ(run->origin_offset, 12);
  EXPECT_EQ(run->calendar_offset, 4);
  EXPECT_EQ(run->json, put.value);
  EXPECT_FALSE(read_run(view({"k", "{}", {}})).ok());
  EXPECT_FALSE(read_run(view({"k", "none", {}})).ok());
}

TEST(ScheduleRecords, CalendarsAreWritten) {
  EXPECT_EQ(calendar_json({.dates = {"2026-12-24"}, .weekly = {0, 6}}).value(),
            R"({"weekly":[0,6],"dates":["2026-12-24"],"yearly":[],"working":[]})");
  EXPECT_FALSE(calendar_json({.weekly = {7}}).ok());
}

}  // namespace
}  // namespace horolog::client
