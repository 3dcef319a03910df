#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "bench/nodes.hpp"
#include "bench/process.hpp"
#include "bench/results/document.hpp"
#include "bench/runs/contest.hpp"

// Every command of horolog-bench, for as short a time as it takes, against a real broker: what it
// prints must be one result with the fields that FORMAT.md promises. No figure is judged.
namespace horolog::bench {
namespace {

std::string program(const char* name) {
  return std::filesystem::path(own_path()).parent_path() / name;
}

using Words = std::vector<std::string>;

Run result_of(Words words) {
  words.insert(words.begin(), program("horolog-bench"));
  auto run = parse_run("smoke", "Horolog", 1, run_program(words));
  EXPECT_TRUE(run.ok());
  return run ? std::move(run).value() : Run{};
}

void expect_fields(const Run& run, const Words& numbers) {
  for (const std::string& field : numbers) EXPECT_TRUE(run.numbers.contains(field)) << field;
}

class BenchSmokeTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    scratch_ = std::make_unique<ScratchFolder>(testing::TempDir());
    node_ = std::make_unique<HorologNode>(program("horologd"), *scratch_ / "node");
  }
  static void TearDownTestSuite() {
    node_.reset();
    scratch_.reset();
  }

  static bench::Run load(Words words) {
    const auto where = node_->load_words();
    words.insert(words.end(), where.begin(), where.end());
    return result_of(std::move(words));
  }

  static std::unique_ptr<ScratchFolder> scratch_;
  static std::unique_ptr<HorologNode> node_;
};

std::unique_ptr<ScratchFolder> BenchSmokeTest::scratch_;
std::unique_ptr<HorologNode> BenchSmokeTest::node_;

TEST_F(BenchSmokeTest, ProduceThenConsumeByBothIsolations) {
  const auto made = load({"produce", "--topic", "smoke", "--bytes", "4M", "--keys", "yes"});
  expect_fields(made, {"records_per_s", "broker_cpu_s_per_gb", "broker_cpu_s_per_million_records",
                       "broker_disk_written_bytes", "broker_syncs", "latency.p99_us"});
  EXPECT_TRUE(made.texts.at("ack_meaning").starts_with("DURABLE"));
  for (const char* isolation : {"uncommitted", "committed"}) {
    const auto read =
        load({"consume", "--topic", "smoke", "--create", "no", "--isolation", isolation});
    EXPECT_EQ(read.numbers.at("bytes"), made.numbers.at("bytes")) << isolation;
  }
}

TEST_F(BenchSmokeTest, AnAnswerInMemoryIsCalledThat) {
  const auto relaxed = load({"produce", "--bytes", "1M", "--config", "horolog.durability=os"});
  EXPECT_TRUE(relaxed.texts.at("ack_meaning").starts_with("IN MEMORY"));
  const auto one = load({"produce", "--bytes", "1M", "--acks", "1"});
  EXPECT_TRUE(one.texts.at("ack_meaning").starts_with("IN MEMORY"));
  const auto none = load({"produce", "--bytes", "1M", "--acks", "0"});
  EXPECT_TRUE(none.texts.at("ack_meaning").starts_with("NOTHING"));
}

TEST_F(BenchSmokeTest, Latency) {
  expect_fields(load({"latency", "--rate", "200", "--seconds", "0.3", "--warmup", "0.1"}),
                {"ack_latency.p50_us", "generator_late.max_us"});
  expect_fields(load({"e2e", "--rate", "200", "--seconds", "0.3", "--warmup", "0.1"}),
                {"ack_latency.p50_us", "end_to_end_latency.p99_us"});
  expect_fields(load({"durable", "--connections", "2", "--in-flight", "2", "--records", "3",
                      "--seconds", "0.2"}),
                {"records_per_s", "latency.p50_us"});
}

TEST_F(BenchSmokeTest, TransactionsByBothProtocols) {
  for (const char* protocol : {"1", "2"}) {
    for (const char* offsets : {"no", "yes"}) {
      const auto run = load({"txn", "--protocol", protocol, "--offsets", offsets, "--producers",
                             "3", "--partitions", "4", "--spread", "2", "--seconds", "0.2"});
      expect_fields(run, {"transactions_per_s", "group_commits_per_transaction",
                          "syncs_per_transaction", "retries_per_transaction", "latency.p99_us"});
      EXPECT_GT(run.numbers.at("requests"), 0) << protocol << ' ' << offsets;
    }
  }
}

