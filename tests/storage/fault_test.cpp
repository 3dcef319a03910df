#include <gtest/gtest.h>

#include <random>

#include "storage/log_files.hpp"
#include "tests/support/faulty_file.hpp"
#include "tests/support/log_kit.hpp"
#include "tests/support/memory_file.hpp"

// Disks that fail under a running log.
namespace horolog {
namespace {

using namespace storage;
using test::FaultyFileSystem;
using test::LogKit;
using test::Op;
using test::read_records;

TEST(FaultTest, AfterAFailedSyncNothingIsAcknowledgedRetriedOrServed) {
  for (const Op op : {Op::sync, Op::sync_directory, Op::rename}) {
    bool struck = true;
    for (int nth = 1; struck && nth < 60; ++nth) {
      test::MemoryFileSystem memory;
      FaultyFileSystem fs(memory);
      LogKit kit(fs);
      kit.config.segment_bytes = 2'000;
      PartitionLog& log = kit.open();
      fs.set_fault({.op = op, .nth = nth});
      Offset committed = 0;
      bool failed = false;
      for (int i = 0; i < 20; ++i) {
        const auto appended = log.append(test::make_batch({.value_bytes = 300}),
                                         Origin::client, 1);
        ASSERT_EQ(appended.ok(), !failed) << "no append after a failed sync";
        const int syncs = fs.count(Op::sync) + fs.count(Op::sync_directory);
        const Status status = log.commit();
        if (failed) {
          ASSERT_FALSE(status.ok());
          ASSERT_EQ(fs.count(Op::sync) + fs.count(Op::sync_directory), syncs) << "a retry";
        }
        failed = failed || !status.ok();
        if (!failed) committed = log.durable_offset();
        ASSERT_EQ(log.durable_offset(), committed);
        ASSERT_EQ(log.high_watermark(), committed);
      }
      ASSERT_EQ(failed, fs.struck());
      ASSERT_EQ(read_records(log, 0).size(), static_cast<std::size_t>(committed))
          << "unsynced data was served";
      const bool closed = log.close().ok();
      struck = fs.struck();
      ASSERT_EQ(closed, !struck);
      fs.clear_fault();
      ASSERT_GE(read_records(kit.open(false, committed), 0).size(),
                static_cast<std::size_t>(committed));
    }
  }
}

TEST(FaultTest, AFullDiskRefusesTheAppendAndLosesNothing) {
  for (const bool partial : {false, true}) {
    test::MemoryFileSystem memory;
    FaultyFileSystem fs(memory);
    LogKit kit(fs);
    PartitionLog& log = kit.open();
    kit.append({.records = 3, .value_bytes = 9'000});
    fs.set_fault({.op = Op::write, .os_error = ENOSPC, .code = Errc::disk_full, .lasting = true,
                  .partial = partial});
    for (int i = 0; i < 3; ++i) {
      const auto refused = log.append(test::make_batch({.value_bytes = 20'000}), Origin::client, 1);
      ASSERT_EQ(refused.error().code(), Errc::disk_full);
      ASSERT_EQ(log.prepare().ok(), false);
    }
    ASSERT_EQ(log.log_end_offset(), 3);
    ASSERT_EQ(read_records(log, 0).size(), 3u);
    // Nothing of what was refused is left in the file, where it could be taken for a batch later.
    const std::string path = log_files::path("/data/t-0", 0, ".log");
    ASSERT_EQ(memory.content(path).size(), log.size_bytes());
    fs.clear_fault();
    ASSERT_EQ(kit.append({}).base_offset, 3) << "it goes on when there is space again";
    ASSERT_TRUE(log.commit().ok());
    ASSERT_EQ(read_records(kit.open(false, 4), 0).size(), 4u);
  }
}

TEST(FaultTest, ABatchThatOutgrowsThePreparedSpaceIsTakenBackWhenItFails) {
  test::MemoryFileSystem memory;
  FaultyFileSystem fs(memory);
  LogKit kit(fs);
  PartitionLog& log = kit.open();
  kit.append({});
  ASSERT_TRUE(log.prepare().ok());
  fs.set_fault({.op = Op::write, .partial = true});
  EXPECT_FALSE(log.append(test::make_batch({.value_bytes = 90'000}), Origin::client, 1).ok());
  EXPECT_EQ(memory.content(log_files::path("/data/t-0", 0, ".log")).size(), log.size_bytes());
  EXPECT_EQ(kit.append({.value_bytes = 5'000}).base_offset, 1);
  EXPECT_EQ(read_records(log, 0).size(), 2u);
}

TEST(FaultTest, AFileThatCannotBePutRightTakesNoMoreAppends) {
  test::MemoryFileSystem memory;
  FaultyFileSystem fs(memory);
  LogKit kit(fs);
  PartitionLog& log = kit.open();
  kit.append({});
  ASSERT_TRUE(log.commit().ok());
  fs.set_fault({.op = Op::write, .partial = true, .then_also = Op::truncate});
  EXPECT_FALSE(log.append(test::make_batch({.value_bytes = 30'000}), Origin::client, 1).ok());
  fs.clear_fault();
  EXPECT_EQ(log.append(test::make_batch({}), Origin::client, 1).error().code(), Errc::io);
  EXPECT_FALSE(log.commit().ok());
  EXPECT_EQ(read_records(log, 0).size(), 1u);
  EXPECT_EQ(read_records(kit.open(false, 1), 0).size(), 1u);
}

TEST(FaultTest, RollingFailsWithoutHarm) {
  for (const Op op : {Op::open, Op::map}) {
    test::MemoryFileSystem memory;
    FaultyFileSystem fs(memory);
    LogKit kit(fs);
    kit.config.segment_bytes = 1'000;
    PartitionLog& log = kit.open();
    kit.append({.value_bytes = 800});
    fs.set_fault({.op = op, .os_error = EMFILE});
    const ByteBuffer batch = test::make_batch({.value_bytes = 800});
    const auto refused = log.append(batch, Origin::client, 1);
    EXPECT_FALSE(refused.ok());
    EXPECT_EQ(log.log_end_offset(), 1);
    EXPECT_EQ(log.segment_count(), 1u);
    const auto again = log.append(batch, Origin::client, 1);
    ASSERT_TRUE(again.ok()) << again.error().message();
    EXPECT_EQ(again->base_offset, 1);
    EXPECT_EQ(read_records(log, 0).size(), 2u);
  }
}

}  // namespace
}  // namespace horolog
