#include "storage/verify.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "tests/support/memory_file.hpp"
#include "tests/support/store_kit.hpp"

// Sound directories are found sound, also after every kind of crash; every kind of damage is found,
// and told by file.
namespace horolog::storage {
namespace {

using test::MemoryFileSystem;
using test::store_now;

std::unique_ptr<LogStore> open_small(FileSystem& fs) {
  StoreOptions options;
  options.directory = "/data/d";
  LogConfig config;
  config.segment_bytes = 4'000;
  config.index_interval_bytes = 300;
  options.defaults = std::make_shared<const LogConfig>(config);
  options.disk_low_bytes = 0;
  options.max_open_segments = 64;
  auto store = LogStore::open(fs, options, nullptr, store_now);
  EXPECT_TRUE(store.ok()) << store.error().message();
  return std::move(*store);
}

/// Two topics, several segments, an idempotent producer, a raised log start.
class Work {
 public:
  explicit Work(std::mt19937_64& random, ProducerId producer = 5)
      : random_(random), producer_(producer) {}

  void fill(LogStore& store, int batches) {
    if (store.catalog().snapshot()->find("a") == nullptr) {
      test::create_topic(store, "a", 2);
      test::create_topic(store, "b", 1, {{"retention.ms", "7"}});
    }
    for (int i = 0; i < batches; ++i) {
      const TopicPartition id{random_() % 3 == 0 ? "b" : "a", 0};
      const auto log = store.find(id);
      const bool idempotent = id.topic == "a";
      const test::BatchSpec spec{.value_bytes = 50 + random_() % 300,
                                 .timestamp = store_now + static_cast<TimestampMs>(random_() % 99),
                                 .producer_id = idempotent ? producer_ : no_producer_id,
                                 .sequence = idempotent ? sequence_++ : 0};
      ASSERT_TRUE(log->append(test::make_batch(spec), Origin::client, store_now).ok());
      if (random_() % 4 == 0) {
        ASSERT_TRUE(log->commit().ok());
      }
      if (random_() % 9 == 0) {
        ASSERT_TRUE(log->checkpoint().ok());
      }
      if (random_() % 9 == 0) {
        ASSERT_TRUE(log->prepare().ok());
      }
      if (random_() % 9 == 0) {
        ASSERT_TRUE(store.write_checkpoints().ok());
      }
    }
  }

