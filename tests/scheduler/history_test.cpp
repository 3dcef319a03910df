#include <gmock/gmock.h>

#include <random>
#include <set>

#include "rig.hpp"

namespace horolog::scheduler::testing {
namespace {

/// What a schedule of the model is: an interval, and what may be done with it. The model knows
/// nothing of cursors: it keeps, per schedule, every second at which the rule held.
struct Model {
  TimestampMs interval = 0;
  TimestampMs since = 0;  ///< of this definition
  bool all = false;       ///< catch-up
  bool paused = false;
  Offset generation = 0;
};

/// Random commands, downtimes and owners that change, against what an interval means:
/// every multiple of it since its command is fired at most once, and exactly once or named.
class HistoryTest : public ::testing::TestWithParam<int> {
 protected:
  HistoryTest() : seed(std::random_device{}()), random(seed) { rig.most_fires = 1 + pick(20); }

  int pick(int below) { return static_cast<int>(random() % static_cast<unsigned>(below)); }
  std::string key() { return "k" + std::to_string(pick(6)); }

  void turn() {
    const std::string name = key();
    switch (pick(12)) {
      case 0:
      case 1:
      case 2: create(name); break;
      case 3: cancel(name); break;
      case 4: act(name, "pause"); break;
      case 5: act(name, "resume"); break;
      case 6: act(name, "trigger"); break;
      case 7: rig.down_until(rig.now + pick(30) * second); break;
      case 9: rig.state = rig.recovered(); break;
      default: rig.now += pick(4'000); break;
    }
    if (pick(3) != 0) rig.tick();
  }

  void create(const std::string& name) {
    Model model{.interval = (1 + pick(5)) * second, .since = rig.now, .all = pick(2) == 0};
    const auto old = models.find(name);
    if (old != models.end()) model.paused = old->second.paused;
    model.generation = rig.next_command;
    ASSERT_TRUE(rig.send(name, {{"horolog-topic", "t"},
                                {"horolog-every", std::to_string(model.interval / second) + "s"},
                                {"horolog-catch-up", model.all ? "all" : "latest"}}) ||
                rig.runs.back().event == event::skipped);
    close(name);
    models[name] = model;
  }
  void cancel(const std::string& name) {
    rig.cancel(name);
    close(name);
    models.erase(name);
  }
  void act(const std::string& name, const std::string& action) {
    const bool known = models.contains(name);
    const std::size_t before = rig.runs_of(event::rejected).size();
    rig.send(name, {{"horolog-action", action}});
    EXPECT_EQ(rig.runs_of(event::rejected).size() == before, known);
    if (known && action != "trigger") models[name].paused = action == "pause";
    triggered += known && action == "trigger";
  }
  /// A definition ends now: from its nominal times, those before now must be accounted for.
  void close(const std::string& name) {
    const auto at = models.find(name);
    if (at == models.end()) return;
    // What a pause swallows is named by a resume, which may not come.
    if (at->second.paused) return;
    expect_accounted(name, at->second, rig.now);
  }

  /// Every multiple of the interval in (since, until) is fired or named.
  void expect_accounted(const std::string& name, const Model& model, TimestampMs until) {
    for (TimestampMs at = (model.since / model.interval + 1) * model.interval; at < until;
         at += model.interval)
      EXPECT_TRUE(accounted(name, model.generation, at))
          << name << " generation " << model.generation << " at " << at;
  }
  bool accounted(const std::string& name, Offset generation, TimestampMs nominal) const {
    for (const RunRecord& run : rig.runs) {
      if (run.schedule != name || run.trigger == trigger::manual || !run.nominal_ms) continue;
      const bool counts = run.event == event::fired || run.event == event::missed ||
                          run.event == event::skipped;
      const TimestampMs last = run.until_ms.value_or(*run.nominal_ms);
      // A later definition keeps the cursor: what the one before dealt with is dealt with.
      if (counts && run.generation <= generation && *run.nominal_ms <= nominal && nominal <= last)
        return true;
    }
    return false;
  }

  unsigned seed;
  std::mt19937 random;
  Rig rig;
  std::map<std::string, Model> models;
  std::size_t triggered = 0;
};

TEST_P(HistoryTest, every_nominal_time_is_fired_once_or_named) {
  SCOPED_TRACE("seed " + std::to_string(seed));
  for (int i = 0; i < 300 && !HasFailure(); ++i) turn();
  rig.now += hour;
  for (auto& [name, model] : models) act(name, "resume");
  rig.tick();
  for (const auto& [name, model] : models) expect_accounted(name, model, rig.now);
  std::set<std::string> ids;
  std::set<std::pair<std::string, std::string>> times;
  std::size_t manual = 0;
  for (const Fire& fire : rig.fires) {
    EXPECT_TRUE(ids.insert(Rig::out(fire, header::fire_id)).second);
    if (Rig::out(fire, header::trigger) == "manual") {
      ++manual;
    } else {
      EXPECT_TRUE(times.emplace(Rig::out(fire, header::generation) + fire.schedule,
                                Rig::out(fire, header::nominal_time)).second);
    }
  }
  EXPECT_LE(manual, triggered);
  EXPECT_EQ(rig.fires.size(), rig.runs_of(event::fired).size());
}

INSTANTIATE_TEST_SUITE_P(Many, HistoryTest, ::testing::Range(0, 15));

}  // namespace
}  // namespace horolog::scheduler::testing
