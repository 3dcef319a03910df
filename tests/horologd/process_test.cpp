// The program itself: exit codes, messages, signals. Runs the horologd that was built beside it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio.hpp>
#include <filesystem>
#include <fstream>

#include "tests/horologd/process.hpp"

namespace horolog {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using testing::HasSubstr;
using testing::StartsWith;

class ProcessTest : public testing::Test {
 protected:
  void SetUp() override {
    root_ = testing::TempDir() + "horologd_process." + std::to_string(getpid());
    std::filesystem::remove_all(root_);
    std::filesystem::create_directories(root_);
  }
  void TearDown() override { std::filesystem::remove_all(root_); }

  std::unique_ptr<Process> start(const std::vector<std::string>& arguments) {
    return std::make_unique<Process>(arguments, root_ + "/stderr." + std::to_string(++runs_));
  }
  /// With its own data directory and free ports.
  std::unique_ptr<Process> serve(std::vector<std::string> more = {}) {
    std::vector<std::string> arguments{"--data-dir", root_ + "/data", "--listen", "127.0.0.1:0",
                                       "--set", "admin.listener=127.0.0.1:0"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return start(arguments);
  }
  void write_config(const std::string& text) { std::ofstream(config_path()) << text; }
  std::string config_path() const { return root_ + "/horologd.yaml"; }

  std::string root_;
  int runs_ = 0;
};

/// The port after `before` in a text.
std::uint16_t port_after(const std::string& text, const std::string& before) {
  const std::size_t at = text.find(before);
  EXPECT_NE(at, std::string::npos) << before << " is not in: " << text;
  return static_cast<std::uint16_t>(std::stoi(text.substr(at + before.size())));
}

std::string http_get(std::uint16_t port, const std::string& path) {
  asio::io_context context;
  tcp::socket socket(context);
  socket.connect({asio::ip::make_address("127.0.0.1"), port});
  asio::write(socket, asio::buffer("GET " + path + " HTTP/1.0\r\n\r\n"));
  std::string answer;
  boost::system::error_code error;
  asio::read(socket, asio::dynamic_buffer(answer), error);
  return answer;
}

TEST_F(ProcessTest, VersionAndHelpGoToStdout) {
  auto version = start({"--version"});
  EXPECT_THAT(version->read_all(), StartsWith("horologd "));
  EXPECT_EQ(version->wait(), 0);
  auto help = start({"--help"});
  EXPECT_THAT(help->read_all(), HasSubstr("Exit status"));
  EXPECT_EQ(help->wait(), 0);
}

TEST_F(ProcessTest, UsageErrorsExitWithTwo) {
  auto run = start({"--lsiten", "127.0.0.1:0"});
  EXPECT_EQ(run->wait(), 2);
  EXPECT_THAT(run->errors(), HasSubstr("--lsiten: unknown argument, did you mean '--listen'?"));
}

TEST_F(ProcessTest, ConfigurationErrorsExitWithTwoAndNameAll) {
  write_config("log.segement.bytes: 1GiB\nnode.id: 010\n");
  auto run = serve({"--config", config_path()});
  EXPECT_EQ(run->wait(), 2);
  EXPECT_THAT(run->errors(), AllOf(HasSubstr("horologd.yaml:1:1: unknown key"),
                                   HasSubstr("    1 | log.segement.bytes: 1GiB\n      | ^"),
                                   HasSubstr("horologd.yaml:2:10: node.id")));
  EXPECT_FALSE(std::filesystem::exists(root_ + "/data")) << "nothing may have been started";
}

TEST_F(ProcessTest, CheckConfigTellsWithoutStarting) {
  write_config("log.segment.bytes: 64MiB\n");
  auto good = serve({"--config", config_path(), "--check-config"});
  EXPECT_THAT(good->read_all(), AllOf(HasSubstr("configuration is good"),
                                      HasSubstr("log.segment.bytes: 64MiB  (default 1GiB; ")));
  EXPECT_EQ(good->wait(), 0);
  EXPECT_FALSE(std::filesystem::exists(root_ + "/data"));
  auto bad = start({"--data-dir", "/dev/null/x", "--check-config"});
  EXPECT_EQ(bad->wait(), 2);
  EXPECT_THAT(bad->errors(), HasSubstr("log.dirs: '/dev/null' is not a directory"));
}

TEST_F(ProcessTest, ServesUntilSigtermAndStopsCleanly) {
  auto run = serve();
  const std::string ready = run->read_line();
  EXPECT_THAT(ready, AllOf(HasSubstr("is ready on 127.0.0.1:"), HasSubstr(root_ + "/data")))
      << run->errors();
  asio::io_context context;
  tcp::socket client(context);
  client.connect({asio::ip::make_address("127.0.0.1"), port_after(ready, "127.0.0.1:")});
  ASSERT_TRUE(run->await_error("\"admin\":\"127.0.0.1:"));
  const std::uint16_t admin = port_after(run->errors(), "\"admin\":\"127.0.0.1:");
  EXPECT_THAT(http_get(admin, "/livez"), HasSubstr("200 OK"));
  EXPECT_THAT(http_get(admin, "/readyz"), HasSubstr("\"ready\":true"));
  run->signal(SIGTERM);
  EXPECT_EQ(run->wait(), 0) << run->errors();
  EXPECT_THAT(run->errors(), HasSubstr("stopped cleanly"));
}

TEST_F(ProcessTest, PrometheusAcceptsTheMetrics) {
  auto run = serve();
  ASSERT_THAT(run->read_line(), HasSubstr("is ready")) << run->errors();
  ASSERT_TRUE(run->await_error("\"admin\":\"127.0.0.1:"));
  const std::string answer =
      http_get(port_after(run->errors(), "\"admin\":\"127.0.0.1:"), "/metrics");
  const std::string text = answer.substr(answer.find("\r\n\r\n") + 4);
  FILE* promtool = popen("promtool check metrics 2>&1", "w");
  ASSERT_NE(promtool, nullptr);
  ASSERT_EQ(fwrite(text.data(), 1, text.size(), promtool), text.size());
  EXPECT_EQ(pclose(promtool), 0) << "promtool's words stand above; the text was:\n" << text;
  EXPECT_THAT(text, AllOf(HasSubstr("horolog_build_info{"), HasSubstr("horolog_disk_free_bytes")));
}

TEST_F(ProcessTest, TheSchedulersTopicsAreThereBeforeTheReadyLine) {
  for (const bool enabled : {true, false}) {
    const std::string data = root_ + (enabled ? "/with" : "/without");
    auto run = start({"--data-dir", data, "--listen", "127.0.0.1:0", "--set",
                      "admin.listener=127.0.0.1:0", "--set", "scheduler.partitions=3", "--set",
                      std::string("scheduler.enabled=") + (enabled ? "true" : "false")});
    ASSERT_THAT(run->read_line(), HasSubstr("is ready")) << run->errors();
    const std::string metrics =
        http_get(port_after(run->errors(), "\"admin\":\"127.0.0.1:"), "/metrics");
    for (const char* line : {"{topic=\"horolog.schedules\"} 3\n",
                             "{topic=\"horolog.schedules.state\"} 3\n",
                             "{topic=\"horolog.runs\"} 3\n",
                             "{topic=\"horolog.calendars\"} 1\n"}) {
      const bool there = metrics.find(line) != std::string::npos;
      EXPECT_EQ(there, enabled) << line;
    }
    EXPECT_EQ(metrics.find("horolog_scheduler_partitions_owned") != std::string::npos, enabled);
    EXPECT_TRUE(!enabled || run->await_error("partition taken over")) << run->errors();
    run->signal(SIGTERM);
    EXPECT_EQ(run->wait(), 0) << run->errors();
  }
}

TEST_F(ProcessTest, SighupTakesOverWhatMayChange) {
  write_config("num.partitions: 2\nmax.connections: 64\n");
  auto run = serve({"--config", config_path()});
  ASSERT_THAT(run->read_line(), HasSubstr("is ready")) << run->errors();
  write_config("num.partitions: 5\nmax.connections: 32\nhorolog.disk.low.bytes: 900TiB\n");
  run->signal(SIGHUP);
  EXPECT_TRUE(run->await_error(R"("setting changed","name":"num.partitions","old":"2","new":"5")"))
      << run->errors();
  EXPECT_TRUE(run->await_error(R"("setting changes at the next restart","name":)"
                               R"("max.connections","old":"64","new":"32")"))
      << run->errors();
  EXPECT_TRUE(run->await_error("disk is below horolog.disk.low.bytes: produce is refused"))
      << run->errors();
  write_config("num.partitions: 5\n");
  run->signal(SIGHUP);
  EXPECT_TRUE(run->await_error("disk space is back: produce is accepted again")) << run->errors();
  write_config("num.partitions: none\n");
  run->signal(SIGHUP);
  EXPECT_TRUE(run->await_error("nothing was changed: the configuration has errors"));
  run->signal(SIGINT);
  EXPECT_EQ(run->wait(), 0) << run->errors();
}

TEST_F(ProcessTest, ATakenPortNamesItsHolder) {
  asio::io_context context;
  tcp::acceptor holder(context, {asio::ip::make_address("127.0.0.1"), 0});
  const std::string address = "127.0.0.1:" + std::to_string(holder.local_endpoint().port());
  const std::string message = "cannot listen on " + address + ": in use by pid " +
                              std::to_string(getpid()) + " (test_horologd)";
  auto run = serve({"--listen", address});
  EXPECT_EQ(run->wait(), 1);
  EXPECT_THAT(run->errors(), HasSubstr(message));
  auto admin = serve({"--set", "admin.listener=" + address});
  EXPECT_EQ(admin->wait(), 1) << "a configured admin address that is taken is an error";
  EXPECT_THAT(admin->errors(), HasSubstr(message));
}

TEST_F(ProcessTest, ASecondBrokerOnTheDirectoryIsRefused) {
  auto first = serve();
  ASSERT_THAT(first->read_line(), HasSubstr("is ready")) << first->errors();
  auto second = serve();
  EXPECT_EQ(second->wait(), 1);
  EXPECT_THAT(second->errors(), HasSubstr(std::to_string(first->pid())));
}

TEST_F(ProcessTest, AWideBindWarns) {
  auto run = start({"--data-dir", root_ + "/data", "--listen", "0.0.0.0:0", "--check-config"});
  EXPECT_EQ(run->wait(), 0);
  EXPECT_THAT(run->errors(), HasSubstr("warning: --listen: listeners: 0.0.0.0:0 is reachable from "
                                       "other machines and there is no authentication"));
}

TEST_F(ProcessTest, TheDefaultAdminPortMayBeTaken) {
  asio::io_context context;
  tcp::acceptor holder(context, tcp::v4());
  boost::system::error_code taken_already;
  holder.bind({asio::ip::make_address("127.0.0.1"), 9644}, taken_already);
  if (!taken_already) holder.listen();
  auto run = start({"--data-dir", root_ + "/data", "--listen", "127.0.0.1:0"});
  ASSERT_THAT(run->read_line(), HasSubstr("is ready")) << run->errors();
  EXPECT_THAT(run->errors(), AllOf(HasSubstr("the default port is taken"),
                                   HasSubstr("cannot listen on 127.0.0.1:9644: in use by ")));
  run->signal(SIGTERM);
  EXPECT_EQ(run->wait(), 0);
}

TEST_F(ProcessTest, TellsTheServiceManager) {
  const int socket = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = root_ + "/notify";
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(bind(socket, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  setenv("NOTIFY_SOCKET", path.c_str(), 1);
  auto run = serve();
  unsetenv("NOTIFY_SOCKET");
  std::string received;
  while (received.find("READY=1") == std::string::npos) {
    char buffer[1024];
    const ssize_t length = recv(socket, buffer, sizeof buffer, 0);
    ASSERT_GT(length, 0);
    received.append(buffer, static_cast<std::size_t>(length)) += '\n';
  }
  EXPECT_THAT(received, AllOf(HasSubstr("STATUS=loading "), HasSubstr("READY=1\nSTATUS=serving ")));
  run->signal(SIGTERM);
  EXPECT_EQ(run->wait(), 0);
  char buffer[1024];
  const ssize_t length = recv(socket, buffer, sizeof buffer, MSG_DONTWAIT);
  ASSERT_GT(length, 0);
  EXPECT_THAT(std::string(buffer, static_cast<std::size_t>(length)), StartsWith("STOPPING=1"));
  close(socket);
}

}  // namespace
}  // namespace horolog
