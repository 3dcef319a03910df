#include "tools/log_walk.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "record/builder.hpp"
#include "tests/support/memory_file.hpp"
#include "tools/log_decode.hpp"

namespace horolog::command {
namespace {

using testing::ElementsAre;

ByteBuffer batch_at(Offset base, std::string_view value) {
  return record::build_single(std::nullopt, as_bytes(value), 1000, {.base_offset = base});
}

class WalkTest : public testing::Test {
 protected:
  void append(ByteView bytes) { log_.insert(log_.end(), bytes.begin(), bytes.end()); }

  /// "b0" a batch with base offset 0, "d61+4" damage at 61 of 4 bytes, "z…" space.
  std::vector<std::string> walk() {
    test::MemoryFileSystem fs;
    fs.set_content("/log", log_);
    const auto file = fs.open("/log", storage::OpenMode::read);
    std::vector<std::string> seen;
    EXPECT_TRUE(walk_log(**file, [&](const WalkItem& item) {
      if (item.kind == WalkItem::Kind::batch) {
        seen.push_back(fmt::format("b{}", item.batch.base_offset()));
      } else {
        const char* word = item.kind == WalkItem::Kind::damage ? "d" : "z";
        seen.push_back(fmt::format("{}{}+{}", word, item.position, item.size));
      }
      return true;
    }));
    return seen;
  }

  ByteBuffer log_;
};

TEST_F(WalkTest, WholeBatchesAndPrewrittenSpace) {
  append(batch_at(0, "a"));
  append(batch_at(1, "b"));
  const std::size_t end = log_.size();
  append(ByteBuffer(100));
  EXPECT_THAT(walk(), ElementsAre("b0", "b1", fmt::format("z{}+100", end)));
}

TEST_F(WalkTest, GoesOnBehindABadChecksum) {
  const ByteBuffer first = batch_at(0, "aaaa");
  append(first);
  append(batch_at(1, "bbbb"));
  append(batch_at(2, "cccc"));
  log_[first.size() + 64] ^= std::byte{1};
  EXPECT_THAT(walk(),
              ElementsAre("b0", fmt::format("d{}+{}", first.size(), first.size()), "b2"));
}

TEST_F(WalkTest, GoesOnBehindGarbageAndAHoleOfZeros) {
  const ByteBuffer first = batch_at(0, "a");
  append(first);
  append(ByteBuffer(7, std::byte{0x55}));
  append(batch_at(1, "b"));
  const std::size_t hole = log_.size();
  append(ByteBuffer(200));
  append(batch_at(2, "c"));
  EXPECT_THAT(walk(), ElementsAre("b0", fmt::format("d{}+7", first.size()), "b1",
                                  fmt::format("d{}+200", hole), "b2"));
}

TEST_F(WalkTest, ACutBatchAtTheEndIsDamage) {
  append(batch_at(0, "a"));
  const std::size_t end = log_.size();
  ByteBuffer cut = batch_at(1, "bbbbbbbb");
  cut.resize(cut.size() - 3);
  append(cut);
  EXPECT_THAT(walk(), ElementsAre("b0", fmt::format("d{}+{}", end, cut.size())));
}

TEST_F(WalkTest, ALengthBeyondTheFileIsDamageAndTheRestIsFound) {
  ByteBuffer first = batch_at(0, "a");
  store_be<std::int32_t>(first.data() + record::layout::batch_length, 0x7fffffff);
  append(first);
  append(batch_at(1, "b"));
  EXPECT_THAT(walk(), ElementsAre(fmt::format("d0+{}", first.size()), "b1"));
}

TEST(LogDecode, RecordsThatDoNotDecodeSaySo) {
  record::RecordView record;
  EXPECT_EQ(decode_record(LogContent::data, record), "");
  EXPECT_EQ(decode_record(LogContent::group_offsets, record), "(not decoded: no key)");
  record.key = as_bytes(std::string_view("\0\1\0", 3));
  EXPECT_THAT(decode_record(LogContent::group_offsets, record),
              testing::HasSubstr("(not decoded:"));
  record.value = as_bytes(std::string_view("\7", 1));
  EXPECT_THAT(decode_record(LogContent::metadata, record), testing::HasSubstr("(not decoded:"));
  EXPECT_EQ(content_of("__consumer_offsets"), LogContent::group_offsets);
}

TEST(LogDecode, ACommittedOffset) {
  record::RecordView record;
  // Key version 1, group "g", topic "t", partition 0; value version 3: offset 5, epoch -1,
  // metadata "", commit time 7.
  record.key = as_bytes(std::string_view("\0\1\0\1g\0\1t\0\0\0\0", 12));
  constexpr std::string_view value("\0\3\0\0\0\0\0\0\0\5\xff\xff\xff\xff\0\0\0\0\0\0\0\0\0\7", 24);
  record.value = as_bytes(value);
  EXPECT_EQ(decode_record(LogContent::group_offsets, record),
            "offset {group=\"g\", topic=\"t\", partition=0} {offset=5, leader_epoch=-1, "
            "metadata=\"\", commit_timestamp=7}");
  record.value.reset();
  EXPECT_EQ(decode_record(LogContent::group_offsets, record),
            "offset {group=\"g\", topic=\"t\", partition=0} deleted");
}

}  // namespace
}  // namespace horolog::command
