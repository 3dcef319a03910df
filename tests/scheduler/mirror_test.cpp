#include "scheduler/mirror.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <random>

#include "tests/scheduler/rig.hpp"

namespace horolog::scheduler {
namespace {

using namespace testing;

std::mt19937_64 seeded_random() {
  const char* given = std::getenv("HOROLOG_TEST_SEED");
  const std::uint64_t seed = given ? std::stoull(given) : std::random_device{}();
  std::printf("HOROLOG_TEST_SEED=%llu\n", static_cast<unsigned long long>(seed));
  return std::mt19937_64(seed);
}

std::string directory() { return ::testing::TempDir(); }

Mirror mirror_at(TimestampMs now) {
  auto mirror = Mirror::create(directory(), now, {});
  EXPECT_TRUE(mirror.ok()) << mirror.error().message();
  return std::move(*mirror);
}

Entry one_shot(const std::string& key, TimestampMs at, const std::string& payload) {
  OutRecord record{key, payload, headers_of({{"horolog-topic", "t"},
                                             {"horolog-at", std::to_string(at)}})};
  const auto definition = parse_definition(key, std::move(record), 7, {0, 7, noon}, {});
  EXPECT_TRUE(definition.ok());
  return {.definition = *definition, .cursor = {}};
}

ByteBuffer filled(std::size_t bytes, int with) { return {bytes, static_cast<std::byte>(with)}; }

TEST(ValueLogTest, GivesBackWhatWasAppended) {
  auto log = ValueLog::create(directory());
  ASSERT_TRUE(log.ok()) << log.error().message();
  std::vector<std::int64_t> places;
  for (int i = 0; i < 3'000; ++i) {
    const auto place = log->append(filled(static_cast<std::size_t>(1 + i * 7), i));
    ASSERT_TRUE(place.ok());
    places.push_back(*place);
  }
  for (int i = 0; i < 3'000; ++i) {
    const auto value = log->read(places[static_cast<std::size_t>(i)]);
    ASSERT_TRUE(value.ok()) << i << ": " << value.error().message();
    EXPECT_EQ(*value, filled(static_cast<std::size_t>(1 + i * 7), i)) << i;
  }
  EXPECT_EQ(log->append(filled(ValueLog::largest_value + 1, 1)).error().code(),
            Errc::invalid_argument);
  EXPECT_EQ(log->read(places[5] + 1).error().code(), Errc::corrupt);
}

TEST(ValueLogTest, EmptiesSegmentsThatAreHardlyInUse) {
  auto log = ValueLog::create(directory());
  ASSERT_TRUE(log.ok());
  const std::size_t size = 1U << 20;
  std::vector<std::int64_t> places;
  for (int i = 0; i < 40; ++i) places.push_back(*log->append(filled(size, i)));
  const std::uint64_t full = log->file_bytes();
  for (std::size_t i = 0; i < 40; ++i) {
    if (i % 8 != 3) log->release(places[i], size);
  }
  int rounds = 0;
  while (true) {
    const auto emptied = log->reclaim([&](std::int64_t place, ByteView value) -> Status {
      const auto at = std::find(places.begin(), places.end(), place) - places.begin();
      if (at % 8 != 3) return {};
      HOROLOG_ASSIGN(places[static_cast<std::size_t>(at)], log->append(value));
      return {};
    });
    ASSERT_TRUE(emptied.ok()) << emptied.error().message();
    if (!*emptied) break;
    ASSERT_LT(++rounds, 50);
  }
  EXPECT_LT(log->file_bytes(), full / 2);
  for (std::size_t i = 3; i < 40; i += 8) {
    EXPECT_EQ(*log->read(places[i]), filled(size, static_cast<int>(i)));
  }
}

TEST(MirrorTest, BringsEverythingBackAtItsTimeOldestFirst) {
  std::mt19937_64 random = seeded_random();
  Mirror mirror = mirror_at(noon);
  std::map<std::string, TimestampMs> due;
  // Large enough for several segments, so that some are emptied on the way.
  const auto payload = [](const std::string& key) { return key + std::string(8'000, '.'); };
  for (int i = 0; i < 5'000; ++i) {
    const std::string key = "k" + std::to_string(i);
    const TimestampMs wake = noon + static_cast<TimestampMs>(random() % (5 * day));
    ASSERT_TRUE(mirror.put(key, one_shot(key, wake, payload(key)), wake).ok());
    due[key] = wake;
  }
  // Half are cancelled or moved.
  for (int i = 0; i < 5'000; i += 2) {
    const std::string key = "k" + std::to_string(i);
    const auto taken = mirror.take(key);
    ASSERT_TRUE(taken.ok() && taken->has_value());
    EXPECT_EQ((*taken)->definition->record.value, payload(key));
    due.erase(key);
    if (i % 4 == 0) continue;
    const TimestampMs wake = noon + static_cast<TimestampMs>(random() % (5 * day));
    ASSERT_TRUE(mirror.put(key, one_shot(key, wake, payload(key)), wake).ok());
    due[key] = wake;
  }
  EXPECT_EQ(mirror.size(), due.size());
  const std::uint64_t full = mirror.file_bytes();
  TimestampMs now = noon;
  while (!due.empty() && now < noon + 6 * day) {
    const TimestampMs before = now;
    now += static_cast<TimestampMs>(1 + random() % (20 * minute));
    TimestampMs last = 0;
    while (true) {
      const auto taken = mirror.take_due(now, now, 7);
      ASSERT_TRUE(taken.ok());
      if (taken->empty()) break;
      for (const auto& [key, entry] : *taken) {
        ASSERT_TRUE(due.contains(key)) << key;
        EXPECT_LE(due[key], now);
        EXPECT_EQ(entry.definition->record.value, payload(key));
        EXPECT_GT(due[key], before - 1) << "late";
        EXPECT_GE(due[key], last);
        last = due[key];
        due.erase(key);
      }
    }
  }
  EXPECT_TRUE(due.empty());
  EXPECT_EQ(mirror.size(), 0U);
  EXPECT_LT(mirror.file_bytes(), full / 2);
}

TEST(MirrorTest, ADirectoryThatIsNotThereIsAnError) {
  const auto mirror = Mirror::create("/nowhere/at/all", noon, {});
  ASSERT_FALSE(mirror.ok());
  EXPECT_NE(mirror.error().message().find("/nowhere/at/all"), std::string::npos);
}

/// The same commands to a partition whose schedules lie in the mirror and to one that has them all
/// in memory: they must not be told apart.
TEST(MirrorTest, ChangesNothingAboutWhatIsFired) {
  std::mt19937_64 random = seeded_random();
  Rig plain;
  Rig mirrored(1, 0, State({}, mirror_at(noon), noon));
  const auto both = [&](const auto& act) {
    act(plain);
    act(mirrored);
  };
  std::size_t rested = 0;
  for (int round = 0; round < 3'000; ++round) {
    const std::string key = "k" + std::to_string(random() % 300);
    const auto pick = random() % 12;
    const auto delay = std::to_string(1 + random() % 4'000) + "s";
    both([&](Rig& rig) {
      if (pick < 4) rig.send(key, {{"horolog-topic", "t"}, {"horolog-delay", delay}}, key);
      if (pick == 4) rig.send(key, {{"horolog-topic", "t"}, {"horolog-every", delay}}, key);
      if (pick == 5)
        rig.send(key, {{"horolog-topic", "t"}, {"horolog-cron", "*/7 * * * *"},
                       {"horolog-overlap", "skip"}, {"horolog-timeout", "1h"}});
      if (pick == 6) rig.cancel(key);
      if (pick == 7) rig.send(key, {{"horolog-action", "pause"}}, std::nullopt);
      if (pick == 8) rig.send(key, {{"horolog-action", "resume"}}, std::nullopt);
      if (pick == 9) rig.send(key, {{"horolog-action", "trigger"}}, std::nullopt);
      if (pick == 10) rig.run_until(rig.now + minute);
      if (pick == 11) rig.run_until(rig.now + 10 * second, 10 * second);
    });
    rested = std::max(rested, mirrored.state.mirror()->size());
    ASSERT_TRUE(mirrored.state.health().ok()) << mirrored.state.health().error().message();
  }
  EXPECT_GT(rested, 50U);
  EXPECT_EQ(plain.state.definitions(), mirrored.state.definitions());
  ASSERT_EQ(plain.fires.size(), mirrored.fires.size());
  EXPECT_GT(plain.fires.size(), 200U);
  for (std::size_t i = 0; i < plain.fires.size(); ++i) {
    ASSERT_EQ(plain.fires[i].record, mirrored.fires[i].record) << i;
  }
  ASSERT_EQ(plain.runs.size(), mirrored.runs.size());
  for (std::size_t i = 0; i < plain.runs.size(); ++i) {
    ASSERT_EQ(plain.runs[i].to_record(), mirrored.runs[i].to_record()) << i;
  }
  EXPECT_EQ(plain.log, mirrored.log);
}

}  // namespace
}  // namespace horolog::scheduler
