#include <gtest/gtest.h>

#include <limits>

#include "base/crc32c.hpp"
#include "storage/log_files.hpp"
#include "storage/producer_snapshot.hpp"
#include "tests/support/log_kit.hpp"
#include "tests/support/memory_file.hpp"

// The rules of KIP-98 for what one partition accepts from an idempotent producer.
namespace horolog {
namespace {

using namespace storage;
using test::LogKit;
using wire::ErrorCode;

class IdempotenceTest : public ::testing::Test {
 protected:
  void SetUp() override { kit_.open(); }
  AppendInfo send(std::int32_t sequence, int records = 1, ProducerEpoch epoch = 0,
                  ProducerId id = 7) {
    return kit_.append({.records = records,
                        .timestamp = 5'000 + sequence % 100,
                        .producer_id = id,
                        .producer_epoch = epoch,
                        .sequence = sequence});
  }
  test::MemoryFileSystem fs_;
  LogKit kit_{fs_};
};

TEST_F(IdempotenceTest, TheLastFiveBatchesAreRecognisedAndAnsweredAsBefore) {
  for (int i = 0; i < 6; ++i) EXPECT_EQ(send(2 * i, 2).base_offset, 2 * i);
  for (int i = 1; i < 6; ++i) {
    const AppendInfo again = send(2 * i, 2);
    EXPECT_EQ(again.error, ErrorCode::none);
    EXPECT_TRUE(again.duplicate);
    EXPECT_EQ(again.base_offset, 2 * i);
    EXPECT_EQ(again.last_offset, 2 * i + 1);
    EXPECT_EQ(again.append_time, 5'000 + 2 * i);
  }
  EXPECT_EQ(send(0, 2).error, ErrorCode::out_of_order_sequence_number) << "the sixth last";
  EXPECT_EQ(send(10, 1).error, ErrorCode::out_of_order_sequence_number) << "half of a batch";
  EXPECT_EQ(kit_.log().log_end_offset(), 12);
}

TEST_F(IdempotenceTest, GapsAreRefusedAndTheNextSequenceIsTaken) {
  EXPECT_EQ(send(0).error, ErrorCode::none);
  EXPECT_EQ(send(2).error, ErrorCode::out_of_order_sequence_number);
  EXPECT_EQ(send(1).error, ErrorCode::none);
  EXPECT_EQ(kit_.log().log_end_offset(), 2);
}

TEST_F(IdempotenceTest, SequencesWrapAfterInt32Max) {
  constexpr std::int32_t max = std::numeric_limits<std::int32_t>::max();
  EXPECT_EQ(send(max - 1).error, ErrorCode::none) << "an unknown producer may start anywhere";
  EXPECT_EQ(send(max).error, ErrorCode::none);
  EXPECT_EQ(send(1).error, ErrorCode::out_of_order_sequence_number);
  EXPECT_EQ(send(0).error, ErrorCode::none);
  EXPECT_EQ(send(1, 1).error, ErrorCode::none);
  // A batch across the wrap: INT32_MAX, 0, 1.
  EXPECT_EQ(send(max, 3, 0, 8).error, ErrorCode::none);
  EXPECT_EQ(send(2, 1, 0, 8).error, ErrorCode::none);
  EXPECT_TRUE(send(max, 3, 0, 8).duplicate);
}

TEST_F(IdempotenceTest, EpochsFenceAndStartAnew) {
  EXPECT_EQ(send(0, 1, 3).error, ErrorCode::none);
  EXPECT_EQ(send(1, 1, 4).error, ErrorCode::out_of_order_sequence_number)
      << "a new epoch starts at 0";
  EXPECT_EQ(send(0, 1, 4).error, ErrorCode::none);
  EXPECT_FALSE(send(1, 1, 4).duplicate);
  EXPECT_EQ(send(1, 1, 3).error, ErrorCode::invalid_producer_epoch);
  EXPECT_EQ(send(0, 1, 3).error, ErrorCode::invalid_producer_epoch) << "its window is gone";
}

TEST_F(IdempotenceTest, BatchesOfTheCoordinatorAndWithoutProducerAreNotChecked) {
  EXPECT_EQ(send(0).error, ErrorCode::none);
  const ByteBuffer odd = test::make_batch({.producer_id = 7, .sequence = 55});
  const auto appended = kit_.log().append(odd, Origin::coordinator, 1);
  ASSERT_TRUE(appended.ok());
  EXPECT_EQ(appended->error, ErrorCode::none);
  EXPECT_EQ(kit_.append({}).error, ErrorCode::none);
}

TEST_F(IdempotenceTest, SilentProducersAreForgotten) {
  EXPECT_EQ(send(0).error, ErrorCode::none);  // at broker time 1,000
  kit_.log().expire_producers(1'999, 1'000);
  EXPECT_TRUE(send(0).duplicate);
  kit_.log().expire_producers(2'000, 1'000);
  EXPECT_FALSE(send(40).duplicate) << "unknown again, so any sequence is taken";
}

TEST_F(IdempotenceTest, AllFiveSurviveEveryKindOfRestart) {
  for (int i = 0; i < 9; ++i) send(i);
  for (const bool clean : {false, true, false, true}) {
    if (clean) {
      ASSERT_TRUE(kit_.log().close().ok());
    } else {
      ASSERT_TRUE(kit_.log().commit().ok());
    }
    kit_.open(clean, 9);
    for (int i = 4; i < 9; ++i) {
      const AppendInfo again = send(i);
      ASSERT_TRUE(again.duplicate) << i;
      ASSERT_EQ(again.base_offset, i);
    }
    ASSERT_EQ(send(3).error, ErrorCode::out_of_order_sequence_number);
    ASSERT_EQ(send(10).error, ErrorCode::out_of_order_sequence_number);
  }
  EXPECT_EQ(send(9).error, ErrorCode::none);
}

TEST_F(IdempotenceTest, SurvivesRetentionOfTheBatchesAndDamageToTheSidecar) {
  for (int i = 0; i < 9; ++i) send(i);
  ASSERT_TRUE(kit_.log().delete_records(-1, 1'000).ok());
  ASSERT_TRUE(kit_.log().close().ok());
  kit_.open(true, 9);
  EXPECT_EQ(kit_.log().log_start_offset(), 9);
  EXPECT_TRUE(send(5).duplicate);
  // Kafka's own snapshot knows the last batch only.
  const std::string sidecar = log_files::path("/data/t-0", 9, log_files::producers);
  ByteBuffer bytes = fs_.content(sidecar);
  bytes.back() ^= std::byte{1};
  fs_.set_content(sidecar, bytes);
  kit_.open(true, 9);
  EXPECT_TRUE(send(8).duplicate);
  EXPECT_EQ(send(5).error, ErrorCode::out_of_order_sequence_number);
}

TEST_F(IdempotenceTest, ASnapshotOfBatchesThatDidNotSurviveIsNotUsed) {
  send(0);
  ASSERT_TRUE(kit_.log().commit().ok());
  const std::string log_path = log_files::path("/data/t-0", 0, log_files::log);
  const ByteBuffer before = fs_.content(log_path);
  send(1);
  ASSERT_TRUE(kit_.log().close().ok());
  fs_.set_content(log_path, before);
  kit_.open(false, 1);
  // Another producer gets the offset; the state must not come back once the log is that long again.
  EXPECT_EQ(send(0, 1, 0, 9).base_offset, 1);
  ASSERT_TRUE(kit_.log().commit().ok());
  kit_.open(false, 2);
  EXPECT_FALSE(send(1).duplicate);
  EXPECT_EQ(kit_.log().log_end_offset(), 3);
}

std::string hex(ByteView bytes) {
  std::string text;
  for (const std::byte b : bytes) text += fmt::format("{:02x}", static_cast<int>(b));
  return text;
}

ProducerState one_producer() {
  ProducerState state;
  ProducerEntry first;
  first.epoch = 3;
  first.last_append_ms = 0x1122;
  first.last_timestamp = 1001;
  first.coordinator_epoch = 5;
  first.transaction_start = 96;
  first.push({.last_sequence = 4, .offset_delta = 4, .last_offset = 100, .timestamp = 1000});
  first.push({.last_sequence = 9, .offset_delta = 4, .last_offset = 105, .timestamp = 1001});
  state.insert(258, first);
  return state;
}

constexpr TransactionIndexMark index_mark{.segment_base = 90, .bytes = 34, .crc = 0xA1B2C3D4};

TEST(ProducerSnapshotTest, KafkasFormatByHand) {
  const ByteBuffer bytes = encode_snapshot(one_producer());
  // version, CRC (checked below), one producer
  EXPECT_EQ(hex(ByteView(bytes).first(2)), "0001");
  EXPECT_EQ(hex(ByteView(bytes).subspan(6)),
            "00000001"
            "0000000000000102" "0003" "00000009" "0000000000000069" "00000004"
            "00000000000003e9" "00000005" "0000000000000060");
  const auto read = decode_snapshot(bytes, 77);
  ASSERT_TRUE(read.ok());
  const ProducerEntry entry = read->entries().at(0).second;
  EXPECT_EQ(entry.batch_count, 1);
  EXPECT_EQ(entry.last()->last_sequence, 9);
  EXPECT_EQ(entry.last_append_ms, 77);
  EXPECT_EQ(entry.coordinator_epoch, 5);
  EXPECT_EQ(read->open_transactions(), std::set<Offset>{96});
}

TEST(ProducerSnapshotTest, TheSidecarByHand) {
  const ByteBuffer bytes = encode_producers(one_producer(), index_mark);
  EXPECT_EQ(hex(ByteView(bytes).first(6)), "485052440002");
  EXPECT_EQ(hex(ByteView(bytes).subspan(10)),
            "000000000000005a" "00000022" "a1b2c3d4"
            "00000001"
            "0000000000000102" "0003" "0000000000001122" "00000000000003e9"
            "00000005" "0000000000000060" "02"
            "00000004" "00000004" "0000000000000064" "00000000000003e8"
            "00000009" "00000004" "0000000000000069" "00000000000003e9");
  const auto read = decode_producers(bytes);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->state.entries(), one_producer().entries());
  EXPECT_EQ(read->state.open_transactions(), one_producer().open_transactions());
  EXPECT_EQ(read->index, index_mark);
}

TEST(ProducerSnapshotTest, TheSidecarOfVersion1IsRead) {
  ByteBuffer bytes = to_buffer(as_bytes("HPRD"));
  append_be(bytes, std::int16_t{1});
  append_be(bytes, std::uint32_t{0});
  append_be(bytes, std::int32_t{1});
  append_be(bytes, std::int64_t{258});
  append_be(bytes, std::int16_t{3});
  append_be(bytes, std::int64_t{0x1122});
  bytes.push_back(std::byte{1});
  append_be(bytes, std::int32_t{9});
  append_be(bytes, std::int32_t{4});
  append_be(bytes, std::int64_t{105});
  append_be(bytes, std::int64_t{1001});
  store_be(bytes.data() + 6, crc32c(ByteView(bytes).subspan(10)));
  const auto read = decode_producers(bytes);
  ASSERT_TRUE(read.ok()) << read.error().message();
  EXPECT_FALSE(read->index.has_value());
  const ProducerEntry entry = read->state.entries().at(0).second;
  EXPECT_EQ(entry.last()->last_sequence, 9);
  EXPECT_EQ(entry.last_timestamp, 1001);
  EXPECT_FALSE(entry.in_transaction());
}

TEST(ProducerSnapshotTest, EveryTruncationAndBitFlipIsAnError) {
  const ByteBuffer snapshot = encode_snapshot(one_producer());
  const ByteBuffer sidecar = encode_producers(one_producer(), index_mark);
  for (std::size_t i = 0; i < snapshot.size(); ++i) {
    EXPECT_FALSE(decode_snapshot(ByteView(snapshot).first(i), 0).ok());
    ByteBuffer flipped = snapshot;
    flipped[i] ^= std::byte{4};
    EXPECT_FALSE(decode_snapshot(flipped, 0).ok()) << i;
  }
  for (std::size_t i = 0; i < sidecar.size(); ++i) {
    EXPECT_FALSE(decode_producers(ByteView(sidecar).first(i)).ok());
    ByteBuffer flipped = sidecar;
    flipped[i] ^= std::byte{4};
    EXPECT_FALSE(decode_producers(flipped).ok()) << i;
  }
}

}  // namespace
}  // namespace horolog
