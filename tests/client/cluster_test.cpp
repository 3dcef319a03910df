#include "client/cluster.hpp"

#include <gtest/gtest.h>

#include "client/backoff.hpp"
#include "protocol/messages/find_coordinator.hpp"
#include "protocol/messages/heartbeat.hpp"
#include "protocol/messages/list_groups.hpp"
#include "protocol/messages/list_offsets.hpp"
#include "protocol/messages/metadata.hpp"
#include "scripted_broker.hpp"

namespace horolog::client::test {
namespace {

using namespace std::chrono_literals;
using wire::ApiKey;

/// What became of one call, and how often it was told.
struct Outcome {
  int told = 0;
  NodeId node = no_node;
  std::optional<Error> error;
};

template <typename R>
std::shared_ptr<Outcome> call(Stage& stage, Target target) {
  auto outcome = std::make_shared<Outcome>();
  stage.cluster->send<R>(std::move(target), {}, {}, [outcome](const auto& reply) {
    ++outcome->told;
    if (reply) {
      outcome->node = reply->node;
    } else {
      outcome->error = reply.error();
    }
  });
  return outcome;
}

void serve(ScriptedBroker& broker) {
  broker.on<wire::ListOffsetsResponse>([](std::int16_t) { return wire::ListOffsetsResponse{}; });
  broker.on<wire::ListGroupsResponse>([](std::int16_t) { return wire::ListGroupsResponse{}; });
  broker.on<wire::HeartbeatResponse>([](std::int16_t) { return wire::HeartbeatResponse{}; });
}

TEST(ClusterTest, BackoffDoublesUpToItsMaximum) {
  const Backoff backoff = Backoff::of(100ms, 1s);
  EXPECT_EQ(backoff.delay(1, 0.5), 100'000'000);
  EXPECT_EQ(backoff.delay(2, 0.5), 200'000'000);
  EXPECT_EQ(backoff.delay(9, 0.5), 1'000'000'000);
  EXPECT_EQ(backoff.delay(1000, 0), 800'000'000);
}

TEST(ClusterTest, FallsBackToTheNextBootstrapAddress) {
  Stage stage;
  for (const int port : {9001, 9002, 9003}) {
    stage.broker(static_cast<std::uint16_t>(port)).listening = false;
  }
  serve(stage.modern(9004));
  stage.open({.bootstrap = "broker:9001,broker:9002,broker:9003,broker:9004",
              .wait_for_brokers = false});
  const auto outcome = call<wire::ListGroupsRequest>(stage, Target::any());
  stage.run();
  EXPECT_EQ(outcome->told, 1);
  EXPECT_FALSE(outcome->error);
}

TEST(ClusterTest, NamesEveryAddressThatFailed) {
  Stage stage;
  stage.broker(9001).listening = false;
  stage.broker(9002).listening = false;
  stage.open({.bootstrap = "broker:9001,broker:9002", .wait_for_brokers = false});
  const auto outcome = call<wire::ListGroupsRequest>(stage, Target::any());
  stage.run();
  ASSERT_TRUE(outcome->error);
  EXPECT_EQ(outcome->error->code(), Errc::io);
  for (const char* word : {"broker:9001", "broker:9002", "refused"}) {
    EXPECT_NE(outcome->error->message().find(word), std::string::npos)
        << outcome->error->message();
  }
}

TEST(ClusterTest, ReconnectsWithGrowingPausesUntilTheCallIsDue) {
  Stage stage;
  ScriptedBroker& broker = stage.broker(9001);
  broker.listening = false;
  stage.open({.bootstrap = "broker:9001", .request_timeout = 20s, .reconnect_backoff = 100ms,
              .reconnect_backoff_max = 2s});
  const auto outcome = call<wire::ListGroupsRequest>(stage, Target::any());
  stage.pass(19s);
  // 0.1 + 0.2 + 0.4 + 0.8 + 1.6 seconds, then 2 at a time: 12 or so, and never a storm.
  EXPECT_GE(broker.attempts, 9);
  EXPECT_LE(broker.attempts, 16);
  EXPECT_EQ(outcome->told, 0);
  stage.pass(2s);
  ASSERT_TRUE(outcome->error);
  EXPECT_EQ(outcome->error->code(), Errc::timed_out);
  EXPECT_NE(outcome->error->message().find("refused"), std::string::npos);
}

TEST(ClusterTest, WaitsForABrokerThatComesBack) {
  Stage stage;
  ScriptedBroker& broker = stage.modern(9001);
  serve(broker);
  broker.listening = false;
  stage.open({.bootstrap = "broker:9001"});
  const auto outcome = call<wire::ListGroupsRequest>(stage, Target::any());
  stage.pass(3s);
  EXPECT_EQ(outcome->told, 0);
  broker.listening = true;
  stage.pass(3s);
  EXPECT_EQ(outcome->told, 1);
  EXPECT_FALSE(outcome->error);
}

TEST(ClusterTest, UnreachableAdvertisedAddressIsExplained) {
  Stage stage;
  stage.modern(9001);
  stage.broker(9002).listening = false;
  stage.cluster_of({9002}, 2);
  stage.broker(9001).handlers[ApiKey::metadata] = stage.broker(9002).handlers[ApiKey::metadata];
  stage.open({.bootstrap = "broker:9001", .wait_for_brokers = false});
  const auto outcome = call<wire::ListOffsetsRequest>(stage, Target::leader({"t", 0}));
  stage.pass(1s);
  ASSERT_TRUE(outcome->error);
  for (const char* word : {"broker 2 at broker:9002", "advertised.listeners", "broker:9001"}) {
    EXPECT_NE(outcome->error->message().find(word), std::string::npos)
        << outcome->error->message();
  }
}

TEST(ClusterTest, FollowsALeaderThatMoves) {
  Stage stage;
  serve(stage.modern(9001));
  serve(stage.modern(9002));
  stage.cluster_of({9001, 9002}, 1, 5);
  stage.open({.bootstrap = "broker:9001"});
  auto outcome = call<wire::ListOffsetsRequest>(stage, Target::leader({"t", 0}));
  stage.run();
  EXPECT_EQ(outcome->node, 1);

  stage.cluster_of({9001, 9002}, 2, 6);
  stage.cluster->leader_failed({"t", 0});
  outcome = call<wire::ListOffsetsRequest>(stage, Target::leader({"t", 0}));
  stage.pass(1s);
  EXPECT_EQ(outcome->told, 1);
  EXPECT_EQ(outcome->node, 2);

  // An answer from a broker that is behind changes nothing.
  stage.cluster_of({9001, 9002}, 1, 5);
  bool refreshed = false;
  stage.cluster->refresh(std::set<std::string>{"t"}, 0,
                         [&](const Status& status) { refreshed = status.ok(); });
  stage.pass(1s);
  EXPECT_TRUE(refreshed);
  EXPECT_EQ(stage.cluster->metadata()->partition("t", 0)->leader, 2);

  stage.cluster->leader_hint({"t", 0}, 1, 7, std::nullopt);
  EXPECT_EQ(stage.cluster->metadata()->partition("t", 0)->leader, 1);
}

TEST(ClusterTest, LooksAtMetadataAgainWhenItIsOld) {
  Stage stage;
  serve(stage.modern(9001));
  stage.cluster_of({9001}, 1);
  stage.open({.bootstrap = "broker:9001", .metadata_max_age = 10s});
  const auto outcome = call<wire::ListOffsetsRequest>(stage, Target::leader({"t", 0}));
  stage.pass(1s);
  EXPECT_EQ(outcome->told, 1);
  EXPECT_EQ(stage.broker(9001).count(ApiKey::metadata), 1);
  stage.pass(10s);
  EXPECT_EQ(stage.broker(9001).count(ApiKey::metadata), 2);
}

TEST(ClusterTest, UnknownTopicIsBelievedAtTheThirdTime) {
  Stage stage;
  stage.modern(9001).on<wire::MetadataResponse>([](std::int16_t) {
    wire::MetadataResponse answer{.controller_id = 1};
    answer.brokers.push_back({.node_id = 1, .host = "broker", .port = 9001});
    answer.topics.push_back(
        {.error_code = wire::ErrorCode::unknown_topic_or_partition, .name = "nosuch"});
    return answer;
  });
  stage.open({.bootstrap = "broker:9001"});
  const auto outcome = call<wire::ListOffsetsRequest>(stage, Target::leader({"nosuch", 0}));
  stage.pass(3s);
  ASSERT_TRUE(outcome->error);
  EXPECT_EQ(outcome->error->code(), Errc::not_found);
  EXPECT_EQ(outcome->error->kafka_code(), 3);
  EXPECT_EQ(stage.broker(9001).count(ApiKey::metadata), 3);
}

/// Answers that broker `node` coordinates everything, after `failures` refusals.
void coordinate(ScriptedBroker& by, NodeId node, int failures = 0) {
  auto left = std::make_shared<int>(failures);
  by.handlers[ApiKey::find_coordinator] = [=](ScriptedBroker::Connection& connection,
                                              const wire::RequestFrame& request) {
    const auto asked =
        wire::decode<wire::FindCoordinatorRequest>(request.body, request.header.api_version);
    wire::FindCoordinatorResponse answer;
    const bool refuse = (*left)-- > 0;
    answer.coordinators.push_back(
        {.key = asked->coordinator_keys.at(0),
         .node_id = node,
         .host = "broker",
         .port = 9000 + node,
         .error_code = refuse ? wire::ErrorCode::coordinator_not_available
                              : wire::ErrorCode::none});
    ScriptedBroker::send(connection, request, answer);
  };
}

TEST(ClusterTest, FindsCoordinatorsAndFindsThemAgain) {
  Stage stage;
  serve(stage.modern(9001));
  serve(stage.modern(9002));
  stage.cluster_of({9001, 9002}, 1);
  coordinate(stage.broker(9001), 2, 2);
  stage.open({.bootstrap = "broker:9001"});
  auto first = call<wire::HeartbeatRequest>(stage, Target::group("g"));
  auto second = call<wire::HeartbeatRequest>(stage, Target::group("g"));
  stage.pass(2s);
  EXPECT_EQ(first->node, 2);
  EXPECT_EQ(second->node, 2);
  EXPECT_EQ(stage.broker(9001).count(ApiKey::find_coordinator), 3);
  EXPECT_EQ(stage.cluster->coordinator(CoordinatorKind::group, "g"), 2);

  coordinate(stage.broker(9001), 1);
  coordinate(stage.broker(9002), 1);
  stage.cluster->coordinator_failed(CoordinatorKind::group, "g");
  first = call<wire::HeartbeatRequest>(stage, Target::group("g"));
  stage.pass(1s);
  EXPECT_EQ(first->node, 1);
}

TEST(ClusterTest, LanesDoNotWaitForEachOther) {
  Stage stage;
  ScriptedBroker& broker = stage.modern(9001);
  serve(broker);
  broker.handlers.erase(ApiKey::heartbeat);
  stage.cluster_of({9001}, 1);
  stage.open({.bootstrap = "broker:9001"});
  const Lane lane = stage.cluster->new_lane();
  const auto slow = call<wire::HeartbeatRequest>(stage, Target::any().on(lane));
  const auto quick = call<wire::ListGroupsRequest>(stage, Target::any());
  stage.run();
  EXPECT_EQ(quick->told, 1);
  EXPECT_EQ(slow->told, 0);
  EXPECT_EQ(broker.connections.size(), 2U);
  stage.cluster->release_lane(lane);
  EXPECT_EQ(slow->told, 1);
  ASSERT_TRUE(slow->error);
  EXPECT_EQ(slow->error->code(), Errc::closed);
}

TEST(ClusterTest, CloseTellsEveryCallOnce) {
  Stage stage;
  stage.modern(9001);
  stage.open({.bootstrap = "broker:9001"});
  std::vector<std::shared_ptr<Outcome>> outcomes{
      call<wire::ListGroupsRequest>(stage, Target::any()),
      call<wire::ListOffsetsRequest>(stage, Target::leader({"t", 0})),
      call<wire::HeartbeatRequest>(stage, Target::group("g"))};
  stage.run();
  outcomes.push_back(call<wire::ListGroupsRequest>(stage, Target::any()));
  stage.cluster->close();
  outcomes.push_back(call<wire::ListGroupsRequest>(stage, Target::any()));
  stage.run();
  for (const auto& outcome : outcomes) {
    EXPECT_EQ(outcome->told, 1);
    ASSERT_TRUE(outcome->error);
    EXPECT_EQ(outcome->error->code(), Errc::cancelled);
  }
}

TEST(ClusterTest, IdleConnectionsAreClosed) {
  Stage stage;
  ScriptedBroker& broker = stage.modern(9001);
  serve(broker);
  stage.open({.bootstrap = "broker:9001", .connection_max_idle = 5s});
  call<wire::ListGroupsRequest>(stage, Target::any());
  stage.pass(12s);
  call<wire::ListGroupsRequest>(stage, Target::any());
  stage.run();
  EXPECT_EQ(broker.connections.size(), 2U);
  EXPECT_EQ(broker.count(ApiKey::list_groups), 2);
}

}  // namespace
}  // namespace horolog::client::test
