#include "client/fetch_session.hpp"

#include <gtest/gtest.h>

namespace horolog::client {
namespace {

const Uuid id_t = Uuid::random();
const Uuid id_u = Uuid::random();

FetchWanted want(const std::string& topic, int partition, Offset offset) {
  return {.partition = {topic, partition},
          .topic_id = topic == "t" ? id_t : id_u,
          .ticket = 1,
          .offset = offset,
          .leader_epoch = 0,
          .max_bytes = 100};
}

class FetchSessionTest : public testing::Test {
 protected:
  wire::FetchRequest build(std::vector<FetchWanted> wanted, std::int16_t version = 17) {
    wire::FetchRequest request;
    session.build(std::move(wanted), version, request);
    return request;
  }
  Status answer(std::int32_t id, std::vector<wire::FetchResponse::Topic> topics = {},
                wire::ErrorCode error = wire::ErrorCode::none) {
    wire::FetchResponse response{.error_code = error, .session_id = id,
                                 .responses = std::move(topics)};
    got.clear();
    return session.take(response, [this](const FetchWanted& wanted, auto&) {
      got.push_back(wanted.partition.to_string());
    });
  }

  FetchSession session;
  std::vector<std::string> got;
};

TEST_F(FetchSessionTest, TheFirstRequestSaysAllAndLaterOnesWhatChanged) {
  auto request = build({want("t", 0, 0), want("t", 1, 0), want("u", 0, 0)});
  EXPECT_EQ(request.session_id, 0);
  EXPECT_EQ(request.session_epoch, 0);
  ASSERT_EQ(request.topics.size(), 2U);
  EXPECT_EQ(request.topics[0].partitions.size(), 2U);
  EXPECT_EQ(request.topics[0].topic_id, id_t);
  ASSERT_TRUE(answer(9, {{.topic_id = id_t, .partitions = {{.partition_index = 1}}}}).ok());
  EXPECT_EQ(got, (std::vector<std::string>{"t-1"}));

  request = build({want("t", 0, 0), want("t", 1, 5)});
  EXPECT_EQ(request.session_id, 9);
  EXPECT_EQ(request.session_epoch, 1);
  ASSERT_EQ(request.topics.size(), 1U);
  ASSERT_EQ(request.topics[0].partitions.size(), 1U);
  EXPECT_EQ(request.topics[0].partitions[0].fetch_offset, 5);
  ASSERT_EQ(request.forgotten_topics_data.size(), 1U);
  EXPECT_EQ(request.forgotten_topics_data[0].topic_id, id_u);
  ASSERT_TRUE(answer(9).ok());
  EXPECT_EQ(build({want("t", 0, 0), want("t", 1, 5)}).session_epoch, 2);
}

TEST_F(FetchSessionTest, WithoutASessionEveryRequestSaysAll) {
  build({want("t", 0, 0)});
  ASSERT_TRUE(answer(0).ok());
  const auto request = build({want("t", 0, 0)});
  EXPECT_EQ(request.session_epoch, 0);
  EXPECT_EQ(request.topics.size(), 1U);
}

TEST_F(FetchSessionTest, OldBrokersGetNamesAndNoSessions) {
  auto request = build({want("t", 0, 0)}, 12);
  EXPECT_EQ(request.topics[0].topic, "t");
  EXPECT_TRUE(request.topics[0].topic_id.is_zero());
  ASSERT_TRUE(answer(3, {{.topic = "t", .partitions = {{.partition_index = 0}}}}).ok());
  EXPECT_EQ(got.size(), 1U);
  request = build({want("t", 0, 0)}, 4);
  EXPECT_EQ(request.session_epoch, -1);
  EXPECT_EQ(request.topics.size(), 1U);
}

TEST_F(FetchSessionTest, AForgottenSessionAndALostAnswerStartAnew) {
  build({want("t", 0, 0)});
  ASSERT_TRUE(answer(9).ok());
  build({want("t", 0, 0)});
  const Status status = answer(0, {}, wire::ErrorCode::fetch_session_id_not_found);
  ASSERT_FALSE(status.ok());
  EXPECT_TRUE(status.error().retriable());
  EXPECT_EQ(build({want("t", 0, 0)}).session_epoch, 0);

  ASSERT_TRUE(answer(9).ok());
  build({want("t", 0, 0)});
  session.failed();
  const auto request = build({want("t", 0, 0)});
  EXPECT_EQ(request.session_id, 9) << "so that the broker can drop the old one";
  EXPECT_EQ(request.session_epoch, 0);
  EXPECT_EQ(request.topics.size(), 1U);
}

TEST_F(FetchSessionTest, PartitionsNobodyAskedForAndOtherSessionsAreAnError) {
  build({want("t", 0, 0)});
  const Status strange = answer(9, {{.topic_id = id_u, .partitions = {{.partition_index = 0}}},
                                    {.topic_id = id_t, .partitions = {{.partition_index = 0},
                                                                      {.partition_index = 7}}}});
  EXPECT_EQ(strange.error().code(), Errc::corrupt);
  EXPECT_EQ(got, (std::vector<std::string>{"t-0"}));
  build({want("t", 0, 0)});
  ASSERT_TRUE(answer(9).ok());
  build({want("t", 0, 0)});
  EXPECT_EQ(answer(10).error().code(), Errc::corrupt);
  EXPECT_EQ(build({want("t", 0, 0)}).session_epoch, 0);
}

TEST_F(FetchSessionTest, ATopicMadeAnewIsForgottenAndAdded) {
  build({want("t", 0, 0)});
  ASSERT_TRUE(answer(9).ok());
  FetchWanted fresh = want("t", 0, 0);
  fresh.topic_id = Uuid::random();
  const auto request = build({fresh});
  ASSERT_EQ(request.forgotten_topics_data.size(), 1U);
  EXPECT_EQ(request.forgotten_topics_data[0].topic_id, id_t);
  EXPECT_EQ(request.topics[0].topic_id, fresh.topic_id);
}

}  // namespace
}  // namespace horolog::client
