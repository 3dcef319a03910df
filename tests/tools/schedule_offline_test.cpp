// `horolog schedule next|between|explain`, as a shell sees them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tools/program.hpp"

namespace horolog::command {
namespace {

using testing::HasSubstr;

struct Ran {
  int code = 0;
  std::string out, err;
};

std::string content(std::FILE* file) {
  std::string text(static_cast<std::size_t>(std::ftell(file)), '\0');
  std::rewind(file);
  text.resize(std::fread(text.data(), 1, text.size(), file));
  std::fclose(file);
  return text;
}

Ran run(std::vector<std::string> words) {
  words.insert(words.begin(), "schedule");
  Console console;
  console.out = std::tmpfile();
  console.err = std::tmpfile();
  Ran ran;
  ran.code = static_cast<int>(run_program(words, console));
  std::fseek(console.out, 0, SEEK_END);
  std::fseek(console.err, 0, SEEK_END);
  ran.out = content(console.out);
  ran.err = content(console.err);
  return ran;
}

TEST(ScheduleOffline, NextIsAnArrayOfTimes) {
  const Ran ran = run({"next", "--cron", "0 7 * * MON-FRI", "--timezone", "Europe/Berlin",
                       "--from", "2026-03-27T12:00:00Z", "-n", "2", "--dialect", "robfig",
                       "--output", "json"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ran.out,
            "[\n {\"time\": \"2026-03-30T07:00:00+02:00\", \"epoch_ms\": 1774846800000},"
            "\n {\"time\": \"2026-03-31T07:00:00+02:00\", \"epoch_ms\": 1774933200000}\n]\n");
}

TEST(ScheduleOffline, ATextThatIsRefusedEndsWithTwoAndTheColumn) {
  const Ran ran = run({"next", "--cron", "0 25 * * *"});
  EXPECT_EQ(ran.code, 2);
  EXPECT_EQ(ran.out, "");
  EXPECT_THAT(ran.err, HasSubstr("cron column 3: hour: 25 is above 23: write 0 to 23"));
  EXPECT_EQ(run({"next"}).code, 2);
  EXPECT_EQ(run({"next", "--cron", "* * * * *", "--timezone", "Mars/Base"}).code, 2);
  EXPECT_EQ(run({"next", "--cron", "* * * * *", "-n", "0"}).code, 2);
  EXPECT_EQ(run({"next", "--cron", "* * * * *", "--from", "someday"}).code, 2);
}

TEST(ScheduleOffline, NothingToComeIsAnEmptyArrayAndANote) {
  const Ran ran = run({"next", "--cron", "0 0 30 2 *", "--json", "--from", "2026-01-01"});
  EXPECT_EQ(ran.code, 0);
  EXPECT_EQ(ran.out, "[]\n");
  EXPECT_THAT(ran.err, HasSubstr("it does not fire after 2026-01-01T00:00:00Z"));
}

TEST(ScheduleOffline, BetweenListsAndMaps) {
  const std::vector<std::string> words = {"between", "--every", "6h", "--from", "2026-03-02",
                                          "--until", "2026-03-09"};
  auto list = words;
  list.insert(list.end(), {"--output", "csv"});
  const Ran ran = run(list);
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(std::count(ran.out.begin(), ran.out.end(), '\n'), 1 + 7 * 4);
  EXPECT_THAT(ran.out, HasSubstr("2026-03-02T00:00:00Z,1772409600000\n"));
  auto map = words;
  map.emplace_back("--map");
  EXPECT_THAT(run(map).out, testing::AllOf(HasSubstr("Mar 2026\nMon ██\n"),
                                           HasSubstr("Mon ██· · · · · ██")));
  list.insert(list.end(), {"--most", "3"});
  EXPECT_THAT(run(list).err, HasSubstr("only the first 3"));
  EXPECT_EQ(run({"between", "--every", "6h", "--from", "2026-03-02", "--until", "2026-03-02"}).code,
            2);
}

TEST(ScheduleOffline, ExplainSaysItInWords) {
  const Ran ran = run({"explain", "--cron", "30 2 * * *", "--timezone", "Europe/Berlin", "--from",
                       "2026-01-01"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("at 02:30, every day, in Europe/Berlin\n\nsurprises:\n"
                                 "  ! 02:30 does not exist on 2026-03-29"));
  EXPECT_THAT(ran.out, HasSubstr("\nnext:\n  2026-01-01T02:30:00+01:00  Thu\n"));
  const Ran json = run({"explain", "--cron", "0 0 31 * *", "--json", "--from", "2026-01-01"});
  EXPECT_THAT(json.out, testing::AllOf(HasSubstr("\"says\""), HasSubstr("\"surprises\""),
                                       HasSubstr("there is no day 31 in February"),
                                       HasSubstr("\"next\"")));
}

TEST(ScheduleOffline, ConditionsInWords) {
  const Ran alone = run({"explain", "--when", "count orders key=eu 100 or 30s", "--limit", "3"});
  EXPECT_EQ(alone.code, 0) << alone.err;
  EXPECT_THAT(alone.out, HasSubstr("when 100 records with the key eu have come to orders, or 30s "
                                   "after the first of them, 3 times at most\n"));
  const Ran gated = run({"explain", "--when", "after import", "--when", "record files restart",
                         "--delay", "5s", "--cron", "0 7 * * *"});
  EXPECT_EQ(gated.code, 0) << gated.err;
  EXPECT_THAT(gated.out, HasSubstr("each time waits until a run of import has succeeded, and 5s "
                                   "have passed after a record in files without another such "
                                   "record"));
  EXPECT_THAT(gated.out, HasSubstr("  ! a run of import is over when a worker says so"));
  const Ran either = run({"explain", "--when", "silence beats for 5m", "--when-mode", "or",
                          "--every", "1h"});
  EXPECT_THAT(either.out, HasSubstr("; and also when no record has come to beats for 5m"));
  const Ran wrong = run({"explain", "--when", "silence beats 5m"});
  EXPECT_EQ(wrong.code, 2);
  EXPECT_THAT(wrong.err, HasSubstr("column 15: '5m' stands where 'for' should"));
  EXPECT_EQ(run({"explain", "--when", "record orders", "--jitter", "5s"}).code, 2);
}

}  // namespace
}  // namespace horolog::command
