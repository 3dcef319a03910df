#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "storage/mapped_guard.hpp"
#include "tests/support/log_kit.hpp"

// One partition used from many threads at once, over real files. Meant for the thread sanitiser as
// much as for what it checks itself.
namespace horolog {
namespace {

using namespace storage;

TEST(ConcurrencyTest, AppendersReadersAndMaintenanceSideBySide) {
  install_mapped_guard();
  const test::TemporaryDirectory directory;
  const auto fs = make_posix_file_system();
  test::LogKit kit(*fs, directory.path() + "/t-0");
  kit.config.segment_bytes = 256 << 10;
  kit.config.retention_bytes = 1 << 20;
  kit.config.file_delete_delay_ms = 0;
  kit.options.segments = std::make_shared<SegmentCache>(2);
  PartitionLog& log = kit.open();

  constexpr int appends_each = 1'500;
  std::atomic<int> appending{2};
  std::atomic<bool> maintained{true};
  std::vector<std::thread> threads;
  for (int t = 0; t < 2; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < appends_each; ++i) {
        const std::size_t size = i % 40 == 0 ? 20'000 : 200;
        const auto done = log.append(
            test::make_batch({.value_bytes = size, .timestamp = 1'000 + i,
                              .producer_id = t, .sequence = i}),
            Origin::client, 1'000);
        ASSERT_TRUE(done.ok()) << done.error().message();
        ASSERT_EQ(done->error, wire::ErrorCode::none);
      }
      --appending;
    });
  }
  for (const Visibility visibility : {Visibility::high_watermark, Visibility::log_end}) {
    threads.emplace_back([&, visibility] {
      Offset from = 0;
      while (appending > 0 || from < log.high_watermark()) {
        const auto read = log.read(from, 64 << 10, visibility);
        if (!read) {
          ASSERT_EQ(read.error().code(), Errc::out_of_range) << read.error().message();
          from = log.log_start_offset();
          continue;
        }
        for (const Slice& slice : read->slices) {
          const ByteBuffer bytes = test::bytes_of(slice);
          record::BatchIterator it(bytes);
          while (it.next()) {
            if (it.batch().last_offset() < from) continue;
            ASSERT_LE(it.batch().base_offset(), from);
            ASSERT_TRUE(record::verify_crc(it.batch()).ok());
            from = it.batch().next_offset();
          }
          ASSERT_EQ(it.end_position(), bytes.size());
        }
      }
    });
  }
  threads.emplace_back([&] {
    while (appending > 0) {
      if (!log.commit() || !log.prepare() || !log.find_by_time(1'700)) maintained = false;
    }
  });
  threads.emplace_back([&] {
    while (appending > 0) {
      if (!log.checkpoint() || !log.apply_retention(1'000) || !log.purge_deleted(1'000)) {
        maintained = false;
      }
    }
  });
  while (appending > 0) std::this_thread::yield();
  ASSERT_TRUE(log.commit().ok());
  for (std::thread& thread : threads) thread.join();
  EXPECT_TRUE(maintained);
  EXPECT_EQ(log.high_watermark(), 2 * appends_each);
  ASSERT_TRUE(log.apply_retention(1'000).ok());
  EXPECT_GT(log.log_start_offset(), 0);
  ASSERT_TRUE(log.close().ok());
  kit.persisted_log_start = log.log_start_offset();
  EXPECT_EQ(kit.open(true, 2 * appends_each).log_end_offset(), 2 * appends_each);
}

}  // namespace
}  // namespace horolog
