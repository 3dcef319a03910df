#pragma once

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "tests/support/compaction_kit.hpp"
#include "tests/support/memory_file.hpp"

namespace horolog::storage {

using test::KeyedBatch;
using test::LogKit;
using test::make_keyed;
using test::map_bytes_for;
using test::MemoryFileSystem;
using test::read_keyed;
using test::SeenRecord;

inline constexpr TimestampMs now = 10'000'000;

/// A compacted log in small segments.
class CompactionTest : public ::testing::Test {
 protected:
  CompactionTest() {
    kit.config.cleanup_compact = true;
    kit.config.cleanup_delete = false;
    kit.config.segment_bytes = 2'000;
    kit.config.index_interval_bytes = 200;
  }

  void append(const KeyedBatch& spec, TimestampMs at = now) {
    const auto appended = kit.log().append(make_keyed(spec), Origin::client, at);
    ASSERT_TRUE(appended.ok()) << appended.error().message();
    ASSERT_EQ(appended->error, wire::ErrorCode::none);
  }
  /// Batches over few keys, with tombstones, codecs and two idempotent producers.
  void append_random(std::mt19937_64& random, int batches, int keys) {
    for (int i = 0; i < batches; ++i) {
      KeyedBatch spec;
      const int count = 1 + static_cast<int>(random() % 6);
      for (int n = 0; n < count; ++n) {
        const std::string key = "key-" + std::to_string(random() % static_cast<unsigned>(keys));
        if (random() % 8 == 0) {
          spec.records.push_back({key, std::nullopt});
        } else {
          spec.records.push_back({key, "value " + std::to_string(serial++)});
        }
      }
      spec.codec = static_cast<record::Codec>(random() % 5);
      spec.timestamp = now + serial;
      if (const auto producer = static_cast<ProducerId>(random() % 3); producer != 2) {
        spec.producer_id = producer;
        spec.sequence = sequences[producer];
        sequences[producer] += count;
      }
      append(spec);
    }
    ASSERT_TRUE(kit.log().commit().ok());
  }
  CleanOutcome clean(CleanOptions options = {}, TimestampMs at = now) {
    auto outcome = kit.log().clean(options, at);
    EXPECT_TRUE(outcome.ok()) << outcome.error().message();
    return outcome ? *outcome : CleanOutcome{};
  }
  /// Every record that stayed is as it was, and every key has the last value it had.
  void expect_same_view(const std::vector<SeenRecord>& before,
                        const std::vector<SeenRecord>& after) {
    EXPECT_EQ(last_values(before), last_values(after));
    std::size_t at = 0;
    for (const SeenRecord& record : after) {
      while (at < before.size() && before[at].offset < record.offset) ++at;
      ASSERT_LT(at, before.size());
      EXPECT_EQ(before[at], record);
    }
  }
  std::set<std::string> names() {
    const auto listed = fs.list("/data/t-0");
    return {listed->begin(), listed->end()};
  }

  MemoryFileSystem fs;
  LogKit kit{fs};
  int serial = 0;
  std::map<ProducerId, std::int32_t> sequences;
};

}  // namespace horolog::storage
