#include "record/control_record.hpp"

#include <gtest/gtest.h>

#include <string>

#include "record/builder.hpp"
#include "record/record.hpp"

namespace horolog::record {
namespace {

std::string hex(ByteView bytes) {
  constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (const std::byte b : bytes) {
    text += digits[static_cast<int>(b) >> 4];
    text += digits[static_cast<int>(b) & 15];
  }
  return text;
}

// Kafka's layout, field by field: one record of 16 bytes whose key and value have no lengths of
// their own but those of the record format.
TEST(ControlRecordTest, KafkasBytesByHand) {
  const ByteBuffer bytes =
      build_end_transaction({.commit = true, .coordinator_epoch = 7}, 258, 3, 1'000);
  const std::string text = hex(bytes);
  EXPECT_EQ(text.substr(0, 2 * 16), "0000000000000000" "00000042" "ffffffff");
  EXPECT_EQ(text.substr(2 * 16, 2), "02");
  EXPECT_EQ(text.substr(2 * 21),
            "0030"                                  // transactional, control
            "00000000"                              // last offset delta
            "00000000000003e8" "00000000000003e8"   // timestamps
            "0000000000000102" "0003" "ffffffff"    // producer, epoch, no sequence
            "00000001"                              // records
            "20" "00" "00" "00"                     // length 16, attributes, deltas
            "08" "00000001"                         // key: version 0, type 1 (commit)
            "0c" "000000000007"                     // value: version 0, coordinator epoch 7
            "00");                                  // headers
  const auto batch = parse_batch(bytes).value();
  EXPECT_TRUE(verify_crc(batch).ok());
  const auto marker = end_transaction_marker(batch);
  ASSERT_TRUE(marker.ok());
  EXPECT_EQ(*marker, (EndTransactionMarker{.commit = true, .coordinator_epoch = 7}));
}

TEST(ControlRecordTest, OtherTypesAndEmptiedBatchesAreNoMarkers) {
  const auto read = [](std::string_view key, std::string_view value) {
    const ByteBuffer bytes =
        build_single(as_bytes(key), as_bytes(value), 1, {.producer_id = 1, .control = true});
    return end_transaction_marker(parse_batch(bytes).value());
  };
  using std::string_view_literals::operator""sv;
  EXPECT_EQ(read("\0\0\0\0"sv, "\0\0\0\0\0\5"sv).value(),
            (EndTransactionMarker{.commit = false, .coordinator_epoch = 5}));
  EXPECT_EQ(read("\0\1\0\1"sv, "\0\1\0\0\0\5more"sv).value(),
            (EndTransactionMarker{.commit = true, .coordinator_epoch = 5}))
      << "later versions add fields";
  EXPECT_EQ(read("\0\0\0\2"sv, "\0\0\0\0\0\5"sv).value(), std::nullopt) << "LeaderChange";
  EXPECT_EQ(read("\0\0\0"sv, "\0\0\0\0\0\5"sv).error().code(), Errc::corrupt);
  EXPECT_EQ(read("\0\0\0\1"sv, "\0\0\0\0\0"sv).error().code(), Errc::corrupt);
  EXPECT_EQ(read("\377\377\0\1"sv, "\0\0\0\0\0\5"sv).error().code(), Errc::corrupt);
  EXPECT_EQ(read("\0\0\0\1"sv, "\377\377\0\0\0\5"sv).error().code(), Errc::corrupt);
  ByteBuffer emptied = build_end_transaction({}, 1, 0, 1);
  emptied.resize(layout::records);
  store_be(emptied.data() + layout::batch_length,
           static_cast<std::int32_t>(layout::records - layout::log_overhead));
  store_be(emptied.data() + layout::record_count, 0);
  EXPECT_EQ(end_transaction_marker(parse_batch(emptied).value()).value(), std::nullopt);
}

}  // namespace
}  // namespace horolog::record
