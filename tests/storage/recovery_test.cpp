#include <gtest/gtest.h>

#include <random>

#include "storage/log_files.hpp"
#include "tests/support/faulty_file.hpp"
#include "tests/support/log_kit.hpp"
#include "tests/support/memory_file.hpp"

// Damage done to the files of a stopped log, and what opening it makes of them.
namespace horolog {
namespace {

using namespace storage;
using test::LogKit;
using test::MemoryFileSystem;
using test::read_records;

const std::string directory = "/data/t-0";
const std::string log_path = log_files::path(directory, 0, log_files::log);

/// A log of batches of several sizes, killed: nothing was closed.
class RecoveryTest : public ::testing::Test {
 protected:
  void SetUp() override {
    LogKit kit(fs_);
    kit.open();
    std::size_t position = 0;
    for (int i = 0; i < 24; ++i) {
      const test::BatchSpec spec{.records = 1 + i % 3,
                                 .value_bytes = 40 + static_cast<std::size_t>(i * 37 % 400),
                                 .fill = static_cast<char>('a' + i)};
      starts_.push_back(position);
      position += test::make_batch(spec).size();
      kit.append(spec);
      offsets_.push_back(kit.log().log_end_offset());
    }
    starts_.push_back(position);
    records_ = read_records(kit.log(), 0);
    bytes_ = fs_.content(log_path);
    bytes_.resize(position);
  }

  /// How many records the batches hold that end at or before this byte.
  std::size_t records_before(std::size_t position) const {
    std::size_t records = 0;
    for (std::size_t i = 0; i + 1 < starts_.size() && starts_[i + 1] <= position; ++i) {
      records = static_cast<std::size_t>(offsets_[i]);
    }
    return records;
  }
  std::vector<std::pair<Offset, std::string>> prefix(std::size_t count) const {
    return {records_.begin(), records_.begin() + static_cast<std::ptrdiff_t>(count)};
  }
  void put(MemoryFileSystem& fs, ByteView bytes) { fs.set_content(log_path, bytes); }

