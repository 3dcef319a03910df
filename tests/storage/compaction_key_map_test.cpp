#include "storage/compaction_key_map.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "tests/support/log_kit.hpp"

namespace horolog::storage {
namespace {

KeyHash hash_of(std::uint64_t key) {
  return KeyHasher::of_process()(ByteView(reinterpret_cast<const std::byte*>(&key), sizeof key));
}

TEST(CompactionKeyMapTest, AgreesWithAnOrdinaryMap) {
  std::mt19937_64 random(test::test_seed(1));
  KeyMap map(64 << 20);
  std::map<std::uint64_t, Offset> expected;
  for (Offset offset = 0; offset < 300'000; ++offset) {
    const std::uint64_t key = random() % 100'000;
    ASSERT_TRUE(map.put(hash_of(key), offset));
    expected[key] = offset;
  }
  EXPECT_EQ(map.keys(), expected.size());
  for (std::uint64_t key = 0; key < 120'000; ++key) {
    const auto found = expected.find(key);
    const auto offset = map.find(hash_of(key));
    ASSERT_EQ(offset.has_value(), found != expected.end()) << key;
    if (offset) {
      ASSERT_EQ(*offset, found->second) << key;
    }
  }
}

TEST(CompactionKeyMapTest, KeepsTheLaterOffset) {
  KeyMap map(1 << 20);
  ASSERT_TRUE(map.put(hash_of(1), 9));
  ASSERT_TRUE(map.put(hash_of(1), 4));
  EXPECT_EQ(map.find(hash_of(1)), 9);
  EXPECT_EQ(map.keys(), 1U);
}

TEST(CompactionKeyMapTest, AKeyTakesAtMost32Bytes) {
  KeyMap map(512 << 20);
  double most = 0;
  for (std::uint64_t key = 0; key < 1'000'000; ++key) {
    ASSERT_TRUE(map.put(hash_of(key), static_cast<Offset>(key)));
    if (key < 200'000) continue;
    most = std::max(most, static_cast<double>(map.memory_bytes()) / static_cast<double>(key + 1));
  }
  EXPECT_LE(most, 32.0);
}

TEST(CompactionKeyMapTest, IsFullAtItsBoundAndStillKnowsWhatItHas) {
  for (const std::size_t bytes : {std::size_t{0}, std::size_t{100}, std::size_t{24 * 1000},
                                  std::size_t{1 << 20}, std::size_t{24 << 20}}) {
    KeyMap map(bytes);
    std::uint64_t keys = 0;
    while (map.put(hash_of(keys), static_cast<Offset>(keys))) ++keys;
    EXPECT_GE(keys, 1U) << bytes;
    EXPECT_LE(map.memory_bytes(), std::max<std::size_t>(bytes, KeyMap::slot_bytes));
    if (bytes > 1000) {
      EXPECT_GT(static_cast<double>(keys), 0.8 * static_cast<double>(bytes / 24)) << bytes;
    }
    EXPECT_FALSE(map.put(hash_of(keys), 1));
    EXPECT_TRUE(map.put(hash_of(0), 77)) << "a key that is known needs no room";
    EXPECT_EQ(map.find(hash_of(0)), 77);
    for (std::uint64_t key = 1; key < keys; ++key) {
      ASSERT_EQ(map.find(hash_of(key)), static_cast<Offset>(key)) << bytes;
    }
  }
}

TEST(CompactionKeyMapTest, HashesDependOnTheSecret) {
  const KeyHasher one(as_bytes("one"));
  const KeyHasher two(as_bytes("two"));
  for (const std::string& key : {std::string(), std::string("k"), std::string(20, 'k'),
                                 std::string(200, 'k'), std::string(1000, 'k')}) {
    EXPECT_EQ(one(as_bytes(key)), one(as_bytes(key)));
    EXPECT_NE(one(as_bytes(key)), two(as_bytes(key)));
  }
}

}  // namespace
}  // namespace horolog::storage
