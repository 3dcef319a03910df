#include <gmock/gmock.h>

#include "rig.hpp"
#include "scheduler/command.hpp"

namespace horolog::scheduler::testing {
namespace {

using ::testing::HasSubstr;

constexpr std::int32_t partitions = 8;
const Fields every_second{{"horolog-topic", "t"}, {"horolog-every", "1s"}};

const std::string key = "report:eu";
const PartitionIndex home = canonical_partition(key, partitions);
const PartitionIndex elsewhere = (home + 1) % partitions;

/// A command that was sent to `elsewhere`, as its owner forwards it.
InRecord forwarded_command(std::optional<std::string> value, TimestampMs sent, Offset offset,
                           TimestampMs arrived) {
  const InRecord in{.offset = offset, .timestamp = sent,
                    .record = {key, std::move(value), headers_of(every_second)}};
  InRecord out{.offset = 0, .timestamp = arrived, .record = forwarded(in, elsewhere)};
  if (!out.record.value) out.record.headers = {out.record.headers.back()};
  return out;
}

TEST(ForwardTest, a_command_elsewhere_goes_to_its_canonical_partition_with_its_origin) {
  Rig rig(partitions, elsewhere);
  rig.send(key, every_second);
  ASSERT_EQ(rig.forwards.size(), 1U);
  EXPECT_EQ(rig.forwards[0].partition, home);
  EXPECT_EQ(rig.forwards[0].record.headers.back(),
            (Header{"horolog-origin", fmt::format("{}/0/{}", elsewhere, noon)}));
  EXPECT_EQ(rig.state.definitions(), 0U);
}

TEST(ForwardTest, it_is_not_forwarded_twice) {
  Rig rig(partitions, elsewhere);
  EXPECT_FALSE(rig.deliver(forwarded_command("v", noon, 5, noon)));
  EXPECT_TRUE(rig.forwards.empty());
  EXPECT_EQ(rig.runs.back().event, event::rejected);
}

TEST(ForwardTest, a_key_that_is_missing_is_rejected_where_it_arrives) {
  Rig rig(partitions, elsewhere);
  EXPECT_FALSE(rig.send("", every_second));
  EXPECT_THAT(rig.last_reason(), HasSubstr("the key is missing"));
  EXPECT_TRUE(rig.forwards.empty());
}

TEST(ForwardTest, times_count_from_when_it_was_sent) {
  Rig rig(partitions, home);
  rig.deliver(forwarded_command("v", noon - 5 * second, 5, noon));
  const Entry* entry = rig.state.find(key);
  ASSERT_NE(entry, nullptr);
  EXPECT_EQ(entry->definition->origin, (Origin{elsewhere, 5, noon - 5 * second}));
  EXPECT_EQ(entry->definition->generation, 0);
}

TEST(ForwardTest, older_than_the_definition_is_stale_and_said) {
  Rig rig(partitions, home);
  rig.send(key, every_second);
  EXPECT_FALSE(rig.deliver(forwarded_command("old", noon - 1, 5, noon + 1)));
  EXPECT_EQ(rig.runs.back().event, event::stale);
  EXPECT_EQ(rig.state.find(key)->definition->record.value, "payload");
  EXPECT_TRUE(rig.deliver(forwarded_command("new", noon + 1, 6, noon + 2)));
  EXPECT_EQ(rig.state.find(key)->definition->record.value, "new");
}

TEST(ForwardTest, a_pause_that_was_sent_before_a_resume_and_comes_after_it_is_stale) {
  Rig rig(partitions, home);
  rig.send(key, every_second);
  rig.now += 5 * second;
  rig.send(key, {{"horolog-action", "resume"}});
  const auto pause = [&](TimestampMs sent, Offset offset) {
    InRecord in{.offset = offset, .timestamp = sent,
                .record = {key, "", headers_of({{"horolog-action", "pause"}})}};
    return InRecord{.offset = 0, .timestamp = rig.now + 1, .record = forwarded(in, elsewhere)};
  };
  EXPECT_FALSE(rig.deliver(pause(rig.now - second, 5)));
  EXPECT_EQ(rig.runs.back().event, event::stale);
  EXPECT_FALSE(rig.state.find(key)->cursor.paused_ms);
  EXPECT_TRUE(rig.deliver(pause(rig.now + 1, 6)));
  EXPECT_TRUE(rig.state.find(key)->cursor.paused_ms);
}

TEST(ForwardTest, older_than_the_cancel_is_stale_too) {
  Rig rig(partitions, home);
  rig.send(key, every_second);
  rig.now += second;
  rig.cancel(key);
  EXPECT_FALSE(rig.deliver(forwarded_command("old", noon + 1, 5, noon + 2 * second)));
  EXPECT_EQ(rig.runs.back().event, event::stale);
  EXPECT_EQ(rig.state.definitions(), 0U);
}

TEST(ForwardTest, a_cancel_is_remembered_also_of_what_is_not_there_yet) {
  Rig rig(partitions, home);
  rig.now += second;
  rig.cancel(key);
  EXPECT_FALSE(rig.deliver(forwarded_command("old", noon, 5, noon + 2 * second)));
  EXPECT_EQ(rig.state.definitions(), 0U);
}

TEST(ForwardTest, the_memory_of_a_cancel_ends) {
  Rig rig(partitions, home);
  rig.cancel(key);
  EXPECT_NE(rig.state.find(key), nullptr);
  rig.now += grave_ms;
  rig.tick();
  EXPECT_EQ(rig.state.find(key), nullptr);
  EXPECT_FALSE(rig.log.at("cursor:" + key).value);
}

TEST(ForwardTest, at_equal_append_times_a_cancel_wins_else_the_higher_place) {
  Rig rig(partitions, home);
  rig.send(key, every_second);
  const Origin first = rig.state.find(key)->definition->origin;
  const bool higher = std::pair(elsewhere, Offset{5}) > std::pair(first.partition, first.offset);
  EXPECT_EQ(rig.deliver(forwarded_command("same", noon, 5, noon + 1)), higher);
  rig.deliver(forwarded_command({}, noon, 1, noon + 1));
  EXPECT_EQ(rig.state.definitions(), 0U);
  EXPECT_FALSE(rig.deliver(forwarded_command("same", noon, 9, noon + 1)));
}

}  // namespace
}  // namespace horolog::scheduler::testing
