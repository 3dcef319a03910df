#include "horolog/admin.hpp"

#include <gtest/gtest.h>

#include "protocol/messages/find_coordinator.hpp"
#include "protocol/messages/list_offsets.hpp"
#include "protocol/messages/metadata.hpp"
#include "protocol/messages/offset_commit.hpp"
#include "scripted_broker.hpp"

namespace horolog::client::test {
namespace {

using namespace std::chrono_literals;
using wire::ApiKey;

/// Two brokers; partitions 0 and 2 of "t" are led by broker 1, partition 1 by broker 2.
class AdminTest : public ::testing::Test {
 protected:
  AdminTest() {
    for (const int port : {9001, 9002}) {
      ScriptedBroker& broker = stage.modern(static_cast<std::uint16_t>(port));
      broker.on<wire::MetadataResponse>([](std::int16_t) {
        wire::MetadataResponse answer{.controller_id = 1};
        answer.brokers.push_back({.node_id = 1, .host = "broker", .port = 9001});
        answer.brokers.push_back({.node_id = 2, .host = "broker", .port = 9002});
        wire::MetadataResponse::Topic topic{.name = "t"};
        for (int i = 0; i < 3; ++i) {
          topic.partitions.push_back({.partition_index = i, .leader_id = i == 1 ? 2 : 1});
        }
        answer.topics.push_back(std::move(topic));
        return answer;
      });
    }
    stage.open({.bootstrap = "broker:9001"});
  }

  Stage stage;
};

/// Answers each partition with 100 * broker + index, after refusing so many requests.
void answer_offsets(ScriptedBroker& broker, int refusals) {
  auto left = std::make_shared<int>(refusals);
  const NodeId node = broker.node();
  broker.handlers[ApiKey::list_offsets] = [=](ScriptedBroker::Connection& connection,
                                              const wire::RequestFrame& request) {
    const auto asked =
        wire::decode<wire::ListOffsetsRequest>(request.body, request.header.api_version);
    const bool refuse = (*left)-- > 0;
    wire::ListOffsetsResponse answer;
    for (const auto& topic : asked->topics) {
      auto& out = answer.topics.emplace_back();
      out.name = topic.name;
      for (const auto& partition : topic.partitions) {
        out.partitions.push_back({.partition_index = partition.partition_index,
                                  .error_code = refuse ? wire::ErrorCode::not_leader_or_follower
                                                       : wire::ErrorCode::none,
                                  .offset = 100 * node + partition.partition_index});
      }
    }
    ScriptedBroker::send(connection, request, answer);
  };
}

TEST_F(AdminTest, OneRequestPerLeaderAndAgainForThoseThatMoved) {
  answer_offsets(stage.broker(9001), 1);
  answer_offsets(stage.broker(9002), 0);
  Admin admin(stage.cluster);
  std::optional<Admin::ListedOffsets> listed;
  admin.list_offsets({{{"t", 0}, OffsetSpec::latest()},
                      {{"t", 1}, OffsetSpec::latest()},
                      {{"t", 2}, OffsetSpec::latest()},
                      {{"t", 9}, OffsetSpec::latest()}},
                     Isolation::read_uncommitted,
                     [&](Result<Admin::ListedOffsets> result) { listed = std::move(*result); });
  stage.pass(2s);
  ASSERT_TRUE(listed);
  ASSERT_EQ(listed->size(), 4U);
  const std::vector<Offset> expected{100, 201, 102};
  for (std::size_t i = 0; i < 3; ++i) {
    ASSERT_TRUE((*listed)[i].second) << (*listed)[i].second.error().message();
    EXPECT_EQ((*listed)[i].second->offset, expected[i]);
  }
  ASSERT_FALSE((*listed)[3].second);
  EXPECT_EQ((*listed)[3].second.error().code(), Errc::not_found);
  // Both together first; again together, or each on its own while their leader is looked up.
  EXPECT_GE(stage.broker(9001).count(ApiKey::list_offsets), 2);
  EXPECT_LE(stage.broker(9001).count(ApiKey::list_offsets), 3);
  EXPECT_EQ(stage.broker(9002).count(ApiKey::list_offsets), 1);
}

TEST_F(AdminTest, CommitsOfAGroupAreOneRequestWithAnOutcomeForEach) {
  ScriptedBroker& broker = stage.broker(9001);
  broker.on<wire::FindCoordinatorResponse>([](std::int16_t) {
    wire::FindCoordinatorResponse answer;
    answer.coordinators.push_back({.key = "g", .node_id = 1, .host = "broker", .port = 9001});
    return answer;
  });
  broker.on<wire::OffsetCommitResponse>([](std::int16_t) {
    wire::OffsetCommitResponse answer;
    answer.topics.push_back(
        {.name = "t",
         .partitions = {{0, wire::ErrorCode::none}, {1, wire::ErrorCode::unknown_member_id}}});
    return answer;
  });
  Admin admin(stage.cluster);
  std::optional<Admin::Partitions> committed;
  admin.alter_group_offsets("g",
                            {{.partition = {"t", 1}, .offset = 7, .metadata = {}},
                             {.partition = {"t", 0}, .offset = 8, .metadata = {}},
                             {.partition = {"t", 2}, .offset = 9, .metadata = {}}},
                            [&](Result<Admin::Partitions> result) { committed = *result; });
  stage.pass(1s);
  ASSERT_TRUE(committed);
  EXPECT_EQ(broker.count(ApiKey::offset_commit), 1);
  ASSERT_FALSE((*committed)[0].second);
  EXPECT_EQ((*committed)[0].second.error().code(), Errc::not_found);
  EXPECT_EQ((*committed)[0].second.error().kafka_code(), 25);
  EXPECT_TRUE((*committed)[1].second);
  ASSERT_FALSE((*committed)[2].second);
  EXPECT_EQ((*committed)[2].second.error().code(), Errc::corrupt);
}

TEST_F(AdminTest, ARefusalThatLastsEndsWithItsReason) {
  answer_offsets(stage.broker(9001), 1'000'000);
  Admin admin(stage.cluster);
  std::optional<Admin::ListedOffsets> listed;
  admin.list_offsets({{{"t", 0}, OffsetSpec::latest()}}, Isolation::read_uncommitted,
                     [&](Result<Admin::ListedOffsets> result) { listed = std::move(*result); });
  stage.pass(28s);
  EXPECT_FALSE(listed);
  stage.pass(3s);
  ASSERT_TRUE(listed);
  ASSERT_FALSE(listed->front().second);
  EXPECT_EQ(listed->front().second.error().kafka_code(), 6);
  EXPECT_LT(stage.broker(9001).count(ApiKey::list_offsets), 60);
}

TEST_F(AdminTest, CloseEndsWhatRuns) {
  Admin admin(stage.cluster);
  int told = 0;
  admin.list_offsets({{{"t", 0}, OffsetSpec::latest()}}, Isolation::read_uncommitted,
                     [&](const Result<Admin::ListedOffsets>& result) {
                       ++told;
                       ASSERT_TRUE(result);
                       EXPECT_EQ(result->front().second.error().code(), Errc::cancelled);
                     });
  stage.pass(1s);
  EXPECT_EQ(told, 0);
  stage.cluster->close();
  stage.run();
  EXPECT_EQ(told, 1);
}

}  // namespace
}  // namespace horolog::client::test
