// Calendars as data: days off, what a change of them does, and what the history says of it.

#include <gmock/gmock.h>

#include "rig.hpp"
#include "scheduler/calendar_table.hpp"
#include "scheduler/run_record.hpp"

namespace horolog::scheduler::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// The rig's noon is a Wednesday.
const Fields daily{{"horolog-topic", "t"}, {"horolog-cron", "0 13 * * *"},
                   {"horolog-calendar", "de"}};
constexpr const char* weekend = R"({"weekly":[0,6]})";
constexpr const char* never = R"({"weekly":[0,1,2,3,4,5,6]})";

/// A partition with calendars; in memory, or with everything that rests in a mirror.
struct CalendarRig : Rig {
  explicit CalendarRig(const std::string& directory = {},
                       std::shared_ptr<CalendarTable> calendars = std::make_shared<CalendarTable>())
      : Rig(1, 0, state_of(directory, calendars)), table(std::move(calendars)) {}

  /// A record of the calendars' topic is read; without a value it removes the calendar.
  void set_calendar(const std::string& name, std::optional<std::string> json) {
    table->replay(++offset, now, name, json);
    const auto keys = state.calendars_changed({name});
    ASSERT_TRUE(keys.ok());
    Planner planner(state, context);
    for (const std::string& key : *keys) planner.calendar_changed(key, now);
    commit(std::move(planner).finish());
  }

  static State state_of(const std::string& directory,
                        const std::shared_ptr<CalendarTable>& calendars) {
    const CalendarLookup lookup = [calendars](std::string_view name) {
      return calendars->find(name);
    };
    if (directory.empty()) return State(lookup);
    return State(lookup, std::move(Mirror::create(directory, noon, lookup)).value(), noon);
  }

  std::shared_ptr<CalendarTable> table;
  Offset offset = 0;
};

Fields with(Fields fields, std::pair<std::string, std::string> more) {
  fields.push_back(std::move(more));
  return fields;
}

TEST(CalendarTest, what_is_written_is_read) {
  const auto rules = parse_calendar_rules(
      "de", R"({"weekly":[0],"dates":["2026-12-24"],"yearly":["12-25"],"working":["2026-12-20"],)"
            R"("note":"kept for others"})");
  ASSERT_TRUE(rules.ok()) << rules.error().message();
  const timekeeping::Calendar calendar(*rules, 7, noon);
  EXPECT_TRUE(calendar.is_off(timekeeping::day_number(2026, 12, 24)));
  EXPECT_TRUE(calendar.is_off(timekeeping::day_number(2031, 12, 25)));
  EXPECT_FALSE(calendar.is_off(timekeeping::day_number(2026, 12, 20)));
  EXPECT_TRUE(calendar.is_off(timekeeping::day_number(2026, 12, 27)));
}

TEST(CalendarTest, what_cannot_be_read_is_named) {
  const std::pair<const char*, const char*> cases[] = {
      {R"({"weekly":[7]})", "weekly: 7 is none: write 0 (Sunday) to 6"},
      {R"({"dates":["2026-02-30"]})", "dates: 2026-02-30 is none"},
      {R"({"yearly":["13-01"]})", "yearly: 13-01 is none"},
      {R"({"dates":"2026-02-03"})", "dates: not an array in JSON"},
      {"[]", "not an object in JSON: column 1"}};
  for (const auto& [json, reason] : cases) {
    const auto rules = parse_calendar_rules("de", json);
    ASSERT_FALSE(rules.ok()) << json;
    EXPECT_EQ(rules.error().code(), Errc::corrupt);
    EXPECT_THAT(rules.error().message(), HasSubstr(reason));
  }
}

TEST(CalendarTest, an_unknown_calendar_is_refused) {
  CalendarRig rig;
  EXPECT_FALSE(rig.send("k", daily));
  EXPECT_EQ(rig.last_reason(), "horolog-calendar: there is no calendar named 'de'");
  rig.set_calendar("de", R"({"weekly":[9]})");
  EXPECT_FALSE(rig.send("k", daily));
  EXPECT_THAT(rig.last_reason(), HasSubstr("calendar 'de' at offset 1 cannot be read"));
}

TEST(CalendarTest, days_off_are_left_out_and_runs_name_the_offset) {
  CalendarRig rig;
  rig.set_calendar("de", weekend);
  ASSERT_TRUE(rig.send("k", daily));
  rig.run_until(noon + 6 * day, hour);
  // Wednesday, Thursday, Friday, Monday.
  EXPECT_THAT(rig.nominal_times(),
              ElementsAre(noon + hour, noon + day + hour, noon + 2 * day + hour,
                          noon + 5 * day + hour));
  for (const RunRecord& run : rig.runs_of(event::fired)) {
    EXPECT_EQ(run.others.number("calendar_offset"), 1);
    EXPECT_EQ(run.others.text("calendar"), "de");
  }
}

