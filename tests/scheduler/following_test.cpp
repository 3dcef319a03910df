#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>

#include "rig.hpp"
#include "scheduler/calendar_table.hpp"
#include "scheduler/owner.hpp"
#include "scripted_port.hpp"

namespace horolog::scheduler::testing {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Ge;
using ::testing::IsEmpty;

namespace fs = std::filesystem;

const Fields every_minute{{"horolog-topic", "t"}, {"horolog-every", "1m"}};

/// An owner of partition 0, or one that follows it, with a port of its own.
struct Instance {
  Instance(FakeCluster& cluster, const fs::path& directory, TimestampMs longest_gap = day,
           std::string cluster_id = "c", CalendarLookup calendars = {})
      : port(cluster),
        owner({.partition = 0, .partitions = 1, .check_target = [](const Definition&) {
                 return Status();
               }},
              port, std::move(calendars), {},
              {.copy = directory.empty()
                           ? LocalCopy()
                           : LocalCopy(directory, {.cluster = std::move(cluster_id),
                                                   .topic = {}, .partition = 0,
                                                   .partitions = 1}),
               .longest_gap_ms = longest_gap}) {}

  void take_over(TimestampMs now) {
    const Status taken = owner.take_over([now] { return now; });
    ASSERT_TRUE(taken.ok()) << taken.error().message();
  }
  void run(TimestampMs now) {
    for (int i = 0; i < 100 && owner.tick(now, {"m", 1}) == Ticked::more; ++i) {
    }
  }
  void follow(TimestampMs now) {
    do {
      const Status followed = owner.follow(now);
      ASSERT_TRUE(followed.ok()) << followed.error().message();
    } while (!owner.at_end());
  }

  ScriptedPort port;
  Owner owner;
};

class FollowingTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = ::testing::TempDir() + "following-XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    directory_ = name;
  }
  void TearDown() override { fs::remove_all(directory_); }

  void send(const std::string& key, const Fields& fields, TimestampMs at = noon,
            std::optional<std::string> value = "v") {
    cluster_.append(Feed::commands, at, {key, std::move(value), headers_of(fields)});
  }
  std::vector<TimestampMs> nominal_times() const {
    std::vector<TimestampMs> times;
    for (const Fire& fire : cluster_.fires)
      times.push_back(std::stoll(Rig::out(fire, header::nominal_time)));
    return times;
  }
  Offset state_end() { return cluster_.logs[Feed::state].end; }

  FakeCluster cluster_;
  fs::path directory_;
};

TEST_F(FollowingTest, ATakeoverReadsOnlyWhatWasNotFollowed) {
  send("k", every_minute);
  Instance owner(cluster_, {}), follower(cluster_, {});
  owner.take_over(noon);
  owner.run(noon);
  follower.follow(noon);
  EXPECT_EQ(follower.owner.state().definitions(), 1U);
  const Offset followed = state_end();
  owner.run(noon + minute);
  ASSERT_GT(state_end(), followed);
  follower.port.state_read_from.clear();
  follower.take_over(noon + minute);
  EXPECT_THAT(follower.port.state_read_from, Each(Ge(followed)));
  follower.run(noon + minute);
  follower.run(noon + 2 * minute);
  EXPECT_THAT(nominal_times(), ElementsAre(noon + minute, noon + 2 * minute));
}

TEST_F(FollowingTest, NothingFiresBeforeTheMarkersOfTheOwnerBeforeAreThere) {
  send("k", every_minute);
  Instance owner(cluster_, {}), follower(cluster_, {});
  owner.take_over(noon);
  owner.run(noon);
  follower.follow(noon);
  owner.run(noon + minute);
  // Decided, but the marker has not reached the state: followers do not see the fire yet.
  cluster_.logs[Feed::state].stable_end -= 3;
  follower.follow(noon + minute);
  follower.port.late_markers = 3;
  follower.take_over(noon + minute);
  follower.run(noon + minute);
  EXPECT_THAT(nominal_times(), ElementsAre(noon + minute));
}

