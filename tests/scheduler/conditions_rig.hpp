#pragma once

#include <gmock/gmock.h>

#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "rig.hpp"
#include "scheduler/owner.hpp"
#include "scripted_port.hpp"

namespace horolog::scheduler::testing {

/// An owner that serves conditions.
struct Watcher {
  explicit Watcher(FakeCluster& cluster)
      : port(cluster),
        owner({.partition = 0,
               .partitions = 1,
               .check_target = [](const Definition&) { return Status(); }},
              port, {}, {.crossed = {}, .visible = {}}) {}

  void take_over(TimestampMs now) {
    ASSERT_TRUE(owner.take_over([now] { return now; }).ok());
  }
  Ticked run(TimestampMs now) {
    Ticked ticked = Ticked::more;
    for (int i = 0; i < 100 && ticked == Ticked::more; ++i) ticked = owner.tick(now, {"m", 1});
    return ticked;
  }

  ScriptedPort port;
  Owner owner;
};

class ConditionsTest : public ::testing::Test {
 protected:
  ConditionsTest() {
    cluster.watched.create("orders", 2);
    cluster.watched.create("beats");
    cluster.watched.create(std::string(topic::runs));
    one.take_over(noon);
  }
  void send(const std::string& key, Fields fields, TimestampMs at = noon,
            std::optional<std::string> value = "v") {
    if (value && fields.front().first != "horolog-action")
      fields.insert(fields.begin(), {"horolog-topic", "t"});
    cluster.append(Feed::commands, at, {key, std::move(value), headers_of(fields)});
  }
  Offset order(TimestampMs at, std::optional<std::string> key = {}, PartitionIndex partition = 0) {
    return cluster.watched.append("orders", at, std::move(key), {}, partition);
  }
  void ended(const std::string& schedule, const std::string& fire_id, std::string_view event,
             TimestampMs at) {
    RunRecord run;
    run.event = std::string(event);
    run.schedule = schedule;
    run.fire_id = fire_id;
    auto& log = cluster.watched.topics.at(std::string(topic::runs)).front();
    log.push_back({static_cast<Offset>(log.size()), at, run.to_record()});
  }
  std::vector<std::string> causes() const {
    std::vector<std::string> out;
    for (const Fire& fire : cluster.fires) out.push_back(Rig::out(fire, header::cause));
    return out;
  }
  void check_ids() const {
    std::set<std::string> ids;
    for (const Fire& fire : cluster.fires) ids.insert(Rig::out(fire, header::fire_id));
    EXPECT_EQ(ids.size(), cluster.fires.size()) << "a fire id occurs twice";
  }
  std::string last_reason() const {
    return cluster.runs.empty() ? "" : cluster.runs.back().reason.value_or("");
  }

  FakeCluster cluster;
  Watcher one{cluster};
};

}  // namespace horolog::scheduler::testing
