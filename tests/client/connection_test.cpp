#include <gtest/gtest.h>

#include "protocol/messages/heartbeat.hpp"
#include "protocol/messages/incremental_alter_configs.hpp"
#include "protocol/messages/list_groups.hpp"
#include "protocol/messages/metadata.hpp"
#include "protocol/messages/produce.hpp"
#include "scripted_broker.hpp"

namespace horolog::client::test {
namespace {

using namespace std::chrono_literals;
using Connection = ScriptedBroker::Connection;
using wire::ApiKey;

constexpr std::uint16_t port = 9001;

class ConnectionTest : public ::testing::Test {
 protected:
  ConnectionTest() {
    stage.modern(port);
    stage.open({.bootstrap = "broker:9001", .request_timeout = 10s});
  }

  /// Asks for the groups and remembers every answer.
  void ask() {
    stage.cluster->send<wire::ListGroupsRequest>(
        Target::any(), {}, {},
        [this](const auto& reply) { outcomes.push_back(reply ? Status() : reply.error()); });
  }
  void expect_error(Errc code, const std::string& words) {
    ASSERT_EQ(outcomes.size(), 1U);
    ASSERT_FALSE(outcomes[0]);
    EXPECT_EQ(outcomes[0].error().code(), code) << outcomes[0].error().message();
    EXPECT_NE(outcomes[0].error().message().find(words), std::string::npos)
        << outcomes[0].error().message();
  }
  /// After something bad, the next call gets a new connection and succeeds.
  void expect_recovery() {
    outcomes.clear();
    answer_well();
    ask();
    stage.pass(1s);
    ASSERT_EQ(outcomes.size(), 1U);
    EXPECT_TRUE(outcomes[0]);
    EXPECT_EQ(stage.broker(port).connections.size(), 2U);
  }
  void answer_well() {
    stage.broker(port).on<wire::ListGroupsResponse>(
        [](std::int16_t) { return wire::ListGroupsResponse{}; });
  }
  void answer(ScriptedBroker::Handler handler) {
    stage.broker(port).handlers[ApiKey::list_groups] = std::move(handler);
  }

