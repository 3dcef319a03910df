#include "scheduler/local_copy.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <random>

#include "base/log.hpp"
#include "scheduler/directory_lock.hpp"
#include "tests/scheduler/rig.hpp"

namespace horolog::scheduler {
namespace {

using namespace testing;
namespace fs = std::filesystem;

std::mt19937_64 seeded_random() {
  const char* given = std::getenv("HOROLOG_TEST_SEED");
  const std::uint64_t seed = given ? std::stoull(given) : std::random_device{}();
  std::printf("HOROLOG_TEST_SEED=%llu\n", static_cast<unsigned long long>(seed));
  return std::mt19937_64(seed);
}

const StateIdentity identity{.cluster = "c", .topic = Uuid{{1, 2, 3}}, .partition = 0,
                             .partitions = 1};

/// A state as text by key, so that two can be compared.
using Dump = std::map<std::string, std::string>;

Result<Dump> dump(const State& state) {
  Dump out{{"meta", state.meta().to_text()},
           {"definitions", std::to_string(state.definitions())},
           {"open runs", std::to_string(state.open_runs())}};
  HOROLOG_TRY(state.for_each([&](const std::string& key, const Entry& entry) {
    std::string text = entry.cursor.to_text();
    if (entry.definition) {
      const OutRecord record = definition_record(*entry.definition);
      text += record.value.value_or("(null)");
      for (const Header& header : record.headers)
        text += header.name + '=' + header.value.value_or("(null)") + ' ';
    }
    out["schedule " + key] = text;
  }));
  return out;
}

Dump whole(const State& state) {
  const auto out = dump(state);
  EXPECT_TRUE(out.ok()) << out.error().message();
  return out.ok() ? *out : Dump{};
}

class LocalCopyTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = ::testing::TempDir() + "local-copy-XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    root_ = name;
    here_ = root_ / "here";
    fs::create_directory(here_);
  }
  void TearDown() override { fs::remove_all(root_); }