  MemoryFileSystem fs_;
  std::vector<std::size_t> starts_;
  std::vector<Offset> offsets_;
  std::vector<std::pair<Offset, std::string>> records_;
  ByteBuffer bytes_;
};

TEST_F(RecoveryTest, TruncatedAtEveryByteOfItsTail) {
  for (std::size_t size = bytes_.size() - 1200; size <= bytes_.size(); ++size) {
    const auto fs = fs_.copy();
    put(*fs, ByteView(bytes_).first(size));
    LogKit kit(*fs);
    PartitionLog& log = kit.open();
    const std::size_t expected = records_before(size);
    ASSERT_EQ(read_records(log, 0), prefix(expected)) << "cut at " << size;
    ASSERT_EQ(kit.loaded.cut_bytes, 0u);
    ASSERT_EQ(kit.append({}).base_offset, static_cast<Offset>(expected));
    ASSERT_EQ(fs->content(log_path).size(), log.size_bytes());
  }
}

TEST_F(RecoveryTest, AnySectorZeroedAboveTheRecoveryPointKeepsThePrefixAndSavesTheRest) {
  for (std::size_t at = 0; at < bytes_.size(); at += 512) {
    ByteBuffer damaged = bytes_;
    const std::size_t end = std::min(at + 512, damaged.size());
    std::fill(damaged.begin() + static_cast<std::ptrdiff_t>(at),
              damaged.begin() + static_cast<std::ptrdiff_t>(end), std::byte{0});
    const auto fs = fs_.copy();
    put(*fs, damaged);
    LogKit kit(*fs);
    PartitionLog& log = kit.open();
    const std::size_t expected = records_before(at);
    ASSERT_EQ(read_records(log, 0), prefix(expected)) << "zeroed at " << at;
    const std::string cut = log_files::path(directory, 0, ".cut-1");
    const std::size_t good = log.size_bytes();
    if (kit.loaded.cut_bytes > 0) {
      const ByteBuffer saved = fs->content(cut);
      ASSERT_EQ(saved, ByteBuffer(damaged.begin() + static_cast<std::ptrdiff_t>(good),
                                  damaged.begin() + static_cast<std::ptrdiff_t>(
                                                        good + saved.size())));
    } else {
      ASSERT_GE(at + 1200, bytes_.size()) << "good batches behind " << at << " were dropped";
    }
    // What was cut off must never come back.
    kit.append({.fill = 'N'});
    ASSERT_EQ(read_records(kit.open(), 0).size(), expected + 1);
  }
}

TEST_F(RecoveryTest, AnySectorZeroedBelowTheRecoveryPointIsDamage) {
  for (std::size_t at = 0; at < bytes_.size(); at += 512) {
    ByteBuffer damaged = bytes_;
    const std::size_t end = std::min(at + 512, damaged.size());
    std::fill(damaged.begin() + static_cast<std::ptrdiff_t>(at),
              damaged.begin() + static_cast<std::ptrdiff_t>(end), std::byte{0});
    const auto fs = fs_.copy();
    put(*fs, damaged);
    LogKit kit(*fs);
    const auto opened = kit.try_open(false, offsets_.back());
    ASSERT_FALSE(opened.ok()) << "zeroed at " << at;
    ASSERT_EQ(opened.error().code(), Errc::corrupt);
    ASSERT_EQ(fs->content(log_path), damaged) << "damage must be left as it is";
  }
}

TEST_F(RecoveryTest, BitFlipsAreFoundOrHarmless) {
  std::mt19937_64 random(test::test_seed(7));
  std::size_t undetected = 0;
  for (std::size_t at = 0; at < bytes_.size(); ++at) {
    ByteBuffer damaged = bytes_;
    damaged[at] ^= static_cast<std::byte>(1 << random() % 8);
    const auto fs = fs_.copy();
    put(*fs, damaged);
    LogKit kit(*fs);
    const auto opened = kit.try_open(false, offsets_.back());
    if (!opened) {
      ASSERT_EQ(opened.error().code(), Errc::corrupt);
      continue;
    }
    // Only the leader epoch lies outside every check, and clients do not act on it.
    const auto start = *(std::upper_bound(starts_.begin(), starts_.end(), at) - 1);
    ASSERT_TRUE(at - start >= 12 && at - start < 16) << "flip at byte " << at - start
                                                     << " of a batch";
    kit.loaded = LoadedLog{};
    ++undetected;
    LogKit again(*fs);
    ASSERT_EQ(read_records(again.open(), 0), records_);
  }
  EXPECT_EQ(undetected, 4 * (starts_.size() - 1));
}

TEST_F(RecoveryTest, RandomPagesLostAboveTheRecoveryPoint) {
  std::mt19937_64 random(test::test_seed(11));
  for (int round = 0; round < test::test_rounds(200); ++round) {
    const std::size_t safe = random() % starts_.size();
    const Offset recovery_point = safe == 0 ? 0 : offsets_[safe - 1];
    ByteBuffer damaged = bytes_;
    std::size_t first = bytes_.size();
    for (int hole = 0; hole < 3; ++hole) {
      const std::size_t from = starts_[safe] + random() % (bytes_.size() - starts_[safe] + 1);
      const std::size_t to = std::min(bytes_.size(), from + 1 + random() % 700);
      if (from < to) first = std::min(first, from);
      std::fill(damaged.begin() + static_cast<std::ptrdiff_t>(from),
                damaged.begin() + static_cast<std::ptrdiff_t>(to), std::byte{0});
    }
    const auto fs = fs_.copy();
    put(*fs, damaged);
    LogKit kit(*fs);
    PartitionLog& log = kit.open(false, recovery_point);
    const auto left = read_records(log, 0);
    ASSERT_GE(left.size(), records_before(first));
    ASSERT_EQ(left, prefix(left.size()));
    ASSERT_EQ(log.high_watermark(), static_cast<Offset>(left.size()));
  }
}

TEST_F(RecoveryTest, ASegmentThatDoesNotFollowIsSetAside) {
  MemoryFileSystem fs;
  LogKit kit(fs);
  kit.config.segment_bytes = 1'000;
  kit.open();
  for (int i = 0; i < 12; ++i) kit.append({.value_bytes = 300});
  ASSERT_GT(kit.log().segment_count(), 3u);
  const std::string first = log_path;
  ByteBuffer bytes = fs.content(first);
  bytes.resize(bytes.size() - 100);
  fs.set_content(first, bytes);
  PartitionLog& log = kit.open();
  EXPECT_EQ(log.segment_count(), 1u);
  EXPECT_LT(log.log_end_offset(), 4);
  EXPECT_GT(kit.loaded.cut_bytes, 2'000u);
  const Offset end = log.log_end_offset();
  EXPECT_EQ(kit.append({}).base_offset, end);
  // Below the recovery point the same loss is damage.
  LogKit strict(fs);
  EXPECT_EQ(strict.try_open(false, 12).error().code(), Errc::corrupt);
}

TEST_F(RecoveryTest, AFailureInTheMiddleOfRecoveryIsHarmless) {
  ByteBuffer damaged = bytes_;
  std::fill_n(damaged.begin() + static_cast<std::ptrdiff_t>(starts_[10]), 300, std::byte{0});
  std::mt19937_64 random(test::test_seed(13));
  for (const test::Op op : {test::Op::open, test::Op::write, test::Op::truncate, test::Op::sync,
                            test::Op::sync_directory, test::Op::rename, test::Op::map}) {
    bool struck = true;
    for (int nth = 1; struck && nth < 100; ++nth) {
      const auto fs = fs_.copy();
      put(*fs, damaged);
      test::FaultyFileSystem faulty(*fs);
      faulty.set_fault({.op = op, .nth = nth});
      LogKit kit(faulty);
      const auto opened = kit.try_open();
      struck = faulty.struck();
      ASSERT_EQ(opened.ok(), !struck);
      // The process dies there, and the power fails too.
      const auto left = fs->crash(random);
      LogKit again(*left);
      ASSERT_EQ(read_records(again.open(), 0), prefix(records_before(starts_[10])));
    }
  }
}

TEST_F(RecoveryTest, ALostDirectoryIsDamageOnlyIfSomethingWasWritten) {
  MemoryFileSystem empty;
  LogKit kit(empty);
  EXPECT_TRUE(kit.try_open(false, 0).ok());
  EXPECT_EQ(kit.try_open(false, 5).error().code(), Errc::corrupt);
}

TEST_F(RecoveryTest, DamagedIndexFilesNeverGiveWrongData) {
  MemoryFileSystem fs;
  LogKit kit(fs);
  kit.config.index_interval_bytes = 300;
  kit.config.segment_bytes = 5'000;
  kit.open();
  for (int i = 0; i < 60; ++i) {
    kit.append({.value_bytes = 150,
                .timestamp = 1'000 + i,
                .fill = static_cast<char>('A' + i % 26)});
  }
  ASSERT_TRUE(kit.log().close().ok());
  const auto expected = read_records(kit.open(true, 60), 0);
  ASSERT_EQ(expected.size(), 60u);
  std::mt19937_64 random(test::test_seed(17));
  for (int round = 0; round < test::test_rounds(150); ++round) {
    const auto damaged = fs.copy();
    for (const std::string& path : damaged->files()) {
      if (!path.ends_with("index") || random() % 2 == 0) continue;
      ByteBuffer bytes = damaged->content(path);
      if (bytes.empty()) continue;
      for (int flips = 0; flips < 4; ++flips) {
        bytes[random() % bytes.size()] ^= static_cast<std::byte>(1 + random() % 255);
      }
      if (random() % 4 == 0) bytes.resize(random() % bytes.size());
      damaged->set_content(path, bytes);
    }
    LogKit again(*damaged);
    PartitionLog& log = again.open(random() % 2 == 0, 60);
    for (int i = 0; i < 5; ++i) {
      const auto from = static_cast<Offset>(random() % 60);
      const auto got = read_records(log, from, Visibility::high_watermark, random() % 2'000);
      ASSERT_EQ(got, std::vector(expected.begin() + from, expected.end()));
    }
  }
}

}  // namespace
}  // namespace horolog
