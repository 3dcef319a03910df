#include "scheduler/condition.hpp"

#include <gmock/gmock.h>

#include "scheduler/command.hpp"
#include "scheduler/names.hpp"

namespace horolog::scheduler::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

Condition parsed(std::string_view text) {
  auto condition = parse_condition(text, "horolog-when");
  EXPECT_TRUE(condition.ok()) << text << ": "
                              << (condition ? "" : condition.error().message());
  return condition ? *condition : Condition();
}

OutRecord record(std::optional<std::string> key, Headers headers = {}) {
  return {.key = std::move(key), .value = "v", .headers = std::move(headers)};
}

TEST(Condition, after) {
  EXPECT_EQ(parsed("after import").schedule, "import");
  EXPECT_EQ(parsed("after import").end, RunEnd::succeeded);
  EXPECT_EQ(parsed("after \"a b\" done").schedule, "a b");
  const Condition failed = parsed("after import failed");
  EXPECT_TRUE(failed.takes_end(event::dead));
  EXPECT_TRUE(failed.takes_end(event::stopped));
  EXPECT_FALSE(failed.takes_end(event::succeeded));
  EXPECT_FALSE(failed.takes_end(event::failed)) << "it will be tried again";
  EXPECT_TRUE(parsed("after import done").takes_end(event::succeeded));
  EXPECT_FALSE(parsed("after import done").takes_end(event::fired));
}

TEST(Condition, record) {
  const Condition plain = parsed("record orders");
  EXPECT_TRUE(plain.takes(record({})));
  const Condition chosen = parsed("  record orders key=\"e u\" header.kind=new header.v=2 ");
  EXPECT_EQ(chosen.topic, "orders");
  EXPECT_EQ(chosen.topic_column, 10U);
  EXPECT_EQ(chosen.key, "e u");
  EXPECT_THAT(chosen.headers, ElementsAre(Pair("kind", "new"), Pair("v", "2")));
  EXPECT_TRUE(chosen.takes(record("e u", {{"v", "2"}, {"kind", "old"}, {"kind", "new"}})));
  EXPECT_FALSE(chosen.takes(record("e u", {{"v", "2"}, {"kind", "old"}})));
  EXPECT_FALSE(chosen.takes(record({}, {{"v", "2"}, {"kind", "new"}})));
  EXPECT_TRUE(parsed("record orders restart").restart);
}

TEST(Condition, silence_count_and_lag) {
  const Condition silence = parsed("silence beats key=a for 5m");
  EXPECT_EQ(silence.length, 300'000);
  EXPECT_EQ(silence.key, "a");
  const Condition count = parsed("count orders 100 or 30s");
  EXPECT_EQ(count.number, 100);
  EXPECT_EQ(count.length, 30'000);
  EXPECT_EQ(parsed("count orders 1").length, std::nullopt);
  const Condition lag = parsed("lag mailers emails below 10 for 1m");
  EXPECT_EQ(lag.group, "mailers");
  EXPECT_EQ(lag.topic, "emails");
  EXPECT_FALSE(lag.above);
  EXPECT_EQ(lag.length, 60'000);
  EXPECT_EQ(parsed("lag mailers emails above 0").number, 0);
}

TEST(Condition, what_is_wrong_is_named_with_its_column_and_the_fix) {
  const std::vector<std::tuple<std::string, std::int64_t, std::string>> cases{
      {"", 1, "a condition is missing"},
      {"whenever orders", 1, "write after, record, silence, count or lag"},
      {"after", 6, "the schedule is missing"},
      {"after import maybe", 14, "write succeeded, failed or done"},
      {"record", 7, "the topic is missing"},
      {"record ord/ers", 8, "is no topic's name"},
      {"record __consumer_offsets", 8, "internal"},
      {"record horolog.runs", 8, "after SCHEDULE"},
      {"record orders key=a key=b", 21, "a second key"},
      {"record orders header.kind", 15, "header.NAME=VALUE"},
      {"record orders key=\"a b", 19, "not closed"},
      {"record orders now", 15, "is too much"},
      {"silence beats", 14, "'for' is missing"},
      {"silence beats 5m", 15, "stands where 'for' should"},
      {"silence beats for", 18, "the time behind 'for' is missing"},
      {"silence beats for soon", 19, ""},
      {"silence beats for 0s", 19, "no time at all"},
      {"count orders", 13, "the number is missing"},
      {"count orders 0", 14, "from 1"},
      {"count orders 5 or", 18, "the time behind 'or' is missing"},
      {"lag mailers", 12, "the topic is missing"},
      {"lag mailers emails over 3", 20, "neither above nor below"},
      {"lag mailers emails above -1", 26, "from 0"},
      {"lag mailers emails below 0", 26, "from 1"},
  };
  for (const auto& [text, column, part] : cases) {
    const auto condition = parse_condition(text, "horolog-when");
    ASSERT_FALSE(condition.ok()) << text;
    EXPECT_EQ(column_in(condition.error().message()), column)
        << text << ": " << condition.error().message();
    EXPECT_THAT(condition.error().message(), HasSubstr(part)) << text;
  }
}

TEST(Condition, in_words) {
  EXPECT_EQ(describe_condition(parsed("after import done")), "a run of import is over");
  EXPECT_EQ(describe_condition(parsed("record orders key=eu header.v=2")),
            "a record with the key eu and the header v=2 in orders is committed");
  EXPECT_EQ(describe_condition(parsed("silence beats for 90s")),
            "no record has come to beats for 1m30s, once per silence");
  EXPECT_EQ(describe_condition(parsed("count orders 100 or 30s")),
            "100 records have come to orders, or 30s after the first of them");
  EXPECT_EQ(describe_condition(parsed("lag mailers emails above 1000 for 1m")),
            "group mailers is more than 1000 records behind in emails for 1m, once per crossing");
  Condition debounced = parsed("record orders restart");
  debounced.delay = 5'000;
  EXPECT_EQ(describe_condition(debounced),
            "5s have passed after a record in orders without another such record");
}

}  // namespace
}  // namespace horolog::scheduler::testing
