#include <gtest/gtest.h>

#include "base/log.hpp"
#include "broker/config_changes.hpp"
#include "protocol/messages/alter_configs.hpp"
#include "protocol/messages/describe_configs.hpp"
#include "protocol/messages/incremental_alter_configs.hpp"
#include "test_broker.hpp"

// Codes and texts are those that Apache Kafka 4.3.1 answered to the same requests.
namespace horolog::broker {
namespace {

using wire::ErrorCode;
using Describe = wire::DescribeConfigsRequest;
using Described = wire::DescribeConfigsResponse;
using Incremental = wire::IncrementalAlterConfigsRequest;
using Changed = wire::IncrementalAlterConfigsResponse;

constexpr std::int8_t set = 0;
constexpr std::int8_t remove = 1;
constexpr std::int8_t append = 2;
constexpr std::int8_t subtract = 3;

BrokerConfig broker_config() {
  BrokerConfig config;
  config.described = {{.name = "log.retention.ms",
                       .value = "7d",
                       .default_value = "604800000",
                       .set_by_user = false,
                       .read_only = true,
                       .sensitive = false,
                       .type = "long",
                       .documentation = "How long."},
                      {.name = "node.id",
                       .value = "1",
                       .default_value = "1",
                       .set_by_user = true,
                       .read_only = true,
                       .sensitive = false,
                       .type = "int",
                       .documentation = "Who."},
                      {.name = "ssl.key.password",
                       .value = std::nullopt,
                       .default_value = "",
                       .set_by_user = true,
                       .read_only = true,
                       .sensitive = true,
                       .type = "password",
                       .documentation = "Hush."}};
  return config;
}

class ConfigsAdmin : public ::testing::Test {
 protected:
  ConfigsAdmin() { broker_.create("t"); }

  Described::Resource describe(std::int8_t type, const std::string& name,
                               std::optional<std::vector<std::string>> keys = std::nullopt,
                               std::int16_t version = 4) {
    Describe asked;
    asked.include_synonyms = true;
    asked.include_documentation = version >= 3;
    asked.resources.push_back(
        {.resource_type = type, .resource_name = name, .configuration_keys = std::move(keys)});
    return broker_.call<Described>(asked, version).results.at(0);
  }
  /// The one configuration `key` of a resource.
  Described::Config config(std::int8_t type, const std::string& name, const std::string& key) {
    const auto resource = describe(type, name, {{key}});
    EXPECT_EQ(resource.configs.size(), 1U) << key;
    return resource.configs.empty() ? Described::Config{} : resource.configs[0];
  }
  Changed::Resource alter(std::int8_t type, const std::string& name,
                          std::vector<Incremental::Config> configs, bool validate_only = false) {
    Incremental asked;
    asked.validate_only = validate_only;
    asked.resources.push_back(
        {.resource_type = type, .resource_name = name, .configs = std::move(configs)});
    return broker_.call<Changed>(asked, 1).responses.at(0);
  }
  void expect_refused(std::int8_t type, const std::string& name,
                      std::vector<Incremental::Config> configs, ErrorCode code,
                      std::optional<std::string> text) {
    const auto before = broker_.context().catalog()->metadata_offset;
    const auto answer = alter(type, name, std::move(configs));
    EXPECT_EQ(answer.error_code, code) << text.value_or("null");
    EXPECT_EQ(answer.error_message, text);
    EXPECT_EQ(broker_.context().catalog()->metadata_offset, before) << "something was stored";
  }

