#include "horologd/configuration.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <fstream>

#include "horologd/print_config.hpp"
#include "horologd/setting_spec.hpp"

namespace horolog {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// A configuration file that is there for one test.
class ConfigurationTest : public testing::Test {
 protected:
  void write_file(const std::string& text, const std::string& suffix = ".yaml") {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    sources_.file = testing::TempDir() + "horologd_" + info->name() + suffix;
    std::ofstream(sources_.file, std::ios::trunc) << text;
  }
  void TearDown() override {
    if (!sources_.file.empty()) std::remove(sources_.file.c_str());
  }
  void set(const std::string& name, const std::string& value) {
    sources_.overrides.push_back({name, value, "--set"});
  }
  Settings settings() {
    Configuration configuration = load_configuration(sources_);
    EXPECT_THAT(messages(configuration.problems, true), IsEmpty());
    return configuration.settings;
  }
  static std::vector<std::string> messages(const Problems& problems, bool fatal) {
    std::vector<std::string> out;
    for (const Problem& p : problems) {
      if (p.fatal == fatal) out.push_back(p.place.to_string() + ": " + p.message);
    }
    return out;
  }
  std::vector<std::string> errors() {
    return messages(load_configuration(sources_).problems, true);
  }
  std::vector<std::string> warnings() {
    return messages(load_configuration(sources_).problems, false);
  }
  static const SettingEntry& entry(const Settings& settings, std::string_view name) {
    const auto found = std::ranges::find(settings.entries, name, &SettingEntry::name);
    EXPECT_NE(found, settings.entries.end()) << name;
    return *found;
  }

