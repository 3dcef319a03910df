#include <gtest/gtest.h>

#include "protocol/codec.hpp"
#include "protocol/messages/alter_client_quotas.hpp"
#include "protocol/messages/api_versions.hpp"
#include "protocol/messages/describe_topic_partitions.hpp"
#include "protocol/messages/join_group.hpp"
#include "tests/protocol/support.hpp"

/// Bytes derived by hand from the protocol's rules, field by field: what a round trip cannot see,
/// because a mistake made the same way in both directions cancels out.
namespace horolog::wire {
namespace {

template <typename T>
void expect_body(const T& message, std::int16_t version, std::string_view expected) {
  EXPECT_EQ(hex(encode(message, version)), hex(bytes_of(expected))) << T::api.name << version;
}

template <typename T>
T decoded(std::string_view text, std::int16_t version) {
  auto message = decode<T>(bytes_of(text), version);
  EXPECT_TRUE(message.ok()) << message.error().message();
  return std::move(message).value();
}

TEST(KnownBytes, ApiVersionsRequestFrameBeforeAndAfterFlexible) {
  const ApiVersionsRequest request{.client_software_name = "kcat",
                                   .client_software_version = "1.7"};
  const Spliced old = encode_request(request, 0, 7, "me");
  EXPECT_EQ(hex(old.bytes), hex(bytes_of("0000000c"      // 12 bytes follow
                                         "0012 0000"     // key 18, version 0
                                         "00000007"      // correlation id
                                         "0002 'me'")))  // client id; no body
      << "names are dropped: they are ignorable";

  const Spliced flexible = encode_request(request, 3, 7, "me");
  EXPECT_EQ(hex(flexible.bytes), hex(bytes_of("00000017"
                                              "0012 0003 00000007"
                                              "0002 'me'"         // two-byte length even here
                                              "00"                // no tagged fields
                                              "05 'kcat' 04 '1.7'"
                                              "00")));
  const auto frame = decode_request_frame(ByteView(flexible.bytes).subspan(4));
  ASSERT_TRUE(frame.ok()) << frame.error().message();
  EXPECT_EQ(frame->header.api_key, 18);
  EXPECT_EQ(frame->header.api_version, 3);
  EXPECT_EQ(frame->header.correlation_id, 7);
  EXPECT_EQ(frame->header.client_id, "me");
  EXPECT_EQ(hex(frame->body), hex(bytes_of("05 'kcat' 04 '1.7' 00")));
}

TEST(KnownBytes, NullClientId) {
  const Spliced frame = encode_request(ApiVersionsRequest{}, 0, 1, std::nullopt);
  EXPECT_EQ(hex(frame.bytes), hex(bytes_of("0000000a 0012 0000 00000001 ffff")));
  const auto read = decode_request_frame(ByteView(frame.bytes).subspan(4));
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->header.client_id, std::nullopt);
}

TEST(KnownBytes, ApiVersionsResponseHeaderIsNeverFlexible) {
  ApiVersionsResponse response;
  response.api_keys.push_back({.api_key = 0, .min_version = 0, .max_version = 13});
  response.finalized_features.push_back(
      {.name = "group.version", .max_version_level = 1, .min_version_level = 1});
  const RequestHeader header{.api_key = 18, .api_version = 3, .correlation_id = 9, .client_id = ""};
  EXPECT_EQ(hex(encode_response(header, response).bytes),
            hex(bytes_of("00000029"
                         "00000009"                 // header version 0: no tagged fields
                         "0000"                     // no error
                         "02 0000 0000 000d 00"     // one element, its tagged fields
                         "00000000"                 // throttle time
                         "01"                       // one tagged field:
                         "02 14"                    // tag 2, 20 bytes
                         "02 0e 'group.version' 0001 0001 00")));

  response.finalized_features.clear();
  expect_body(response, 0, "0000 00000001 0000 0000 000d");
  expect_body(response, 1, "0000 00000001 0000 0000 000d 00000000");
  response.finalized_features_epoch = 5;
  response.zk_migration_ready = true;
  expect_body(response, 4,
              "0000 02 0000 0000 000d 00 00000000 02 01 08 0000000000000005 03 01 01");
}

TEST(KnownBytes, UnknownTaggedFieldsAreSkipped) {
  const auto request = decoded<ApiVersionsRequest>(
      "05 'kcat' 04 '1.7'"
      "02"             // two tagged fields
      "05 03 aabbcc"   // tag 5, 3 bytes
      "f001 00",       // tag 240, empty
      3);
  EXPECT_EQ(request.client_software_name, "kcat");
  EXPECT_EQ(request.client_software_version, "1.7");
}

TEST(KnownBytes, JoinGroupRequest) {
  JoinGroupRequest request{.group_id = "g",
                           .session_timeout_ms = 0x2710,
                           .rebalance_timeout_ms = 0x7530,
                           .member_id = "m",
                           .group_instance_id = std::nullopt,
                           .protocol_type = "consumer",
                           .protocols = {},
                           .reason = "why"};
  request.protocols.push_back({.name = "range", .metadata = bytes_of("0102")});
  expect_body(request, 0,
              "0001 'g' 00002710 0001 'm' 0008 'consumer' 00000001 0005 'range' 00000002 0102");
  expect_body(request, 1,
              "0001 'g' 00002710 00007530 0001 'm' 0008 'consumer'"
              "00000001 0005 'range' 00000002 0102");
  expect_body(request, 5,
              "0001 'g' 00002710 00007530 0001 'm' ffff 0008 'consumer'"
              "00000001 0005 'range' 00000002 0102");
  expect_body(request, 6,
              "02 'g' 00002710 00007530 02 'm' 00 09 'consumer'"
              "02 06 'range' 03 0102 00 00");
  request.group_instance_id = "i";
  expect_body(request, 8,
              "02 'g' 00002710 00007530 02 'm' 02 'i' 09 'consumer'"
              "02 06 'range' 03 0102 00 04 'why' 00");

  const auto read = decoded<JoinGroupRequest>(
      "02 'g' 00002710 00007530 02 'm' 02 'i' 09 'consumer' 02 06 'range' 03 0102 00 00 00", 9);
  EXPECT_EQ(read.group_instance_id, "i");
  EXPECT_EQ(read.reason, std::nullopt);
  ASSERT_EQ(read.protocols.size(), 1u);
  EXPECT_EQ(read.protocols[0].metadata, bytes_of("0102"));
}

TEST(KnownBytes, JoinGroupResponse) {
  JoinGroupResponse response{.generation_id = 3,
                             .protocol_type = "consumer",
                             .protocol_name = "range",
                             .leader = "m",
                             .skip_assignment = false,
                             .member_id = "m"};
  response.members.push_back(
      {.member_id = "m", .group_instance_id = std::nullopt, .metadata = bytes_of("ff")});
  expect_body(response, 0,
              "0000 00000003 0005 'range' 0001 'm' 0001 'm' 00000001 0001 'm' 00000001 ff");
  expect_body(response, 2,
              "00000000 0000 00000003 0005 'range' 0001 'm' 0001 'm'"
              "00000001 0001 'm' 00000001 ff");
  expect_body(response, 5,
              "00000000 0000 00000003 0005 'range' 0001 'm' 0001 'm'"
              "00000001 0001 'm' ffff 00000001 ff");
  expect_body(response, 9,
              "00000000 0000 00000003 09 'consumer' 06 'range' 02 'm' 00 02 'm'"
              "02 02 'm' 00 02 ff 00 00");

  JoinGroupResponse refused{.error_code = ErrorCode::member_id_required,
                            .protocol_name = std::nullopt,
                            .member_id = "new"};
  expect_body(refused, 7,
              "00000000 004f ffffffff 00 00 01 04 'new' 01 00");
}

TEST(KnownBytes, StructsThatMayBeNull) {
  DescribeTopicPartitionsRequest request;
  expect_body(request, 0, "01 000007d0 ff 00");
  request.cursor = {.topic_name = "ab", .partition_index = 3};
  constexpr std::string_view with_cursor = "01 000007d0 01 03 'ab' 00000003 00 00";
  expect_body(request, 0, with_cursor);
  const auto read = decoded<DescribeTopicPartitionsRequest>(with_cursor, 0);
  ASSERT_TRUE(read.cursor);
  EXPECT_EQ(read.cursor->topic_name, "ab");
  EXPECT_EQ(read.cursor->partition_index, 3);
  EXPECT_FALSE(decoded<DescribeTopicPartitionsRequest>("01 000007d0 ff 00", 0).cursor);
}

TEST(KnownBytes, FloatingPointNumbers) {
  AlterClientQuotasRequest request;
  request.entries = {{.entity = {}, .ops = {{.key = "k", .value = -2.5}}}};
  constexpr std::string_view bytes = "00000001 00000000 00000001 0001 'k' c004000000000000 00 00";
  expect_body(request, 0, bytes);
  EXPECT_EQ(decoded<AlterClientQuotasRequest>(bytes, 0).entries.at(0).ops.at(0).value, -2.5);
}

}  // namespace
}  // namespace horolog::wire
