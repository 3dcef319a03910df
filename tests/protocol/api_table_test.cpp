#include <gtest/gtest.h>

#include <map>

#include "protocol/api_table.hpp"
#include "protocol/error_code.hpp"
#include "tests/protocol/all_messages.hpp"

namespace horolog::wire {
namespace {

TEST(ApiTable, ServesOnlyWhatHasRequestStructs) {
  std::map<ApiKey, Api> structs;
  for (const MessageType& type : requests()) structs[type.api->key] = *type.api;
  EXPECT_EQ(structs.size(), requests().size());
  EXPECT_FALSE(served_apis().empty());
  for (const ApiRow& row : served_apis()) {
    ASSERT_TRUE(structs.contains(row.key)) << row.name;
    EXPECT_EQ(std::string(row.name) + "Request", structs[row.key].name);
    EXPECT_EQ(row.name, to_string(row.key));
    EXPECT_TRUE(structs[row.key].versions.contains(row.served)) << row.name;
    EXPECT_TRUE(row.advertised.contains(row.served)) << row.name;
    EXPECT_EQ(find_api(row.key), &row);
  }
}

TEST(ApiTable, Exceptions) {
  EXPECT_EQ(find_api(ApiKey::produce)->advertised, (VersionRange{0, 13}));
  EXPECT_EQ(find_api(ApiKey::produce)->served, (VersionRange{3, 13}));
  EXPECT_EQ(find_api(ApiKey::init_producer_id)->served, (VersionRange{0, 5}));
  EXPECT_EQ(find_api(ApiKey::vote), nullptr);
  EXPECT_EQ(find_api(ApiKey::none), nullptr);
  EXPECT_EQ(find_api(static_cast<ApiKey>(999)), nullptr);
}

TEST(Names, ApiKeys) {
  EXPECT_EQ(to_string(ApiKey::offset_for_leader_epoch), "OffsetForLeaderEpoch");
  EXPECT_EQ(to_string(ApiKey::unregister_controller), "UnregisterController");
  EXPECT_EQ(to_string(ApiKey::none), "Unknown");
  EXPECT_EQ(to_string(static_cast<ApiKey>(95)), "Unknown");
}

TEST(Names, ErrorCodes) {
  EXPECT_EQ(to_string(ErrorCode::unknown_server_error), "UNKNOWN_SERVER_ERROR");
  EXPECT_EQ(to_string(ErrorCode::none), "NONE");
  EXPECT_EQ(to_string(ErrorCode::unknown_topic_id), "UNKNOWN_TOPIC_ID");
  EXPECT_EQ(to_string(ErrorCode::share_session_limit_reached), "SHARE_SESSION_LIMIT_REACHED");
  EXPECT_EQ(to_string(static_cast<ErrorCode>(134)), "UNNAMED_ERROR_CODE");
  EXPECT_EQ(to_string(static_cast<ErrorCode>(-2)), "UNNAMED_ERROR_CODE");
  EXPECT_TRUE(is_retriable(ErrorCode::not_coordinator));
  EXPECT_FALSE(is_retriable(ErrorCode::none));
  EXPECT_FALSE(is_retriable(ErrorCode::unknown_member_id));
  EXPECT_FALSE(is_retriable(static_cast<ErrorCode>(1000)));
}

}  // namespace
}  // namespace horolog::wire
