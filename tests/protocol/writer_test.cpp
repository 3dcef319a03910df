#include <gtest/gtest.h>

#include "protocol/codec.hpp"
#include "protocol/messages/fetch.hpp"
#include "protocol/messages/find_coordinator.hpp"
#include "protocol/messages/metadata.hpp"
#include "protocol/messages/offset_fetch.hpp"
#include "tests/protocol/support.hpp"

namespace horolog::wire {
namespace {

TEST(WriterDeath, RefusesAValueTheVersionHasNoPlaceFor) {
  FindCoordinatorRequest request{.key = "g", .key_type = 1};
  EXPECT_DEATH(encode(request, 0), "FindCoordinatorRequest version 0 carries the field key_type");
  EXPECT_EQ(hex(encode(request, 1)), hex(bytes_of("0001 'g' 01")));
  EXPECT_DEATH(encode(request, 4), "carries the field key");
  const OffsetFetchRequest groups{.group_id = "", .groups = {{.group_id = "g"}}};
  EXPECT_DEATH(encode(groups, 7), "carries the field groups");
}

TEST(WriterDeath, RefusesTaggedFieldsBeforeTheirVersion) {
  FetchResponse response;
  response.node_endpoints.push_back({.node_id = 1, .host = "h", .port = 1});
  EXPECT_DEATH(encode(response, 15), "FetchResponse version 15 carries the field node_endpoints");
  EXPECT_DEATH(encode(response, 11), "FetchResponse version 11 carries the field node_endpoints");
  encode(response, 16);
}

TEST(WriterDeath, RefusesNullWhereNoneIsAllowed) {
  const MetadataRequest all{.topics = std::nullopt};
  EXPECT_DEATH(encode(all, 0), "MetadataRequest version 0 carries the field topics");
  EXPECT_EQ(hex(encode(all, 1)), hex(bytes_of("ffffffff")));
}

TEST(WriterDeath, RefusesVersionsTheSchemaDoesNotHave) {
  EXPECT_DEATH(encode(MetadataRequest{}, 14), "contains");
}

TEST(Writer, DropsIgnorableValues) {
  MetadataResponse response;
  response.throttle_time_ms = 5;
  response.cluster_id = "dropped in version 0";
  response.controller_id = 1;
  EXPECT_EQ(hex(encode(response, 0)), hex(bytes_of("00000000 00000000")));
}

TEST(Writer, TakesDefaultsFromTheStruct) {
  // 9223372036854775807 is this field's default, so version 17 need not carry it.
  FetchRequest request;
  request.topics.push_back({.topic = "", .topic_id = {}, .partitions = {{.partition = 1}}});
  const ByteBuffer bytes = encode(request, 18);
  request.topics[0].partitions[0].high_watermark = 0;
  EXPECT_EQ(encode(request, 18).size(), bytes.size() + 10);
}

TEST(Writer, TagSizesOfTwoBytes) {
  FetchRequest request;
  request.cluster_id = std::string(200, 'c');
  const ByteBuffer bytes = encode(request, 12);
  const auto decoded = decode<FetchRequest>(bytes, 12);
  ASSERT_TRUE(decoded.ok()) << decoded.error().message();
  EXPECT_EQ(decoded->cluster_id, request.cluster_id);
}

TEST(Writer, CutsTextThatTheWireCannotCarryBetweenCharacters) {
  const FindCoordinatorResponse response{.error_message = std::string(32'766, 'a') + "\u00e9!"};
  for (const auto version : {std::int16_t{1}, std::int16_t{3}}) {
    const auto decoded = decode<FindCoordinatorResponse>(encode(response, version), version);
    ASSERT_TRUE(decoded.ok()) << decoded.error().message();
    EXPECT_EQ(decoded->error_message, std::string(32'766, 'a'));
  }
}

}  // namespace
}  // namespace horolog::wire