  ConfigurationSources sources_;
};

TEST_F(ConfigurationTest, DefaultsAreThoseOfAFreshMachine) {
  const Settings s = settings();
  EXPECT_EQ(s.node_id, 1);
  EXPECT_EQ(s.data_directory, "./horolog-data");
  EXPECT_THAT(s.listeners, ElementsAre(ListenerSetting{"PLAINTEXT", {"127.0.0.1", 9092}}));
  EXPECT_EQ(s.admin_listener, (HostPort{"127.0.0.1", 9644}));
  EXPECT_FALSE(s.admin_listener_configured);
  EXPECT_EQ(s.durability, "commit");
  EXPECT_EQ(s.retention_ms, 604'800'000);
  EXPECT_EQ(s.offsets_topic_partitions, 4);
  EXPECT_EQ(s.group_initial_rebalance_delay_ms, 0);
  EXPECT_TRUE(s.auto_create_topics);
  EXPECT_FALSE(s.clamp_replication_factor);
  EXPECT_THAT(warnings(), IsEmpty());
}

TEST_F(ConfigurationTest, LaterSourcesWin) {
  write_file("num.partitions: 2\nmessage.max.bytes: 2MiB\nnode.id: 2\n");
  sources_.environment = {{"KAFKA_NUM_PARTITIONS", "3"}, {"KAFKA_NODE_ID", "3"}};
  set("node.id", "4");
  set("node.id", "5");
  const Settings s = settings();
  EXPECT_EQ(s.message_max_bytes, 2 << 20);
  EXPECT_EQ(s.num_partitions, 3);
  EXPECT_EQ(s.node_id, 5) << "the last of several --set";
  EXPECT_EQ(entry(s, "node.id").source, SettingSource::command_line);
  EXPECT_EQ(entry(s, "num.partitions").where, "KAFKA_NUM_PARTITIONS");
  EXPECT_EQ(entry(s, "message.max.bytes").where, sources_.file + ":2:1");
}

TEST_F(ConfigurationTest, SynonymsFollowKafkasOrderWithinASource) {
  write_file("log.retention.hours: 1\nlog.retention.minutes: 2\nlog.roll.hours: 3\n"
             "broker.id: 9\nlog.dir: /x\n");
  const Settings s = settings();
  EXPECT_EQ(s.retention_ms, 120'000) << "minutes win over hours";
  EXPECT_EQ(s.roll_ms, 3 * 3'600'000);
  EXPECT_EQ(s.node_id, 9);
  EXPECT_EQ(s.data_directory, "/x");
  const SettingEntry& retention = entry(s, "log.retention.ms");
  ASSERT_EQ(retention.synonyms.size(), 3U);
  EXPECT_EQ(retention.synonyms[0].name, "log.retention.minutes");
  EXPECT_EQ(retention.synonyms[1].name, "log.retention.hours");
  EXPECT_EQ(retention.synonyms[2].source, SettingSource::built_in);
  EXPECT_EQ(retention.value, "120000");
}

TEST_F(ConfigurationTest, ALaterSourceWinsOverABetterName) {
  write_file("log.retention.ms: 1000\n");
  set("log.retention.hours", "1");
  EXPECT_EQ(settings().retention_ms, 3'600'000);
}

TEST_F(ConfigurationTest, UnlimitedRetentionSurvivesUnits) {
  set("log.retention.hours", "-1");
  EXPECT_EQ(settings().retention_ms, -1);
}

TEST_F(ConfigurationTest, AllProblemsAreReportedAtOnce) {
  write_file("node:\n  id: 010\nlog:\n  segement.bytes: 1GiB\n  roll.ms: 7days\n"
             "num.partitions: 1\nnum.partitions: 2\nauto.create.topics.enable: yes\n");
  set("horolog.durability", "fsync");
  set("log.dirs", "/a,/b");
  const std::string f = sources_.file;
  EXPECT_THAT(errors(),
              ElementsAre(HasSubstr(f + ":7:1: duplicate key 'num.partitions'"),
                          HasSubstr(f + ":2:7: node.id: '010' starts with a zero"),
                          f + ":4:3: unknown key 'log.segement.bytes' "
                              "(did you mean 'log.segment.bytes'?)",
                          HasSubstr(f + ":5:12: log.roll.ms: 'days' is not a unit"),
                          HasSubstr(f + ":8:28: auto.create.topics.enable: 'yes'"),
                          HasSubstr("--set: horolog.durability: 'fsync' is not one of"),
                          HasSubstr("--set: log.dirs: '/a,/b' must be one path")));
}

TEST_F(ConfigurationTest, KafkasOtherNamesWarnWithTheReason) {
  write_file("min.insync.replicas: 2\nssl.keystore.location: /x\nlog.cleaner.io.buffer.size: 2\n"
             "zookeeper.connect: z:2181\nlistener.name.x.ssl.keystore.location: y\n");
  EXPECT_THAT(errors(), IsEmpty());
  EXPECT_THAT(warnings(),
              ElementsAre(HasSubstr("'min.insync.replicas' has no effect: there is one node"),
                          HasSubstr("TLS and authentication do not exist yet"),
                          HasSubstr("compaction reads and writes by the megabyte"),
                          HasSubstr("removed from Kafka"),
                          HasSubstr("no settings of their own")));
}

TEST_F(ConfigurationTest, AnAuthorizerIsNotIgnored) {
  set("authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer");
  EXPECT_THAT(errors(), ElementsAre(HasSubstr("'authorizer.class.name' cannot be honoured")));
  sources_.overrides.clear();
  set("authorizer.class.name", "");
  EXPECT_THAT(errors(), IsEmpty());
}

TEST_F(ConfigurationTest, SettingsAreCheckedAgainstEachOther) {
  set("group.min.session.timeout.ms", "1h");
  set("message.max.bytes", "64MiB");
  set("socket.request.max.bytes", "1MiB");
  EXPECT_THAT(errors(), ElementsAre(HasSubstr("is above group.max.session.timeout.ms"),
                                    HasSubstr("does not fit into socket.request.max.bytes")));
}

TEST_F(ConfigurationTest, AdminListenerOffDefaultAndConfigured) {
  set("admin.listener", "");
  EXPECT_EQ(settings().admin_listener, std::nullopt);
  set("admin.listener", "0.0.0.0:1");
  EXPECT_EQ(settings().admin_listener, (HostPort{"0.0.0.0", 1}));
  EXPECT_TRUE(settings().admin_listener_configured);
  EXPECT_THAT(warnings(), ElementsAre(HasSubstr("reachable from other machines")));
  set("admin.listener", "9644");
  EXPECT_THAT(errors(), ElementsAre(HasSubstr("admin.listener: '9644' has no port")));
}

TEST_F(ConfigurationTest, KafkasOwnServerPropertiesIsAccepted) {
  write_file("process.roles=broker,controller\nnode.id=1\n"
             "listeners=PLAINTEXT://localhost:9092,CONTROLLER://localhost:9093\n"
             "advertised.listeners=PLAINTEXT://localhost:9092,CONTROLLER://localhost:9093\n"
             "controller.listener.names=CONTROLLER\ninter.broker.listener.name=PLAINTEXT\n"
             "controller.quorum.bootstrap.servers=localhost:9093\n"
             "listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SSL:SSL\n"
             "num.network.threads=3\nnum.io.threads=8\nsocket.send.buffer.bytes=102400\n"
             "log.dirs=/tmp/kraft-combined-logs\nnum.recovery.threads.per.data.dir=2\n"
             "offsets.topic.replication.factor=1\nlog.retention.hours=168\n"
             "log.segment.bytes=1073741824\n", ".properties");
  const Settings s = settings();
  EXPECT_THAT(s.listeners, ElementsAre(ListenerSetting{"PLAINTEXT", {"localhost", 9092}}));
  EXPECT_EQ(s.advertised.at("PLAINTEXT"), (HostPort{"localhost", 9092}));
  EXPECT_EQ(s.network_threads, 3);
}

TEST_F(ConfigurationTest, PrintedConfigurationReadsBackTheSame) {
  set("log.segment.bytes", "1048577");
  set("listeners", "[::1]:9092,INTERNAL://127.0.0.1:0");
  set("listener.security.protocol.map", "INTERNAL:PLAINTEXT");
  set("log.retention.hours", "-1");
  const Settings before = settings();
  sources_.overrides.clear();
  write_file(effective_yaml(before));
  const Settings after = settings();
  ASSERT_EQ(after.entries.size(), before.entries.size());
  for (std::size_t i = 0; i < after.entries.size(); ++i) {
    EXPECT_EQ(after.entries[i].value, before.entries[i].value) << after.entries[i].name;
  }
}

TEST_F(ConfigurationTest, DifferencesNameValueDefaultAndSource) {
  set("log.segment.bytes", "64MiB");
  EXPECT_EQ(differences(settings()), "  log.segment.bytes: 64MiB  (default 1GiB; --set)\n");
}

TEST_F(ConfigurationTest, ReloadTakesOverWhatMayChangeAndNamesTheRest) {
  write_file("num.partitions: 2\noffsets.topic.num.partitions: 6\n");
  const Settings running = settings();
  write_file("num.partitions: 5\noffsets.topic.num.partitions: 7\n");
  const Reload reload = plan_reload(running, sources_);
  ASSERT_EQ(reload.changes.size(), 2U);
  EXPECT_EQ(reload.changes[0].name, "num.partitions");
  EXPECT_EQ(reload.changes[0].old_value + ">" + reload.changes[0].new_value, "2>5");
  EXPECT_FALSE(reload.changes[0].needs_restart);
  EXPECT_TRUE(reload.changes[1].needs_restart);
  EXPECT_EQ(reload.settings.num_partitions, 5);
  EXPECT_EQ(reload.settings.offsets_topic_partitions, 6);
  EXPECT_EQ(entry(reload.settings, "num.partitions").value, "5");
  EXPECT_EQ(entry(reload.settings, "offsets.topic.num.partitions").value, "6");
}

TEST_F(ConfigurationTest, AReloadWithErrorsChangesNothing) {
  write_file("num.partitions: 2\n");
  const Settings running = settings();
  write_file("num.partitions: 5\nlog.segement.bytes: 1\n");
  const Reload reload = plan_reload(running, sources_);
  EXPECT_TRUE(has_fatal(reload.problems));
  EXPECT_THAT(reload.changes, IsEmpty());
  EXPECT_EQ(reload.settings.num_partitions, 2);
}

}  // namespace
}  // namespace horolog
