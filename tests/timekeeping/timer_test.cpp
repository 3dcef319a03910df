#include <map>
#include <random>
#include <set>

#include "timekeeping/due_buckets.hpp"
#include "timekeeping/pending_index.hpp"
#include "timekeeping/stable_hash.hpp"
#include "timekeeping/timer_wheel.hpp"

namespace horolog::timekeeping {
namespace {

std::uint64_t test_seed() {
  const char* given = std::getenv("HOROLOG_TEST_SEED");
  const std::uint64_t seed = given != nullptr ? std::strtoull(given, nullptr, 10) : 20'261'128;
  ::testing::Test::RecordProperty("seed", std::to_string(seed));
  return seed;
}

TEST(TimerWheel, TakesWhatIsDueOldestFirstAndInPortions) {
  TimerWheel wheel(1'000'000, 16, 10);
  wheel.add({.due = 1'000'100, .key_hash = 1, .generation = 7});
  wheel.add({.due = 1'000'050, .key_hash = 2, .generation = 8});
  wheel.add({.due = 1'000'055, .key_hash = 3, .generation = 9});
  wheel.add({.due = 999'000, .key_hash = 4, .generation = 1});
  wheel.add({.due = 1'009'999, .key_hash = 5, .generation = 2});  // 62 turns ahead
  EXPECT_EQ(wheel.next_due(), 999'000);
  std::vector<Timer> out;
  EXPECT_EQ(wheel.take(999'999, 10, out), 1u);
  EXPECT_EQ(wheel.take(1'000'054, 10, out), 1u);
  EXPECT_EQ(wheel.take(1'000'100, 1, out), 1u);
  EXPECT_EQ(wheel.take(1'000'100, 9, out), 1u);
  EXPECT_EQ(wheel.take(1'009'998, 9, out), 0u);
  EXPECT_EQ(wheel.take(2'000'000, 9, out), 1u);
  std::vector<std::uint64_t> order;
  for (const Timer& timer : out) order.push_back(timer.key_hash);
  EXPECT_EQ(order, (std::vector<std::uint64_t>{4, 2, 3, 1, 5}));
  EXPECT_EQ(wheel.size(), 0u);
  EXPECT_EQ(wheel.next_due(), std::nullopt);
}

TEST(TimerWheel, AClockThatStepsBackRepeatsNothing) {
  TimerWheel wheel(0, 16, 10);
  wheel.add({.due = 500, .key_hash = 1, .generation = 1});
  std::vector<Timer> out;
  EXPECT_EQ(wheel.take(1'000, 10, out), 1u);
  EXPECT_EQ(wheel.take(100, 10, out), 0u);
  wheel.add({.due = 700, .key_hash = 2, .generation = 1});
  EXPECT_EQ(wheel.take(600, 10, out), 0u) << "not due by the clock as it is now";
  EXPECT_EQ(wheel.take(700, 10, out), 1u);
}

TEST(TimerWheel, AgreesWithASortedSet) {
  std::mt19937_64 random(test_seed());
  TimerWheel wheel(0, 64, 7);
  std::set<Timer> model;
  TimestampMs now = 0;
  std::vector<Timer> out;
  for (int step = 0; step < 20'000; ++step) {
    const Timer timer{.due = now + static_cast<TimestampMs>(random() % 3'000) - 50,
                      .key_hash = random(), .generation = step};
    wheel.add(timer);
    model.insert(timer);
    const std::uint64_t longest = step % 500 == 0 ? 9'000 : 40;
    if (random() % 4 == 0) now += static_cast<TimestampMs>(random() % longest);
    const std::size_t most = random() % 5 == 0 ? 3 : 1'000;
    out.clear();
    wheel.take(now, most, out);
    for (const Timer& taken : out) {
      ASSERT_EQ(*model.begin(), taken);
      model.erase(model.begin());
    }
    ASSERT_TRUE(out.size() == most || model.empty() || model.begin()->due > now);
    ASSERT_EQ(wheel.size(), model.size());
    const auto next = wheel.next_due();
    ASSERT_EQ(next.has_value(), !model.empty());
    ASSERT_TRUE(!next || *next <= model.begin()->due);
  }
}

TEST(DueBuckets, PlacesByHorizonAndCounts) {
  const TimestampMs noon = 20'000 * day_ms + 12 * hour_ms;
  DueBuckets books(noon);
  EXPECT_TRUE(books.is_near(noon + 3 * minute_ms));
  EXPECT_EQ(books.add(noon + 10 * minute_ms + 5),
            (BucketId{BucketSpan::minute, noon + 10 * minute_ms}));
  EXPECT_EQ(books.add(noon + 6 * hour_ms + 5), (BucketId{BucketSpan::hour, noon + 6 * hour_ms}));
  EXPECT_EQ(books.add(noon + 10 * day_ms), (BucketId{BucketSpan::day, 20'010 * day_ms}));
  EXPECT_EQ(books.count(), 3u);
  EXPECT_EQ(books.count(noon, noon + day_ms), 2u);
  books.remove(noon + 6 * hour_ms + 5);
  EXPECT_EQ(books.count(noon, noon + day_ms), 1u);
  EXPECT_TRUE(books.advance(noon).empty());
  EXPECT_TRUE(books.advance(noon - day_ms).empty()) << "frontiers never go back";
  const auto opened = books.advance(noon + 8 * minute_ms);
  ASSERT_EQ(opened.size(), 1u);
  EXPECT_EQ(opened[0], (BucketId{BucketSpan::minute, noon + 10 * minute_ms}));
}

// The whole life of many entries, as the caller is to do it: files are vectors here.
TEST(DueBuckets, EveryLiveEntryReachesTheWheelInTimeExactlyOnce) {
  std::mt19937_64 random(test_seed());
  TimestampMs now = 20'000 * day_ms + 777'777;
  DueBuckets books(now);
  TimerWheel wheel(now);
  std::map<BucketId, std::vector<Timer>> files;
  std::map<std::uint64_t, Timer> live;
  const auto settle = [&](const Timer& timer) {
    if (books.is_near(timer.due)) {
      wheel.add(timer);
    } else {
      files[books.add(timer.due)].push_back(timer);
    }
  };
  const auto is_live = [&](const Timer& timer) {
    const auto found = live.find(timer.key_hash);
    return found != live.end() && found->second.generation == timer.generation;
  };
  std::uint64_t next_key = 1;
  std::int64_t generation = 0;
  std::size_t fired = 0;
  for (int step = 0; step < 6'000; ++step) {
    for (int i = 0; i < 3; ++i) {
      const DurationMs furthest = random() % 3 == 0 ? 9 * day_ms : hour_ms;
      const auto ahead = static_cast<TimestampMs>(random() % static_cast<std::uint64_t>(furthest));
      const std::uint64_t key = random() % 4 == 0 ? 1 + random() % next_key : next_key++;
      const auto found = live.find(key);
      if (found != live.end()) books.remove(found->second.due);
      const Timer timer{.due = now + 1 + ahead, .key_hash = key, .generation = ++generation};
      live[key] = timer;
      settle(timer);
    }
    now += static_cast<TimestampMs>(random() % (step % 100 == 0 ? 3 * hour_ms : 2 * minute_ms));
    for (const BucketId& bucket : books.advance(now)) {
      const std::vector<Timer> content = std::move(files[bucket]);
      files.erase(bucket);
      for (const Timer& timer : content) {
        if (is_live(timer)) settle(timer);
      }
    }
    std::vector<Timer> due;
    wheel.take(now, 1'000'000, due);
    for (const Timer& timer : due) {
      if (!is_live(timer)) continue;
      live.erase(timer.key_hash);
      ++fired;
    }
    if (step % 50 != 0) continue;
    for (const auto& [key, timer] : live) ASSERT_GT(timer.due, now) << "it was not fired";
    std::size_t far = 0;
    for (const auto& [key, timer] : live) far += books.is_near(timer.due) ? 0 : 1;
    ASSERT_EQ(books.count(), far);
  }
  EXPECT_GT(fired, 5'000u);
}

TEST(PendingIndex, AgreesWithAMapAndStaysSmall) {
  std::mt19937_64 random(test_seed());
  PendingIndex index;
  std::map<std::uint64_t, PendingEntry> model;  // by place, which stands for the full key
  std::map<std::uint64_t, std::uint64_t> place_of_key;
  // Few hashes for many keys in one corner, so that equal hashes and long runs are met.
  const auto hash_of = [](std::uint64_t key) {
    return key % 100 == 0 ? (key % 4'000 == 0 ? 0 : 0x0500'0000'0000'0000 + key % 7'000)
                          : mix_bits(key);
  };
  std::uint64_t next_place = 1;
  std::map<std::int64_t, std::uint64_t> key_at;
  for (int step = 0; step < 300'000; ++step) {
    const std::uint64_t key = random() % 150'000;
    const auto is_key = [&](std::int64_t place) { return key_at.at(place) == key; };
    const auto known = model.find(key);
    const auto found = index.find(hash_of(key), is_key);
    ASSERT_EQ(found.has_value(), known != model.end());
    if (found) {
      ASSERT_EQ(found->place, known->second.place);
      ASSERT_EQ(found->generation, known->second.generation);
    }
    if (random() % 3 == 0) {
      ASSERT_EQ(index.erase(hash_of(key), is_key).has_value(), known != model.end());
      if (known != model.end()) model.erase(known);
    } else {
      const PendingEntry entry{step, static_cast<std::int64_t>(next_place++ * 1'000)};
      key_at[entry.place] = key;
      ASSERT_EQ(index.put(hash_of(key), entry, is_key).has_value(), known != model.end());
      model[key] = entry;
    }
    ASSERT_EQ(index.size(), model.size());
  }
  std::size_t visited = 0;
  index.for_each([&](std::uint64_t, const PendingEntry& entry) {
    ++visited;
    EXPECT_EQ(model.at(key_at.at(entry.place)).generation, entry.generation);
  });
  EXPECT_EQ(visited, model.size());
}

TEST(PendingIndex, AtMost24BytesPerEntryAtEverySize) {
  PendingIndex index;
  for (std::uint64_t n = 1; n <= 1'000'000; ++n) {
    index.put(mix_bits(n), {static_cast<std::int64_t>(n), static_cast<std::int64_t>(n)},
              [&](std::int64_t place) { return place == static_cast<std::int64_t>(n); });
    if (n >= 100'000 && n % 10'007 == 0) {
      ASSERT_LE(static_cast<double>(index.memory_bytes()) / static_cast<double>(n), 24.0) << n;
    }
  }
}

TEST(PendingIndex, WhatIsReservedHardlyGrows) {
  constexpr std::uint64_t count = 500'000;
  PendingIndex index;
  index.put(mix_bits(0), {7, 7}, [](std::int64_t) { return false; });
  index.reserve(count);
  const std::size_t reserved = index.memory_bytes();
  for (std::uint64_t n = 1; n < count; ++n)
    index.put(mix_bits(n), {static_cast<std::int64_t>(n), static_cast<std::int64_t>(n)},
              [](std::int64_t) { return false; });
  EXPECT_EQ(index.size(), count);
  EXPECT_EQ(index.find_generation(mix_bits(0), 7)->place, 7) << "what was there before";
  EXPECT_LE(static_cast<double>(index.memory_bytes()), static_cast<double>(reserved) * 1.02);
  EXPECT_LE(static_cast<double>(reserved) / count, 21.0);
}

}  // namespace
}  // namespace horolog::timekeeping