  TestBroker broker_{{}, broker_config()};
};

using Synonyms = std::vector<std::tuple<std::string, std::string, int>>;

Synonyms synonyms_of(const Described::Config& config) {
  Synonyms out;
  for (const auto& synonym : config.synonyms) {
    out.emplace_back(synonym.name, synonym.value.value_or("null"), synonym.source);
  }
  return out;
}

TEST_F(ConfigsAdmin, TopicShowsSourcesSynonymsAndDocumentation) {
  EXPECT_EQ(describe(resource_type::topic, "t").configs.size(), 34U);
  EXPECT_EQ(describe(resource_type::topic, "t", {{}}).configs.size(), 34U);
  EXPECT_EQ(describe(resource_type::topic, "t", std::nullopt, 1).configs.size(), 34U);
  const auto bytes = config(resource_type::topic, "t", "segment.bytes");
  EXPECT_EQ(bytes.value, "1073741824");
  EXPECT_EQ(bytes.config_source, 5);
  EXPECT_EQ(bytes.config_type, 3);
  EXPECT_FALSE(bytes.read_only);
  EXPECT_FALSE(bytes.documentation->empty());
  EXPECT_EQ(synonyms_of(bytes), (Synonyms{{"log.segment.bytes", "1073741824", 5}}));
  const auto replicas = config(resource_type::topic, "t", "min.insync.replicas");
  EXPECT_EQ(replicas.config_source, 3);
  EXPECT_EQ(synonyms_of(replicas),
            (Synonyms{{"min.insync.replicas", "1", 3}, {"min.insync.replicas", "1", 5}}));
  EXPECT_TRUE(describe(resource_type::topic, "t", {{"nope"}}).configs.empty());
}

TEST_F(ConfigsAdmin, ReplicationThrottlesAreTakenAndCleared) {
  const char* const rate = "follower.replication.throttled.rate";
  EXPECT_EQ(alter(resource_type::broker, "1", {{rate, remove, std::nullopt}}).error_code,
            ErrorCode::none);
  EXPECT_TRUE(describe(resource_type::broker, "1", {{rate}}).configs.empty());
  ASSERT_EQ(alter(resource_type::broker, "1", {{rate, set, "1000"}}).error_code, ErrorCode::none);
  EXPECT_EQ(config(resource_type::broker, "1", rate).value, "1000");
  EXPECT_EQ(alter(resource_type::broker, "1", {{rate, set, "-1"}}).error_code,
            ErrorCode::invalid_request);
  EXPECT_EQ(alter(resource_type::broker, "1", {{rate, set, "fast"}}).error_code,
            ErrorCode::invalid_request);
}

TEST_F(ConfigsAdmin, SettingsOfTheBrokerAreWeakerThanTheTopicsAndStrongerThanDefaults) {
  ASSERT_EQ(alter(resource_type::broker, "", {{"log.retention.ms", set, "88888"}}).error_code,
            ErrorCode::none);
  auto partition = broker_.context().partitions.find("t", 0);
  EXPECT_EQ(partition->log().config()->retention_ms, 88888);
  ASSERT_EQ(alter(resource_type::broker, "1", {{"log.retention.ms", set, "77777"}}).error_code,
            ErrorCode::none);
  EXPECT_EQ(partition->log().config()->retention_ms, 77777);
  ASSERT_EQ(alter(resource_type::topic, "t", {{"retention.ms", set, "5000"}}).error_code,
            ErrorCode::none);
  EXPECT_EQ(partition->log().config()->retention_ms, 5000);
  const auto shown = config(resource_type::topic, "t", "retention.ms");
  EXPECT_EQ(shown.config_source, 1);
  EXPECT_EQ(synonyms_of(shown), (Synonyms{{"retention.ms", "5000", 1},
                                          {"log.retention.ms", "77777", 2},
                                          {"log.retention.ms", "88888", 3}}));
  const auto of_broker = config(resource_type::broker, "1", "log.retention.ms");
  EXPECT_EQ(of_broker.value, "77777");
  EXPECT_EQ(of_broker.config_source, 2);
  EXPECT_FALSE(of_broker.read_only);
  const auto of_cluster = describe(resource_type::broker, "");
  EXPECT_EQ(of_cluster.configs.size(), 2U);  // and min.insync.replicas
  ASSERT_EQ(alter(resource_type::topic, "t", {{"retention.ms", remove, std::nullopt}}).error_code,
            ErrorCode::none);
  EXPECT_EQ(partition->log().config()->retention_ms, 77777);
}

TEST_F(ConfigsAdmin, BrokerShowsReadOnlyAndHidesSecrets) {
  const auto node = config(resource_type::broker, "1", "node.id");
  EXPECT_TRUE(node.read_only);
  EXPECT_EQ(node.config_source, 4);
  const auto secret = config(resource_type::broker, "1", "ssl.key.password");
  EXPECT_TRUE(secret.is_sensitive);
  EXPECT_EQ(secret.value, std::nullopt);
  EXPECT_EQ(secret.config_type, 9);
  for (const auto& synonym : secret.synonyms) EXPECT_EQ(synonym.value, std::nullopt);
}

TEST_F(ConfigsAdmin, DescribeRefusals) {
  const auto expect = [&](std::int8_t type, const std::string& name, ErrorCode code,
                          const std::string& text) {
    const auto resource = describe(type, name);
    EXPECT_EQ(resource.error_code, code) << name;
    EXPECT_EQ(resource.error_message, text);
    EXPECT_TRUE(resource.configs.empty());
  };
  expect(2, "nope", ErrorCode::unknown_topic_or_partition, "");
  expect(2, "", ErrorCode::invalid_topic_exception,
         "Topic name is invalid: the empty string is not allowed");
  const auto invalid = ErrorCode::invalid_request;
  expect(4, "2", invalid, "Unexpected broker id, expected 1 or empty string, but received 2");
  expect(4, "x", invalid, "Broker id must be an integer, but it is: x");
  expect(8, "", invalid, "Broker id must not be empty");
  expect(8, "2", invalid, "Unexpected broker id, expected 1 but received 2");
  expect(32, "", invalid, "Group name must not be empty");
  expect(7, "x", invalid,
         "This most likely occurs because of a request being malformed by the client library or "
         "the message was sent to an incompatible broker. See the broker logs for more details.");
}

TEST_F(ConfigsAdmin, ListsAreAppendedToAndSubtractedFrom) {
  const auto policy = [&] { return config(resource_type::topic, "t", "cleanup.policy").value; };
  ASSERT_EQ(alter(2, "t", {{"cleanup.policy", append, "compact"}}).error_code, ErrorCode::none);
  EXPECT_EQ(policy(), "delete,compact");
  EXPECT_TRUE(broker_.context().partitions.find("t", 0)->log().config()->cleanup_compact);
  ASSERT_EQ(alter(2, "t", {{"cleanup.policy", subtract, "delete"}}).error_code, ErrorCode::none);
  EXPECT_EQ(policy(), "compact");
  ASSERT_EQ(alter(2, "t", {{"cleanup.policy", append, "compact"}}).error_code, ErrorCode::none);
  EXPECT_EQ(policy(), "compact");
  ASSERT_EQ(alter(2, "t", {{"cleanup.policy", subtract, "compact"}}).error_code, ErrorCode::none);
  EXPECT_EQ(policy(), "");
  ASSERT_EQ(alter(2, "t", {{"cleanup.policy", remove, std::nullopt}}).error_code, ErrorCode::none);
  EXPECT_EQ(policy(), "delete");
}

TEST_F(ConfigsAdmin, IncrementalRefusals) {
  const auto config = ErrorCode::invalid_config;
  const auto request = ErrorCode::invalid_request;
  expect_refused(2, "t", {{"retention.ms", append, "1"}}, config,
                 "Can't APPEND to key retention.ms because its type is not LIST.");
  expect_refused(2, "t", {{"retention.ms", subtract, "1"}}, config,
                 "Can't SUBTRACT to key retention.ms because its type is not LIST.");
  expect_refused(2, "t", {{"retention.ms", set, std::nullopt}}, request,
                 "Null value not supported for : retention.ms");
  expect_refused(2, "t", {{"retention.ms", set, "1"}, {"retention.ms", set, "2"}}, request,
                 "Error due to duplicate config keys");
  expect_refused(2, "t", {{"retention.ms", 9, "1"}}, ErrorCode::unknown_server_error, std::nullopt);
  expect_refused(2, "t", {{"nope", set, "1"}}, config, "Unknown topic config name: nope");
  expect_refused(2, "t", {{"segment.ms", set, "5"}, {"retention.ms", set, "-7"}}, config,
                 "Invalid value -7 for configuration retention.ms: Value must be at least -1");
  expect_refused(2, "nope", {{"retention.ms", set, "1"}}, ErrorCode::unknown_topic_or_partition,
                 "The topic 'nope' does not exist.");
  expect_refused(2, "", {{"retention.ms", set, "1"}}, request,
                 "Default topic resources are not allowed.");
  expect_refused(4, "1", {{"node.id", set, "7"}}, request,
                 "Cannot update these configs dynamically: [node.id]");
  expect_refused(4, "2", {{"log.retention.ms", set, "7"}}, request,
                 "Unexpected broker id, expected 1, but received 2");
  expect_refused(4, "x", {{"log.retention.ms", set, "7"}}, request,
                 "Node id must be an integer, but it is: x");
  expect_refused(4, "1", {{"log.retention.ms", set, "abc"}}, request,
                 "Invalid value abc for configuration log.retention.ms: Not a number of type LONG");
  expect_refused(4, "1", {{"log.retention.ms", append, "1"}}, config,
                 "Config value append is not allowed for config key: log.retention.ms");
  expect_refused(32, "", {{"consumer.session.timeout.ms", set, "50000"}}, request,
                 "Default group resources are not allowed.");
  expect_refused(32, "g", {{"nope", set, "1"}}, config, "Unknown group config name: nope");
  expect_refused(32, "g", {{"consumer.session.timeout.ms", set, "1"}}, config,
                 "consumer.session.timeout.ms must be greater than or equal to "
                 "group.consumer.min.session.timeout.ms");
  expect_refused(7, "x", {{"a", set, "1"}}, request, "Unknown resource type 7");
}

TEST_F(ConfigsAdmin, ValidateOnlyStoresNothing) {
  EXPECT_EQ(alter(2, "t", {{"retention.ms", set, "77"}}, true).error_code, ErrorCode::none);
  EXPECT_EQ(config(2, "t", "retention.ms").value, "604800000");
}

TEST_F(ConfigsAdmin, OneResourceTwiceIsRefusedAndTheOthersAreChanged) {
  broker_.create("u");
  Incremental asked;
  for (const char* name : {"t", "u", "t"}) {
    asked.resources.push_back(
        {.resource_type = 2, .resource_name = name, .configs = {{"retention.ms", set, "9"}}});
  }
  const auto answer = broker_.call<Changed>(asked, 0);
  ASSERT_EQ(answer.responses.size(), 3U);
  EXPECT_EQ(answer.responses[0].error_message, "Each resource must appear at most once.");
  EXPECT_EQ(answer.responses[1].error_code, ErrorCode::none);
  EXPECT_EQ(answer.responses[2].error_code, ErrorCode::invalid_request);
  EXPECT_EQ(config(2, "t", "retention.ms").value, "604800000");
  EXPECT_EQ(config(2, "u", "retention.ms").value, "9");
}

TEST_F(ConfigsAdmin, LegacyAlterReplacesEverything) {
  ASSERT_EQ(alter(2, "t", {{"retention.ms", set, "5"}, {"segment.ms", set, "6"}}).error_code,
            ErrorCode::none);
  wire::AlterConfigsRequest asked;
  asked.resources.push_back(
      {.resource_type = 2, .resource_name = "t", .configs = {{"segment.ms", "7"}}});
  const auto answer = broker_.call<wire::AlterConfigsResponse>(asked, 2);
  EXPECT_EQ(answer.responses.at(0).error_code, ErrorCode::none);
  EXPECT_EQ(config(2, "t", "segment.ms").value, "7");
  EXPECT_EQ(config(2, "t", "retention.ms").config_source, 5);
  asked.resources[0].configs = {{"segment.ms", std::nullopt}};
  EXPECT_EQ(broker_.call<wire::AlterConfigsResponse>(asked, 0).responses.at(0).error_message,
            "Null value not supported for : segment.ms");
  asked.resources[0] = {.resource_type = 8, .resource_name = "1", .configs = {{"root", "INFO"}}};
  EXPECT_EQ(broker_.call<wire::AlterConfigsResponse>(asked, 1).responses.at(0).error_message,
            "Unknown resource type 8");
}

TEST_F(ConfigsAdmin, GroupConfigsAreStoredAndShown) {
  ASSERT_EQ(alter(32, "g", {{"consumer.session.timeout.ms", set, "50000"}}).error_code,
            ErrorCode::none);
  const auto shown = config(32, "g", "consumer.session.timeout.ms");
  EXPECT_EQ(shown.config_source, 8);
  EXPECT_EQ(synonyms_of(shown), (Synonyms{{"consumer.session.timeout.ms", "50000", 8},
                                          {"group.consumer.session.timeout.ms", "45000", 5}}));
  EXPECT_EQ(describe(32, "other").configs.size(), 17U);
}

TEST_F(ConfigsAdmin, LevelOfTheLogCanBeChanged) {
  EXPECT_EQ(config(8, "1", "root").config_source, 6);
  EXPECT_EQ(alter(8, "1", {{"root", set, "ERROR"}}).error_code, ErrorCode::none);
  EXPECT_EQ(config(8, "1", "root").value, "ERROR");
  EXPECT_FALSE(log::enabled(log::Level::warn));
  EXPECT_EQ(alter(8, "1", {{"root", set, "INFO"}}).error_code, ErrorCode::none);
  EXPECT_TRUE(log::enabled(log::Level::info));
  EXPECT_EQ(alter(8, "1", {{"kafka.server", set, "INFO"}}).error_message,
            "Logger kafka.server does not exist!");
  EXPECT_EQ(alter(8, "1", {{"root", append, "INFO"}}).error_message,
            "APPEND operation is not allowed for the BROKER_LOGGER resource");
  EXPECT_EQ(alter(8, "2", {{"root", set, "INFO"}}).error_message,
            "Unexpected node id. Expected 1, but received 2");
}

TEST(TopicDefaults, NewOnesReachLogsThatExistAndThoseToCome) {
  TestBroker broker;
  broker.create("plain");
  broker.create("own", 1, {{"retention.ms", "77"}});
  storage::LogConfig defaults;
  defaults.retention_ms = 5;
  broker.context().topics.change_defaults(std::make_shared<const storage::LogConfig>(defaults));
  broker.create("later");
  const auto retention = [&](const std::string& topic) {
    return broker.context().partitions.find(topic, 0)->log().config()->retention_ms;
  };
  EXPECT_EQ(retention("plain"), 5);
  EXPECT_EQ(retention("own"), 77);
  EXPECT_EQ(retention("later"), 5);
}

}  // namespace
}  // namespace horolog::broker
