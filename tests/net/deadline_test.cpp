#include "net/deadline.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace horolog::net {
namespace {

TEST(Deadline, is_missed_when_its_time_comes_and_not_before) {
  DeadlineQueue queue;
  int missed = 0;
  Deadline deadline(queue, [&] { ++missed; });
  deadline.set(100);
  queue.advance(99);
  EXPECT_EQ(missed, 0);
  queue.advance(100);
  EXPECT_EQ(missed, 1);
  queue.advance(1000);
  EXPECT_EQ(missed, 1);
}

TEST(Deadline, moves_later_without_touching_the_queue_and_earlier_at_once) {
  DeadlineQueue queue;
  int missed = 0;
  Deadline deadline(queue, [&] { ++missed; });
  deadline.set(100);
  deadline.set(200);
  EXPECT_EQ(queue.next(), 100);  // found out when the old time comes
  queue.advance(150);
  EXPECT_EQ(missed, 0);
  EXPECT_EQ(queue.next(), 200);
  deadline.set(160);
  EXPECT_EQ(queue.next(), 160);
  queue.advance(160);
  EXPECT_EQ(missed, 1);
}

TEST(Deadline, cleared_or_destroyed_is_not_missed) {
  DeadlineQueue queue;
  int missed = 0;
  Deadline cleared(queue, [&] { ++missed; });
  cleared.set(10);
  cleared.clear();
  {
    Deadline destroyed(queue, [&] { ++missed; });
    destroyed.set(10);
  }
  queue.advance(100);
  EXPECT_EQ(missed, 0);
  EXPECT_EQ(queue.size(), 0U);
}

TEST(Deadline, may_set_or_destroy_itself_when_missed) {
  DeadlineQueue queue;
  int missed = 0;
  std::unique_ptr<Deadline> one;
  one = std::make_unique<Deadline>(queue, [&] {
    if (++missed < 3) {
      one->set(missed * 100);
    } else {
      one.reset();
    }
  });
  one->set(10);
  for (MonoNs now = 0; now < 1000; now += 50) queue.advance(now);
  EXPECT_EQ(missed, 3);
  EXPECT_EQ(one, nullptr);
}

TEST(Deadline, tells_when_the_first_one_becomes_earlier) {
  DeadlineQueue queue;
  int earlier = 0;
  queue.on_earlier([&] { ++earlier; });
  Deadline a(queue, [] {});
  Deadline b(queue, [] {});
  a.set(100);
  EXPECT_EQ(earlier, 1);
  b.set(200);
  EXPECT_EQ(earlier, 1);
  b.set(50);
  EXPECT_EQ(earlier, 2);
}

}  // namespace
}  // namespace horolog::net
