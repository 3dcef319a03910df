// What the state still tells of schedules that are gone.

#include "tools/schedule_lives.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <optional>

namespace horolog::command {
namespace {

using End = ScheduleLife::End;
using testing::ElementsAre;

/// Records of the topics, in their order; their texts live as long as it does.
class Topics {
 public:
  explicit Topics(TimestampMs since, int partitions = 8)
      : lives(since, [](const std::string& key) { return key != "unwanted"; }) {
    put("meta", "{\"partitions\":" + std::to_string(partitions) + "}");
  }
  void put(std::string key, std::optional<std::string> value, TimestampMs at = 0) {
    add({std::move(key), std::move(value), {}, at});
  }
  void define(const std::string& key, Offset generation, TimestampMs at) {
    add({"definition:" + key, "payload",
         {"horolog-topic", "t", "horolog-every", "1s", "horolog-generation",
          std::to_string(generation), "horolog-origin",
          "1/" + std::to_string(generation) + "/" + std::to_string(at)},
         at + 5});
  }
  void command(const std::string& key, Offset at_offset, TimestampMs at, bool action = false) {
    Put& put = puts_.emplace_back(Put{key, {}, {}, at});
    std::vector<HeaderView> headers;
    if (action) headers.push_back({"horolog-action", "pause"});
    lives.add_command({.topic = "horolog.schedules", .partition = 0, .offset = at_offset,
                       .timestamp = at, .key = put.key, .value = put.value, .headers = headers});
  }
  /// "key generation end until last", of each life.
  std::vector<std::string> told() {
    const auto all = std::move(lives).finish();
    EXPECT_TRUE(all.ok()) << (all ? "" : all.error().message());
    std::vector<std::string> out;
    for (const ScheduleLife& each : all ? *all : std::vector<ScheduleLife>()) {
      constexpr const char* ends[] = {"there", "replaced", "cancelled", "over", "unknown"};
      std::string text = each.state.key + " " + std::to_string(each.state.generation) + " " +
                         ends[static_cast<int>(each.end)];
      if (each.end != End::none) text += " " + std::to_string(each.until);
      if (each.state.last_nominal) text += " last " + std::to_string(*each.state.last_nominal);
      EXPECT_EQ(each.state.value, "");
      out.push_back(text);
    }
    return out;
  }

  ScheduleLives lives;

 private:
  struct Put {
    std::string key;
    std::optional<std::string> value;
    std::vector<std::string> headers;  ///< names and values by turns
    TimestampMs at;
  };
  void add(Put record) {
    const Put& put = puts_.emplace_back(std::move(record));
    std::vector<HeaderView> headers;
    for (std::size_t i = 0; i < put.headers.size(); i += 2)
      headers.push_back({put.headers[i], put.headers[i + 1]});
    const Status added =
        lives.add_state({.topic = "horolog.schedules.state", .partition = 3, .offset = next_++,
                         .timestamp = put.at, .key = put.key, .value = put.value,
                         .headers = headers});
    EXPECT_TRUE(added.ok()) << (added ? "" : added.error().message());
  }

  std::deque<Put> puts_;
  Offset next_ = 0;
};

TEST(ScheduleLives, EachDefinitionEndsWithTheNextAndTheLastIsThere) {
  Topics topics(0);
  topics.define("a", 1, 100);
  topics.put("cursor:a", R"({"generation":1,"nominal_ms":150})");
  topics.define("a", 7, 200);
  topics.put("cursor:a", R"({"generation":7,"nominal_ms":250})");
  topics.define("unwanted", 9, 200);
  EXPECT_THAT(topics.told(), ElementsAre("a 1 replaced 200 last 150", "a 7 there last 250"));
}

TEST(ScheduleLives, ACancelIsToldByWhatStandsBehindTheEnd) {
  Topics topics(0);
  topics.define("cancelled", 1, 100);
  topics.put("definition:cancelled", {}, 300);
  topics.put("cursor:cancelled",
             R"({"cancelled_partition":1,"cancelled_offset":3,"cancelled_ms":290})", 300);
  topics.put("cursor:cancelled", {}, 400);  // its grave
  topics.define("over", 2, 100);
  topics.put("cursor:over", R"({"generation":2,"nominal_ms":250})");
  topics.put("definition:over", {}, 300);
  topics.put("cursor:over", {}, 300);
  // A later cancel of what is gone already ends nothing.
  topics.put("cursor:over",
             R"({"cancelled_partition":1,"cancelled_offset":9,"cancelled_ms":900})", 900);
  EXPECT_THAT(topics.told(), ElementsAre("cancelled 1 cancelled 290", "over 2 over 300 last 250"));
}

TEST(ScheduleLives, WhatEndedBeforeIsNotHeld) {
  Topics topics(250);
  topics.define("a", 1, 100);
  topics.define("a", 2, 200);
  topics.define("a", 3, 260);
  topics.put("definition:a", {}, 300);
  topics.put("cursor:a", {}, 300);
  topics.define("early", 4, 100);
  topics.put("definition:early", {}, 200);
  topics.put("cursor:early",
             R"({"cancelled_partition":1,"cancelled_offset":3,"cancelled_ms":190})", 200);
  EXPECT_THAT(topics.told(), ElementsAre("a 2 replaced 260", "a 3 over 300"));
}

TEST(ScheduleLives, WithOnePartitionOnlyTheCommandTellsACancel) {
  Topics topics(0, 1);
  for (const char* key : {"told", "untold", "paused"}) {
    topics.define(key, 10, 100);
    topics.put("definition:" + std::string(key), {}, 300);
  }
  topics.command("told", 12, 290);
  topics.command("untold", 9, 90);  // of one before it
  topics.command("paused", 12, 290, true);
  EXPECT_THAT(topics.told(), ElementsAre("paused 10 unknown 300", "told 10 cancelled 290",
                                         "untold 10 unknown 300"));
}

TEST(ScheduleLives, ADamagedRecordIsAnError) {
  ScheduleLives lives(0, [](const std::string&) { return true; });
  EXPECT_FALSE(lives.add_state({.topic = "horolog.schedules.state", .partition = 0, .offset = 0,
                                .timestamp = 0, .key = "definition:a", .value = "x",
                                .headers = {}}).ok());
}

}  // namespace
}  // namespace horolog::command
