#include "storage/log_store.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>

#include "base/thread_pool.hpp"
#include "storage/disk_room.hpp"
#include "storage/parallel_for.hpp"
#include "tests/support/faulty_file.hpp"
#include "tests/support/memory_file.hpp"
#include "tests/support/store_kit.hpp"

namespace horolog::storage {
namespace {

using test::append_durably;
using test::create_topic;
using test::FaultyFileSystem;
using test::MemoryFileSystem;
using test::open_store;
using test::Op;
using test::store_now;
using test::try_open_store;

std::string refusal(FileSystem& fs) {
  const auto store = try_open_store(fs);
  return store.ok() ? "opened" : store.error().message();
}

void put(FileSystem& fs, const std::string& path, std::string_view text) {
  const auto file = fs.open(path, OpenMode::create);
  ASSERT_TRUE(file.ok());
  ASSERT_TRUE((*file)->write_at(as_bytes(text), 0).ok());
}

bool contains(const std::vector<std::string>& names, std::string_view part) {
  return std::any_of(names.begin(), names.end(),
                     [&](const auto& name) { return name.find(part) != std::string::npos; });
}

TEST(LogStore, NewDirectoryIsReported) {
  MemoryFileSystem fs;
  const auto store = open_store(fs);
  EXPECT_TRUE(store->report().created);
  EXPECT_EQ(store->report().partitions, 0U);
  EXPECT_FALSE(store->failure().has_value());
}

TEST(LogStore, PartitionNeverWrittenHasNoFiles) {
  MemoryFileSystem fs;
  const auto store = open_store(fs);
  create_topic(*store, "a", 2);
  EXPECT_NE(store->find({"a", 1}), nullptr);
  EXPECT_EQ(store->find({"a", 2}), nullptr);
  EXPECT_FALSE(fs.exists("/data/d/a-0"));
}

TEST(LogStore, CleanStopKeepsRecordsAndEpoch) {
  MemoryFileSystem fs;
  {
    const auto store = open_store(fs);
    create_topic(*store, "a");
    append_durably(*store->find({"a", 0}), {.records = 3});
    ASSERT_TRUE(store->close(store_now).ok());
  }
  EXPECT_EQ(as_text(fs.content("/data/d/.kafka_cleanshutdown")),
            R"({"version":0,"brokerEpoch":11})");
  EXPECT_EQ(as_text(fs.content("/data/d/recovery-point-offset-checkpoint")), "0\n1\na 0 3\n");
  EXPECT_EQ(as_text(fs.content("/data/d/replication-offset-checkpoint")), "0\n1\na 0 3\n");
  EXPECT_EQ(as_text(fs.content("/data/d/log-start-offset-checkpoint")), "0\n0\n");
  EXPECT_EQ(as_text(fs.content("/data/d/cleaner-offset-checkpoint")), "0\n0\n");
  const auto store = open_store(fs);
  EXPECT_TRUE(store->report().clean);
  EXPECT_EQ(store->report().recovered_partitions, 0U);
  EXPECT_FALSE(fs.exists("/data/d/.kafka_cleanshutdown"));
  EXPECT_EQ(store->find({"a", 0})->log_end_offset(), 3);
  EXPECT_EQ(store->find({"a", 0})->leader_epoch(), 0);
}

TEST(LogStore, UncleanStopKeepsRecordsAndRaisesTheEpoch) {
  MemoryFileSystem fs;
  {
    const auto store = open_store(fs);
    create_topic(*store, "a");
    append_durably(*store->find({"a", 0}), {.records = 3});
  }
  const auto copy = fs.copy();
  const auto store = open_store(*copy);
  EXPECT_FALSE(store->report().clean);
  EXPECT_EQ(store->report().recovered_partitions, 1U);
  EXPECT_EQ(store->find({"a", 0})->log_end_offset(), 3);
  EXPECT_EQ(store->find({"a", 0})->leader_epoch(), 1);
  EXPECT_EQ(store->catalog().snapshot()->find("a")->leader_epoch, 1);
}

TEST(LogStore, CrashDuringLoadingDoesNotLookClean) {
  MemoryFileSystem fs;
  {
    const auto store = open_store(fs);
    create_topic(*store, "a");
    ASSERT_TRUE(store->close(store_now).ok());
  }
  open_store(fs);  // is not closed
  const auto copy = fs.copy();
  EXPECT_FALSE(open_store(*copy)->report().clean);
}

TEST(LogStore, DeletionRenamesThenUnlinksWhenNobodyHoldsTheLog) {
  MemoryFileSystem fs;
  const auto store = open_store(fs);
  const auto topic = create_topic(*store, "a");
  auto log = store->find({"a", 0});
  append_durably(*log);
  ASSERT_TRUE(store->catalog().delete_topic(topic->id, store_now).ok());
  ASSERT_TRUE(store->drop_logs(*topic).ok());
  EXPECT_EQ(store->find({"a", 0}), nullptr);
  EXPECT_FALSE(fs.exists("/data/d/a-0"));
  EXPECT_TRUE(contains(fs.files(), "-delete/"));
  EXPECT_EQ(log->append(test::make_batch({}), Origin::client, store_now).error().code(),
            Errc::closed);
  ASSERT_TRUE(store->purge_deleted(store_now).ok());
  EXPECT_TRUE(contains(fs.files(), "-delete/")) << "somebody may still be reading";
  log.reset();
  ASSERT_TRUE(store->purge_deleted(store_now).ok());
  EXPECT_FALSE(contains(fs.files(), "-delete/"));
}

TEST(LogStore, TopicOfTheSameNameStartsAnew) {
  MemoryFileSystem fs;
  {
    const auto store = open_store(fs);
    const auto topic = create_topic(*store, "a");
    append_durably(*store->find({"a", 0}), {.records = 9});
    ASSERT_EQ(store->find({"a", 0})->delete_records(5, store_now).value(), 5);
    ASSERT_TRUE(store->write_checkpoints().ok());
    ASSERT_TRUE(store->catalog().delete_topic(topic->id, store_now).ok());
    ASSERT_TRUE(store->drop_logs(*topic).ok());
    create_topic(*store, "a");
    append_durably(*store->find({"a", 0}), {.records = 2});
  }
  const auto copy = fs.copy();
  const auto store = open_store(*copy);
  ASSERT_TRUE(store->report().quarantined.empty());
  EXPECT_EQ(store->find({"a", 0})->log_start_offset(), 0);
  EXPECT_EQ(store->find({"a", 0})->log_end_offset(), 2);
}

TEST(LogStore, DeletionThatACrashInterruptedIsFinished) {
  MemoryFileSystem fs;
  {
    const auto store = open_store(fs);
    const auto topic = create_topic(*store, "a");
    append_durably(*store->find({"a", 0}));
    ASSERT_TRUE(store->catalog().delete_topic(topic->id, store_now).ok());
  }
  const auto copy = fs.copy();
  ASSERT_TRUE(copy->exists("/data/d/a-0"));
  const auto store = open_store(*copy);
  EXPECT_FALSE(copy->exists("/data/d/a-0"));
  ASSERT_TRUE(store->purge_deleted(store_now).ok());
  EXPECT_FALSE(contains(copy->files(), "/data/d/a-0"));
}

TEST(LogStore, LogOfATopicThatTheCatalogNeverHadIsLeftAlone) {
  MemoryFileSystem fs;
  {
    const auto store = open_store(fs);
    create_topic(*store, "a");
    append_durably(*store->find({"a", 0}));
    ASSERT_TRUE(store->close(store_now).ok());
  }
  ASSERT_TRUE(fs.make_directories("/data/d/stray-0").ok());
  put(fs, "/data/d/stray-0/partition.metadata",
      "version: 0\ntopic_id: " + Uuid::random().to_string());
  const auto store = open_store(fs);
  ASSERT_TRUE(store->purge_deleted(store_now).ok());
  EXPECT_TRUE(fs.exists("/data/d/stray-0/partition.metadata"));
}

TEST(LogStore, DeleteRecordsIsDurableWhenItReturns) {
  MemoryFileSystem fs;
  {
    const auto store = open_store(fs);
    create_topic(*store, "a");
    append_durably(*store->find({"a", 0}), {.records = 9});
    ASSERT_EQ(store->find({"a", 0})->delete_records(4, store_now).value(), 4);
  }
  const auto copy = fs.copy();
  EXPECT_EQ(as_text(copy->content("/data/d/log-start-offset-checkpoint")), "0\n1\na 0 4\n");
  EXPECT_EQ(open_store(*copy)->find({"a", 0})->log_start_offset(), 4);
}

TEST(LogStore, DamagedPartitionIsQuarantinedAndKeepsItsCheckpoints) {
  MemoryFileSystem fs;
  {
    const auto store = open_store(fs);
    create_topic(*store, "bad");
    create_topic(*store, "good");
    for (int i = 0; i < 3; ++i) append_durably(*store->find({"bad", 0}), {.records = 2});
    append_durably(*store->find({"good", 0}));
    ASSERT_TRUE(store->write_checkpoints().ok());
  }
  const auto copy = fs.copy();
  const std::string path = "/data/d/bad-0/00000000000000000000.log";
  ByteBuffer bytes = copy->content(path);
  bytes[100] ^= std::byte{4};
  copy->set_content(path, bytes);
  {
    const auto store = open_store(*copy);
    EXPECT_EQ(store->find({"bad", 0}), nullptr);
    EXPECT_TRUE(store->quarantine_reason({"bad", 0}).has_value());
    ASSERT_EQ(store->report().quarantined.size(), 1U);
    EXPECT_EQ(store->report().quarantined.front().substr(0, 7), "bad-0: ");
    EXPECT_NE(store->find({"good", 0}), nullptr);
    ASSERT_TRUE(store->close(store_now).ok());
  }
  EXPECT_NE(as_text(copy->content("/data/d/recovery-point-offset-checkpoint")).find("bad 0 6\n"),
            std::string_view::npos);
  // A clean mark would make the next start take the damaged files as they are.
  EXPECT_FALSE(copy->exists("/data/d/.kafka_cleanshutdown"));
}

TEST(LogStore, RefusesDirectoriesThatAreNotItsOwn) {
  MemoryFileSystem logs_only;
  ASSERT_TRUE(logs_only.make_directories("/data/d/orders-0").ok());
  EXPECT_EQ(refusal(logs_only),
            "/data/d holds logs (orders-0) and no meta.properties: restore that file from a "
            "backup, or use another data directory");
  EXPECT_FALSE(logs_only.exists("/data/d/meta.properties"));

  MemoryFileSystem no_catalog;
  open_store(no_catalog);
  ASSERT_TRUE(no_catalog.make_directories("/data/d/orders-0").ok());
  ASSERT_TRUE(no_catalog.remove_directory("/data/d/__cluster_metadata-0").ok());
  EXPECT_EQ(refusal(no_catalog),
            "/data/d holds logs (orders-0) and no catalog (__cluster_metadata-0): restore "
            "__cluster_metadata-0 from a backup; nothing was changed");

  MemoryFileSystem foreign;
  ASSERT_TRUE(foreign.make_directories("/data/d").ok());
  put(foreign, "/data/d/letter.txt", "dear");
  EXPECT_EQ(refusal(foreign),
            "/data/d is not empty (letter.txt) and is no data directory: use an empty or a new "
            "one");

  MemoryFileSystem subdirectory;
  open_store(subdirectory);
  ASSERT_TRUE(subdirectory.make_directories("/data/d/backup").ok());
  EXPECT_EQ(refusal(subdirectory),
            "/data/d/backup is no directory of a partition: a data directory holds nothing else; "
            "move backup elsewhere, or use another data directory");

  MemoryFileSystem other_node;
  open_store(other_node);
  ASSERT_TRUE(other_node.remove("/data/d/meta.properties").ok());
  put(other_node, "/data/d/meta.properties",
      "version=1\ncluster.id=c\nnode.id=2\ndirectory.id=vHhy7t9wFKtRwrUfvGymuA\n");
  EXPECT_EQ(refusal(other_node),
            "/data/d/meta.properties belongs to node.id=2, and this broker is node.id=1: set "
            "node.id=2, or use another data directory");

  MemoryFileSystem file;
  put(file, "/data/d", "x");
  EXPECT_EQ(refusal(file), "the data directory /data/d is a file: name a directory");
}

TEST(LogStore, LostAndFoundIsIgnored) {
  MemoryFileSystem fs;
  ASSERT_TRUE(fs.make_directories("/data/d/lost+found").ok());
  EXPECT_TRUE(try_open_store(fs).ok());
}

TEST(LogStore, SecondProcessIsToldTheFirstOnesPid) {
  test::TemporaryDirectory directory;
  const auto fs = make_posix_file_system();
  const auto first = open_store(*fs, directory.path() + "/d");
  const auto second = try_open_store(*fs, directory.path() + "/d");
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code(), Errc::busy);
  EXPECT_NE(second.error().message().find("process " + std::to_string(::getpid())),
            std::string::npos)
      << second.error().message();
}

TEST(LogStore, LoadsInParallelOnRealFiles) {
  test::TemporaryDirectory directory;
  const auto fs = make_posix_file_system();
  const std::string path = directory.path() + "/d";
  {
    const auto store = open_store(*fs, path);
    create_topic(*store, "a", 40);
    for (PartitionIndex i = 0; i < 40; ++i) append_durably(*store->find({"a", i}), {.records = 2});
    ASSERT_TRUE(store->close(store_now).ok());
  }
  ThreadPool pool("load", 4);
  const auto store = try_open_store(*fs, path, &pool);
  ASSERT_TRUE(store.ok()) << store.error().message();
  EXPECT_EQ((*store)->report().partitions, 40U);
  for (PartitionIndex i = 0; i < 40; ++i) {
    EXPECT_EQ((*store)->find({"a", i})->log_end_offset(), 2) << i;
  }
}

TEST(LogStore, TornRecoveryPointsAfterACrashCostAFullCheckOnly) {
  MemoryFileSystem fs;
  {
    const auto store = open_store(fs);
    create_topic(*store, "a");
    append_durably(*store->find({"a", 0}), {.records = 3});
    ASSERT_TRUE(store->write_checkpoints().ok());
  }
  const std::string path = "/data/d/recovery-point-offset-checkpoint";
  ASSERT_EQ(as_text(fs.content(path)), "0\n1\na 0 3\n");
  for (const std::string& torn : {std::string("0\n1\na 0"), std::string(12, '\0')}) {
    const auto copy = fs.copy();
    ASSERT_TRUE(replace_file(*copy, path, as_bytes(torn)).ok());
    const auto store = try_open_store(*copy);
    ASSERT_TRUE(store.ok()) << store.error().message();
    EXPECT_EQ((*store)->find({"a", 0})->log_end_offset(), 3);
    EXPECT_GT((*store)->report().recovered_bytes, 0U);
    ASSERT_TRUE((*store)->close(store_now).ok());
    EXPECT_EQ(as_text(copy->content(path)), "0\n1\na 0 3\n");
  }
}

TEST(LogStore, FirstFailureWins) {
  MemoryFileSystem fs;
  const auto store = open_store(fs);
  store->fail(Error(Errc::io, "disk on fire"));
  store->fail(Error(Errc::io, "second"));
  EXPECT_EQ(store->failure(), "disk on fire");
  EXPECT_FALSE(store->write_checkpoints().ok());
  EXPECT_FALSE(store->close(store_now).ok());
  EXPECT_FALSE(fs.exists("/data/d/.kafka_cleanshutdown"));
}

TEST(LogStore, AnAppendThatTheDiskFailsEndsTheDirectory) {
  for (const bool first_append : {true, false}) {
    SCOPED_TRACE(first_append);
    MemoryFileSystem fs;
    FaultyFileSystem faulty(fs);
    const auto store = open_store(faulty);
    create_topic(*store, "a");
    const auto log = store->find({"a", 0});
    if (!first_append) append_durably(*log);
    // Nothing is left to be synced: only the append itself can tell.
    faulty.set_fault({.op = Op::any, .os_error = EIO, .lasting = true});
    EXPECT_FALSE(log->append(test::make_batch({}), Origin::client, store_now).ok());
    ASSERT_TRUE(store->failure().has_value());
    EXPECT_NE(store->failure()->find("a-0"), std::string::npos) << *store->failure();
  }
}

TEST(LogStore, AFullDiskDoesNotEndTheDirectory) {
  MemoryFileSystem fs;
  FaultyFileSystem faulty(fs);
  const auto store = open_store(faulty);
  create_topic(*store, "a");
  const auto log = store->find({"a", 0});
  faulty.set_fault(
      {.op = Op::write, .os_error = ENOSPC, .code = Errc::disk_full, .lasting = true});
  EXPECT_FALSE(log->append(test::make_batch({}), Origin::client, store_now).ok());
  EXPECT_EQ(store->failure(), std::nullopt);
  faulty.clear_fault();
  append_durably(*log);
}

TEST(DiskRoom, ComesBackOnlyAQuarterAboveTheMark) {
  EXPECT_TRUE(disk_has_room(100, 100, true));
  EXPECT_FALSE(disk_has_room(99, 100, true));
  EXPECT_FALSE(disk_has_room(124, 100, false));
  EXPECT_TRUE(disk_has_room(125, 100, false));
}

TEST(ParallelFor, CallsEveryIndexOnceAlsoWhenTheExecutorHasStopped) {
  ThreadPool pool("p", 3);
  for (int round = 0; round < 2; ++round) {
    std::vector<std::atomic<int>> calls(100);
    parallel_for(&pool, calls.size(), [&](std::size_t i) { ++calls[i]; });
    for (const auto& count : calls) EXPECT_EQ(count.load(), 1);
    pool.stop();
  }
  parallel_for(nullptr, 0, [](std::size_t) { FAIL(); });
}

}  // namespace
}  // namespace horolog::storage
