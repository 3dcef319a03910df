#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

#include "horologd/configuration.hpp"
#include "horologd/print_config.hpp"
#include "horologd/setting_spec.hpp"
#include "horologd/setting_value.hpp"

namespace horolog {
namespace {

using testing::IsEmpty;

std::string read_source_file(const std::string& name) {
  std::ifstream file(std::string(HOROLOG_SOURCE_DIR) + "/" + name);
  EXPECT_TRUE(file) << name;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(SettingsTable, EveryRowIsWhole) {
  std::set<std::string_view> names;
  for (const SettingSpec& spec : setting_table()) {
    EXPECT_TRUE(names.insert(spec.name).second) << spec.name << " twice";
    EXPECT_FALSE(find_ignored(spec.name).has_value()) << spec.name << " has an effect";
    if (!spec.alias_of.empty()) {
      const SettingSpec* target = find_setting(spec.alias_of);
      ASSERT_NE(target, nullptr) << spec.name;
      EXPECT_TRUE(target->alias_of.empty()) << spec.name;
      EXPECT_LT(target, &spec) << spec.name << " must follow the name that wins over it";
      continue;
    }
    EXPECT_FALSE(spec.doc.empty()) << spec.name;
    if (spec.type == SettingType::list || spec.type == SettingType::text) continue;
    EXPECT_TRUE(parse_setting_value(spec, spec.fallback).ok()) << spec.name;
  }
}

// Names that tools around Kafka set or read: each is honoured, or warned about by name.
TEST(SettingsTable, KnowsTheNamesThatToolsUse) {
  for (const char* name :
       {"node.id", "broker.id", "process.roles", "listeners", "advertised.listeners",
        "listener.security.protocol.map", "log.dirs", "num.network.threads", "num.io.threads",
        "socket.request.max.bytes", "message.max.bytes", "num.partitions",
        "default.replication.factor", "auto.create.topics.enable", "delete.topic.enable",
        "log.segment.bytes", "log.roll.ms", "log.roll.hours", "log.retention.ms",
        "log.retention.minutes", "log.retention.hours", "log.retention.bytes",
        "log.retention.check.interval.ms", "log.flush.interval.messages", "log.flush.interval.ms",
        "log.cleaner.threads", "log.cleaner.enable", "log.cleaner.io.buffer.size",
        "log.index.interval.bytes",
        "log.message.timestamp.type", "offsets.topic.num.partitions", "offsets.retention.minutes",
        "group.initial.rebalance.delay.ms", "group.min.session.timeout.ms",
        "group.max.session.timeout.ms", "group.max.size", "max.connections",
        "max.connections.per.ip", "connections.max.idle.ms", "transactional.id.expiration.ms",
        "producer.id.expiration.ms", "ssl.keystore.location", "ssl.truststore.password",
        "sasl.enabled.mechanisms", "sasl.jaas.config"}) {
    EXPECT_TRUE(find_setting(name) != nullptr || find_ignored(name).has_value()) << name;
  }
  for (const char* name : {"log.segement.bytes", "horolog.nothing", "listener.name", ""}) {
    EXPECT_TRUE(find_setting(name) == nullptr && !find_ignored(name).has_value()) << name;
  }
}

TEST(SettingsTable, TheReferenceFileIsMadeFromIt) {
  EXPECT_EQ(read_source_file("config/horologd.yaml"), reference_yaml())
      << "refresh it: horologd --print-reference > config/horologd.yaml";
}

/// Every commented default in the reference file, switched on, must be the default.
TEST(SettingsTable, TheDefaultsInTheReferenceFileAreTheDefaults) {
  std::string text;
  std::istringstream lines(reference_yaml());
  for (std::string line; std::getline(lines, line);) {
    const bool setting = line.size() > 1 && line[0] == '#' && line[1] >= 'a' && line[1] <= 'z';
    text += (setting ? line.substr(1) : line) + '\n';
  }
  const std::string path = testing::TempDir() + "horologd_reference.yaml";
  std::ofstream(path, std::ios::trunc) << text;
  const Configuration configuration = load_configuration({path, {}, {}});
  for (const Problem& problem : configuration.problems) ADD_FAILURE() << problem.to_string();
  for (const SettingEntry& entry : configuration.settings.entries) {
    EXPECT_EQ(entry.source, SettingSource::file) << entry.name;
    if (entry.name == "log.dirs") continue;
    EXPECT_EQ(entry.value, entry.default_value) << entry.name;
  }
  std::remove(path.c_str());
}

TEST(SettingsTable, TheShippedFilesAreGood) {
  for (const char* name : {"/config/horologd.yaml", "/config/dev.yaml"}) {
    const Configuration configuration =
        load_configuration({HOROLOG_SOURCE_DIR + std::string(name), {}, {}});
    for (const Problem& problem : configuration.problems) ADD_FAILURE() << problem.to_string();
  }
}

TEST(SettingsTable, TheServiceUsesWhatTheProgramOffers) {
  const std::string unit = read_source_file("config/horologd.service");
  for (const char* line : {"Type=notify\n", "--check-config --config", "kill -HUP $MAINPID",
                           "RestartPreventExitStatus=2 4\n",
                           "StateDirectory=horolog horolog.scheduler\n"}) {
    EXPECT_NE(unit.find(line), std::string::npos) << line;
  }
}

}  // namespace
}  // namespace horolog