 private:
  std::mt19937_64& random_;
  const ProducerId producer_;
  std::int32_t sequence_ = 0;
};

std::string text(const VerifyReport& report) {
  std::string out;
  for (const Finding& finding : report.findings) {
    out += finding.file + " at " + std::to_string(finding.position.value_or(0)) + ": " +
           finding.what + "\n";
  }
  return out;
}

VerifyReport verify(FileSystem& fs) {
  auto report = verify_directory(fs, "/data/d");
  EXPECT_TRUE(report.ok()) << report.error().message();
  return std::move(*report);
}

/// A directory after a clean stop, for damaging.
std::unique_ptr<MemoryFileSystem> stopped_directory() {
  auto fs = std::make_unique<MemoryFileSystem>();
  std::mt19937_64 random(7);
  auto store = open_small(*fs);
  Work(random).fill(*store, 60);
  EXPECT_TRUE(store->find({"a", 0})->commit().ok());
  EXPECT_TRUE(store->find({"a", 0})->delete_records(3, store_now).ok());
  EXPECT_TRUE(store->close(store_now).ok());
  return fs;
}

TEST(Verify, ACleanStopIsSoundAndCounted) {
  const auto fs = stopped_directory();
  const VerifyReport report = verify(*fs);
  EXPECT_THAT(text(report), testing::IsEmpty());
  EXPECT_FALSE(report.damaged());
  EXPECT_TRUE(report.clean_stop);
  EXPECT_EQ(report.partitions, 3U) << "a-0, b-0 and the catalog: a-1 was never written";
  EXPECT_GT(report.segments, 4U);
  EXPECT_GT(report.batches, 60U);
}

TEST(Verify, NoCrashLooksLikeDamage) {
  const std::uint64_t seed = test::test_seed(31);
  for (int round = 0; round < test::test_rounds(150) && !HasFatalFailure(); ++round) {
    SCOPED_TRACE(round);
    std::mt19937_64 random(seed + static_cast<std::uint64_t>(round));
    auto fs = std::make_unique<MemoryFileSystem>();
    for (int life = 0; life < 3; ++life) {
      auto store = open_small(*fs);
      Work(random, life).fill(*store, static_cast<int>(random() % 30));
      const int end = static_cast<int>(random() % 3);
      if (end == 0) {
        ASSERT_TRUE(store->close(store_now).ok());
      }
      store.reset();
      fs = end == 1 ? fs->crash(random) : fs->copy();
      if (!fs->exists("/data/d/meta.properties")) break;
      const VerifyReport report = verify(*fs);
      ASSERT_FALSE(report.damaged()) << text(report);
      ASSERT_EQ(report.clean_stop, end == 0);
    }
  }
}

TEST(Verify, ChangesNothing) {
  const auto fs = stopped_directory();
  fs->set_content("/data/d/a-0/00000000000000000000.log", as_bytes("rubbish"));
  std::map<std::string, ByteBuffer> before;
  for (const std::string& path : fs->files()) before[path] = fs->content(path);
  EXPECT_TRUE(verify(*fs).damaged());
  std::map<std::string, ByteBuffer> after;
  for (const std::string& path : fs->files()) after[path] = fs->content(path);
  EXPECT_EQ(before, after);
}

bool tells(const VerifyReport& report, const std::string& path) {
  return std::any_of(report.findings.begin(), report.findings.end(), [&](const Finding& finding) {
    return finding.severity == Finding::Severity::damage && path.ends_with("/" + finding.file);
  });
}

/// Files in which no bit may change unseen.
bool has_checksum(const std::string& path) {
  for (const char* suffix : {".log", ".index", ".timeindex", ".snapshot", ".producers", ".sum"}) {
    if (path.ends_with(suffix)) return true;
  }
  return false;
}

TEST(Verify, EveryBitFlipIsFoundAndItsFileNamed) {
  const auto fs = stopped_directory();
  std::mt19937_64 random(test::test_seed(33));
  std::map<std::string, int> tried;
  for (const std::string& path : fs->files()) {
    if (!has_checksum(path) || fs->content(path).empty()) continue;
    for (int round = 0; round < test::test_rounds(60); ++round) {
      const auto damaged = fs->copy();
      ByteBuffer bytes = damaged->content(path);
      const std::size_t at = random() % bytes.size();
      bytes[at] ^= static_cast<std::byte>(1U << random() % 8);
      damaged->set_content(path, bytes);
      const VerifyReport report = verify(*damaged);
      ASSERT_TRUE(report.damaged()) << path << ", byte " << at;
      // A digest that does not fit names the file whose digest it is.
      if (path.ends_with(".sum")) continue;
      ASSERT_TRUE(tells(report, path)) << path << "\n" << text(report);
    }
    ++tried[path.substr(path.rfind('.'))];
  }
  EXPECT_EQ(tried.size(), 6U) << "a kind of file was not there";
}

TEST(Verify, EveryTruncationIsFound) {
  const auto fs = stopped_directory();
  std::mt19937_64 random(test::test_seed(35));
  for (const std::string& path : fs->files()) {
    // The catalog's last change may be cut short by a crash, but not after a clean stop.
    if (!has_checksum(path) || fs->content(path).empty()) continue;
    for (int round = 0; round < test::test_rounds(20); ++round) {
      const auto damaged = fs->copy();
      ByteBuffer bytes = damaged->content(path);
      bytes.resize(random() % bytes.size());
      damaged->set_content(path, bytes);
      // A whole number of entries or changes less is no contradiction where nothing counts them:
      // in the catalog, and in the indices of the last segment, which has no digests.
      const std::string sum = path.substr(0, path.rfind('.')) + ".sum";
      const bool uncounted = path.find("__cluster_metadata") != std::string::npos ||
                             (path.ends_with("index") && !fs->exists(sum));
      const VerifyReport report = verify(*damaged);
      ASSERT_TRUE(report.damaged() || uncounted) << path << " cut to " << bytes.size();
    }
  }
}

struct Damage {
  const char* file;
  const char* content;
  const char* word;
};

TEST(Verify, TextFilesThatContradictAreTold) {
  const Damage damages[] = {
      {"meta.properties", "version=1\nnode.id=1\n", "cluster.id"},
      {"recovery-point-offset-checkpoint", "0\n1\na 0 99999\n", "99999"},
      {"recovery-point-offset-checkpoint", "0\n1\nc 0 5\n", "missing"},
      {"log-start-offset-checkpoint", "0\n1\na 0 99999\n", "99999"},
      {"replication-offset-checkpoint", "0\n1\na 0 99999\n", "99999"},
      {"cleaner-offset-checkpoint", "0\n2\na 0 1\n", "cleaner-offset-checkpoint"},
      {"bootstrap.checkpoint", "rubbish", "bytes"},
      {"a-0/leader-epoch-checkpoint", "0\n2\n1 0\n", "lines"},
      {"a-0/leader-epoch-checkpoint", "0\n1\n7 0\n", "epoch"},
      {"a-0/partition.metadata", "version: 0\ntopic_id: AAAAAAAAAAAAAAAAAAAAAg\n", "catalog"},
      {"a-0/00000000000000000000.txnindex", "short", "cut short"},
  };
  const auto fs = stopped_directory();
  for (const Damage& damage : damages) {
    const auto damaged = fs->copy();
    damaged->set_content(std::string("/data/d/") + damage.file, as_bytes(damage.content));
    const VerifyReport report = verify(*damaged);
    EXPECT_TRUE(report.damaged()) << damage.file;
    EXPECT_THAT(text(report), testing::HasSubstr(damage.word)) << damage.file;
  }
}

TEST(Verify, MissingFilesAreTold) {
  const auto fs = stopped_directory();
  for (const std::string& path : fs->files()) {
    if (!path.ends_with(".log") && !path.ends_with(".index")) continue;
    const auto damaged = fs->copy();
    ASSERT_TRUE(damaged->remove(path).ok());
    EXPECT_TRUE(verify(*damaged).damaged()) << path;
  }
}

TEST(Verify, RefusesWhatIsNoDataDirectory) {
  MemoryFileSystem fs;
  EXPECT_EQ(verify_directory(fs, "/data/none").error().code(), Errc::not_found);
  ASSERT_TRUE(fs.make_directories("/data/other").ok());
  EXPECT_EQ(verify_directory(fs, "/data/other").error().code(), Errc::invalid_argument);
  fs.set_content("/data/other/photo.jpg", as_bytes("x"));
  EXPECT_EQ(verify_directory(fs, "/data/other/photo.jpg").error().code(), Errc::invalid_argument);
}

}  // namespace
}  // namespace horolog::storage