  /// Commands of all kinds, and time that passes; gives the state records in their order.
  std::vector<OutRecord> history(std::mt19937_64& random, int rounds, std::size_t payload) {
    std::vector<OutRecord> records;
    Rig rig;
    const auto take = [&] {
      for (auto& record : std::exchange(rig.written, {})) records.push_back(std::move(record));
    };
    take();
    for (int i = 0; i < rounds; ++i) {
      const std::string key = "k" + std::to_string(random() % 40);
      const auto delay = std::to_string(20 + random() % 9'000) + "s";
      switch (random() % 9) {
        case 0: rig.cancel(key); break;
        case 1: rig.send(key, {{"horolog-action", "pause"}}, std::nullopt); break;
        case 2: rig.send(key, {{"horolog-action", "resume"}}, std::nullopt); break;
        case 3: rig.run_until(rig.now + minute, minute); break;
        case 4:
          rig.send(key, {{"horolog-topic", "t"}, {"horolog-cron", "*/7 * * * *"},
                         {"horolog-overlap", "skip"}, {"horolog-timeout", "1h"}});
          break;
        default:
          rig.send(key, {{"horolog-topic", "t"}, {"horolog-delay", delay}},
                   key + std::string(payload, '.'));
      }
      take();
    }
    end_ = rig.now;
    return records;
  }

  static State replayed(const std::vector<OutRecord>& records, std::size_t count) {
    State state;
    for (std::size_t i = 0; i < count; ++i) EXPECT_TRUE(state.replay(records[i]).ok());
    return state;
  }

  fs::path root_, here_;
  TimestampMs end_ = noon;
};

/// Copies of the directory at any moment are what kill -9 leaves behind.
TEST_F(LocalCopyTest, AfterAKillAtAnyMomentTheStateOfTheLastCheckpointIsThere) {
  std::mt19937_64 random = seeded_random();
  // Large enough for segments that are emptied, given back and used again.
  const auto records = history(random, 2'000, 30'000);
  LocalCopy copy(here_, identity);
  auto state = copy.fresh(noon, {});
  ASSERT_TRUE(state.ok()) << state.error().message();
  std::optional<std::size_t> saved;
  int checked = 0;
  for (std::size_t i = 0; i < records.size(); ++i) {
    ASSERT_TRUE(state->replay(records[i]).ok());
    if (random() % 40 == 0) {
      ASSERT_TRUE(copy.save(*state, static_cast<Offset>(i + 1), noon).ok());
      saved = i + 1;
    }
    if (random() % 60 != 0) continue;
    const fs::path there = root_ / "there";
    fs::copy(here_, there);
    LocalCopy other(there, identity);
    auto kept = other.load(noon, {});
    ASSERT_EQ(kept.has_value(), saved.has_value());
    if (kept) {
      ASSERT_EQ(kept->position, static_cast<Offset>(*saved));
      EXPECT_EQ(kept->as_of, noon);
      ASSERT_EQ(whole(kept->state), whole(replayed(records, *saved)));
      // And it goes on from there, also over another start.
      const std::size_t half = *saved + (i + 1 - *saved) / 2;
      for (std::size_t j = *saved; j < half; ++j)
        ASSERT_TRUE(kept->state.replay(records[j]).ok());
      ASSERT_TRUE(other.save(kept->state, static_cast<Offset>(half), noon).ok());
      kept.reset();
      LocalCopy third(there, identity);
      kept = third.load(noon, {});
      ASSERT_TRUE(kept.has_value());
      for (std::size_t j = half; j <= i; ++j) ASSERT_TRUE(kept->state.replay(records[j]).ok());
      ASSERT_EQ(whole(kept->state), whole(replayed(records, i + 1)));
      ++checked;
    }
    fs::remove_all(there);
  }
  EXPECT_GT(checked, 5);
}

std::string content(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void put(const fs::path& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

/// The two files of a directory, damaged in every way, are right or not used, and never wrong.
class DamageTest : public LocalCopyTest {
 protected:
  void SetUp() override {
    LocalCopyTest::SetUp();
    // What is discarded is said in a warning; here that is the point, thousands of times.
    log::set_level(log::Level::error);
    std::mt19937_64 random(7);
    const auto records = history(random, 60, 20);
    LocalCopy copy(here_, identity);
    auto state = copy.fresh(noon, {});
    ASSERT_TRUE(state.ok());
    for (const OutRecord& record : records) ASSERT_TRUE(state->replay(record).ok());
    ASSERT_TRUE(copy.save(*state, 5, noon).ok());
    ASSERT_GT(state->mirror()->size(), 5U);
    right_ = whole(*state);
    for (const auto& file : fs::directory_iterator(here_))
      (file.path().extension() == ".values" ? values_ : checkpoint_) = file.path();
    checkpoint_bytes_ = content(checkpoint_);
    values_bytes_ = content(values_);
  }
  enum class Found { right, not_used, noticed };
  Found look(std::string_view checkpoint, std::string_view values) {
    put(checkpoint_, checkpoint);
    put(values_, values);
    LocalCopy copy(here_, identity);
    const auto kept = copy.load(noon, {});
    if (!kept) return Found::not_used;
    const auto found = dump(kept->state);
    if (!found) return Found::noticed;
    EXPECT_EQ(*found, right_);
    return Found::right;
  }

  Dump right_;
  fs::path checkpoint_, values_;
  std::string checkpoint_bytes_, values_bytes_;
};

TEST_F(DamageTest, ACheckpointThatIsCutAnywhereIsNotUsed) {
  for (std::size_t size = 0; size < checkpoint_bytes_.size(); ++size)
    ASSERT_EQ(look(checkpoint_bytes_.substr(0, size), values_bytes_), Found::not_used) << size;
  EXPECT_EQ(look(checkpoint_bytes_ + "x", values_bytes_), Found::not_used);
  EXPECT_EQ(look(checkpoint_bytes_, values_bytes_), Found::right);
}

TEST_F(DamageTest, ACheckpointWithAFlippedBitIsNotUsed) {
  std::string bytes = checkpoint_bytes_;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<char>(bytes[i] ^ (1 << (i % 8)));
    ASSERT_EQ(look(bytes, values_bytes_), Found::not_used) << i;
    bytes[i] = checkpoint_bytes_[i];
  }
}

TEST_F(DamageTest, AValueLogThatIsCutAnywhereIsNotUsed) {
  for (std::size_t size = 0; size < values_bytes_.size(); ++size)
    ASSERT_EQ(look(checkpoint_bytes_, values_bytes_.substr(0, size)), Found::not_used) << size;
  EXPECT_EQ(look(checkpoint_bytes_, values_bytes_ + "what came after the checkpoint"),
            Found::right);
}

TEST_F(DamageTest, AValueWithAFlippedBitIsNoticedWhenItIsRead) {
  std::string bytes = values_bytes_;
  std::size_t noticed = 0;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    bytes[i] = static_cast<char>(bytes[i] ^ (1 << (i % 8)));
    noticed += look(checkpoint_bytes_, bytes) != Found::right;
    bytes[i] = values_bytes_[i];
  }
  // What is left are padding and values that nothing refers to any more.
  EXPECT_GT(noticed, 500U);
}

TEST_F(DamageTest, ACheckpointOfAnotherTopicIsNotUsed) {
  const auto is_used = [&](const StateIdentity& by) {
    put(checkpoint_, checkpoint_bytes_);
    put(values_, values_bytes_);
    return LocalCopy(here_, by).load(noon, {}).has_value();
  };
  EXPECT_TRUE(is_used(identity));
  StateIdentity other = identity;
  other.cluster = "another";
  EXPECT_FALSE(is_used(other));
  other = identity;
  other.topic = Uuid{{3, 2, 1}};
  EXPECT_FALSE(is_used(other));
  other = identity;
  other.partitions = 8;
  EXPECT_FALSE(is_used(other));
}

TEST_F(DamageTest, AFreshCopyForgetsTheOldOne) {
  LocalCopy copy(here_, identity);
  ASSERT_TRUE(copy.fresh(noon, {}).ok());
  EXPECT_FALSE(fs::exists(checkpoint_));
  EXPECT_FALSE(fs::exists(values_));
  EXPECT_FALSE(LocalCopy(here_, identity).load(noon, {}).has_value());
}

TEST_F(LocalCopyTest, OneProcessHasADirectory) {
  {
    const auto first = DirectoryLock::take(here_);
    ASSERT_TRUE(first.ok()) << first.error().message();
    const auto second = DirectoryLock::take(here_);
    ASSERT_FALSE(second.ok());
    EXPECT_EQ(second.error().code(), Errc::busy);
    EXPECT_NE(second.error().message().find(here_.string()), std::string::npos);
    EXPECT_NE(second.error().message().find(std::to_string(::getpid())), std::string::npos);
  }
  EXPECT_TRUE(DirectoryLock::take(here_).ok());
  EXPECT_FALSE(DirectoryLock::take("/proc/nowhere").ok());
}

TEST_F(LocalCopyTest, SpaceThatACheckpointRefersToIsKeptUntilTheNext) {
  auto log = ValueLog::create_named(here_ / "values");
  ASSERT_TRUE(log.ok());
  const ByteBuffer value(1U << 20, std::byte{7});
  std::vector<std::int64_t> places;
  for (int i = 0; i < 30; ++i) places.push_back(*log->append(value));
  const auto books = log->books();
  ASSERT_TRUE(books.ok());
  for (std::size_t i = 0; i < 7; ++i) log->release(places[i], value.size());
  const auto none = [](std::int64_t, ByteView) { return Status(); };
  ASSERT_TRUE(*log->reclaim(none));
  EXPECT_TRUE(log->read(places[0]).ok());
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(log->append(value).ok());
  EXPECT_TRUE(log->read(places[0]).ok());
  ASSERT_TRUE(log->release_space().ok());
  EXPECT_FALSE(log->read(places[0]).ok());
  // What is appended goes there first: the file does not grow.
  for (int i = 0; i < 12; ++i) places.push_back(*log->append(value));
  EXPECT_LT(places.back(), places[20]);
  EXPECT_EQ(log->read(places.back()).value(), value);
  EXPECT_LE(fs::file_size(here_ / "values"), 8 * ValueLog::segment_bytes);
}

}  // namespace
}  // namespace horolog::scheduler
