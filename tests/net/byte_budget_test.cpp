#include "net/byte_budget.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <utility>
#include <vector>

namespace horolog::net {
namespace {

TEST(ByteBudget, gives_what_fits_and_takes_it_back) {
  const auto budget = std::make_shared<ByteBudget>(100);
  auto a = budget->try_take(60);
  ASSERT_TRUE(a);
  EXPECT_FALSE(budget->try_take(41));
  auto b = budget->try_take(40);
  ASSERT_TRUE(b);
  EXPECT_EQ(budget->used(), 100U);
  a.reset();
  EXPECT_EQ(budget->used(), 40U);
  EXPECT_TRUE(budget->try_take(60));
}

TEST(ByteBudget, serves_waiters_in_order_and_nobody_passes_them) {
  const auto budget = std::make_shared<ByteBudget>(100);
  auto all = budget->try_take(100);
  std::vector<int> order;
  std::vector<ByteBudget::Charge> charges;
  const auto keep = [&](int who) {
    return [&order, &charges, who](ByteBudget::Charge charge) {
      order.push_back(who);
      charges.push_back(std::move(charge));
    };
  };
  budget->wait(90, keep(1));
  budget->wait(5, keep(2));
  budget->wait(50, keep(3));
  EXPECT_TRUE(order.empty());
  all.reset();
  EXPECT_EQ(order, (std::vector{1, 2}));
  EXPECT_FALSE(budget->try_take(1)) << "one still waits";
  std::exchange(charges, {}).clear();  // a grant adds to the vector meanwhile
  EXPECT_EQ(order, (std::vector{1, 2, 3}));
  EXPECT_EQ(budget->used(), 50U);
}

TEST(ByteBudget, a_waiter_that_leaves_lets_the_next_one_pass) {
  const auto budget = std::make_shared<ByteBudget>(100);
  auto most = budget->try_take(90);
  int granted = 0;
  const auto ticket = budget->wait(50, [&](ByteBudget::Charge) { granted += 100; });
  budget->wait(10, [&](ByteBudget::Charge) { ++granted; });
  EXPECT_EQ(granted, 0);
  budget->cancel(ticket);
  EXPECT_EQ(granted, 1);
  most.reset();
  EXPECT_EQ(granted, 1);
  EXPECT_EQ(budget->used(), 0U);
}

TEST(ByteBudget, survives_its_owner_and_many_threads) {
  auto budget = std::make_shared<ByteBudget>(1000);
  std::atomic<int> served{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([budget, &served] {
      for (int i = 0; i < 300; ++i) {
        const std::size_t bytes = 1 + static_cast<std::size_t>(i) % 700;
        if (auto charge = budget->try_take(bytes)) {
          ++served;
          continue;
        }
        budget->wait(bytes, [&served](ByteBudget::Charge) { ++served; });
      }
    });
  }
  const std::weak_ptr<ByteBudget> watch = budget;
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(served, 1200);
  EXPECT_EQ(budget->used(), 0U);
  auto last = budget->try_take(1);
  budget.reset();
  EXPECT_FALSE(watch.expired());
  last.reset();
  EXPECT_TRUE(watch.expired());
}

}  // namespace
}  // namespace horolog::net
