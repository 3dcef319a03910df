#include "worker/controls.hpp"

#include <gtest/gtest.h>

namespace horolog::worker {
namespace {

TEST(Controls, FollowTheTopic) {
  Controls controls;
  EXPECT_TRUE(controls.empty());
  EXPECT_TRUE(controls.apply("pause:emails", R"({"at_ms": 5, "reason": "moving"})"));
  EXPECT_TRUE(controls.is_paused("emails"));
  EXPECT_FALSE(controls.is_paused("email"));
  EXPECT_EQ(controls.paused().at("emails").at_ms, 5);
  EXPECT_EQ(controls.paused().at("emails").reason, "moving");
  EXPECT_TRUE(controls.apply("cancel:id", "{}"));
  ASSERT_NE(controls.cancel_of("id"), nullptr);
  EXPECT_EQ(controls.cancel_of("other"), nullptr);
  EXPECT_TRUE(controls.apply("pause:emails", std::nullopt));
  EXPECT_TRUE(controls.apply("cancel:id", std::nullopt));
  EXPECT_TRUE(controls.empty());
}

TEST(Controls, WhatChangesNothingSaysSo) {
  Controls controls;
  EXPECT_FALSE(controls.apply("pause:emails", std::nullopt));
  EXPECT_FALSE(controls.apply("of a later version:x", "{}"));
  EXPECT_TRUE(controls.apply("pause:emails", "no JSON"));
  EXPECT_TRUE(controls.is_paused("emails"));
  EXPECT_FALSE(controls.apply("pause:emails", "{}"));
}

TEST(Controls, ACancelWhoseTaskNeverCameGoesStale) {
  Controls controls;
  controls.apply("cancel:told", R"({"at_ms": 1000})", 9'000);
  controls.apply("cancel:written", "{}", 2'000);
  controls.apply("cancel:whenever", "{}");
  controls.apply("pause:jobs", R"({"at_ms": 0})");
  EXPECT_TRUE(controls.stale_cancels(1'000 + longest_cancel_ms).empty());
  EXPECT_EQ(controls.stale_cancels(1'001 + longest_cancel_ms), std::vector<std::string>{"told"});
  EXPECT_EQ(controls.stale_cancels(2'001 + longest_cancel_ms),
            (std::vector<std::string>{"told", "written"}));
  EXPECT_NE(controls.cancel_of("told"), nullptr);  // until somebody has taken it back
}

TEST(ControlNote, GoesThroughItsText) {
  const ControlNote note{1234, "it said \"no\""};
  const ControlNote read = ControlNote::parse(note.to_text());
  EXPECT_EQ(read.at_ms, note.at_ms);
  EXPECT_EQ(read.reason, note.reason);
}

}  // namespace
}  // namespace horolog::worker