  Stage stage;
  std::vector<Status> outcomes;
};

TEST_F(ConnectionTest, AnswersComeBackInOrderAndOnce) {
  answer_well();
  for (int i = 0; i < 3; ++i) ask();
  EXPECT_TRUE(outcomes.empty());
  stage.run();
  ASSERT_EQ(outcomes.size(), 3U);
  for (const Status& outcome : outcomes) EXPECT_TRUE(outcome);
  EXPECT_EQ(stage.broker(port).connections.size(), 1U);
  EXPECT_EQ(stage.cluster->feature("transaction.version"), 2);
}

TEST_F(ConnectionTest, WrongCorrelationIdIsNotBelieved) {
  answer([](Connection& connection, const wire::RequestFrame& request) {
    ScriptedBroker::write(connection,
                          wire::encode_response(wire::ListGroupsResponse{},
                                                request.header.api_version,
                                                request.header.correlation_id + 1)
                              .bytes);
  });
  ask();
  stage.run();
  expect_error(Errc::corrupt, "ListGroups");
  expect_recovery();
}

TEST_F(ConnectionTest, RepeatedAnswerClosesTheConnection) {
  answer([](Connection& connection, const wire::RequestFrame& request) {
    ScriptedBroker::send(connection, request, wire::ListGroupsResponse{});
    ScriptedBroker::send(connection, request, wire::ListGroupsResponse{});
  });
  ask();
  stage.run();
  ASSERT_EQ(outcomes.size(), 1U);
  EXPECT_TRUE(outcomes[0]);
  expect_recovery();
}

TEST_F(ConnectionTest, EveryCutOfAnAnswerIsAnError) {
  wire::ListGroupsResponse whole;
  whole.groups.push_back({.group_id = "g", .protocol_type = "consumer", .group_state = "Stable",
                          .group_type = "classic"});
  const std::size_t size = wire::encode(whole, 5).size();
  for (std::size_t left = 0; left < size; ++left) {
    Stage fresh;
    fresh.modern(port).handlers[ApiKey::list_groups] = [&](Connection& connection,
                                                           const wire::RequestFrame& request) {
      ByteBuffer bytes = wire::encode_response(request.header, whole).bytes;
      bytes.resize(bytes.size() - size + left);
      store_be(bytes.data(), static_cast<std::int32_t>(bytes.size() - 4));
      ScriptedBroker::write(connection, bytes);
    };
    fresh.open({.bootstrap = "broker:9001"});
    std::optional<Status> outcome;
    fresh.cluster->send<wire::ListGroupsRequest>(
        Target::any(), {}, {}, [&](const auto& reply) {
          EXPECT_FALSE(outcome);
          outcome = reply ? Status() : Status(reply.error());
        });
    fresh.run();
    ASSERT_TRUE(outcome) << left;
    ASSERT_FALSE(*outcome) << left;
    EXPECT_EQ(outcome->error().code(), Errc::corrupt);
  }
}

TEST_F(ConnectionTest, ClosedInTheMiddleOfAnAnswer) {
  answer([](Connection& connection, const wire::RequestFrame& request) {
    const ByteBuffer bytes =
        wire::encode_response(request.header, wire::ListGroupsResponse{}).bytes;
    ScriptedBroker::write(connection, ByteView(bytes).first(6));
    ScriptedBroker::hang_up(connection);
  });
  ask();
  stage.run();
  expect_error(Errc::closed, "broker:9001 was lost");
  expect_recovery();
}

TEST_F(ConnectionTest, LateAnswerIsTimedOutAndItsConnectionClosed) {
  answer([](Connection&, const wire::RequestFrame&) {});
  ask();
  stage.pass(9s);
  EXPECT_TRUE(outcomes.empty());
  stage.pass(2s);
  expect_error(Errc::timed_out, "did not answer ListGroups");
  expect_recovery();
}

TEST_F(ConnectionTest, OversizedAnswerIsNotRead) {
  answer([](Connection& connection, const wire::RequestFrame&) {
    ByteBuffer bytes(8);
    store_be(bytes.data(), std::int32_t{0x7FFFFFFF});
    ScriptedBroker::write(connection, bytes);
  });
  ask();
  stage.run();
  expect_error(Errc::corrupt, "2147483647 bytes");
  expect_recovery();
}

TEST_F(ConnectionTest, OtherProtocolsAreRecognised) {
  for (const auto& [bytes, words] : std::vector<std::pair<std::string, std::string>>{
           {"HTTP/1.1 400 Bad Request\r\n\r\n", "HTTP"},
           {std::string("\x15\x03\x03\x00\x02\x02\x46", 7), "TLS"},
           {"SSH-2.0-OpenSSH_9.2\r\n", "SSH"},
           {"-ERR unknown command\r\n", "not a Kafka port"}}) {
    Stage fresh;
    fresh.broker(port).handlers[ApiKey::api_versions] =
        [&bytes](Connection& connection, const wire::RequestFrame&) {
          ScriptedBroker::write(connection, as_bytes(bytes));
        };
    fresh.open({.bootstrap = "broker:9001", .wait_for_brokers = false});
    std::optional<Status> outcome;
    fresh.cluster->send<wire::ListGroupsRequest>(
        Target::any(), {}, {},
        [&](const auto& reply) { outcome = reply ? Status() : Status(reply.error()); });
    fresh.run();
    ASSERT_TRUE(outcome && !*outcome) << words;
    EXPECT_NE(outcome->error().message().find(words), std::string::npos)
        << outcome->error().message();
  }
}

TEST_F(ConnectionTest, VersionsOfKafka21) {
  Stage old;
  ScriptedBroker& broker = old.kafka_2_1(port);
  old.open({.bootstrap = "broker:9001"});
  broker.on<wire::ListGroupsResponse>([](std::int16_t) { return wire::ListGroupsResponse{}; });
  std::int16_t version = -1;
  old.cluster->send<wire::ListGroupsRequest>(
      Target::any(), {}, {}, [&](const auto& reply) { version = reply ? reply->version : -2; });
  std::optional<Error> refused;
  old.cluster->send<wire::IncrementalAlterConfigsRequest>(
      Target::any(), {}, {}, [&](const auto& reply) { refused = reply.error(); });
  std::optional<Error> capped;
  old.cluster->send<wire::ListGroupsRequest>(Target::any(), {}, {.cap = {4, 5}},
                                             [&](const auto& reply) { capped = reply.error(); });
  old.run();
  EXPECT_EQ(version, 2);
  EXPECT_EQ(broker.count(ApiKey::api_versions), 2);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->code(), Errc::unsupported);
  EXPECT_NE(refused->message().find("IncrementalAlterConfigs"), std::string::npos);
  ASSERT_TRUE(capped);
  EXPECT_NE(capped->message().find("0-2"), std::string::npos) << capped->message();
}

TEST_F(ConnectionTest, PiecesAreSentFromWhereTheyLie) {
  const std::string first(100, 'a');
  const std::string second(200'000, 'b');
  ByteBuffer body;
  stage.broker(port).handlers[ApiKey::produce] = [&](Connection& connection,
                                                     const wire::RequestFrame& request) {
    body = to_buffer(request.body);
    ScriptedBroker::send(connection, request, wire::ProduceResponse{});
  };
  const auto request = [](wire::Records a, wire::Records b) {
    wire::ProduceRequest message{.acks = -1, .timeout_ms = 1};
    message.topic_data.push_back({.name = "t", .partition_data = {{0, a}, {1, b}}});
    return message;
  };
  bool done = false;
  const auto owner = std::make_shared<int>(0);
  stage.cluster->call<wire::ProduceRequest>(
      Target::any(),
      [&](std::int16_t) {
        return Outgoing<wire::ProduceRequest>(
            request(wire::Records::spliced(first.size()), wire::Records::spliced(second.size())),
            {{as_bytes(first), owner}, {as_bytes(second), owner}});
      },
      {.cap = {3, 12}}, [&](const auto& reply) { done = reply.ok(); });
  stage.run();
  EXPECT_TRUE(done);
  EXPECT_EQ(owner.use_count(), 1);
  const ByteBuffer expected = wire::encode(request(wire::Records::inline_bytes(as_bytes(first)),
                                                   wire::Records::inline_bytes(as_bytes(second))),
                                           12);
  EXPECT_EQ(body, expected);
}

TEST_F(ConnectionTest, UnansweredRequestIsDoneWhenItIsWritten) {
  bool done = false;
  stage.cluster->call<wire::ProduceRequest>(
      Target::any(), [](std::int16_t) { return wire::ProduceRequest{.acks = 0}; },
      {.answered = false}, [&](const auto& reply) { done = reply.ok(); });
  stage.run();
  EXPECT_TRUE(done);
  EXPECT_EQ(stage.broker(port).count(ApiKey::produce), 1);
}

}  // namespace
}  // namespace horolog::client::test
