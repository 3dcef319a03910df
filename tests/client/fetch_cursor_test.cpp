#include "client/fetch_cursor.hpp"

#include <gtest/gtest.h>

#include <random>

#include "tests/client/allocation_count.hpp"
#include "tests/client/fetch_kit.hpp"

namespace horolog::client {
namespace {

using Values = std::vector<std::string>;

class FetchCursorTest : public testing::Test {
 protected:
  FetchCursor cursor(const FetchKit& kit, Offset from = 0,
                     std::vector<wire::FetchResponse::AbortedTransaction> aborted = {},
                     Isolation isolation = Isolation::read_committed) {
    return {kit.part(std::move(aborted)), from, -1, {.isolation = isolation}, pool};
  }
  Values all(FetchCursor at) {
    storage.clear();
    const Status status = at.read(1000, storage);
    EXPECT_TRUE(status.ok()) << status.error().message();
    EXPECT_TRUE(at.done());
    return values_of(storage);
  }
  /// Reads until there is an error, which must come.
  Error error_of(FetchCursor at) {
    storage.clear();
    const Status status = at.read(1000, storage);
    EXPECT_FALSE(status.ok());
    return status ? Error(Errc::io, "none") : status.error();
  }

  std::shared_ptr<BatchPool> pool = std::make_shared<BatchPool>();
  BatchStorage storage;
};

TEST_F(FetchCursorTest, EveryCodecAndTheViewsHoldWithoutTheFetchedBytes) {
  for (int codec = 0; codec < record::codec_count; ++codec) {
    FetchKit kit;
    kit.batch({"a", "b"}, {.codec = static_cast<record::Codec>(codec)}).batch({"c"});
    std::vector<std::shared_ptr<BatchStorage>> kept;
    {
      auto at = cursor(kit);
      kept.push_back(pool->storage());
      ASSERT_TRUE(at.read(2, *kept.back()).ok());
      kept.push_back(pool->storage());
      ASSERT_TRUE(at.read(9, *kept.back()).ok());
    }
    kit = FetchKit();
    for (const auto& one : kept) one->link_headers();
    EXPECT_EQ(values_of(*kept[0]), (Values{"a", "b"}));
    EXPECT_EQ(values_of(*kept[1]), (Values{"c"}));
    const RecordView& record = kept[0]->records[1];
    EXPECT_EQ(record.offset, 1);
    EXPECT_EQ(record.timestamp, 1001);
    EXPECT_EQ(record.leader_epoch, 3);
    EXPECT_EQ(record.key.text(), "key");
    EXPECT_EQ(record.topic, "t");
    ASSERT_EQ(record.headers.size(), 1U);
    EXPECT_EQ(record.headers[0].value.text(), "b");
  }
}

TEST_F(FetchCursorTest, StartsWithinABatchAndStopsWhereItIsTold) {
  FetchKit kit;
  kit.batch({"a", "b", "c", "d"});
  auto at = cursor(kit, 1);
  ASSERT_TRUE(at.read(2, storage).ok());
  EXPECT_EQ(values_of(storage), (Values{"b", "c"}));
  EXPECT_EQ(at.position(), 3);
  EXPECT_FALSE(at.done());
  ASSERT_TRUE(at.read(9, storage).ok());
  EXPECT_EQ(values_of(storage), (Values{"b", "c", "d"}));
  EXPECT_EQ(at.position(), 4);
}

TEST_F(FetchCursorTest, AbortedRecordsAndMarkersAreLeftOut) {
  FetchKit kit;
  kit.transactional(7, {"x0"})          // aborted
      .transactional(8, {"kept1"})      // committed
      .batch({"plain"})
      .transactional(7, {"x1"})
      .marker(7, false)
      .marker(8, true)
      .transactional(7, {"again"})      // the producer's next transaction
      .marker(7, true);
  const std::vector<wire::FetchResponse::AbortedTransaction> aborted{{7, 0}};
  auto at = cursor(kit, 0, aborted);
  ASSERT_TRUE(at.read(100, storage).ok());
  EXPECT_EQ(values_of(storage), (Values{"kept1", "plain", "again"}));
  EXPECT_EQ(at.position(), 8) << "markers count in offsets";
  EXPECT_EQ(all(cursor(kit, 0, aborted, Isolation::read_uncommitted)),
            (Values{"x0", "kept1", "plain", "x1", "again"}));
}

TEST_F(FetchCursorTest, ABadChecksumIsNamedAndWhatIsBeforeItIsGood) {
  FetchKit kit;
  kit.batch({"a"});
  const std::size_t second = kit.bytes().size();
  kit.batch({"b"});
  kit.bytes()[second + 70] ^= std::byte{1};
  const Error error = error_of(cursor(kit));
  EXPECT_EQ(error.code(), Errc::corrupt);
  EXPECT_NE(error.message().find("t-0 at offset 1"), std::string::npos) << error.message();
  EXPECT_EQ(values_of(storage), (Values{"a"}));
}

TEST_F(FetchCursorTest, ABatchThatIsCutOffIsLeftForTheNextFetch) {
  FetchKit kit;
  kit.batch({"a"});
  const std::size_t second = kit.bytes().size();
  kit.batch({"b"});
  for (std::size_t size = second; size < kit.bytes().size(); ++size) {
    FetchKit cut;
    cut.raw({kit.bytes().begin(), kit.bytes().begin() + static_cast<std::ptrdiff_t>(size)});
    EXPECT_EQ(all(cursor(cut)), (Values{"a"}));
    EXPECT_EQ(offset_after(cut.bytes()), 1);
  }
}

TEST_F(FetchCursorTest, AnAnswerWithoutAWholeBatchIsAnErrorNotAnEndlessLoop) {
  FetchKit kit;
  kit.batch({"a"});
  kit.bytes().resize(kit.bytes().size() - 1);
  EXPECT_EQ(error_of(cursor(kit)).code(), Errc::corrupt);
  FetchKit old;
  old.batch({"a"});
  EXPECT_EQ(error_of(cursor(old, 5)).code(), Errc::corrupt) << "only what was read before";
}

TEST_F(FetchCursorTest, AbsurdOffsetsAreRefused) {
  for (const auto& [base, delta] : std::vector<std::pair<Offset, std::int32_t>>{
           {-5, 0}, {0, -1}, {std::numeric_limits<Offset>::max(), 0},
           {std::numeric_limits<Offset>::max() - 3, 10}}) {
    FetchKit kit;
    kit.batch({"a"});
    store_be(kit.bytes().data() + record::layout::base_offset, base);
    store_be(kit.bytes().data() + record::layout::last_offset_delta, delta);
    record::seal_crc(kit.bytes());
    EXPECT_EQ(error_of(cursor(kit)).code(), Errc::corrupt) << base << ' ' << delta;
    EXPECT_FALSE(offset_after(kit.bytes()));
  }
}

TEST_F(FetchCursorTest, RandomDamageNeverDoesWorseThanAnError) {
  const std::uint32_t seed = std::random_device{}();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::minstd_rand random(seed);
  for (int round = 0; round < 3000; ++round) {
    FetchKit kit;
    kit.batch({"a", "bb"}, {.codec = static_cast<record::Codec>(round % record::codec_count)})
        .transactional(7, {"c"})
        .marker(7, false)
        .batch({"d"});
    ByteBuffer& bytes = kit.bytes();
    for (int n = 0; n < 3; ++n) {
      bytes[random() % bytes.size()] = static_cast<std::byte>(random() & 0xff);
    }
    if (random() % 2 == 0) bytes.resize(random() % bytes.size());
    if (bytes.empty()) continue;
    FetchCursor at(kit.part({{7, 0}}), 0, -1,
                   {.isolation = Isolation::read_committed, .check_crcs = false}, pool);
    storage.clear();
    Offset before = -1;
    while (!at.done() && at.read(1, storage).ok() && at.position() > before) {
      before = at.position();
    }
    storage.link_headers();
    for (const RecordView& record : storage.records) {
      EXPECT_GE(record.offset, 0);
    }
  }
}

TEST_F(FetchCursorTest, RecordsCostNoAllocationAfterWarmUp) {
  FetchKit kit;
  for (int b = 0; b < 20; ++b) kit.batch(Values(200, "some value of a record"));
  const auto run = [&] {
    auto one = pool->storage();
    auto at = cursor(kit);
    const std::size_t before = allocations_of_this_thread();
    while (!at.done()) EXPECT_TRUE(at.read(5000, *one).ok());
    one->link_headers();
    EXPECT_EQ(one->records.size(), 4000U);
    return allocations_of_this_thread() - before;
  };
  run();
  // What is left belongs to batches: the reader's room for headers.
  EXPECT_LE(run(), 40U);
}

}  // namespace
}  // namespace horolog::client
