#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>
#include <set>

#include "record/control_record.hpp"
#include "tests/support/compaction_kit.hpp"
#include "tests/support/memory_file.hpp"

// Random histories with transactions: what a consumer of committed records knows of each key is the
// same before a clean, after it, and after every kind of restart.
namespace horolog::storage {
namespace {

using test::KeyedBatch;
using test::LogKit;
using test::make_keyed;
using test::MemoryFileSystem;
using test::SeenRecord;

constexpr TimestampMs now = 10'000'000;

/// As a consumer with isolation.level=read_committed does it, in fetches of `max_bytes`.
std::vector<SeenRecord> read_committed(const PartitionLog& log, Offset from,
                                       std::size_t max_bytes) {
  std::vector<SeenRecord> out;
  ByteBuffer scratch;
  while (true) {
    const auto read = log.read(from, max_bytes, Visibility::last_stable);
    EXPECT_TRUE(read.ok()) << read.error().message();
    if (!read || read->slices.empty()) return out;
    ByteBuffer bytes;
    for (const Slice& slice : read->slices) {
      const ByteBuffer more = test::bytes_of(slice);
      bytes.insert(bytes.end(), more.begin(), more.end());
    }
    Offset end = from;
    for (record::BatchIterator it(bytes); it.next();) end = it.batch().next_offset();
    auto aborted = log.aborted_transactions(from, end).value();
    std::sort(aborted.begin(), aborted.end(),
              [](const auto& a, const auto& b) { return a.first_offset < b.first_offset; });
    std::set<ProducerId> skipped;
    std::size_t next = 0;
    for (record::BatchIterator it(bytes); it.next();) {
      const record::BatchView& batch = it.batch();
      for (; next < aborted.size() && aborted[next].first_offset <= batch.last_offset(); ++next) {
        skipped.insert(aborted[next].producer_id);
      }
      if (batch.is_control()) {
        const auto marker = record::end_transaction_marker(batch).value();
        if (marker && !marker->commit) skipped.erase(batch.producer_id());
        continue;
      }
      if (batch.is_transactional() && skipped.contains(batch.producer_id())) continue;
      auto reader = record::RecordReader::open(batch, scratch).value();
      while (reader.next()) {
        const auto& record = reader.record();
        if (record.offset < from) continue;
        out.push_back({.offset = record.offset,
                       .key = std::string(as_text(*record.key)),
                       .value = record.value ? std::optional(std::string(as_text(*record.value)))
                                             : std::nullopt,
                       .timestamp = record.timestamp,
                       .headers = {}});
      }
    }
    from = end;
  }
}

class Transactions {
 public:
  Transactions(LogKit& kit, std::uint64_t seed) : kit_(kit), random_(seed) {}

  void work(int steps) {
    for (int i = 0; i < steps; ++i) {
      Producer& producer = producers_[random_() % producers_.size()];
      if (producer.open && random_() % 4 == 0) {
        end(producer, random_() % 2 == 0);
      } else {
        write(producer);
      }
      if (random_() % 10 == 0) {
        ASSERT_TRUE(kit_.log().commit().ok());
      }
    }
  }
  void end_all() {
    for (Producer& producer : producers_) {
      if (producer.open) end(producer, random_() % 2 == 0);
    }
    ASSERT_TRUE(kit_.log().commit().ok());
  }

 private:
  struct Producer {
    ProducerId id;
    bool open = false;
    std::int32_t sequence = 0;
  };

  void write(Producer& producer) {
    KeyedBatch spec{.records = {},
                    .producer_id = producer.id,
                    .sequence = producer.sequence,
                    .transactional = producer.id != plain};
    const int count = 1 + static_cast<int>(random_() % 3);
    for (int n = 0; n < count; ++n) {
      spec.records.push_back({"key-" + std::to_string(random_() % 12),
                              "value " + std::to_string(serial_++) + std::string(60, '.')});
      if (random_() % 9 == 0) spec.records.back().value.reset();
    }
    const auto token = spec.transactional
                           ? kit_.log().begin_verification(producer.id, 0, producer.sequence)
                           : std::nullopt;
    const auto appended = kit_.log().append(make_keyed(spec), Origin::client, now, token);
    ASSERT_TRUE(appended.ok()) << appended.error().message();
    ASSERT_EQ(appended->error, wire::ErrorCode::none);
    producer.sequence += count;
    producer.open = spec.transactional;
  }
  void end(Producer& producer, bool commit) {
    const auto ended = kit_.log().append_marker(
        {.producer_id = producer.id, .producer_epoch = 0, .coordinator_epoch = 1, .commit = commit},
        now);
    ASSERT_TRUE(ended.ok() && ended->error == wire::ErrorCode::none);
    producer.open = false;
  }

  static constexpr ProducerId plain = 9;
  LogKit& kit_;
  std::mt19937_64 random_;
  std::array<Producer, 4> producers_{Producer{1}, Producer{2}, Producer{3}, Producer{plain}};
  int serial_ = 0;
};

class CompactionTransactionsTest : public ::testing::Test {
 protected:
  CompactionTransactionsTest() {
    kit.config.cleanup_compact = true;
    kit.config.cleanup_delete = false;
    kit.config.segment_bytes = 2'000;
    kit.config.index_interval_bytes = 300;
    kit.config.delete_retention_ms = 50;
  }