TEST_F(FollowingTest, AnOwnerThatLostThePartitionGoesOnFromItsLastCommit) {
  send("k", every_minute);
  Instance one(cluster_, {}), two(cluster_, {});
  one.take_over(noon);
  one.run(noon);
  const Offset known = one.owner.state_position();
  two.take_over(noon);
  send("k", {}, noon + second, std::nullopt);
  two.run(noon + second);
  one.run(noon + second);
  EXPECT_FALSE(one.owner.owned());
  one.port.state_read_from.clear();
  one.follow(noon + 2 * second);
  EXPECT_THAT(one.port.state_read_from, Each(Ge(known)));
  EXPECT_EQ(one.owner.state().definitions(), 0U);
}

TEST_F(FollowingTest, AFollowerThatWasAwayForTooLongReadsAnew) {
  send("k", every_minute);
  Instance owner(cluster_, {}), follower(cluster_, {}, hour);
  owner.take_over(noon);
  owner.run(noon);
  follower.follow(noon);
  send("k", {}, noon + second, std::nullopt);
  owner.run(noon + second);
  // Compaction removed the schedule, and later the delete too.
  std::erase_if(cluster_.logs[Feed::state].committed,
                [](const InRecord& in) { return in.record.key != "meta"; });
  follower.port.state_read_from.clear();
  follower.follow(noon + 2 * hour);
  EXPECT_EQ(follower.port.state_read_from.front(), 0);
  EXPECT_EQ(follower.owner.state().definitions(), 0U);
}

TEST_F(FollowingTest, WhereDeletesVanishAtOnceEveryTakeoverReadsAnew) {
  send("k", every_minute);
  Instance one(cluster_, {}, second);
  EXPECT_FALSE(one.owner.can_follow());
  one.take_over(noon);
  one.run(noon);
  one.port.state_read_from.clear();
  one.take_over(noon);
  EXPECT_EQ(one.port.state_read_from.front(), 0);
}

class CheckpointTest : public FollowingTest {
 protected:
  /// An owner that ran and ended, with a checkpoint.
  void ran_before() {
    send("k", every_minute);
    send("later", {{"horolog-topic", "t"}, {"horolog-delay", "1h"}});
    Instance before(cluster_, directory_);
    before.take_over(noon);
    before.run(noon);
    before.owner.keep_all(noon);
    known_ = before.owner.state_position();
    ASSERT_GT(known_, 0);
  }
  Offset known_ = 0;
};

TEST_F(CheckpointTest, AStartReadsOnlyWhatCameAfterTheCheckpoint) {
  ran_before();
  Instance one(cluster_, directory_);
  one.take_over(noon);
  EXPECT_THAT(one.port.state_read_from, Each(Ge(known_)));
  EXPECT_EQ(one.owner.state().definitions(), 2U);
  one.run(noon + minute);
  for (int i = 2; i <= 60; ++i) one.run(noon + i * minute);
  EXPECT_EQ(cluster_.fires.size(), 61U);
}

TEST_F(CheckpointTest, OneThatIsTooOldIsDiscarded) {
  ran_before();
  Instance one(cluster_, directory_, hour);
  one.take_over(noon + 2 * hour);
  EXPECT_EQ(one.port.state_read_from.front(), 0);
  EXPECT_EQ(one.owner.state().definitions(), 2U);
}

TEST_F(CheckpointTest, OneOfAnotherClusterIsDiscarded) {
  ran_before();
  Instance one(cluster_, directory_, day, "another");
  one.take_over(noon);
  EXPECT_EQ(one.port.state_read_from.front(), 0);
}

