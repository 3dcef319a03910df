#include <gmock/gmock.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <random>

#include "conditions_rig.hpp"

/// Records stream in while transactions end in every way and owners change: the fires are exactly
/// those that the records alone say.
namespace horolog::scheduler::testing {
namespace {

using Kind = Written::Kind;

std::uint64_t seed_of_test() {
  const char* given = std::getenv("HOROLOG_TEST_SEED");
  const std::uint64_t seed = given != nullptr ? std::strtoull(given, nullptr, 10)
                                              : std::random_device{}();
  std::printf("HOROLOG_TEST_SEED=%llu\n", static_cast<unsigned long long>(seed));
  return seed;
}

class ConditionsRandomTest : public ConditionsTest {
 protected:
  std::size_t below(std::size_t bound) {
    return std::uniform_int_distribution<std::size_t>(0, bound - 1)(dice_);
  }
  /// A record of one of the two partitions, or a beat; each at a later time than the last.
  void produce() {
    now_ += 1 + static_cast<TimestampMs>(below(below(8) == 0 ? 20'000 : 900));
    if (below(3) == 0) {
      silences_ += beat_ && now_ - *beat_ > 5 * second;
      beat_ = now_;
      cluster.watched.append("beats", now_);
    } else {
      order(now_, {}, static_cast<PartitionIndex>(below(2)));
      ++orders_;
    }
  }
  void trouble(Watcher& owner) {
    constexpr std::array kinds{Kind::failed, Kind::unresolved, Kind::lost};
    owner.port.unresolved_commits = below(2) == 0;
    owner.port.script = {{kinds[below(kinds.size())], {}, "scripted"}};
  }
  std::size_t fires_of(const std::string& schedule) const {
    std::size_t count = 0;
    for (const Fire& fire : cluster.fires) count += fire.schedule == schedule;
    return count;
  }

  std::mt19937_64 dice_{seed_of_test()};
  TimestampMs now_ = noon;
  std::optional<TimestampMs> beat_;
  std::size_t orders_ = 0, silences_ = 0;
};

TEST_F(ConditionsRandomTest, whatever_happens_each_occurrence_fires_once) {
  send("each", {{"horolog-when", "record orders"}});
  send("seven", {{"horolog-when", "count orders 7"}});
  send("later", {{"horolog-when", "record orders"}, {"horolog-delay", "3s"}});
  send("quiet", {{"horolog-when", "silence beats for 5s"}});
  one.run(noon);
  std::vector<std::unique_ptr<Watcher>> owners;
  owners.push_back(std::make_unique<Watcher>(cluster));
  owners.push_back(std::make_unique<Watcher>(cluster));
  Watcher* owner = &one;
  for (int turn = 0; turn < 400; ++turn) {
    for (std::size_t n = below(6); n > 0; --n) produce();
    if (below(4) == 0) trouble(*owner);
    if (below(10) == 0) {
      owner = owners[below(owners.size())].get();
      owner->take_over(now_);
    }
    if (owner->run(now_) == Ticked::dropped) owner->take_over(now_);
  }
  owner->port.script.clear();
  if (!owner->owner.owned()) owner->take_over(now_);
  for (int i = 0; i < 10; ++i) owner->run(now_ += second);
  EXPECT_EQ(fires_of("each"), orders_);
  EXPECT_EQ(fires_of("later"), orders_);
  EXPECT_EQ(fires_of("seven"), orders_ / 7);
  const std::size_t first = beat_ ? 1 : 0;
  EXPECT_GE(fires_of("quiet"), silences_ + first);
  EXPECT_LE(fires_of("quiet"), silences_ + first + 1) << "one may lie before the first beat";
  check_ids();
}

}  // namespace
}  // namespace horolog::scheduler::testing
