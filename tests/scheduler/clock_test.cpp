#include <gmock/gmock.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "rig.hpp"
#include "scheduler/clock_watch.hpp"
#include "scheduler/mirror.hpp"
#include "timekeeping/time_text.hpp"

/// The wall clock is set, or changes to summer time and back, while schedules fire.
namespace horolog::scheduler::testing {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// A rig under a wall clock that can be set; what it may fire is decided as in Runner.
struct ClockRig : Rig {
  using Rig::Rig;

  /// So much real time goes by.
  void pass(TimestampMs length, TimestampMs step = second) {
    for (const TimestampMs until = mono + length; mono < until;) {
      mono += step;
      now += step;
      look();
    }
  }
  void set_clock(TimestampMs by) { now += by; }

  void look() {
    const ClockWatch::Seen seen = watch.read(now, mono * 1'000'000);
    if (seen.asleep) live_since = now;
    if (!seen.held) tick();
  }

  /// Nominal times in (after, until] that were not dealt with exactly once.
  std::vector<TimestampMs> unaccounted(const std::string& key, TimestampMs after,
                                       TimestampMs until, TimestampMs step = second) const {
    std::map<TimestampMs, int> times;
    for (const Fire& fire : fires)
      if (out(fire, header::schedule) == key) ++times[std::stoll(out(fire, header::nominal_time))];
    for (const RunRecord& run : runs)
      if (run.schedule == key && (run.event == event::missed || run.event == event::skipped))
        for (TimestampMs at = *run.nominal_ms; at <= run.until_ms.value_or(*run.nominal_ms);
             at += step)
          ++times[at];
    std::vector<TimestampMs> wrong;
    for (TimestampMs at = after + step; at <= until; at += step)
      if (times[at] != 1) wrong.push_back(at);
    return wrong;
  }

