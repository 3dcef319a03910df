#include "record/record.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <string>

#include "base/varint.hpp"
#include "record/builder.hpp"

namespace horolog::record {
namespace {

struct Owned {
  std::optional<std::string> key;
  std::optional<std::string> value;
  TimestampMs timestamp = 0;
  std::vector<std::pair<std::string, std::optional<std::string>>> headers;

  bool operator==(const Owned&) const = default;
};

std::optional<std::string> own(std::optional<ByteView> field) {
  if (!field) return std::nullopt;
  return std::string(as_text(*field));
}
std::optional<ByteView> borrow(const std::optional<std::string>& field) {
  if (!field) return std::nullopt;
  return as_bytes(*field);
}

ByteBuffer build(const std::vector<Owned>& records, BatchOptions options) {
  BatchBuilder builder(options);
  for (const Owned& record : records) {
    std::vector<HeaderView> headers;
    for (const auto& [key, value] : record.headers) headers.push_back({key, borrow(value)});
    builder.add(borrow(record.key), borrow(record.value), record.timestamp, headers);
  }
  return builder.build().value();
}

Result<std::vector<Owned>> read(ByteView bytes, DecompressLimits limits = {}) {
  ByteBuffer scratch;
  HOROLOG_ASSIGN(const BatchView batch, parse_batch(bytes));
  HOROLOG_ASSIGN(RecordReader reader, RecordReader::open(batch, scratch, limits));
  std::vector<Owned> records;
  while (reader.next()) {
    const RecordView& r = reader.record();
    Owned owned{own(r.key), own(r.value), r.timestamp, {}};
    for (const HeaderView& h : r.headers) owned.headers.emplace_back(h.key, own(h.value));
    EXPECT_EQ(r.offset, batch.base_offset() + static_cast<Offset>(records.size()));
    records.push_back(std::move(owned));
  }
  HOROLOG_TRY(reader.status());
  return records;
}

/// A batch around record bytes made by hand.
ByteBuffer wrap(ByteView records, std::int32_t count) {
  BatchBuilder builder;
  builder.add(std::nullopt, std::nullopt, 0);
  ByteBuffer batch = builder.build().value();
  batch.resize(layout::records);
  batch.insert(batch.end(), records.begin(), records.end());
  store_be(batch.data() + layout::batch_length,
           static_cast<std::int32_t>(batch.size() - layout::log_overhead));
  store_be(batch.data() + layout::record_count, count);
  store_be(batch.data() + layout::last_offset_delta, count - 1);
  seal_crc(batch);
  return batch;
}

ByteBuffer varints(std::initializer_list<std::int64_t> values) {
  ByteBuffer out;
  for (const std::int64_t v : values) append_varint(out, v);
  return out;
}

const std::vector<Owned> samples = {
    {"key", "value", 1000, {{"h", "1"}, {"h", std::nullopt}, {"", ""}}},
    {std::nullopt, "only value", 999, {}},
    {"tombstone", std::nullopt, 5'000'000'000, {}},
    {"", "", -7, {}},
};

class RecordCodecs : public testing::TestWithParam<Codec> {};
INSTANTIATE_TEST_SUITE_P(All, RecordCodecs,
                         testing::Values(Codec::none, Codec::gzip, Codec::snappy, Codec::lz4,
                                         Codec::zstd));

TEST_P(RecordCodecs, RoundTrip) {
  const ByteBuffer bytes = build(samples, {.codec = GetParam(), .base_offset = 50});
  const BatchView batch = parse_batch(bytes).value();
  EXPECT_TRUE(verify_crc(batch).ok());
  EXPECT_EQ(batch.codec(), GetParam());
  EXPECT_EQ(batch.base_timestamp(), 1000);
  EXPECT_EQ(batch.max_timestamp(), 5'000'000'000);
  EXPECT_EQ(batch.last_offset(), 53);
  EXPECT_EQ(read(bytes).value(), samples);
}

TEST_P(RecordCodecs, EveryTruncationOfThePayloadIsAnError) {
  const ByteBuffer whole = build(samples, {.codec = GetParam()});
  for (std::size_t size = layout::records; size < whole.size(); ++size) {
    ByteBuffer bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    store_be(bytes.data() + layout::batch_length,
             static_cast<std::int32_t>(size - layout::log_overhead));
    EXPECT_FALSE(read(bytes).ok()) << size;
  }
}

TEST_P(RecordCodecs, RandomRecordsRoundTrip) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937_64 random(seed);
  const auto text = [&]() -> std::optional<std::string> {
    if (random() % 5 == 0) return std::nullopt;
    std::string s(random() % (random() % 50 == 0 ? 100'000 : 60), 'x');
    for (char& c : s) c = static_cast<char>('a' + random() % 8);
    return s;
  };
  for (int round = 0; round < 60; ++round) {
    std::vector<Owned> records(1 + random() % 40);
    for (Owned& r : records) {
      r = {text(), text(), static_cast<TimestampMs>(random() >> 20), {}};
      for (std::size_t n = random() % 4; n > 0; --n) {
        r.headers.emplace_back(text().value_or(""), text());
      }
    }
    ASSERT_EQ(read(build(records, {.codec = GetParam()})).value(), records);
  }
}

TEST(Record, AppendTimeReplacesEveryTimestamp) {
  ByteBuffer bytes = build(samples, {});
  set_append_time(bytes, 4242);
  const std::vector<Owned> records = read(bytes).value();
  for (const Owned& r : records) EXPECT_EQ(r.timestamp, 4242);
}

TEST(Record, CountMustFit) {
  ByteBuffer bytes = build(samples, {});
  for (const std::int32_t count : {-1, 0, 3, 5, std::numeric_limits<std::int32_t>::max()}) {
    store_be(bytes.data() + layout::record_count, count);
    const auto result = read(bytes);
    ASSERT_FALSE(result.ok()) << count;
    EXPECT_EQ(result.error().code(), Errc::corrupt);
  }
}

TEST(Record, HostileLengthsInside) {
  const auto refused = [](ByteBuffer body) {
    ByteBuffer record;
    append_varint(record, static_cast<std::int64_t>(body.size()));
    record.insert(record.end(), body.begin(), body.end());
    const auto result = read(wrap(record, 1));
    return !result.ok() && result.error().code() == Errc::corrupt;
  };
  // attributes, timestamp delta, offset delta, key length, value length, header count …
  EXPECT_FALSE(refused(varints({0, 0, 0, -1, -1, 0}))) << "the shape itself is good";
  EXPECT_TRUE(refused({}));
  EXPECT_TRUE(refused(varints({0, 0, 1, -1, -1, 0}))) << "offset delta above the last";
  EXPECT_TRUE(refused(varints({0, 0, -1, -1, -1, 0}))) << "negative offset delta";
  EXPECT_TRUE(refused(varints({0, 0, 0, -2, -1, 0}))) << "key length -2";
  EXPECT_TRUE(refused(varints({0, 0, 0, 1 << 30, -1, 0}))) << "key of a gigabyte";
  EXPECT_TRUE(refused(varints({0, 0, 0, -1, 1 << 30, 0}))) << "value of a gigabyte";
  EXPECT_TRUE(refused(varints({0, 0, 0, -1, -1, -1}))) << "negative header count";
  EXPECT_TRUE(refused(varints({0, 0, 0, -1, -1, 1 << 30}))) << "a billion headers";
  EXPECT_TRUE(refused(varints({0, 0, 0, -1, -1, 1, -1, -1}))) << "null header key";
  EXPECT_TRUE(refused(varints({0, 0, 0, -1, -1, 0, 0}))) << "bytes left over";
  EXPECT_TRUE(refused(varints({0, 0, 0, -1, -1}))) << "no header count";
}

TEST(Record, HostileRecordLengths) {
  for (const std::int64_t length : {-1LL, 7LL, 1LL << 30, 1LL << 40}) {
    ByteBuffer record;
    append_varint(record, length);
    const ByteBuffer body = varints({0, 0, 0, -1, -1, 0});
    record.insert(record.end(), body.begin(), body.end());
    EXPECT_FALSE(read(wrap(record, 1)).ok()) << length;
  }
}

TEST(Record, UnknownCodecIsUnsupported) {
  ByteBuffer bytes = build(samples, {});
  store_be<std::int16_t>(bytes.data() + layout::attributes, 6);
  EXPECT_EQ(read(bytes).error().code(), Errc::unsupported);
}

}  // namespace
}  // namespace horolog::record
