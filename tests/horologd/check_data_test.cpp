// `horologd check`: exit codes, both forms of the report, and that nothing is changed.

#include "storage/check_data.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>
#include <yaml-cpp/yaml.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include "tests/horologd/process.hpp"

namespace horolog {
namespace {

using testing::HasSubstr;

class CheckDataTest : public testing::Test {
 protected:
  void SetUp() override {
    root_ = testing::TempDir() + "horologd_check." + std::to_string(getpid());
    std::filesystem::remove_all(root_);
    std::filesystem::create_directories(root_);
    data_ = root_ + "/data";
  }
  void TearDown() override { std::filesystem::remove_all(root_); }

  std::unique_ptr<Process> start(const std::vector<std::string>& arguments) {
    return std::make_unique<Process>(arguments, root_ + "/stderr." + std::to_string(++runs_));
  }
  std::unique_ptr<Process> serve() {
    auto broker =
        start({"--data-dir", data_, "--listen", "127.0.0.1:0", "--set", "admin.listener="});
    EXPECT_THAT(broker->read_line(), HasSubstr("is ready")) << broker->errors();
    return broker;
  }
  /// Every file with its content and its time of modification.
  std::map<std::string, std::pair<std::string, std::filesystem::file_time_type>> content() const {
    std::map<std::string, std::pair<std::string, std::filesystem::file_time_type>> all;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(data_)) {
      std::string bytes;
      if (entry.is_regular_file()) {
        std::ifstream file(entry.path(), std::ios::binary);
        bytes.assign(std::istreambuf_iterator<char>(file), {});
      }
      all[entry.path()] = {bytes, entry.last_write_time()};
    }
    return all;
  }

  std::string root_;
  std::string data_;
  int runs_ = 0;
};

TEST_F(CheckDataTest, SoundInUseDamagedAndUnchanged) {
  auto broker = serve();
  auto busy = start({"check", data_});
  EXPECT_EQ(busy->wait(), 6);
  EXPECT_THAT(busy->errors(), HasSubstr("process " + std::to_string(broker->pid())));
  broker->signal(SIGKILL);
  broker->wait();
  auto killed = start({"check", data_});
  EXPECT_THAT(killed->read_all(), AllOf(HasSubstr(": sound; "), HasSubstr("last stop: unclean")));
  EXPECT_EQ(killed->wait(), 0);
  broker = serve();
  broker->signal(SIGTERM);
  EXPECT_EQ(broker->wait(), 0);

  const auto before = content();
  auto sound = start({"check", data_, "--json"});
  const YAML::Node good = YAML::Load(sound->read_all());
  EXPECT_EQ(sound->wait(), 0);
  EXPECT_TRUE(good["sound"].as<bool>());
  EXPECT_TRUE(good["clean_stop"].as<bool>());
  EXPECT_GT(good["batches"].as<int>(), 0);
  EXPECT_EQ(good["findings"].size(), 0U);
  EXPECT_EQ(content(), before);

  const std::string log = data_ + "/__cluster_metadata-0/00000000000000000000.log";
  std::fstream(log, std::ios::in | std::ios::out | std::ios::binary).seekp(200) << '#';
  const auto damaged = content();
  auto bad = start({"check", "--json", data_});
  const YAML::Node report = YAML::Load(bad->read_all());
  EXPECT_EQ(bad->wait(), 4);
  EXPECT_FALSE(report["sound"].as<bool>());
  ASSERT_GE(report["findings"].size(), 1U);
  const YAML::Node finding = report["findings"][0];
  EXPECT_EQ(finding["severity"].as<std::string>(), "damage");
  EXPECT_EQ(finding["file"].as<std::string>(), "__cluster_metadata-0/00000000000000000000.log");
  EXPECT_THAT(finding["fix"].as<std::string>(), HasSubstr("backup"));
  EXPECT_EQ(content(), damaged);
  auto words = start({"check", data_});
  EXPECT_THAT(words->read_all(), AllOf(HasSubstr("damage: __cluster_metadata-0/"),
                                       HasSubstr("  fix: "), HasSubstr("damaged places")));
  EXPECT_EQ(words->wait(), 4);
  // The broker's own word for it.
  auto refused =
      start({"--data-dir", data_, "--listen", "127.0.0.1:0", "--set", "admin.listener="});
  EXPECT_EQ(refused->wait(), 4);
  EXPECT_THAT(refused->errors(), HasSubstr("00000000000000000000.log"));
}

TEST_F(CheckDataTest, UsageErrorsExitWithTwo) {
  for (const auto& [arguments, word] :
       std::vector<std::pair<std::vector<std::string>, std::string>>{
           {{"check"}, "needs a data directory"},
           {{"check", root_ + "/none"}, "does not exist"},
           {{"check", root_}, "is no data directory"},
           {{"check", root_, "more"}, "named already"},
           {{"check", root_, "--fix"}, "--fix: unknown argument"}}) {
    auto run = start(arguments);
    EXPECT_EQ(run->wait(), 2) << word;
    EXPECT_THAT(run->errors(), HasSubstr(word));
  }
}

TEST(CheckReport, JsonCarriesAnyText) {
  storage::VerifyReport report;
  report.damage("a-0/\"x\"", 7, "line\nbreak\t\\", "");
  const YAML::Node node = YAML::Load(storage::report_json("d\"", report, 0.5));
  EXPECT_EQ(node["directory"].as<std::string>(), "d\"");
  EXPECT_EQ(node["findings"][0]["what"].as<std::string>(), "line\nbreak\t\\");
  EXPECT_EQ(node["findings"][0]["position"].as<int>(), 7);
}

}  // namespace
}  // namespace horolog
