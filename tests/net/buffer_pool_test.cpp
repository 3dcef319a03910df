#include "net/buffer_pool.hpp"

#include <gtest/gtest.h>

namespace horolog::net {
namespace {

constexpr std::size_t big = 200'000;

TEST(BufferPool, reuses_large_buffers) {
  BufferPool pool;
  Buffer first = pool.take(big);
  EXPECT_GE(first.capacity, big);
  const std::byte* where = first.data.get();
  pool.give_back(std::move(first));
  EXPECT_EQ(pool.take(big - 1000).data.get(), where);
  EXPECT_EQ(pool.kept(), 0U);
}

TEST(BufferPool, keeps_a_bounded_amount) {
  BufferPool pool;
  std::vector<Buffer> buffers;
  for (int i = 0; i < 100; ++i) buffers.push_back(pool.take(1 << 20));
  for (Buffer& buffer : buffers) pool.give_back(std::move(buffer));
  EXPECT_EQ(pool.kept(), BufferPool::kept_bytes);
  pool.give_back(pool.take(BufferPool::kept_bytes * 2));
  EXPECT_EQ(pool.kept(), BufferPool::kept_bytes);
}

TEST(BufferPool, frees_what_was_not_used_between_two_trims) {
  BufferPool pool;
  Buffer one = pool.take(big);
  Buffer two = pool.take(big);
  const std::size_t each = one.capacity;
  pool.give_back(std::move(one));
  pool.give_back(std::move(two));
  pool.trim();
  EXPECT_EQ(pool.kept(), 2 * each) << "both have been out since the start";
  pool.give_back(pool.take(big));
  pool.trim();
  EXPECT_EQ(pool.kept(), each) << "one of them has not been needed";
  pool.trim();
  EXPECT_EQ(pool.kept(), 0U);
}

}  // namespace
}  // namespace horolog::net