TEST_F(CheckpointTest, OneThatIsAheadOfItsTopicIsDiscarded) {
  ran_before();
  cluster_.logs[Feed::state] = {};
  cluster_.logs[Feed::commands] = {};
  cluster_.committed = no_offset;
  Instance one(cluster_, directory_);
  one.take_over(noon);
  EXPECT_EQ(one.owner.state().definitions(), 0U);
  one.run(noon + 2 * hour);
  EXPECT_THAT(cluster_.fires, IsEmpty());
}

TEST_F(CheckpointTest, OneThatIsAheadOfItsTopicIsNotFollowed) {
  ran_before();
  cluster_.logs[Feed::state] = {};
  Instance one(cluster_, directory_);
  EXPECT_FALSE(one.owner.follow(noon).ok());
  one.follow(noon);
  EXPECT_EQ(one.owner.state().definitions(), 0U);
}

TEST_F(CheckpointTest, DamageThatIsNoticedLaterMeansATakeoverFromTheTopic) {
  ran_before();
  for (const auto& file : fs::directory_iterator(directory_)) {
    if (file.path().extension() != ".values") continue;
    const auto size = fs::file_size(file.path());
    fs::resize_file(file.path(), 0);
    fs::resize_file(file.path(), size);
  }
  Instance one(cluster_, directory_);
  one.take_over(noon);
  for (int i = 1; i <= 60; ++i) {
    one.run(noon + i * minute);
    if (!one.owner.owned()) one.take_over(noon + i * minute);
    one.run(noon + i * minute);
  }
  EXPECT_EQ(cluster_.fires.size(), 61U);
}

TEST_F(CheckpointTest, ACalendarThatChangedMeanwhileMovesWhatRests) {
  const auto calendar = [](const char* json) -> CalendarLookup {
    auto table = std::make_shared<CalendarTable>();
    table->replay(1, noon, "de", std::string(json));
    return [table](std::string_view name) { return table->find(name); };
  };
  send("k", {{"horolog-topic", "t"}, {"horolog-cron", "0 13 * * *"}, {"horolog-calendar", "de"}});
  {
    // The rig's noon is a Wednesday.
    Instance before(cluster_, directory_, day, "c", calendar(R"({"weekly":[3]})"));
    before.take_over(noon);
    before.run(noon);
    EXPECT_EQ(before.owner.state().mirror()->size(), 1U);
    before.owner.keep_all(noon);
  }
  Instance one(cluster_, directory_, day, "c", calendar(R"({"weekly":[0]})"));
  one.take_over(noon);
  EXPECT_GT(one.port.state_read_from.front(), 0);
  one.run(noon + hour);
  EXPECT_THAT(nominal_times(), ElementsAre(noon + hour));
}

TEST_F(CheckpointTest, IsMadeWhenMuchHasChangedOrMuchTimeHasPassed) {
  Instance one(cluster_, directory_);
  one.take_over(noon);
  const fs::path path = directory_ / "state-0.checkpoint";
  std::string last;
  const auto made_at = [&](TimestampMs now) {
    one.owner.keep(now);
    std::ifstream in(path, std::ios::binary);
    const std::string content{std::istreambuf_iterator<char>(in), {}};
    return std::exchange(last, content) != content;
  };
  EXPECT_TRUE(made_at(noon));
  EXPECT_FALSE(made_at(noon + minute));
  for (int i = 0; i < 12'000; ++i)
    send("k" + std::to_string(i), {{"horolog-topic", "t"}, {"horolog-delay", "20h"}});
  one.run(noon + minute);
  EXPECT_TRUE(made_at(noon + 2 * minute));
  EXPECT_FALSE(made_at(noon + hour));
  // Of a partition at rest, before deletes could be missing; of one that has it to itself.
  EXPECT_TRUE(made_at(noon + 12 * hour));
  cluster_.append(Feed::state, noon, {"cursor:k0", std::nullopt, {}});
  EXPECT_FALSE(made_at(noon + 20 * hour));
  EXPECT_FALSE(one.owner.owned());
}

}  // namespace
}  // namespace horolog::scheduler::testing