TEST_F(BenchSmokeTest, GroupsAndConnections) {
  const auto group = load({"group", "--members", "5", "--rounds", "3"});
  EXPECT_EQ(group.numbers.at("rebalance.count"), 3);
  expect_fields(load({"connect", "--connections", "20", "--settle", "0.1"}),
                {"connects_per_s", "anonymous_bytes_per_connection"});
}

TEST_F(BenchSmokeTest, OwnProducerIntoABrokerAndIntoTheNullSink) {
  for (const char* sink : {"no", "yes"}) {
    const auto run = load({"client", "--records", "2000", "--sink", sink});
    EXPECT_EQ(run.numbers.at("records"), 2000) << sink;
    expect_fields(run, {"records_per_s", "client_cpu_us_per_record"});
  }
}

TEST_F(BenchSmokeTest, ClientsReadWhatWasSentBeforeAndWhatIsBeingSent) {
  for (const char* part : {"consume", "both"}) {
    const auto run = load({"client", "--part", part, "--records", "2000", "--partitions", "2"});
    EXPECT_EQ(run.numbers.at("records"), 2000) << part;
    expect_fields(run, {"records_per_s", "allocations_per_record"});
  }
}

TEST_F(BenchSmokeTest, TasksThatWaitFailAndQueueBehindASlowKey) {
  const auto some = load({"task", "--tasks", "300", "--failing", "100", "--workers", "2",
                          "--partitions", "2"});
  EXPECT_EQ(some.numbers.at("failed_attempts"), 3);
  expect_fields(some, {"tasks_per_s", "tasks_per_transaction", "client_cpu_us_per_task"});
  const auto behind = load({"task", "--tasks", "50", "--rate", "500", "--by-key", "yes", "--slow",
                            "20", "--slow-ms", "1"});
  EXPECT_EQ(behind.numbers.at("start_latency.count"), 50);
}

TEST_F(BenchSmokeTest, RunsOfTheBrokersProcess) {
  const std::string dir = scratch_->path();
  for (const char* how : {"kill", "stop"}) {
    expect_fields(result_of({"recovery", "--dir", dir, "--bytes", "4M", "--how", how}),
                  {"ready_s", "first_produce_s"});
  }
  expect_fields(result_of({"partitions", "--dir", dir, "--partitions", "20", "--settle", "0"}),
                {"create_s", "stop_s", "ready_s", "broker_rss_bytes"});
  expect_fields(result_of({"idle", "--dir", dir, "--partitions", "5", "--settle", "0", "--seconds",
                           "0.3"}),
                {"idle_cpu_percent", "wakeups_per_s"});
}

TEST_F(BenchSmokeTest, AcksWhileCompacting) {
  expect_fields(result_of({"cleaning", "--dir", scratch_->path(), "--bytes", "200M", "--rate",
                           "100", "--seconds", "0.3"}),
                {"p99_ratio", "ack_latency.p99_us", "quiet_latency.p99_us"});
}

TEST_F(BenchSmokeTest, RunsInTurnBecomeFilesThatCompareAndRender) {
  const std::string json = *scratch_ / "a.json";
  const std::string html = *scratch_ / "a.html";
  const Words words = {program("horolog-bench"), "run", "--a", node_->address(), "--b",
                       node_->address(), "--repeat", "2", "--json", json, "--csv",
                       *scratch_ / "a.csv", "--html", html, "--", "produce", "--bytes", "256K"};
  const std::string table = run_program(words);
  EXPECT_NE(table.find("DURABLE"), std::string::npos) << table;
  const auto document = read_document(read_file(json));
  ASSERT_TRUE(document.ok());
  ASSERT_EQ(document->runs.size(), 4U);
  EXPECT_EQ(document->runs[0].system, "A");
  EXPECT_EQ(document->runs[1].system, "B");
  EXPECT_FALSE(document->machine.at("kernel").empty());
  EXPECT_NE(read_file(html).find("<svg"), std::string::npos);
  const std::string same = run_program({program("horolog-bench"), "compare", json, json});
  EXPECT_EQ(same.find("WORSE"), std::string::npos) << same;
  run_program({program("horolog-bench"), "render", json, "--html", html});
}

TEST_F(BenchSmokeTest, VersusRedis) {
  ASSERT_EQ(std::system("command -v redis-server > /dev/null"), 0)
      << "redis-server is not installed (tools/setup.sh --tests)";
  const std::string table =
      run_program({program("horolog-bench"), "versus", "redis", "--dir", scratch_->path(),
                   "--quick", "yes", "--seconds", "0.2", "--repeat", "1"});
  EXPECT_NE(table.find("Redis streams, appendfsync always | DURABLE"), std::string::npos) << table;
}

}  // namespace
}  // namespace horolog::bench