  MemoryFileSystem fs;
  LogKit kit{fs};
  std::int32_t sequence = 0;
};

TEST_F(CompactionTransactionsTest, CommittedValuesAreTheSameBeforeAndAfterAndAfterRestarts) {
  std::mt19937_64 random(test::test_seed(31));
  for (int history = 0; history < test::test_rounds(12); ++history) {
    const std::uint64_t seed = random();
    SCOPED_TRACE("seed " + std::to_string(seed));
    MemoryFileSystem files;
    LogKit log(files);
    log.config = kit.config;
    log.open();
    Transactions transactions(log, seed);
    TimestampMs at = now;
    for (int round = 0; round < 6; ++round) {
      transactions.work(60);
      const auto before = last_values(read_committed(log.log(), 0, 1 << 20));
      const auto from_500 = last_values(read_committed(log.log(), 50, 700));
      const Offset stable = log.log().last_stable_offset();
      const Offset end = log.log().log_end_offset();
      CleanOptions options;
      if (round % 2 == 1) options.map_bytes = test::map_bytes_for(5);
      const auto outcome = log.log().clean(options, at += 20);
      ASSERT_TRUE(outcome.ok()) << outcome.error().message();
      EXPECT_LE(outcome->to, stable);
      const auto check = [&] {
        EXPECT_EQ(last_values(read_committed(log.log(), 0, 1 << 20)), before);
        EXPECT_EQ(last_values(read_committed(log.log(), 0, 1)), before);
        EXPECT_EQ(last_values(read_committed(log.log(), 50, 700)), from_500);
        EXPECT_EQ(log.log().last_stable_offset(), stable);
        EXPECT_EQ(log.log().log_end_offset(), end);
      };
      check();
      if (round == 2) {
        ASSERT_TRUE(log.log().commit().ok());
        const Offset durable = log.log().log_end_offset();
        const auto all = last_values(read_committed(log.log(), 0, 1 << 20));
        log.open(false, durable);
        EXPECT_EQ(last_values(read_committed(log.log(), 0, 1 << 20)), all);
        log.open(false, 0);
        EXPECT_EQ(last_values(read_committed(log.log(), 0, 1 << 20)), all);
      } else if (round == 4) {
        ASSERT_TRUE(log.log().close().ok());
        log.open(true);
      }
      if (HasFailure()) return;
    }
  }
}

TEST_F(CompactionTransactionsTest, AnOpenTransactionHoldsCompactionBack) {
  kit.open();
  const auto filler = [&](int count) {
    for (int i = 0; i < count; ++i) {
      ASSERT_TRUE(
          kit.log()
              .append(make_keyed({.records = {{"f", std::string(900, 'f')}}}), Origin::client, now)
              .ok());
    }
    ASSERT_TRUE(kit.log().commit().ok());
  };
  filler(4);
  const auto token = kit.log().begin_verification(1, 0, 0);
  const auto begun = kit.log().append(
      make_keyed({.records = {{"t", "1"}}, .producer_id = 1, .transactional = true}),
      Origin::client, now, token);
  ASSERT_EQ(begun->error, wire::ErrorCode::none);
  filler(8);
  const auto held = kit.log().cleanable(now).value();
  EXPECT_GT(held.to, 0);
  EXPECT_LE(held.to, begun->base_offset);
  ASSERT_TRUE(
      kit.log()
          .append_marker(
              {.producer_id = 1, .producer_epoch = 0, .coordinator_epoch = 0, .commit = false}, now)
          .ok());
  filler(1);
  EXPECT_GT(kit.log().cleanable(now)->to, begun->base_offset);
}

TEST_F(CompactionTransactionsTest, AbortedDataThenItsMarkerAndIndexEntryGo) {
  kit.open();
  const auto token = kit.log().begin_verification(1, 0, 0);
  ASSERT_TRUE(
      kit.log()
          .append(
              make_keyed({.records = {{"a", "aborted"}}, .producer_id = 1, .transactional = true}),
              Origin::client, now, token)
          .ok());
  ASSERT_TRUE(
      kit.log()
          .append_marker(
              {.producer_id = 1, .producer_epoch = 0, .coordinator_epoch = 0, .commit = false}, now)
          .ok());
  const auto filler = [&] {
    for (int i = 0; i < 2; ++i) {
      const auto done = kit.log().append(
          make_keyed({.records = {{"f" + std::to_string(i), std::string(1'500, 'f')}},
                      .producer_id = 1,
                      .producer_epoch = 1,
                      .sequence = sequence++}),
          Origin::client, now);
      ASSERT_EQ(done->error, wire::ErrorCode::none);
    }
    ASSERT_TRUE(kit.log().commit().ok());
  };
  const auto batches_below_2 = [&] {
    int count = 0;
    const auto read = kit.log().read(0, 1 << 20, Visibility::log_end).value();
    for (const Slice& slice : read.slices) {
      const ByteBuffer bytes = test::bytes_of(slice);
      for (record::BatchIterator it(bytes); it.next();) count += it.batch().base_offset() < 2;
    }
    return count;
  };
  filler();
  EXPECT_EQ(kit.log().aborted_transactions(0, 2)->size(), 1U);
  ASSERT_TRUE(kit.log().clean({}, now).ok());
  EXPECT_EQ(batches_below_2(), 1) << "the marker";
  EXPECT_EQ(kit.log().aborted_transactions(0, 2)->size(), 1U);
  kit.open(false, 0);
  EXPECT_EQ(batches_below_2(), 1);
  filler();
  ASSERT_TRUE(kit.log().clean({}, now).ok());
  EXPECT_EQ(batches_below_2(), 1) << "with a horizon";
  EXPECT_TRUE(kit.log().aborted_transactions(0, 2)->empty());
  filler();
  ASSERT_TRUE(kit.log().clean({}, now + 50).ok());
  EXPECT_EQ(batches_below_2(), 0);
}

}  // namespace
}  // namespace horolog::storage
