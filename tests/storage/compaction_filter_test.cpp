#include "storage/compaction_filter.hpp"

#include <gtest/gtest.h>

#include "storage/compaction.hpp"
#include "tests/support/compaction_kit.hpp"

// What one round of compaction does to one batch.
namespace horolog::storage {
namespace {

using test::KeyedBatch;
using test::make_keyed;

constexpr TimestampMs now = 1'000'000;
constexpr std::int64_t retention = 500;

class CompactionFilterTest : public ::testing::Test {
 protected:
  CompactionFilterTest() {
    rule.keys = &keys;
    rule.hasher = &KeyHasher::of_process();
    rule.mapped_end = 1'000;
    rule.round_end = 1'000;
    rule.now = now;
    rule.delete_retention_ms = retention;
  }

  void latest(const std::string& key, Offset offset) {
    ASSERT_TRUE(keys.put(KeyHasher::of_process()(as_bytes(key)), offset));
  }

  static ByteBuffer at(Offset offset, const KeyedBatch& spec) {
    ByteBuffer batch = make_keyed(spec);
    record::set_base_offset(batch, offset);
    record::set_leader_epoch(batch, 7);
    return batch;
  }

  static ByteBuffer marker(Offset offset, ProducerId producer, bool commit) {
    const std::array key{std::byte{0}, std::byte{0}, std::byte{0}, static_cast<std::byte>(commit)};
    const std::array<std::byte, 6> value{};
    record::BatchBuilder builder({.base_offset = offset,
                                  .producer_id = producer,
                                  .producer_epoch = 0,
                                  .transactional = true,
                                  .control = true});
    builder.add(key, value, 1'000);
    return builder.build().value();
  }

  ByteBuffer filter(const ByteBuffer& batch) {
    ByteBuffer out;
    const Status done = rounds.filter(record::parse_batch(batch).value(), out);
    EXPECT_TRUE(done.ok()) << done.error().message();
    if (!out.empty()) {
      EXPECT_TRUE(record::verify_crc(parsed(out)).ok());
      EXPECT_EQ(parsed(out).size(), out.size());
    }
    return out;
  }
  static record::BatchView parsed(const ByteBuffer& batch) {
    return record::parse_batch(batch).value();
  }
  static std::vector<std::pair<Offset, std::string>> records_of(const ByteBuffer& batch) {
    std::vector<std::pair<Offset, std::string>> out;
    ByteBuffer scratch;
    auto reader = record::RecordReader::open(parsed(batch), scratch).value();
    while (reader.next()) {
      const auto& record = reader.record();
      out.emplace_back(record.offset, record.value ? as_text(*record.value) : "null");
    }
    EXPECT_TRUE(reader.status().ok());
    return out;
  }

  KeyMap keys{1 << 20};
  RetainRule rule;
  BatchFilter rounds{rule, {}};
};

TEST_F(CompactionFilterTest, ABatchThatLosesNothingIsCopiedByteForByte) {
  latest("a", 10);
  for (const auto codec : {record::Codec::none, record::Codec::zstd}) {
    const ByteBuffer batch = at(10, {.records = {{"a", "1"}, {"other", "2"}}, .codec = codec});
    EXPECT_EQ(filter(batch), batch);
  }
}

TEST_F(CompactionFilterTest, SupersededRecordsGoAndTheHeaderKeepsItsOffsetsAndSequence) {
  latest("a", 12);
  latest("b", 11);
  for (const auto codec : {record::Codec::none, record::Codec::gzip, record::Codec::snappy,
                           record::Codec::lz4, record::Codec::zstd}) {
    const ByteBuffer out =
        filter(at(10, {.records = {{"a", "1"}, {"b", "2"}, {"a", "3"}, {"a", "4"}},
                       .codec = codec,
                       .producer_id = 5,
                       .producer_epoch = 2,
                       .sequence = 40}));
    const record::BatchView batch = parsed(out);
    EXPECT_EQ(batch.base_offset(), 10);
    EXPECT_EQ(batch.last_offset(), 13);
    EXPECT_EQ(batch.leader_epoch(), 7);
    EXPECT_EQ(batch.producer_id(), 5);
    EXPECT_EQ(batch.producer_epoch(), 2);
    EXPECT_EQ(batch.base_sequence(), 40);
    EXPECT_EQ(batch.last_sequence(), 43);
    EXPECT_EQ(batch.record_count(), 3);
    EXPECT_EQ(batch.codec(), codec);
    EXPECT_EQ(batch.max_timestamp(), 1'003);
    const std::vector<std::pair<Offset, std::string>> expected{{11, "2"}, {12, "3"}, {13, "4"}};
    EXPECT_EQ(records_of(out), expected);
  }
}

TEST_F(CompactionFilterTest, RecordsAboveWhatWasMappedStay) {
  latest("a", 900);
  rule.mapped_end = 12;
  const ByteBuffer out = filter(at(10, {.records = {{"a", "1"}, {"a", "2"}, {"a", "3"}}}));
  ASSERT_FALSE(out.empty());
  EXPECT_EQ(records_of(out), (std::vector<std::pair<Offset, std::string>>{{12, "3"}}));
}

TEST_F(CompactionFilterTest, RecordsWithoutAKeyGo) {
  const ByteBuffer out = filter(at(10, {.records = {{std::nullopt, "1"}, {"k", "2"}}}));
  EXPECT_EQ(records_of(out), (std::vector<std::pair<Offset, std::string>>{{11, "2"}}));
}

TEST_F(CompactionFilterTest, ATombstoneGetsItsHorizonFirstAndGoesWhenThatHasPassed) {
  const ByteBuffer batch = at(10, {.records = {{"a", std::nullopt}, {"b", "2"}}});
  const ByteBuffer stamped = filter(batch);
  ASSERT_TRUE(parsed(stamped).has_delete_horizon());
  EXPECT_EQ(parsed(stamped).base_timestamp(), now + retention);
  EXPECT_EQ(records_of(stamped),
            (std::vector<std::pair<Offset, std::string>>{{10, "null"}, {11, "2"}}));
  ByteBuffer scratch;
  auto reader = record::RecordReader::open(parsed(stamped), scratch).value();
  ASSERT_TRUE(reader.next());
  EXPECT_EQ(reader.record().timestamp, 1'000) << "the horizon must not move timestamps";

  rule.now = now + retention - 1;
  EXPECT_EQ(filter(stamped), stamped);
  rule.now = now + retention;
  const ByteBuffer later = filter(stamped);
  EXPECT_EQ(records_of(later), (std::vector<std::pair<Offset, std::string>>{{11, "2"}}));
  EXPECT_TRUE(parsed(later).has_delete_horizon());
}

TEST_F(CompactionFilterTest, AnEmptiedBatchGoesUnlessItIsTheLastOfItsProducerOrOfTheRound) {
  latest("a", 500);
  const KeyedBatch spec{.records = {{"a", "1"}, {"a", "2"}}, .producer_id = 5, .sequence = 3};
  EXPECT_TRUE(filter(at(10, spec)).empty());
  rule.producers[5] = {.epoch = 0, .last_offset = 11};
  const ByteBuffer header = filter(at(10, spec));
  ASSERT_EQ(header.size(), record::layout::records);
  EXPECT_EQ(parsed(header).record_count(), 0);
  EXPECT_EQ(parsed(header).base_offset(), 10);
  EXPECT_EQ(parsed(header).last_offset(), 11);
  EXPECT_EQ(parsed(header).base_sequence(), 3);
  EXPECT_EQ(filter(header), header) << "and again";
  rule.producers[5] = {.epoch = 0, .last_offset = 50};
  EXPECT_TRUE(filter(header).empty()) << "once the producer has gone on";
  rule.producers.clear();
  rule.round_end = 12;
  EXPECT_EQ(filter(at(10, spec)).size(), record::layout::records);
}

TEST_F(CompactionFilterTest, AbortedDataGoesAtOnceAndItsMarkerAfterTheHorizon) {
  const TransactionIndexEntry span{
      .producer_id = 5, .first_offset = 10, .last_offset = 12, .last_stable_offset = 10};
  const KeyedBatch data{
      .records = {{"a", "1"}, {"b", "2"}}, .producer_id = 5, .transactional = true};
  const ByteBuffer abort = marker(12, 5, false);
  {
    BatchFilter first(rule, {span});
    ByteBuffer out;
    ASSERT_TRUE(first.filter(parsed(at(10, data)), out).ok());
    EXPECT_TRUE(out.empty());
    ASSERT_TRUE(first.filter(parsed(abort), out).ok());
    EXPECT_EQ(out, abort) << "a reader may still have got the data";
    EXPECT_EQ(first.take_aborted(), std::vector<TransactionIndexEntry>{span});
  }
  // The next round finds the marker alone and gives it a horizon; a later one takes it.
  ByteBuffer stamped;
  {
    BatchFilter second(rule, {span});
    ASSERT_TRUE(second.filter(parsed(abort), stamped).ok());
    ASSERT_TRUE(parsed(stamped).has_delete_horizon());
    EXPECT_EQ(parsed(stamped).base_timestamp(), now + retention);
    EXPECT_TRUE(second.take_aborted().empty());
  }
  BatchFilter third(rule, {});
  ByteBuffer out;
  ASSERT_TRUE(third.filter(parsed(stamped), out).ok());
  EXPECT_EQ(out, stamped);
  out.clear();
  rule.now = now + retention;
  ASSERT_TRUE(third.filter(parsed(stamped), out).ok());
  EXPECT_TRUE(out.empty());
  rule.producers[5] = {.epoch = 0, .last_offset = no_offset};
  ASSERT_TRUE(third.filter(parsed(stamped), out).ok());
  EXPECT_EQ(out.size(), record::layout::records) << "all that is known of a live producer";
}

TEST_F(CompactionFilterTest, ACommitMarkerStaysAsLongAsDataOfItsTransactionDoes) {
  const KeyedBatch data{.records = {{"a", "1"}}, .producer_id = 5, .transactional = true};
  const ByteBuffer commit = marker(12, 5, true);
  const ByteBuffer kept = at(11, data);
  EXPECT_EQ(filter(kept), kept);
  EXPECT_EQ(filter(commit), commit);
  EXPECT_TRUE(parsed(filter(commit)).has_delete_horizon()) << "nothing of it was seen";
}

TEST_F(CompactionFilterTest, DamageIsAnError) {
  ByteBuffer batch = at(10, {.records = {{"a", "1"}}});
  batch.back() ^= std::byte{1};
  ByteBuffer out;
  EXPECT_EQ(rounds.filter(parsed(batch), out).error().code(), Errc::corrupt);
  EXPECT_TRUE(out.empty());
}

TEST(CompactionGroupTest, GroupsAsManyAsFit) {
  const auto facts = [](Offset base, Offset end, std::uint64_t bytes) {
    return SegmentFacts{.base = base,
                        .end = end,
                        .bytes = bytes,
                        .offset_index_bytes = bytes / 10,
                        .time_index_bytes = 0};
  };
  using Counts = std::vector<std::size_t>;
  const std::vector<SegmentFacts> four{facts(0, 10, 40), facts(10, 20, 60), facts(20, 30, 10),
                                       facts(30, 40, 10)};
  EXPECT_EQ(group_segments(four, {.segment_bytes = 100, .index_bytes = 100}), (Counts{2, 2}));
  EXPECT_EQ(group_segments(four, {.segment_bytes = 99, .index_bytes = 100}), (Counts{1, 3}));
  EXPECT_EQ(group_segments(four, {.segment_bytes = 1000, .index_bytes = 9}), (Counts{1, 3}));
  EXPECT_EQ(group_segments(four, {.segment_bytes = 1, .index_bytes = 1}), (Counts{1, 1, 1, 1}));
  EXPECT_TRUE(group_segments({}, {.segment_bytes = 1, .index_bytes = 1}).empty());
  constexpr Offset far = Offset{1} << 31;
  const std::vector<SegmentFacts> wide{facts(0, 10, 1), facts(10, far, 1), facts(far, far + 1, 1)};
  EXPECT_EQ(group_segments(wide, {.segment_bytes = 100, .index_bytes = 100}), (Counts{2, 1}));
}

}  // namespace
}  // namespace horolog::storage
