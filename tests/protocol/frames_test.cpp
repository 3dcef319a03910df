#include <gtest/gtest.h>

#include "protocol/codec.hpp"
#include "protocol/dump.hpp"
#include "protocol/messages/api_versions.hpp"
#include "protocol/messages/heartbeat.hpp"
#include "protocol/messages/produce.hpp"
#include "protocol/records/consumer_protocol.hpp"
#include "tests/protocol/support.hpp"

namespace horolog::wire {
namespace {

TEST(Frames, RequestHeadersFollowTheServedTable) {
  // Heartbeat is flexible from version 4 on; the header's own tagged fields are skipped.
  const auto flexible = decode_request_frame(
      bytes_of("000c 0004 00000001 0001 'c' 01 07 02 aabb"));
  ASSERT_TRUE(flexible.ok()) << flexible.error().message();
  EXPECT_EQ(flexible->header.client_id, "c");
  EXPECT_TRUE(flexible->body.empty());
  const ByteBuffer old = bytes_of("000c 0003 00000001 0001 'c' 01 07 02 aabb");
  EXPECT_EQ(decode_request_frame(old)->body.size(), 5u);
  // ApiVersions in a version nobody knows still has a readable header.
  const auto future = decode_request_frame(bytes_of("0012 7fff 00000005 ffff 00"));
  ASSERT_TRUE(future.ok());
  EXPECT_EQ(future->header.correlation_id, 5);
  // So has an API that is not served.
  EXPECT_TRUE(decode_request_frame(bytes_of("0034 0000 00000005 0001 'x' 00 00")).ok());
}

TEST(Frames, EveryTruncationOfARequestHeaderIsAnError) {
  const ByteBuffer whole = bytes_of("000c 0004 00000001 0001 'c' 00");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    ByteBuffer cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    cut.shrink_to_fit();
    EXPECT_FALSE(decode_request_frame(cut).ok()) << size;
  }
}

TEST(Frames, ResponseHeaders) {
  const ByteBuffer flexible = encode_response(HeartbeatResponse{}, 4, 3).bytes;
  EXPECT_EQ(hex(flexible), hex(bytes_of("0000000c 00000003 00 00000000 0000 00")));
  const auto frame =
      decode_response_frame(ByteView(flexible).subspan(4), HeartbeatResponse::api, 4);
  ASSERT_TRUE(frame.ok());
  EXPECT_EQ(frame->correlation_id, 3);
  EXPECT_TRUE(decode<HeartbeatResponse>(frame->body, 4).ok());

  const ByteBuffer versions = encode_response(ApiVersionsResponse{}, 4, 3).bytes;
  const auto plain =
      decode_response_frame(ByteView(versions).subspan(4), ApiVersionsResponse::api, 4);
  ASSERT_TRUE(plain.ok());
  EXPECT_TRUE(decode<ApiVersionsResponse>(plain->body, 4).ok());
  EXPECT_FALSE(decode_response_frame(bytes_of("000000"), HeartbeatResponse::api, 4).ok());
}

TEST(Versions, OutsideTheSchemaAreRefusedByName) {
  const auto above = decode<HeartbeatRequest>({}, 5);
  ASSERT_FALSE(above.ok());
  EXPECT_EQ(above.error().code(), Errc::unsupported);
  EXPECT_EQ(above.error().message(), "HeartbeatRequest has versions 0 to 4, not 5");
  EXPECT_EQ(decode<HeartbeatRequest>({}, -1).error().code(), Errc::unsupported);
  EXPECT_EQ(decode<ProduceRequest>({}, 2).error().code(), Errc::unsupported);
}

TEST(Versions, APrefixMayBeFollowedByWhatANewerVersionAdds) {
  const ByteBuffer bytes = bytes_of("00000000 ffffffff 0102");
  EXPECT_FALSE(decode<ConsumerProtocolSubscription>(bytes, 0).ok());
  EXPECT_TRUE(decode_prefix<ConsumerProtocolSubscription>(bytes, 0).ok());
}

TEST(Dump, ReadsLikeTheMessage) {
  const ByteBuffer records(40, std::byte{0xab});
  ProduceRequest request{.transactional_id = std::nullopt, .acks = 1, .timeout_ms = 30};
  request.topic_data.push_back({.name = "a\"\n", .topic_id = {}, .partition_data = {}});
  request.topic_data[0].partition_data.push_back(
      {.index = 0, .records = Records::inline_bytes(ByteView(records).first(2))});
  request.topic_data[0].partition_data.push_back({.index = 1, .records = Records::none()});
  EXPECT_EQ(dump(request, 9),
            "{transactional_id=null, acks=1, timeout_ms=30, topic_data=[{name=\"a\\\"\\x0a\", "
            "partition_data=[{index=0, records=2 bytes <abab>}, {index=1, records=null}]}]}");
  request.topic_data[0].partition_data[0].records = Records::inline_bytes(records);
  EXPECT_NE(dump(request, 9, {.max_bytes = 1}).find("40 bytes <ab…>"), std::string::npos);

  const HeartbeatResponse response{.error_code = ErrorCode::rebalance_in_progress};
  EXPECT_EQ(dump(response, 1), "{throttle_time_ms=0, error_code=REBALANCE_IN_PROGRESS(27)}");
}

}  // namespace
}  // namespace horolog::wire