TEST(CalendarTest, a_day_off_moves_to_the_next_working_day) {
  CalendarRig rig;
  rig.set_calendar("de", weekend);
  ASSERT_TRUE(rig.send("k", with({{"horolog-topic", "t"}, {"horolog-cron", "0 13 * * SUN"},
                                  {"horolog-calendar", "de"}}, {"horolog-shift", "next"})));
  rig.run_until(noon + 6 * day, hour);
  EXPECT_THAT(rig.nominal_times(), ElementsAre(noon + 5 * day + hour));
}

TEST(CalendarTest, a_calendar_without_a_working_day_is_refused) {
  CalendarRig rig;
  rig.set_calendar("de", never);
  EXPECT_FALSE(rig.send("k", daily));
  EXPECT_THAT(rig.last_reason(), HasSubstr("calendar 'de' has every day off for ten years"));
  EXPECT_EQ(rig.state.definitions(), 0U);
}

TEST(CalendarTest, it_stalls_with_its_reason_and_goes_on_when_the_calendar_is_set_again) {
  for (const std::optional<std::string>& loss : {std::optional<std::string>(never),
                                                 std::optional<std::string>()}) {
    CalendarRig rig;
    rig.set_calendar("de", weekend);
    ASSERT_TRUE(rig.send("k", daily));
    rig.run_until(noon + 2 * hour, hour);
    rig.set_calendar("de", loss);
    ASSERT_EQ(rig.runs_of(event::stalled).size(), 1U);
    const RunRecord stalled = rig.runs_of(event::stalled).front();
    EXPECT_EQ(stalled.schedule, "k");
    EXPECT_THAT(*stalled.reason, HasSubstr("'de'"));
    rig.run_until(noon + 2 * day, hour);
    EXPECT_EQ(rig.fires.size(), 1U);
    EXPECT_EQ(rig.recovered().definitions(), 1U) << "it must outlive the trouble";

    rig.set_calendar("de", weekend);
    rig.run_until(noon + 2 * day + 2 * hour, hour);
    // Thursday's time fell into the trouble: the latest of it is caught up. Friday's is its own.
    EXPECT_THAT(rig.nominal_times(),
                ElementsAre(noon + hour, noon + day + hour, noon + 2 * day + hour));
    EXPECT_EQ(Rig::out(rig.fires[1], header::trigger), trigger::catch_up);
    EXPECT_EQ(Rig::out(rig.fires[2], header::trigger), trigger::time);
  }
}

TEST(CalendarTest, a_change_makes_coming_times_new) {
  CalendarRig rig;
  rig.set_calendar("de", R"({"dates":["2023-11-16"]})");
  ASSERT_TRUE(rig.send("k", daily));
  rig.run_until(noon + 2 * hour, hour);
  rig.set_calendar("de", R"({"dates":["2023-11-17"]})");
  rig.run_until(noon + 3 * day + 2 * hour, hour);
  EXPECT_THAT(rig.nominal_times(),
              ElementsAre(noon + hour, noon + day + hour, noon + 3 * day + hour));
  EXPECT_EQ(rig.runs_of(event::fired).back().others.number("calendar_offset"), 2);
  EXPECT_TRUE(rig.runs_of(event::stalled).empty());
}

TEST(CalendarTest, schedules_in_the_mirror_follow_their_calendar_too) {
  CalendarRig rig(::testing::TempDir());
  rig.set_calendar("de", R"({"dates":["2023-11-16"]})");
  ASSERT_TRUE(rig.send("k", daily));
  rig.run_until(noon + 2 * hour, hour);
  ASSERT_EQ(rig.state.mirror()->size(), 1U) << "it should rest";
  rig.set_calendar("de", R"({"dates":["2023-11-17"]})");
  rig.run_until(noon + 3 * day + 2 * hour, hour);
  EXPECT_THAT(rig.nominal_times(),
              ElementsAre(noon + hour, noon + day + hour, noon + 3 * day + hour));
}

TEST(CalendarTest, a_single_time_that_becomes_a_day_off_is_named_and_ends) {
  CalendarRig rig;
  rig.set_calendar("de", weekend);
  ASSERT_TRUE(rig.send("once", {{"horolog-topic", "t"}, {"horolog-delay", "1d"},
                                {"horolog-calendar", "de"}}));
  rig.set_calendar("de", R"({"dates":["2023-11-16"]})");
  ASSERT_EQ(rig.runs_of(event::skipped).size(), 1U);
  EXPECT_EQ(rig.runs_of(event::skipped).front().nominal_ms, noon + day);
  EXPECT_EQ(rig.state.definitions(), 0U);
}

TEST(CalendarTest, what_the_cluster_does_not_answer_decides_nothing) {
  const CalendarLookup silent = [](std::string_view) -> Result<CalendarTable::Found> {
    return Error(Errc::timed_out, "scripted");
  };
  State state(silent);
  const PlanContext context{.check_target = [](const Definition&) { return Status(); }};
  Planner planner(state, context);
  planner.command({.offset = 0, .timestamp = noon, .record = {"k", "v", headers_of(daily)}});
  ASSERT_TRUE(planner.postponed().has_value());
  EXPECT_EQ(planner.postponed()->code(), Errc::timed_out);
}

}  // namespace
}  // namespace horolog::scheduler::testing