  ClockWatch watch;
  TimestampMs mono = 1'000'000;
};

const std::vector<std::string> policies{"all", "latest", "none"};

/// One schedule for each catch-up policy, named after it.
void create_all(ClockRig& rig, const std::string& every) {
  for (const std::string& policy : policies)
    rig.send(policy, {{"horolog-topic", "t"},
                      {"horolog-every", every},
                      {"horolog-catch-up", policy},
                      {"horolog-catch-up-window", "48h"}});
}

class ClockStepTest : public ::testing::TestWithParam<TimestampMs> {};

TEST_P(ClockStepTest, a_step_forward_fires_or_names_each_time_once) {
  ClockRig rig;
  create_all(rig, "10s");
  rig.pass(minute);
  const TimestampMs before = rig.now;
  rig.set_clock(GetParam());
  rig.pass(ClockWatch::confirmed_after_ms - second);
  EXPECT_THAT(rig.nominal_times(), Each(::testing::Le(before))) << "fired before it is confirmed";
  rig.pass(minute);
  rig.run_until(rig.now);  // what was too much for one tick
  for (const std::string& policy : policies)
    EXPECT_THAT(rig.unaccounted(policy, noon, rig.now - rig.now % (10 * second), 10 * second),
                IsEmpty())
        << policy;
  const auto late = [&](const std::string& policy) {
    return std::count_if(rig.fires.begin(), rig.fires.end(), [&](const Fire& fire) {
      return Rig::out(fire, header::schedule) == policy &&
             Rig::out(fire, header::trigger) == trigger::catch_up;
    });
  };
  EXPECT_GE(late("all"), GetParam() / (10 * second) - 1);
  EXPECT_EQ(late("latest"), 1);
  EXPECT_EQ(late("none"), 0);
}

TEST_P(ClockStepTest, a_step_back_repeats_and_loses_nothing) {
  ClockRig rig;
  create_all(rig, "10s");
  rig.pass(minute);
  const std::size_t before = rig.fires.size();
  rig.set_clock(-GetParam());
  rig.pass(minute);
  EXPECT_EQ(rig.fires.size(), before) << "a nominal time was repeated";
  // What is created now goes by the clock as it is now.
  rig.send("new", {{"horolog-topic", "t"}, {"horolog-every", "10s"}});
  const TimestampMs created = rig.now;
  rig.pass(GetParam() + minute, 5 * second);
  for (const std::string& policy : policies)
    EXPECT_THAT(rig.unaccounted(policy, noon, rig.now, 10 * second), IsEmpty()) << policy;
  EXPECT_THAT(rig.unaccounted("new", created, rig.now, 10 * second), IsEmpty());
}

TEST_P(ClockStepTest, a_glitch_that_is_put_right_fires_nothing_early) {
  ClockRig rig;
  create_all(rig, "10s");
  rig.pass(minute);
  rig.set_clock(GetParam());
  rig.pass(2 * second);
  rig.set_clock(-GetParam());
  rig.pass(2 * minute);
  EXPECT_THAT(rig.nominal_times(), Each(::testing::Le(rig.now)));
  for (const std::string& policy : policies)
    EXPECT_THAT(rig.unaccounted(policy, noon, rig.now - rig.now % (10 * second), 10 * second),
                IsEmpty())
        << policy;
}

TEST_P(ClockStepTest, schedules_at_rest_on_disk_go_by_a_clock_that_was_set_back) {
  auto mirror = Mirror::create(::testing::TempDir(), noon, {});
  ASSERT_TRUE(mirror.ok());
  ClockRig rig(1, 0, State({}, std::move(*mirror), noon));
  rig.pass(minute);
  rig.set_clock(GetParam());
  rig.pass(minute);
  rig.set_clock(-GetParam());
  rig.pass(second);
  for (const auto& [key, delay] : {std::pair{"soon", "2s"}, std::pair{"later", "20m"}})
    rig.send(key, {{"horolog-topic", "t"}, {"horolog-delay", delay}});
  rig.pass(3 * second);
  EXPECT_EQ(rig.fires.size(), 1U);
  rig.pass(21 * minute, 5 * second);
  EXPECT_EQ(rig.fires.size(), 2U);
}

INSTANTIATE_TEST_SUITE_P(HourAndDay, ClockStepTest, ::testing::Values(hour, day));

/// Fires of `cron` in Berlin while the clock goes from `from` on for six hours.
std::vector<std::string> night(const std::string& from, const std::string& cron,
                               const Fields& more = {}) {
  ClockRig rig;
  rig.now = *timekeeping::parse_instant(from, "from");
  rig.live_since = rig.now;
  Fields fields{{"horolog-topic", "t"},
                {"horolog-cron", cron},
                {"horolog-timezone", "Europe/Berlin"}};
  fields.insert(fields.end(), more.begin(), more.end());
  EXPECT_TRUE(rig.send("k", fields));
  rig.run_until(rig.now + 6 * hour, minute);
  std::vector<std::string> times;
  std::set<TimestampMs> seen;
  for (const Fire& fire : rig.fires) {
    const TimestampMs nominal = std::stoll(Rig::out(fire, header::nominal_time));
    EXPECT_TRUE(seen.insert(nominal).second) << "fired twice";
    EXPECT_EQ(std::stoll(Rig::out(fire, header::fired_time)), nominal) << "late or early";
    EXPECT_EQ(Rig::out(fire, header::trigger), trigger::time);
    times.push_back(std::to_string((nominal - *timekeeping::parse_instant(from, "from")) / minute));
  }
  EXPECT_TRUE(rig.runs_of(event::missed).empty());
  return times;
}

TEST(ClockTest, summer_time_begins_in_the_middle_of_a_run) {
  const std::string from = "2026-03-29T00:00:00Z";  // 01:00 in Berlin; 02:00 becomes 03:00
  EXPECT_THAT(night(from, "30 2 * * *"), ElementsAre("60"));
  EXPECT_THAT(night(from, "30 2 * * *", {{"horolog-dst-gap", "skip"}}), IsEmpty());
  EXPECT_THAT(night(from, "30 2 * * *", {{"horolog-dst-gap", "shift"}}), ElementsAre("90"));
  EXPECT_EQ(night(from, "*/10 * * * *").size(), 36U);
  EXPECT_THAT(night(from, "0 * * * *"), ElementsAre("60", "120", "180", "240", "300", "360"));
}

TEST(ClockTest, summer_time_ends_in_the_middle_of_a_run) {
  const std::string from = "2026-10-25T00:00:00Z";  // 02:00 in Berlin; 03:00 becomes 02:00
  EXPECT_THAT(night(from, "30 2 * * *"), ElementsAre("30"));
  EXPECT_THAT(night(from, "30 2 * * *", {{"horolog-dst-fold", "last"}}), ElementsAre("90"));
  EXPECT_THAT(night(from, "30 2 * * *", {{"horolog-dst-fold", "both"}}), ElementsAre("30", "90"));
  EXPECT_EQ(night(from, "*/10 * * * *").size(), 36U);
  EXPECT_THAT(night(from, "0 * * * *"), ElementsAre("60", "120", "180", "240", "300", "360"));
}

}  // namespace
}  // namespace horolog::scheduler::testing
