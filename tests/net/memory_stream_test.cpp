#include "net/memory_stream.hpp"

#include <gtest/gtest.h>

#include <string>

#include "tests/net/rig.hpp"

namespace horolog::net {
namespace {

struct Waiter final : IoWaiter {
  void readable() override { ++reads; }
  void writable() override { ++writes; }
  int reads = 0;
  int writes = 0;
};

struct Pair {
  explicit Pair(std::size_t capacity) {
    std::tie(a, b) = MemoryStream::pair({left, {"a", 1}}, {right, {"b", 2}}, capacity);
  }
  static IoResult write(MemoryStream& to, std::string_view text) {
    const ByteView bytes = as_bytes(text);
    return to.write_some({&bytes, 1});
  }
  static std::string read(MemoryStream& from, std::size_t most, IoResult* last = nullptr) {
    std::string text(most, '\0');
    const MutableBytes into{reinterpret_cast<std::byte*>(text.data()), text.size()};
    const IoResult result = from.read_some({&into, 1});
    if (last != nullptr) *last = result;
    text.resize(result.bytes);
    return text;
  }
  SteppedExecutor left;
  SteppedExecutor right;
  std::unique_ptr<MemoryStream> a;
  std::unique_ptr<MemoryStream> b;
};

TEST(MemoryStream, carries_bytes_both_ways_up_to_its_capacity) {
  Pair pair(10);
  EXPECT_EQ(pair.a->peer().host, "b");
  EXPECT_EQ(pair.b->local().host, "b");
  EXPECT_EQ(Pair::write(*pair.a, "hello world!").bytes, 10U);
  EXPECT_EQ(Pair::write(*pair.a, "d!").kind, IoResult::Kind::would_block);
  EXPECT_EQ(Pair::read(*pair.b, 5), "hello");
  EXPECT_EQ(Pair::write(*pair.a, "ld!").bytes, 3U);
  EXPECT_EQ(Pair::read(*pair.b, 100), " worlld!");
  IoResult last;
  EXPECT_EQ(Pair::read(*pair.b, 100, &last), "");
  EXPECT_EQ(last.kind, IoResult::Kind::would_block);
  EXPECT_EQ(Pair::write(*pair.b, "back").bytes, 4U);
  EXPECT_EQ(Pair::read(*pair.a, 100), "back");
}

TEST(MemoryStream, wakes_each_side_once_on_its_own_executor) {
  Pair pair(4);
  const auto reader = std::make_shared<Waiter>();
  pair.b->wait_readable(reader);
  EXPECT_TRUE(pair.right.tasks.empty());
  Pair::write(*pair.a, "ab");
  Pair::write(*pair.a, "cd");
  EXPECT_EQ(pair.right.tasks.size(), 1U);
  pair.right.run();
  EXPECT_EQ(reader->reads, 1);

  const auto writer = std::make_shared<Waiter>();
  pair.a->wait_writable(writer);
  EXPECT_TRUE(pair.left.tasks.empty());
  Pair::read(*pair.b, 1);
  pair.left.run();
  EXPECT_EQ(writer->writes, 1);
  pair.b->wait_readable(reader);  // three bytes are still there
  pair.right.run();
  EXPECT_EQ(reader->reads, 2);
}

TEST(MemoryStream, shutdown_ends_one_direction_after_its_bytes) {
  Pair pair(100);
  Pair::write(*pair.a, "last");
  pair.a->shutdown_write();
  EXPECT_EQ(Pair::write(*pair.a, "x").kind, IoResult::Kind::failed);
  IoResult last;
  EXPECT_EQ(Pair::read(*pair.b, 100), "last");
  EXPECT_EQ(Pair::read(*pair.b, 100, &last), "");
  EXPECT_EQ(last.kind, IoResult::Kind::end);
  EXPECT_EQ(Pair::write(*pair.b, "answer").bytes, 6U);
  EXPECT_EQ(Pair::read(*pair.a, 100), "answer");
}

TEST(MemoryStream, close_wakes_the_peer_and_forgets_its_own_waiters) {
  Pair pair(4);
  const auto own = std::make_shared<Waiter>();
  const auto peer = std::make_shared<Waiter>();
  pair.a->wait_readable(own);
  pair.b->wait_readable(peer);
  Pair::write(*pair.b, "full");
  pair.b->wait_writable(peer);
  pair.a->close();
  EXPECT_EQ(own.use_count(), 1);
  pair.left.run();
  pair.right.run();
  EXPECT_EQ(own->reads, 0);
  EXPECT_EQ(peer->reads, 1);
  EXPECT_EQ(peer->writes, 1);
  IoResult last;
  Pair::read(*pair.b, 1, &last);
  EXPECT_EQ(last.kind, IoResult::Kind::end);
  EXPECT_EQ(Pair::write(*pair.b, "x").kind, IoResult::Kind::failed);
}

TEST(MemoryStream, a_close_that_resets_leaves_nobody_to_answer) {
  SteppedExecutor left, right;
  auto [a, b] = MemoryStream::pair(
      {.executor = left, .name = {"a", 1}, .close_resets = true}, {right, {"b", 2}}, 100);
  Pair::write(*a, "last");
  a->close();
  IoResult last;
  EXPECT_EQ(Pair::read(*b, 100), "last");
  EXPECT_EQ(Pair::read(*b, 100, &last), "");
  EXPECT_EQ(last.kind, IoResult::Kind::failed);
}

}  // namespace
}  // namespace horolog::net
